"""Whoever asks about an order is answered within `max(timeout, 10) + 2` seconds, come what may."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exchange_connector import (
    CancelOrder,
    ConnectorActor,
    Order,
    OrderStatus,
    OrderType,
    PlaceOrder,
    Side,
    SubscribeOrders,
    TimeInForce,
    UnknownExecutionError,
    ask,
)
from exchange_connector.actors.sockets.pump import Pump
from exchange_connector.actors.trading.order_file import OrderFile
from exchange_connector.simulator import SimulatedExchange

BTC = "BTCUSDT"
SMALL, FAR = Decimal("0.01"), Decimal("60000.00")
SLACK = 0.7


def resting(id: str) -> PlaceOrder:
    """An order that stays in the book."""
    terms: dict[str, Any] = {"time_in_force": TimeInForce.GTC, "client_order_id": id}
    return PlaceOrder(BTC, Side.BUY, OrderType.LIMIT, SMALL, FAR, **terms)


def told(recorder: Any, id: str) -> list[str]:
    """What was told of an order."""
    return [event.status for event in recorder.of(Order) if event.client_order_id == id]


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """An exchange that refuses no dial."""
    with SimulatedExchange(rate=20.0, max_dials=0) as exchange:
        yield exchange


@pytest.fixture
def trader(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    recorder: Any,
    quick_fates: float,
    tmp_path: Path,
) -> Any:
    """A connector with a journal on the disk, whose subscriber follows the orders."""
    del quick_fates
    journal = {"path": str(tmp_path / "journal")}
    ref = start(exchange, circuit_breaker={"max_failures": 1_000}, journal=journal)
    ask(ref, SubscribeOrders(recorder))
    return ref


def test_the_rules_come_late(exchange: SimulatedExchange, trader: Any, quick_fates: float) -> None:
    """The time until an order can be checked is part of the time that its asker waits."""
    exchange.delay("GET /api/v3/exchangeInfo", 2.5)
    exchange.lose_answer("order.place", done=False, silent=True)
    began = time.monotonic()
    with pytest.raises(UnknownExecutionError):
        ask(trader, resting("a"), timeout=20)
    assert time.monotonic() - began == pytest.approx(quick_fates, abs=SLACK)


def test_a_cancellation_about_which_nobody_answers(
    exchange: SimulatedExchange, trader: Any, recorder: Any, quick_fates: float
) -> None:
    """A question that is under way is not waited for; what it brings is told all the same."""
    ask(trader, resting("a"))
    exchange.lose("userData@*", None)
    exchange.lose_answer("order.cancel", silent=True)
    exchange.delay("GET /api/v3/order", 2.7)
    began = time.monotonic()
    with pytest.raises(UnknownExecutionError) as raised:
        ask(trader, CancelOrder(BTC, client_order_id="a"), timeout=20)
    assert raised.value.client_order_id == "a"
    assert time.monotonic() - began == pytest.approx(quick_fates, abs=0.3)
    recorder.wait(lambda events: any(event.status == "CANCELED" for event in events))


def test_the_disk_is_too_slow(
    exchange: SimulatedExchange,
    trader: Any,
    recorder: Any,
    quick_fates: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is written down when its time is over does not leave, and that is told."""
    true, seconds = OrderFile.write, iter((2.0, quick_fates - 1.4))
    is_writing = threading.Event()

    def slowly(self: OrderFile, changes: Any) -> Any:
        is_writing.set()
        time.sleep(next(seconds, 0.0))
        return true(self, changes)

    monkeypatch.setattr(OrderFile, "write", slowly)
    first = trader.ask(resting("first"), block=False)
    assert is_writing.wait(5)
    began = time.monotonic()
    with pytest.raises(UnknownExecutionError):
        ask(trader, resting("a"), timeout=20)
    assert time.monotonic() - began == pytest.approx(quick_fates, abs=SLACK)
    assert first.get(timeout=5).status == OrderStatus.NEW
    recorder.wait(lambda _: bool(told(recorder, "a")))
    assert told(recorder, "a") == ["REJECTED"]
    assert exchange.order_requests == {"first": 1}
    ask(trader, resting("b"))


def test_the_socket_was_reset_just_before(
    exchange: SimulatedExchange, trader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the order has left by it: that is known at once, and it goes by REST."""
    ask(trader, resting("warm"))
    true = Pump.post

    def reset_and_post(self: Pump, text: str) -> bool:
        monkeypatch.setattr(Pump, "post", true)
        exchange.refuse_upgrades(503)
        exchange.cut()
        assert exchange.wait_until(lambda exchange: exchange.connections == 0)
        return true(self, text)

    monkeypatch.setattr(Pump, "post", reset_and_post)
    began = time.monotonic()
    assert ask(trader, resting("a"), timeout=20).status == OrderStatus.NEW
    assert time.monotonic() - began < 1.0
    assert exchange.order_requests == {"warm": 1, "a": 1}


class Held(ConnectorActor):
    """A connector whose REST client can be kept from what it is told."""

    def on_receive(self, message: Any) -> Any:
        """Keep it from that, or hand all of it over."""
        office = self._offices.of("rest")
        if message == "hold":
            self.occupant: Any = office._occupant
            office.vacate()
        elif message == "release":
            office.move_in(self.occupant)
        else:
            return super().on_receive(message)
        return None


def test_an_order_that_waited_for_a_lost_part_does_not_leave_too_late(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    recorder: Any,
    until: Callable[..., Any],
    quick_fates: float,
) -> None:
    """When its time is over it is over, wherever it was."""
    del quick_fates
    ref = start(exchange, actor=Held, circuit_breaker={"max_failures": 1_000})
    ask(ref, SubscribeOrders(recorder))
    ask(ref, resting("warm"))
    exchange.refuse_upgrades(503)
    exchange.cut()
    until(ref, lambda health: health.sessions["account-session"].state == "DOWN")
    ref.ask("hold")
    with pytest.raises(UnknownExecutionError):
        ask(ref, resting("a"), timeout=20)
    ref.ask("release")
    recorder.wait(lambda _: bool(told(recorder, "a")), 20)
    assert told(recorder, "a") == ["REJECTED"]
    assert exchange.order_requests == {"warm": 1}
