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
    NotRunningError,
    Order,
    OrderType,
    PlaceOrder,
    Side,
    SubscribeOrders,
    TimeInForce,
    UnknownExecutionError,
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
