"""Orders over the websocket while the clocks differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector import (
    CancelOrder,
    ExchangeError,
    OrderStatus,
    OrderType,
    PlaceOrder,
    Side,
    SubscribeOrders,
    TimeInForce,
    ask,
)
from exchange_connector.simulator import SimulatedExchange

BTC = "BTCUSDT"
SMALL, FAR = Decimal("0.01"), Decimal("60000.00")
TIMESTAMP = -1021


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
def trader(exchange: SimulatedExchange, start: Callable[..., Any], recorder: Any) -> Any:
    """A connector whose account's session is up."""
    ref = start(exchange)
    ask(ref, SubscribeOrders(recorder))
    return ref


def asked(exchange: SimulatedExchange, method: str) -> int:
    """How often it was asked for over the websocket, whatever became of that."""
    return sum(control.method == method for control in exchange.controls)


@pytest.mark.parametrize("seconds", [-20.0, 20.0])
def test_the_exchanges_clock_steps(
    exchange: SimulatedExchange, trader: Any, seconds: float
) -> None:
    """What is refused for its timestamp is signed anew once the clock was measured anew."""
    ask(trader, resting("warm"))
    exchange.step_clock(seconds)
    assert ask(trader, resting("a")).status == OrderStatus.NEW
    assert asked(exchange, "order.place") == 3
    exchange.step_clock(-seconds)
    cancelled = ask(trader, CancelOrder(BTC, client_order_id="a"))
    assert cancelled.status == OrderStatus.CANCELED
    assert exchange.order_requests == {"warm": 1, "a": 1}


def test_a_timestamp_is_refused_twice(exchange: SimulatedExchange, trader: Any) -> None:
    """Then that is the answer."""
    exchange.refuse_timestamps("order.place", 2)
    with pytest.raises(ExchangeError) as raised:
        ask(trader, resting("a"))
    assert raised.value.code == TIMESTAMP
    assert asked(exchange, "order.place") == 2
    assert ask(trader, resting("b")).status == OrderStatus.NEW
    assert exchange.order_requests == {"b": 1}


def test_the_clock_cannot_be_measured(
    exchange: SimulatedExchange, trader: Any, quick_fates: float
) -> None:
    """The refusal is told when the asker's time is over: nothing was placed."""
    del quick_fates
    ask(trader, resting("warm"))
    exchange.reset_rest("/api/v3/time", None)
    exchange.refuse_timestamps("order.place")
    with pytest.raises(ExchangeError) as raised:
        ask(trader, resting("a"), timeout=20)
    assert raised.value.code == TIMESTAMP
    assert exchange.order_requests == {"warm": 1}


def test_the_opening_is_refused_for_its_timestamp(
    exchange: SimulatedExchange, start: Callable[..., Any], recorder: Any
) -> None:
    """The clock is measured anew, and the next one is right."""
    ref = start(exchange)
    exchange.step_clock(20.0)
    ask(ref, SubscribeOrders(recorder), timeout=5)
