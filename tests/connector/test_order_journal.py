"""The order journal's file: locked, damaged, of another version; what it cannot hold."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exchange_connector import (
    ConfigurationError,
    ErrorOccurred,
    GetHealth,
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
from exchange_connector.actors import order_journal
from exchange_connector.actors.trading.order_file import OrderFile
from exchange_connector.simulator import SimulatedExchange

from .test_orders_restarts import Mortal, Poison

BTC = "BTCUSDT"
SMALL, FAR = Decimal("0.01"), Decimal("60000.00")


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
    exchange: SimulatedExchange, start: Callable[..., Any], journal: Path, quick_fates: float
) -> Callable[..., Any]:
    """A connector with that journal."""
    del quick_fates

    def started() -> Any:
        tables: dict[str, Any] = {"journal": {"path": str(journal)}}
        return start(exchange, actor=Mortal, circuit_breaker={"max_failures": 1_000}, **tables)

    return started


def leave(journal: Path, *rows: tuple[str, bytes]) -> None:
    """Have a journal with these intents open, each with its terms."""
    file = OrderFile(str(journal), "binance spot")
    file.close()
    db = sqlite3.connect(journal)
    columns = "exchange, id, symbol, terms, written_ns"
    for id, terms in rows:
        row = "binance spot", id, BTC, terms, time.time_ns()
        db.execute(f"INSERT INTO intents ({columns}) VALUES (?, ?, ?, ?, ?)", row)
    db.commit()
    db.close()


def restarts(ref: Any, name: str) -> int:
    """How often a part was lost."""
    return int(ask(ref, GetHealth()).components[name].restarts)


def test_another_process_writes_for_long(
    exchange: SimulatedExchange, trade: Any, journal: Path
) -> None:
    """Nothing is lost by that but the orders that cannot be written: everything else goes on."""
    leave(journal)
    db = sqlite3.connect(journal, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    ref = trade()
    with pytest.raises(NotRunningError) as raised:
        ask(ref, resting("a"), timeout=20)
    assert "locked" in str(raised.value)
    assert restarts(ref, "order-journal") == 0
    db.execute("ROLLBACK")
    db.close()
    ask(ref, resting("b"))
    assert exchange.order_requests == {"b": 1}


def test_a_file_of_another_version(trade: Any, journal: Path) -> None:
    """It is refused when the connector starts."""
    db = sqlite3.connect(journal)
    db.execute("CREATE TABLE intents (exchange TEXT, id TEXT, ending TEXT)")
    db.close()
    with pytest.raises(ConfigurationError) as raised:
        trade()
    assert raised.value.errors[0].field == "journal"


def test_a_damaged_file(trade: Any, journal: Path) -> None:
    """Likewise."""
    leave(journal, *((f"x{number}", bytes(200)) for number in range(300)))
    data = journal.read_bytes()
    journal.write_bytes(data[:4096] + os.urandom(len(data) - 4096))
    with pytest.raises(ConfigurationError) as raised:
        trade()
    assert raised.value.errors[0].field == "journal"


def test_terms_of_another_version(trade: Any, journal: Path, recorder: Any) -> None:
    """What is left of the order is told of by its id."""
    leave(journal, ("old", b"\xff\xff"))
    ref = trade()
    ask(ref, SubscribeOrders(recorder))
    (event,) = recorder.wait_for(Order, 1, 20)
    assert (event.client_order_id, event.status, event.symbol) == ("old", "REJECTED", BTC)
    assert restarts(ref, "account") == 0


def test_an_id_that_is_no_text(exchange: SimulatedExchange, trade: Any) -> None:
    """It is refused, and harms no other."""
    ref = trade()
    futures = [ref.ask(resting(id), block=False) for id in ("a", "\ud800", "b")]
    for future in (futures[0], futures[2]):
        future.get(timeout=10)
    with pytest.raises(ValidationError) as raised:
        futures[1].get(timeout=10)
    assert raised.value.field == "client_order_id"
    assert exchange.order_requests == {"a": 1, "b": 1}
    assert restarts(ref, "order-journal") == 0


def test_what_is_old_is_let_go_of_while_it_runs(
    exchange: SimulatedExchange, trade: Any, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that runs for months keeps a week."""
    monkeypatch.setattr(order_journal, "_TIDY", 0.05)
    ref = trade()
    ask(ref, resting("a"))
    db = sqlite3.connect(journal, isolation_level=None)
    db.execute("UPDATE intents SET written_ns = 1, ending = 'placed'")
    deadline, pause = time.monotonic() + 5.0, threading.Event()
    while db.execute("SELECT id FROM intents").fetchall():
        assert time.monotonic() < deadline, "it is still there"
        pause.wait(0.02)
    db.close()


def test_what_is_open_cannot_be_read_at_first(
    exchange: SimulatedExchange,
    trade: Any,
    recorder: Any,
    record: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is told, and asked for again, until what the lost room had sent is known."""
    ref, life = trade(), record()
    ask(ref, SubscribeEvents(life))
    ask(ref, SubscribeOrders(recorder))
    ask(ref, resting("warm"))
    exchange.lose_answer("order.place", silent=True, done=False)
    future = ref.ask(resting("a"), block=False)
    assert exchange.wait_until(
        lambda exchange: sum(each.method == "order.place" for each in exchange.controls) == 2
    )
    true, failed = OrderFile.open_intents, threading.Event()

    def once(self: OrderFile) -> Any:
        if failed.is_set():
            return true(self)
        failed.set()
        raise OSError("the order journal cannot be read: disk I/O error")

    monkeypatch.setattr(OrderFile, "open_intents", once)
    ref.ask(Poison("account", "error"))
    with pytest.raises((UnknownExecutionError, NotRunningError)):
        future.get(timeout=10)
    assert "disk I/O error" in str(life.wait_for(ErrorOccurred)[0].error)
    recorder.wait(lambda events: any(getattr(e, "client_order_id", "") == "a" for e in events), 20)
    fates = [event.status for event in recorder.of(Order) if event.client_order_id == "a"]
    assert fates == ["REJECTED"]
