"""Orders that were on their way when the account's room, or the process before, was lost."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from exchange_connector import (
    ErrorOccurred,
    NotRunningError,
    Order,
    OrderType,
    PlaceOrder,
    Side,
    SubscribeEvents,
    SubscribeOrders,
    TimeInForce,
    UnknownExecutionError,
    ValidationError,
    ask,
)
from exchange_connector.actors.trading import orders
from exchange_connector.simulator import SimulatedExchange

from .test_orders_restarts import Mortal, Poison

BTC = "BTCUSDT"
SMALL, FAR = Decimal("0.01"), Decimal("60000.00")
HOUR_NS = 3_600 * 10**9


def resting(id: str) -> PlaceOrder:
    """An order that stays in the book."""
    terms: dict[str, Any] = {"time_in_force": TimeInForce.GTC, "client_order_id": id}
    return PlaceOrder(BTC, Side.BUY, OrderType.LIMIT, SMALL, FAR, **terms)


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """An exchange that refuses no dial."""
    with SimulatedExchange(rate=20.0, max_dials=0) as exchange:
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
    """A connector with a journal, whose subscriber follows the orders."""
    del quick_fates

    def started(listener: Any, **tables: Any) -> Any:
        tables = {"journal": {"path": str(journal)}} | tables
        ref = start(exchange, actor=Mortal, circuit_breaker={"max_failures": 1_000}, **tables)
        if listener is not None:
            ask(ref, SubscribeOrders(listener))
        return ref

    return started


def endings(journal: Path) -> dict[str, str | None]:
    """What a journal says."""
    db = sqlite3.connect(journal)
    try:
        return dict(db.execute("SELECT id, ending FROM intents").fetchall())
    finally:
        db.close()


def told(recorder: Any, id: str) -> list[str]:
    """What was told of an order."""
    return [event.status for event in recorder.of(Order) if event.client_order_id == id]


def places(exchange: SimulatedExchange) -> int:
    """How many orders have come there over the websocket, whatever became of them."""
    return sum(control.method == "order.place" for control in exchange.controls)


def test_the_clock_is_set_while_an_order_is_on_its_way(
    exchange: SimulatedExchange, trade: Any, recorder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour more makes it no older: that it never comes is not said of one that comes."""
    ref = trade(recorder)
    ask(ref, resting("warm"))
    exchange.delay("order.place", 4.0)
    later = SimpleNamespace(
        monotonic=time.monotonic, time_ns=lambda: time.time_ns() + HOUR_NS
    )  # for the account: the exchange, which is in this process too, keeps its time
    before = places(exchange)
    future = ref.ask(resting("a"), block=False)
    assert exchange.wait_until(lambda exchange: places(exchange) > before)
    monkeypatch.setattr(orders, "time", later)
    ref.ask(Poison("account", "error"))
    with pytest.raises((UnknownExecutionError, NotRunningError)):
        future.get(timeout=10)
    recorder.wait(lambda _: bool(told(recorder, "a")))
    assert told(recorder, "a") == ["NEW"]


def test_orders_of_another_key_are_left_to_it(
    exchange: SimulatedExchange, trade: Any, recorder: Any, record: Any, journal: Path
) -> None:
    """Two accounts, one file: the other cannot ask for it, says so, and lets it stand."""
    first = trade(print)
    ask(first, resting("warm"))
    exchange.lose("userData@*", None)
    exchange.lose_answer("order.place", silent=True)
    before = places(exchange)
    future = first.ask(resting("a"), block=False)
    assert exchange.wait_until(lambda exchange: places(exchange) > before)
    first.stop(timeout=5)
    with pytest.raises(NotRunningError):
        future.get(timeout=5)
    exchange.clear_frames()
    life, theirs, key = record(), record(), exchange.add_account()
    other = trade(None, exchange_key=key)
    ask(other, SubscribeEvents(life))
    ask(other, SubscribeOrders(theirs))
    assert "another key" in str(life.wait_for(ErrorOccurred)[0].error)
    with pytest.raises(ValidationError):
        ask(other, resting("a"))  # a file of one's own would be better, but an id is an id
    exchange.deposit("USDT", "100000", api_key=key.api_key)
    ask(other, resting("b"))
    other.stop(timeout=5)
    assert (told(theirs, "a"), endings(journal)) == (
        [],
        {"warm": "placed", "a": None, "b": "placed"},
    )
    last = trade(recorder)
    recorder.wait(lambda _: told(recorder, "a") == ["NEW"])
    last.stop(timeout=5)
    assert endings(journal)["a"] == "placed"
    assert exchange.api_key not in journal.read_bytes().decode("latin-1")


def test_a_file_of_before(trade: Any, recorder: Any, journal: Path) -> None:
    """Orders without an owner are asked for by whoever comes."""
    db = sqlite3.connect(journal)
    db.execute(
        "CREATE TABLE intents (exchange TEXT NOT NULL, id TEXT NOT NULL, symbol TEXT NOT NULL,"
        " terms BLOB NOT NULL, written_ns INTEGER NOT NULL, ending TEXT,"
        " PRIMARY KEY (exchange, id)) WITHOUT ROWID"
    )
    db.execute("INSERT INTO intents VALUES ('binance spot', 'a', 'BTCUSDT', x'00', 1, NULL)")
    db.commit()
    db.close()
    trade(recorder)
    recorder.wait(lambda _: told(recorder, "a") == ["REJECTED"], 20)
