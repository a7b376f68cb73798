"""`ref.stop()` from everywhere, and however often."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

import pykka
import pytest

from exchange_connector import (
    ConnectorActor,
    GetHealth,
    Handlers,
    NotRunningError,
    Stopped,
    SubscriberActor,
    SubscribeTrades,
)
from exchange_connector.simulator import SimulatedExchange

KINDS = ["callable", "callable batch", "inline", "inline batch", "actor", "subscriber actor"]
SOON = 4.0
"""Seconds; `stop_timeout` is 5 here."""


class Stopper:
    """Stops a connector at the first event, and keeps how that went."""

    def __init__(self, ref: Any) -> None:
        self._ref = ref
        self.came: list[Any] = []
        self.outcome: Any = None
        self.took = 0.0
        self.is_over = threading.Event()

    def __call__(self, event: Any) -> None:
        """Stop it."""
        self.came.append(event)
        if len(self.came) == 1:
            began = time.monotonic()
            try:
                self.outcome = self._ref.stop(timeout=SOON)
            except BaseException as error:  # noqa: BLE001 - told by the assertion
                self.outcome = error
            self.took = time.monotonic() - began
            self.is_over.set()


def ignore(event: Any) -> None:
    """Take an event, and do nothing."""


def has_ended(ref: Any) -> bool:
    """Whether a connector refuses, as one that has stopped."""
    with pytest.raises(pykka.ActorDeadError):
        ref.ask(GetHealth(), timeout=5)
    return bool(ref.actor_stopped.is_set())


@pytest.mark.parametrize("name", KINDS)
def test_from_any_subscriber(
    name: str, exchange: SimulatedExchange, start: Callable[..., Any], kind: Any
) -> None:
    """It returns in time, says that it was running, and no event follows."""
    ref = start(exchange)
    stopper = Stopper(ref)
    subscriber, more = kind(name, stopper)
    ref.proxy().subscribe_trades("BTCUSDT", subscriber, **more).get(timeout=5)
    assert stopper.is_over.wait(SOON)
    assert stopper.outcome is True
    assert stopper.took < 3.0
    again = ref.stop(timeout=5)
    assert again is False or "inline" in name  # whose callback has not waited for the end
    assert has_ended(ref)


def test_from_a_handler(exchange: SimulatedExchange, start: Callable[..., Any]) -> None:
    """The same."""
    ref = start(exchange)
    stopper = Stopper(ref)
    ref.proxy().set_handlers(Handlers(on_trade=stopper)).get(timeout=5)
    ref.proxy().subscribe_trades("BTCUSDT").get(timeout=5)
    assert stopper.is_over.wait(SOON)
    assert stopper.outcome is True
    assert has_ended(ref)


def test_from_who_follows_its_life(exchange: SimulatedExchange, start: Callable[..., Any]) -> None:
    """At a lost connection, say; it still hears that the connector has stopped."""
    ref = start(exchange)
    stopper = Stopper(ref)
    ref.proxy().subscribe_events(stopper).get(timeout=5)
    exchange.cut()
    assert stopper.is_over.wait(SOON)
    assert stopper.outcome is True
    assert has_ended(ref)
    deadline, pause = time.monotonic() + 5, threading.Event()
    while not isinstance(stopper.came[-1], Stopped):
        assert time.monotonic() < deadline, stopper.came
        pause.wait(0.01)


class Receiver(SubscriberActor):
    """Stops a connector when told to, between two events."""

    def __init__(self, done: Callable[[Any], object]) -> None:
        super().__init__()
        self._done = done

    def on_receive(self, message: Any) -> None:
        """Stop it."""
        began = time.monotonic()
        self._done((message.stop(timeout=SOON), time.monotonic() - began))


def test_from_the_on_receive_of_an_actor_that_gets_events(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """While it waits it takes no events: it is not waited for longer than any other."""
    ref, done = start(exchange), record()
    receiver = Receiver.start(done)
    try:
        ref.proxy().subscribe_trades("BTCUSDT", receiver).get(timeout=5)
        receiver.tell(ref)
        done.wait(lambda events: len(events) == 1)
        (stopped, took), *_ = done.events
        assert stopped is True
        assert took < 3.0
        assert has_ended(ref)
    finally:
        receiver.stop(timeout=5)


@pytest.mark.parametrize("is_up", [True, False])
def test_from_many_threads_at_once(
    is_up: bool, exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Each returns when it has stopped; `Stopped` is told once, and nothing after it."""
    ref, life = start(exchange, ready=is_up), record()
    if is_up:
        ref.proxy().subscribe_events(life).get(timeout=5)
    outcomes: list[Any] = []
    gate = threading.Barrier(8)

    def stop() -> None:
        gate.wait(5)
        outcomes.append((ref.stop(timeout=SOON), ref.actor_stopped.is_set()))

    threads = [threading.Thread(target=stop) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(outcomes) == 8
    assert all(is_stopped for _, is_stopped in outcomes)
    assert any(was_running for was_running, _ in outcomes)
    assert has_ended(ref)
    if is_up:
        assert len(life.of(Stopped)) == 1
        assert isinstance(life.events[-1], Stopped)


@pytest.mark.parametrize("pause", [0.0, 0.001, 0.005, 0.02])
def test_while_it_is_coming_up(
    pause: float, exchange: SimulatedExchange, configured: Callable[..., Any]
) -> None:
    """At any moment of it: no thread is left (see `leaves_no_thread`), nobody waits for ever."""
    for _ in range(5):
        ref = ConnectorActor.start(configured(exchange))
        waiting = ref.proxy().ready()
        wanted = ref.proxy().subscribe_trades("BTCUSDT", ignore)
        threading.Event().wait(pause)
        assert ref.stop(timeout=SOON) is True
        for future in (waiting, wanted):
            with contextlib.suppress(NotRunningError, pykka.ActorDeadError):
                future.get(timeout=1)
        assert has_ended(ref)


def test_by_the_callback_of_another_connector(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """Each may stop the other, both at once."""
    one, other = start(exchange), start(exchange)
    for ref in (one, other):  # it knows the symbols
        ref.proxy().subscribe_trades("ETHUSDT", ignore).get(timeout=5)
    first, second = Stopper(other), Stopper(one)
    for ref, stopper in ((one, first), (other, second)):
        ref.tell(SubscribeTrades("BTCUSDT", stopper))
    assert first.is_over.wait(SOON) or second.is_over.wait(SOON)
    assert one.actor_stopped.wait(SOON)
    assert other.actor_stopped.wait(SOON)
    for stopper in (first, second):
        assert not isinstance(stopper.outcome, BaseException), stopper.outcome
    assert has_ended(one)
    assert has_ended(other)
