"""Interruptions with orders under way: of the session, of parts, of the connector, of the disk."""

from __future__ import annotations

import resource
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from exchange_connector import (
    Balance,
    CancelOrder,
    ConnectorActor,
    Fill,
    NotRunningError,
    Order,
    OrderStatus,
    OrderType,
    PlaceOrder,
    Side,
    SubscribeBalances,
    SubscribeOrders,
    TimeInForce,
    UnknownExecutionError,
    ValidationError,
    ask,
)
from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.faults import LoseAnswer

BTC = "BTCUSDT"
SMALL, FAR = Decimal("0.01"), Decimal("60000.00")


class Poison(msgspec.Struct, frozen=True):
    """What makes a part of a connector die."""

    name: str
    way: str


class Mortal(ConnectorActor):
    """A connector whose parts can be told to die."""

    def on_receive(self, message: Any) -> Any:
        """Let one die; answered once it is dead."""
        if not isinstance(message, Poison):
            return super().on_receive(message)
        child = self._children[message.name]
        ref: Any = child.ref
        if message.way == "stop":
            ref.stop(block=False)
        else:
            ref._actor_weakref().receive = _fail
            ref.tell(None)
        return None


def _fail(_message: Any) -> None:
    raise RuntimeError("a bug in a part")


def resting(id: str, price: Decimal = FAR, quantity: Decimal = SMALL) -> PlaceOrder:
    """An order that stays in the book, or is executed as far as it goes at that price."""
    terms: dict[str, Any] = {"time_in_force": TimeInForce.GTC, "client_order_id": id}
    return PlaceOrder(BTC, Side.BUY, OrderType.LIMIT, quantity, price, **terms)


@pytest.fixture(params=["binance", "bybit"])
def exchange(request: pytest.FixtureRequest) -> Iterator[SimulatedExchange]:
    """An exchange that refuses no dial."""
    with SimulatedExchange(rate=20.0, max_dials=0, exchange=request.param) as exchange:
        yield exchange


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Where one is."""
    return tmp_path / "journal"


@pytest.fixture
def trade(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    journal: Path,
    quick_fates: float,
) -> Callable[..., Any]:
    """A connector with a journal, whose subscriber follows orders and balances."""
    del quick_fates

    def started(*listeners: Any) -> Any:
        ref = start(
            exchange,
            actor=Mortal,
            journal={"path": str(journal)},
            circuit_breaker={"max_failures": 1_000},
        )
        for each in listeners:
            ask(ref, SubscribeOrders(each))
            ask(ref, SubscribeBalances(each))
        return ref

    return started


def endings(journal: Path) -> dict[str, str | None]:
    """What a journal says."""
    db = sqlite3.connect(journal)
    try:
        return dict(db.execute("SELECT id, ending FROM intents").fetchall())
    finally:
        db.close()


def ending_of(id: str, journal: Path) -> str | None:
    """Which one is written down: it is, soon after the event that tells it."""
    deadline, pause = time.monotonic() + 10.0, threading.Event()
    while not (ending := endings(journal).get(id)) and time.monotonic() < deadline:
        pause.wait(0.005)
    return ending


def told(recorder: Any, id: str) -> list[str]:
    """What was told of an order."""
    return [event.status for event in recorder.of(Order) if event.client_order_id == id]


def places(exchange: SimulatedExchange) -> int:
    """How many orders have come there while the session was up, whatever became of them."""
    by_socket = sum(control.method == "order.place" for control in exchange.controls)
    return by_socket + sum(each.path == "/v5/order/create" for each in exchange.requests)


def just_below(exchange: SimulatedExchange) -> Decimal:
    """A price that is bought at soon."""
    return Decimal(exchange.book(BTC).bids[0][0])


def test_what_happened_during_a_cut_is_told(
    exchange: SimulatedExchange, trade: Any, recorder: Any
) -> None:
    """Executions, ends and balances; each once, marked as recovered."""
    ref = trade(recorder)
    exchange.hold()
    ask(ref, resting("far"))
    ask(ref, resting("near", just_below(exchange)))
    recorder.wait(lambda _: told(recorder, "near") == ["NEW"])
    exchange.refuse_upgrades(503)
    exchange.cut()
    assert exchange.wait_until(lambda exchange: exchange.connections == 0)
    for _ in range(60):
        exchange.advance(20)
        if exchange.fills():
            break
    assert exchange.fills(), "the market has not come there"
    while any(each.status in ("PARTIALLY_FILLED",) for each in exchange.orders()):
        exchange.advance(20)
    exchange.clear_faults()
    recorder.wait(lambda _: told(recorder, "near")[-1] == "FILLED", 20)
    recorder.wait_for(Fill, len(exchange.fills()))
    fills = recorder.of(Fill)
    assert {(each.trade_id, each.quantity) for each in fills} == {
        (str(each.trade_id), each.quantity) for each in exchange.fills()
    }
    assert all(each.recovered for each in fills)
    assert len(fills) == len(exchange.fills())
    assert told(recorder, "far") == ["NEW"]
    true = exchange.balances()["BTC"]
    recorder.wait(
        lambda _: [b.free for b in recorder.of(Balance) if b.asset == "BTC"][-1] == true.free
    )


def test_an_order_that_was_executed_in_part_and_goes_on_during_a_cut(
    exchange: SimulatedExchange, trade: Any, recorder: Any
) -> None:
    """Placed while there is no session, known by its answer: all its fills are told."""
    ref = trade(recorder)
    exchange.hold()
    ask(ref, resting("warm"))
    exchange.refuse_upgrades(503)
    exchange.cut()
    assert exchange.wait_until(lambda exchange: exchange.connections == 0)
    best, depth = exchange.book(BTC).asks[0]
    placed = ask(ref, resting("part", Decimal(best), Decimal(depth) + SMALL))
    assert placed.status == OrderStatus.PARTIALLY_FILLED
    for _ in range(60):
        if any(each.status == "FILLED" for each in exchange.orders()):
            break
        exchange.advance(20)
    exchange.clear_faults()
    recorder.wait(lambda _: told(recorder, "part")[-1] == "FILLED", 20)
    recorder.wait_for(Fill, len(exchange.fills()))
    fills = [each.trade_id for each in recorder.of(Fill)]
    assert sorted(fills) == sorted(str(each.trade_id) for each in exchange.fills())


def test_an_order_whose_end_cannot_be_asked_for_at_first(
    exchange: SimulatedExchange, trade: Any, recorder: Any, interface: Any
) -> None:
    """After a cut the question is lost too: it is asked again, not forgotten."""
    ref = trade(recorder)
    ask(ref, resting("a"))
    recorder.wait(lambda _: told(recorder, "a") == ["NEW"])
    exchange.lose(interface.events, None)
    exchange.lose_answer(interface.cancel["session"], silent=True)
    exchange.reset_rest(interface.question, 3)
    threading.Timer(0.5, exchange.cut).start()
    ask(ref, CancelOrder(BTC, client_order_id="a"), timeout=12)
    recorder.wait(lambda _: told(recorder, "a") == ["NEW", "CANCELED"])


@pytest.mark.parametrize("way", ["stop", "error"])
@pytest.mark.parametrize("name", ["account", "account-session", "order-journal", "rest"])
def test_a_part_dies_and_orders_go_on(
    exchange: SimulatedExchange, trade: Any, recorder: Any, name: str, way: str
) -> None:
    """Nothing is told twice, and what happens later is told live."""
    ref = trade(recorder)
    ask(ref, resting("before"))
    recorder.wait(lambda _: told(recorder, "before") == ["NEW"])
    ref.ask(Poison(name, way))
    try:
        ask(ref, resting("after"), timeout=10)
    except NotRunningError:  # it died with the part, and has not left
        assert "after" not in exchange.order_requests
        assert name in ("account", "order-journal")
        ask(ref, resting("after"), timeout=10)
    recorder.wait(lambda _: "NEW" in told(recorder, "after"))
    ask(ref, CancelOrder(BTC, client_order_id="before"))
    recorder.wait(lambda _: "CANCELED" in told(recorder, "before"))
    assert told(recorder, "after") == ["NEW"]
    assert told(recorder, "before") == ["NEW", "CANCELED"]
    assert exchange.order_requests == {"before": 1, "after": 1}


@pytest.mark.parametrize("is_done", [True, False])
def test_the_account_dies_with_an_order_on_its_way(
    exchange: SimulatedExchange,
    trade: Any,
    recorder: Any,
    interface: Any,
    journal: Path,
    is_done: bool,
) -> None:
    """The asker is told that its fate is unknown, and an event tells it later."""
    ref = trade(recorder)
    ask(ref, resting("warm"))
    exchange.apply(LoseAnswer(path=interface.place["session"], silent=True, done=is_done))
    exchange.lose(interface.events, None)
    future = ref.ask(resting("a"), block=False)
    assert exchange.wait_until(lambda exchange: places(exchange) == 2)
    ref.ask(Poison("account", "error"))
    with pytest.raises((UnknownExecutionError, NotRunningError)):
        future.get(timeout=10)
    recorder.wait(lambda _: bool(told(recorder, "a")), 20)
    assert told(recorder, "a") == ["NEW" if is_done else "REJECTED"]
    assert ending_of("a", journal) == ("placed" if is_done else "never placed")


def test_the_account_dies_while_an_order_waits_for_its_rules(
    exchange: SimulatedExchange, trade: Any, interface: Any, journal: Path
) -> None:
    """It has not left, its asker is told so, and it never leaves, nor is it written down."""
    ref = trade()
    exchange.delay(interface.rules, 1.0, count=1)
    future = ref.ask(resting("a"), block=False)
    asked = interface.rules, {"symbol": BTC}
    assert exchange.wait_until(
        lambda exchange: any(
            (each.path, {"symbol": each.query.get("symbol")}) == asked for each in exchange.requests
        )
    )
    ref.ask(Poison("account", "error"))
    with pytest.raises(NotRunningError):
        future.get(timeout=10)
    ask(ref, resting("b"), timeout=10)
    assert exchange.wait_until(
        lambda exchange: all(
            each.status for each in exchange.requests if each.path == interface.rules
        )
    )
    ask(ref, resting("c"), timeout=10)
    assert exchange.order_requests == {"b": 1, "c": 1}
    assert set(endings(journal)) == {"b", "c"}


@pytest.mark.parametrize("is_done", [True, False])
def test_a_connector_stops_with_an_order_on_its_way(
    exchange: SimulatedExchange,
    trade: Any,
    recorder: Any,
    interface: Any,
    journal: Path,
    is_done: bool,
) -> None:
    """The next one with the same journal finds out what has become of it, and tells it."""
    ref = trade(print)
    ask(ref, resting("warm"))
    exchange.apply(LoseAnswer(path=interface.place["session"], silent=True, done=is_done))
    future = ref.ask(resting("a"), block=False)
    assert exchange.wait_until(lambda exchange: places(exchange) == 2)
    ref.stop(timeout=5)
    try:
        assert future.get(timeout=5).client_order_id == "a"
        assert is_done  # an event had told of it
    except (UnknownExecutionError, NotRunningError):
        pass
    exchange.clear_faults()
    next_ = trade(recorder)
    wanted = "NEW" if is_done else "REJECTED"
    recorder.wait(lambda _: told(recorder, "a")[-1:] == [wanted], 20)
    with pytest.raises(ValidationError):
        ask(next_, resting("a"))
    assert ending_of("a", journal) == ("placed" if is_done else "never placed")
    assert exchange.order_requests.get("a", 0) == int(is_done)


def test_nobody_else_reads_the_journal(trade: Any, journal: Path) -> None:
    """Whatever the file was before."""
    journal.touch(0o644)
    ask(trade(), resting("a"))
    for path in (journal, *journal.parent.glob("journal-*")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_two_connectors_share_a_journal(
    exchange: SimulatedExchange, trade: Any, journal: Path
) -> None:
    """Both trade; an id of the one's is none for the other."""
    one, other = trade(), trade()
    ask(one, resting("a"))
    ask(other, resting("b"))
    for ref, id in ((one, "b"), (other, "a")):
        with pytest.raises(ValidationError):
            ask(ref, resting(id))
    futures = [
        ref.ask(resting(f"{name}{number}"), block=False)
        for number in range(15 if exchange.name == "binance" else 8)  # 20 a second, together
        for ref, name in ((one, "one"), (other, "other"))
    ]
    for future in futures:
        assert future.get(timeout=10).status == OrderStatus.NEW
    assert {*exchange.order_requests.values()} == {1}
    for ref in (one, other):
        ref.stop(timeout=5)
    assert {*endings(journal).values()} == {"placed"}


def test_a_journal_that_is_locked(exchange: SimulatedExchange, trade: Any, journal: Path) -> None:
    """Nothing leaves; once it can be written, orders do."""
    ref = trade()
    ask(ref, resting("warm"))
    db = sqlite3.connect(journal, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    with pytest.raises((NotRunningError, UnknownExecutionError)):
        ask(ref, resting("a"), timeout=20)
    assert "a" not in exchange.order_requests
    db.execute("ROLLBACK")
    db.close()
    ask(ref, resting("b"), timeout=20)
    assert "a" not in exchange.order_requests


def test_a_disk_that_is_full(
    exchange: SimulatedExchange, trade: Any, recorder: Any, journal: Path
) -> None:
    """A typed error, at once, and nothing leaves; once there is room, orders do."""
    ref = trade(recorder)
    ask(ref, resting("warm"))
    size = max(path.stat().st_size for path in journal.parent.glob("journal*"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        for number in range(3):
            with pytest.raises(NotRunningError):
                ask(ref, resting(f"full{number}"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    ask(ref, resting("b"))
    ask(ref, CancelOrder(BTC, client_order_id="b"))
    recorder.wait(lambda _: told(recorder, "b") == ["NEW", "CANCELED"])
    assert exchange.order_requests == {"warm": 1, "b": 1}
    deadline, pause = time.monotonic() + 10.0, threading.Event()
    while endings(journal) != {"warm": "placed", "b": "placed"}:
        assert time.monotonic() < deadline, endings(journal)
        pause.wait(0.05)
