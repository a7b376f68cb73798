"""Every part killed in every way, under load: subscriptions live on, and everybody is answered."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pykka
import pytest

from exchange_connector import (
    ActorRestarted,
    ConnectorActor,
    Disconnected,
    GetHealth,
    HealthState,
    NotRunningError,
    Stopped,
    StreamGap,
    Trade,
    ask,
)
from exchange_connector.actors.base.room import Room
from exchange_connector.actors.books import BooksActor
from exchange_connector.actors.breaker import BreakerActor
from exchange_connector.actors.clock import ClockActor
from exchange_connector.actors.feeds.frame import Source
from exchange_connector.actors.recovery import RecoveryActor
from exchange_connector.actors.registry import RegistryActor
from exchange_connector.actors.rest import RestActor
from exchange_connector.actors.session import SessionActor
from exchange_connector.simulator import SimulatedExchange

ROOMS: dict[str, type[Room]] = {
    "breaker": BreakerActor,
    "rest": RestActor,
    "clock": ClockActor,
    "recovery": RecoveryActor,
    "registry": RegistryActor,
    "session-0": SessionActor,
    "books": BooksActor,
}
WAYS = ["error", "exit", "stop", "hang"]


class Poison(msgspec.Struct, frozen=True):
    """What makes a room die."""

    way: str
    hold: Any = None


class Poisonable(ConnectorActor):
    """A connector whose rooms can be told to die; hung ones are noticed sooner."""

    _busy_limit = 0.5

    def on_receive(self, message: Any) -> Any:
        """Pass a poison on to the room it names."""
        if isinstance(message, tuple):
            name, poison = message
            if poison.way == "stop":
                self._children[name].ref.stop(block=False)  # type: ignore[union-attr]
            else:
                self._offices.of(name).tell(poison)
            return None
        return super().on_receive(message)


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes a kind of room poisonable."""

    def make(name: str) -> None:
        room = ROOMS[name]
        healthy = room.receive

        def receive(self: Room, message: Any) -> None:
            if not isinstance(message, Poison):
                healthy(self, message)
            elif message.way == "error":
                raise RuntimeError("a bug in the room")
            elif message.way == "exit":
                raise SystemExit("a bug that would stop every actor")
            elif message.way == "hang":
                message.hold.wait(10.0)

        monkeypatch.setattr(room, "receive", receive)

    return make


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ROOMS)
def test_a_killed_part_is_replaced_and_subscriptions_live_on(
    name: str,
    way: str,
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    poison: Callable[[str], None],
    record: Callable[[], Any],
    figure: Callable[[str, object], None],
) -> None:
    """Whatever dies, however: trades go on, in order, with a gap where any were missed."""
    poison(name)
    ref = start(exchange, actor=Poisonable)
    connector = ref.proxy()
    trades, life = record(), record()
    connector.subscribe_events(life).get(timeout=5)
    connector.subscribe_trades("BTCUSDT", trades).get(timeout=5)
    trades.wait_for(Trade, 3)
    hold = threading.Event()

    killed = time.monotonic()
    ref.tell((name, Poison(way, hold)))

    restarted = life.wait_for(ActorRestarted)[0]
    seen = len(trades.of(Trade))
    trades.wait_for(Trade, seen + 3)
    took = time.monotonic() - killed
    figure(f"killed {name} ({way}): new events after the restart", f"{took * 1000:.0f} ms")
    hold.set()
    assert restarted.component == name
    assert restarted.restarts == 1
    assert connector.server_time().get(timeout=5).server_time > 0
    assert connector.ready().get(timeout=5)
    check_order(trades.events)
    more = record()
    connector.subscribe_trades("ETHUSDT", more).get(timeout=5)
    connector.subscribe_trades("BTCUSDT", more).get(timeout=5)
    more.wait(lambda events: {event.symbol for event in events} == {"BTCUSDT", "ETHUSDT"})
    health = ask(ref, GetHealth())
    assert health.components[name].restarts == 1
    assert health.components[name].restarts_left == 4
    (noted,) = health.restarts
    assert noted == health.components[name].last_restart
    assert (noted.component, noted.reason, noted.restarts) == (name, restarted.reason, 1)
    assert noted.is_hung is (way == "hang")
    others = [part for other, part in health.components.items() if other != name]
    assert {(part.restarts_left, part.last_restart) for part in others} == {(5, None)}
    assert health.state is HealthState.LIVE
    assert len(life.of(Disconnected)) == len(trades.of(StreamGap))


def check_order(events: list[Any]) -> None:
    """Ids follow each other, but for where a gap is told."""
    last: int | None = None
    for event in events:
        if isinstance(event, StreamGap):
            last = None
        else:
            assert last is None or int(event.trade_id) == last + 1
            last = int(event.trade_id)


@pytest.mark.parametrize("name", ROOMS)
def test_a_part_that_fails_to_open_is_tried_again(
    name: str,
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    record: Callable[[], Any],
) -> None:
    """A room that dies in its first two starts comes up in the third."""
    room = ROOMS[name]
    healthy = room.open
    failures = iter([True, True])

    def open_(self: Room) -> None:
        if next(failures, False):
            raise RuntimeError("not yet")
        healthy(self)

    monkeypatch.setattr(room, "open", open_)
    ref = start(exchange)
    trades = record()
    ref.proxy().subscribe_trades("BTCUSDT", trades).get(timeout=5)
    trades.wait_for(Trade, 3)
    assert ask(ref, GetHealth()).components[name].restarts == 2


def test_a_part_lost_too_often_ends_the_connector_loudly(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    poison: Callable[[str], None],
    record: Callable[[], Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Beyond the budget the connector stops by itself, and says why in its last event."""
    poison("clock")
    ref = start(exchange, actor=Poisonable, supervision={"max_restarts": 2})
    life = record()
    ref.proxy().subscribe_events(life).get(timeout=5)
    for count in range(1, 4):
        ref.tell(("clock", Poison("error")))
        if count < 3:
            life.wait(
                lambda events, n=count: (
                    sum(
                        getattr(e, "subject", "") == "clock" and e.state == HealthState.LIVE
                        for e in events
                    )
                    >= n
                )
            )
    stopped = life.wait_for(Stopped)[0]
    assert "clock was lost too often (2 restarts)" in stopped.reason
    assert any(record.levelname == "CRITICAL" for record in caplog.records)
    assert ref.actor_stopped.wait(5)
    with pytest.raises(pykka.ActorDeadError):
        ask(ref, GetHealth())


def test_streams_that_are_over_leave_nothing_behind(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    record: Callable[[], Any],
) -> None:
    """Neither those of a registry that has died, nor those that nobody wants any more."""

    def sources() -> int:
        gc.collect()
        return sum(type(each) is Source for each in gc.get_objects())

    before = sources()  # those of a test that has failed are kept
    ref = start(exchange, actor=Poisonable, supervision={"max_restarts": 20})
    connector, life, trades = ref.proxy(), record(), record()
    connector.subscribe_events(life).get(timeout=5)
    connector.subscribe_trades("BTCUSDT", trades).get(timeout=5)
    for turn in range(1, 6):
        trades.wait_for(Trade, len(trades.of(Trade)) + 1)
        ref.tell(("registry", Poison("stop")))
        life.wait_for(ActorRestarted, turn)
        other = record()
        subscription = connector.subscribe_trades("ETHUSDT", other).get(timeout=5)
        other.wait_for(Trade)
        subscription.unsubscribe()
    trades.wait_for(Trade, len(trades.of(Trade)) + 3)
    assert sources() <= before + 2  # of the last one that left, a frame may be there still


@pytest.mark.parametrize("way", ["error", "hang"])
def test_a_request_in_a_dying_part_is_answered(
    way: str,
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    poison: Callable[[str], None],
) -> None:
    """Whoever waits for a part that dies or hangs is told then, not at the deadline."""
    poison("rest")
    ref = start(exchange, actor=Poisonable)
    exchange.delay("/api/v3/time", 2.5)
    futures = [ref.proxy().server_time()]
    assert exchange.wait_until(lambda e: e.requests[-1].path == "/api/v3/time")
    began = time.monotonic()
    hold = threading.Event()
    ref.tell(("rest", Poison(way, hold)))
    if way == "hang":
        futures.append(ref.proxy().server_time())  # behind the message that hangs
    for future in futures:
        with pytest.raises(NotRunningError):
            future.get(timeout=5)
    assert time.monotonic() - began < 1.5
    hold.set()


def test_stop_all_and_broadcast_by_the_host_are_safe(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """The host's registry reaches the root alone: no restart, no thread left, and no harm."""
    ref = start(exchange)
    life = record()
    ref.proxy().subscribe_events(life).get(timeout=5)
    assert pykka.ActorRegistry.get_all() == [ref]
    pykka.ActorRegistry.broadcast("x")
    errors = life.wait(lambda events: any("ErrorOccurred" in repr(e) for e in events))
    assert errors is None
    assert ask(ref, GetHealth()).state is HealthState.LIVE
    pykka.ActorRegistry.stop_all(timeout=5)
    life.wait_for(Stopped)
    assert life.of(ActorRestarted) == []
    with pytest.raises(pykka.ActorDeadError):
        ask(ref, GetHealth())
