"""Rooms killed under order books: a gap where something may be missing, and true books behind it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from exchange_connector import (
    ActorRestarted,
    ConnectorActor,
    GetHealth,
    HealthState,
    OrderBook,
    StreamGap,
    ask,
)
from exchange_connector.actors.base.room import Room
from exchange_connector.actors.books import BooksActor
from exchange_connector.actors.clock import ClockActor
from exchange_connector.actors.registry import RegistryActor
from exchange_connector.actors.rest import RestActor
from exchange_connector.actors.session import SessionActor
from exchange_connector.simulator import SimulatedExchange

ROOMS: dict[str, type[Room]] = {
    "books": BooksActor,
    "registry": RegistryActor,
    "session-0": SessionActor,
    "rest": RestActor,
    "clock": ClockActor,
}
GAPS = {"books": ["restarted"], "registry": [], "session-0": ["disconnected"]}
SYMBOLS = ("BTCUSDT", "ETHUSDT")
DEPTHS = (1, 20, 200)


class Poison(msgspec.Struct, frozen=True):
    """What makes a room die: of a fault, or of hanging until `hold` is set."""

    hold: Any = None


class Poisonable(ConnectorActor):
    """A connector whose rooms can be poisoned; hung ones are noticed sooner."""

    _busy_limit = 0.4

    def on_receive(self, message: Any) -> Any:
        """Pass a poison on."""
        if isinstance(message, tuple):
            name, poison = message
            self._offices.of(name).tell(poison)
            return None
        return super().on_receive(message)


pytestmark = pytest.mark.usefixtures("quick_books")


@pytest.fixture(autouse=True)
def poisonable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every room can be poisoned."""
    for room in ROOMS.values():

        def receive(self: Room, message: Any, healthy: Any = room.receive) -> None:
            if not isinstance(message, Poison):
                healthy(self, message)
            elif message.hold is None:
                raise RuntimeError("a bug in the room")
            else:
                message.hold.wait(10.0)

        monkeypatch.setattr(room, "receive", receive)


@pytest.mark.parametrize("is_hung", [False, True], ids=["error", "hang"])
@pytest.mark.parametrize("name", ROOMS)
def test_books_live_on(
    name: str,
    is_hung: bool,
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    true_books: Callable[..., None],
    record: Callable[[], Any],
) -> None:
    """Every reader of every symbol goes on, and each interruption is told to each of them once."""
    ref = start(exchange, actor=Poisonable)
    connector, life = ref.proxy(), record()
    connector.subscribe_events(life).get(timeout=5)
    readers: dict[tuple[str, int], Any] = {}
    for symbol in SYMBOLS:
        for depth in DEPTHS:
            recorder = readers[symbol, depth] = record()
            connector.subscribe_order_book(symbol, recorder, depth=depth).get(timeout=10)
    for recorder in readers.values():
        recorder.wait_for(OrderBook, 3)
    hold = threading.Event()
    ref.tell((name, Poison(hold if is_hung else None)))
    assert life.wait_for(ActorRestarted)[0].component == name
    expected = GAPS.get(name, [])
    for recorder in readers.values():
        recorder.wait_for(StreamGap, len(expected))
        recorder.wait_for(OrderBook, len(recorder.of(OrderBook)) + 3)
    hold.set()
    late = record()
    connector.subscribe_order_book("BTCUSDT", late, depth=500).get(timeout=10)
    late.wait_for(OrderBook, 3)
    true_books(exchange, late.events, 500)
    for (_, depth), recorder in readers.items():
        assert [gap.reason for gap in recorder.of(StreamGap)] == expected
        true_books(exchange, recorder.events, depth)
    assert exchange.streams == {"btcusdt@depth@100ms", "ethusdt@depth@100ms"}
    health = ask(ref, GetHealth())
    assert health.components[name].restarts == 1
    assert health.streams["order_book:BTCUSDT"].state is HealthState.LIVE


@pytest.mark.parametrize("name", ["books", "registry"])
def test_who_leaves_while_a_room_is_dead_leaves_nothing(
    name: str, exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Neither a stream at the exchange nor a line in the connector's health."""
    ref = start(exchange, actor=Poisonable)
    connector, life, recorder = ref.proxy(), record(), record()
    connector.subscribe_events(life).get(timeout=5)
    subscription = connector.subscribe_order_book("BTCUSDT", recorder).get(timeout=10)
    recorder.wait_for(OrderBook, 3)
    hold = threading.Event()
    ref.tell((name, Poison(hold)))  # lies in front of what follows
    left = connector.unsubscribe(subscription)
    life.wait_for(ActorRestarted)
    hold.set()
    if name == "registry":  # the message died with the room
        with pytest.raises(Exception, match="stopped or was restarted"):
            left.get(timeout=10)
        left = connector.unsubscribe(subscription)
    left.get(timeout=10)
    assert exchange.wait_until(lambda e: e.streams == set())
    pause = threading.Event()
    for _ in range(1000):
        if not ask(ref, GetHealth()).streams:
            break
        pause.wait(0.005)
    assert ask(ref, GetHealth()).streams == {}


def test_both_rooms_dead_at_once(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    true_books: Callable[..., None],
    record: Callable[[], Any],
) -> None:
    """Whichever is back first; again and again; and the end of it is quick."""
    ref = start(exchange, actor=Poisonable, supervision={"max_restarts": 50})
    connector, life, recorder = ref.proxy(), record(), record()
    connector.subscribe_events(life).get(timeout=5)
    connector.subscribe_order_book("BTCUSDT", recorder).get(timeout=10)
    for each in range(1, 6):
        recorder.wait_for(OrderBook, len(recorder.of(OrderBook)) + 3)
        names = ("books", "registry", "rest")
        for name in names if each % 2 else reversed(names):
            ref.tell((name, Poison()))
        life.wait_for(ActorRestarted, 3 * each)
        recorder.wait_for(StreamGap, each)
    recorder.wait_for(OrderBook, len(recorder.of(OrderBook)) + 3)
    assert {gap.reason for gap in recorder.of(StreamGap)} == {"restarted"}
    assert len(recorder.of(StreamGap)) == 5
    true_books(exchange, recorder.events, 20)


def test_a_registry_that_dies_behind_an_unsubscribe_leaves_no_stream(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """What the books told it of the end may have died with it: its successor is told again."""
    ref = start(exchange, actor=Poisonable, supervision={"max_restarts": 50})
    connector, life = ref.proxy(), record()
    connector.subscribe_events(life).get(timeout=5)
    for each in range(1, 9):
        subscription = connector.subscribe_order_book("BTCUSDT", record()).get(timeout=10)
        left = connector.unsubscribe(subscription)
        ref.tell(("registry", Poison()))
        left.get(timeout=10)
        life.wait_for(ActorRestarted, each)
        assert exchange.wait_until(lambda e: e.streams == set())
    assert ask(ref, GetHealth()).subscribers == 0
