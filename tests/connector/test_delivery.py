"""Every way of delivery over real sockets: each must keep the same promises."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector import (
    Disconnected,
    ErrorOccurred,
    StreamGap,
    SubscriberError,
    Trade,
)
from exchange_connector.simulator import SimulatedExchange

KINDS = ("callable", "inline", "batch", "inline batch", "actor", "subscriber actor")
Kind = Callable[[str, Callable[[Any], object]], tuple[Any, dict[str, Any]]]
CALLABLES = KINDS[:4]


def ids(events: list[Any]) -> list[int]:
    """The ids of the trades among them."""
    return [int(event.trade_id) for event in events if isinstance(event, Trade)]


def test_a_cut_is_one_gap_to_each_kind(
    exchange: SimulatedExchange, start: Any, record: Any, kind: Kind
) -> None:
    """Behind the last trade before it; after it trades go on, without another."""
    connector = start(exchange).proxy()
    recorders: dict[str, Any] = {}
    for name in KINDS:
        recorders[name] = record()
        subscriber, more = kind(name, recorders[name])
        connector.subscribe_trades("BTCUSDT", subscriber, **more).get(timeout=5)
    for recorder in recorders.values():
        recorder.wait_for(Trade, 2)
    exchange.cut()
    for name, recorder in recorders.items():
        recorder.wait_for(StreamGap)
        so_far = len(recorder.of(Trade))
        recorder.wait_for(Trade, so_far + 2)
        (gap,) = recorder.of(StreamGap)
        assert (gap.channel, gap.reason) == ("trades", "disconnected"), name
        at = recorder.events.index(gap)
        for part in (ids(recorder.events[:at]), ids(recorder.events[at:])):
            assert part == list(range(part[0], part[0] + len(part))), name


@pytest.mark.parametrize("name", KINDS)
def test_after_unsubscribing_nothing_comes(
    name: str, exchange: SimulatedExchange, start: Any, record: Any, kind: Kind
) -> None:
    """Another subscriber shows that the stream goes on."""
    connector, recorder, witness = start(exchange).proxy(), record(), record()
    subscriber, more = kind(name, recorder)
    connector.subscribe_trades("BTCUSDT", witness).get(timeout=5)
    subscription = connector.subscribe_trades("BTCUSDT", subscriber, **more).get(timeout=5)
    recorder.wait_for(Trade, 2)
    subscription.unsubscribe()
    count, seen = len(recorder.events), len(witness.events)
    witness.wait_for(Trade, seen + 5)
    assert len(recorder.events) <= count + (name == "actor")  # one may lie in its inbox


@pytest.mark.parametrize("name", KINDS)
def test_it_may_unsubscribe_itself_and_another(
    name: str, exchange: SimulatedExchange, start: Any, record: Any, kind: Kind
) -> None:
    """Called from its callback that returns at once, and neither gets anything more."""
    connector, mine, others, witness = start(exchange).proxy(), record(), record(), record()
    subscriptions: list[Any] = []
    seconds: list[float] = []

    def take(event: Any) -> None:
        mine(event)
        if len(subscriptions) == 2:
            began = time.monotonic()
            while subscriptions:
                subscriptions.pop().unsubscribe()
            seconds.append(time.monotonic() - began)

    subscriber, more = kind(name, take)
    connector.subscribe_trades("BTCUSDT", witness).get(timeout=5)
    made = [
        connector.subscribe_trades("BTCUSDT", others).get(timeout=5),
        connector.subscribe_trades("BTCUSDT", subscriber, **more).get(timeout=5),
    ]
    mine.wait_for(Trade)
    subscriptions += made
    witness.wait(lambda _: bool(seconds))
    count = len(mine.events), len(others.events)
    witness.wait_for(Trade, len(witness.events) + 5)
    assert (len(mine.events), len(others.events)) == count
    assert seconds[0] < 2.0
    assert connector.health().get(timeout=5).subscribers == 1


@pytest.mark.parametrize("name", CALLABLES)
def test_one_that_raises_is_told_of_and_keeps_receiving(
    name: str, exchange: SimulatedExchange, start: Any, record: Any, kind: Kind
) -> None:
    """Whatever it raises; the connection does not suffer."""
    connector, life, recorder = start(exchange).proxy(), record(), record()
    connector.subscribe_events(life).get(timeout=5)
    errors = iter([ValueError("mine"), SystemExit(1), KeyboardInterrupt()])

    def take(event: Any) -> None:
        recorder(event)
        error = next(errors, None)
        if error is not None:
            raise error

    subscriber, more = kind(name, take)
    subscription = connector.subscribe_trades("BTCUSDT", subscriber, **more).get(timeout=5)
    told = life.wait_for(ErrorOccurred, 3)
    recorder.wait_for(Trade, 6)
    assert [type(event.error) for event in told] == [SubscriberError] * 3
    assert {event.error.subscription_id for event in told} == {subscription.subscription_id}
    assert life.of(Disconnected) == []


@pytest.mark.parametrize("name", [name for name in KINDS if "inline" not in name])
def test_a_stuck_one_harms_no_other(
    name: str, exchange: SimulatedExchange, start: Any, record: Any, kind: Kind
) -> None:
    """Of any other kind, on the same stream."""
    connector = start(exchange).proxy()
    stuck, let_go = threading.Event(), threading.Event()

    def hang(_: Any) -> None:
        stuck.set()
        let_go.wait(20)

    try:
        subscriber, more = kind(name, hang)
        connector.subscribe_trades("BTCUSDT", subscriber, **more).get(timeout=5)
        assert stuck.wait(5)
        for other in KINDS:
            recorder = record()
            subscriber, more = kind(other, recorder)
            connector.subscribe_trades("BTCUSDT", subscriber, **more).get(timeout=5)
            recorder.wait_for(Trade, 3)
    finally:
        let_go.set()


@pytest.mark.parametrize("name", KINDS)
def test_stopping_does_not_hang_on_one_that_does(
    name: str, exchange: SimulatedExchange, start: Any, kind: Kind
) -> None:
    """It is left behind when the time is over, and its thread ends when it is let go."""
    ref = start(exchange, connection={"stop_timeout": 1.0})
    stuck, let_go = threading.Event(), threading.Event()

    def hang(_: Any) -> None:
        stuck.set()
        let_go.wait(20)

    subscriber, more = kind(name, hang)
    ref.proxy().subscribe_trades("BTCUSDT", subscriber, **more).get(timeout=5)
    assert stuck.wait(5)
    began = time.monotonic()
    try:
        ref.stop(timeout=10)
        assert time.monotonic() - began < 3.0
    finally:
        let_go.set()


@pytest.mark.parametrize("name", KINDS)
def test_the_connector_may_be_stopped_by_a_subscriber(
    name: str, exchange: SimulatedExchange, start: Any, record: Any, kind: Kind
) -> None:
    """Without waiting for it; nothing hangs, and nothing comes afterwards."""
    ref, recorder = start(exchange), record()

    def take(event: Any) -> None:
        recorder(event)
        ref.stop(block=False)

    subscriber, more = kind(name, take)
    ref.proxy().subscribe_trades("BTCUSDT", subscriber, **more).get(timeout=5)
    recorder.wait_for(Trade)
    began = time.monotonic()
    assert ref.actor_stopped.wait(5)
    ref.stop(timeout=5)
    assert time.monotonic() - began < 3.0


@pytest.mark.parametrize("name", ["actor", "subscriber actor"])
@pytest.mark.parametrize("how", ["stopped", "died"])
def test_an_actor_that_is_gone_leaves_by_itself(
    name: str, how: str, exchange: SimulatedExchange, start: Any, record: Any, kind: Kind
) -> None:
    """From a busy stream, and from one on which nothing comes."""
    connector, witness = start(exchange).proxy(), record()
    doomed = threading.Event()

    def take(_: Any) -> None:
        if doomed.is_set():
            raise RuntimeError("dies")

    actor, _ = kind(name, take)
    connector.subscribe_trades("BTCUSDT", witness).get(timeout=5)
    connector.subscribe_trades("BTCUSDT", actor).get(timeout=5)
    connector.subscribe_klines("ETHUSDT", "1d", actor).get(timeout=5)
    assert connector.health().get(timeout=5).subscribers == 3
    doomed.set()
    if how == "stopped":
        actor.stop(timeout=5)
    assert actor.actor_stopped.wait(5)
    witness.wait(lambda _: connector.health().get(timeout=5).subscribers == 1)
