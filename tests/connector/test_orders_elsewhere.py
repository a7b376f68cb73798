"""Orders of others with the account: one may have the client order id of an order of one's own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector import (
    ExchangeError,
    Fill,
    Order,
    OrderStatus,
    OrderType,
    PlaceOrder,
    ReplaceOrder,
    Side,
    SubscribeOrders,
    TimeInForce,
    UnknownExecutionError,
    ValidationError,
    ask,
)
from exchange_connector.actors.trading import terms
from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.binance import orders as simulated_orders

BTC, ETH = "BTCUSDT", "ETHUSDT"
SMALL, FAR = Decimal("0.01"), Decimal("60000.00")


def resting(id: str, symbol: str = BTC) -> PlaceOrder:
    """An order that stays in the book."""
    more: dict[str, Any] = {"time_in_force": TimeInForce.GTC, "client_order_id": id}
    return PlaceOrder(symbol, Side.BUY, OrderType.LIMIT, SMALL, FAR, **more)


def market(id: str, symbol: str = BTC, side: Side = Side.BUY) -> PlaceOrder:
    """An order that is executed at once."""
    return PlaceOrder(symbol, side, OrderType.MARKET, Decimal("0.1"), client_order_id=id)


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """An exchange that refuses no dial."""
    with SimulatedExchange(rate=20.0, max_dials=0) as exchange:
        yield exchange


@pytest.fixture
def both(
    exchange: SimulatedExchange, start: Callable[..., Any], recorder: Any, quick_fates: float
) -> tuple[Any, Any]:
    """Two connectors with one account; the first one's events are recorded."""
    del quick_fates
    pair = start(exchange), start(exchange)
    ask(pair[0], SubscribeOrders(recorder))
    ask(pair[0], resting("warm"))
    ask(pair[1], market("warm-too", ETH))
    return pair


def places(exchange: SimulatedExchange) -> int:
    """How many orders have come there over the websocket, whatever became of them."""
    return sum(control.method == "order.place" for control in exchange.controls)


def fates(recorder: Any, id: str, symbol: str = BTC) -> list[str]:
    """What was told of an order."""
    mine = [event for event in recorder.of(Order) if event.client_order_id == id]
    return [event.status for event in mine if event.symbol == symbol]


def test_an_event_of_another_symbol(
    exchange: SimulatedExchange, both: tuple[Any, Any], recorder: Any
) -> None:
    """It says nothing of the order, whose answer is lost."""
    one, other = both
    exchange.lose_answer("order.place", done=False, silent=True)
    before = places(exchange)
    future = one.ask(resting("a"), block=False)
    assert exchange.wait_until(lambda exchange: places(exchange) > before)
    ask(other, market("a", ETH))
    recorder.wait(lambda _: OrderStatus.FILLED in fates(recorder, "a", ETH))
    with pytest.raises(UnknownExecutionError):
        future.get(timeout=20)
    recorder.wait(lambda _: bool(fates(recorder, "a")))
    assert fates(recorder, "a") == ["REJECTED"]


@pytest.mark.parametrize(
    "earlier", [market("a", side=Side.SELL), market("a")], ids=["other side", "the same"]
)
def test_an_earlier_order_is_found(
    exchange: SimulatedExchange,
    both: tuple[Any, Any],
    recorder: Any,
    monkeypatch: pytest.MonkeyPatch,
    earlier: PlaceOrder,
) -> None:
    """It is not the one that is looked for, and that never came."""
    one, other = both
    monkeypatch.setattr(terms, "_EARLIER_NS", 100_000_000)
    ask(other, earlier)
    recorder.wait(lambda _: OrderStatus.FILLED in fates(recorder, "a"))
    threading.Event().wait(0.3)  # so that it is an earlier one
    exchange.lose_answer("order.place", done=False, silent=True)
    with pytest.raises(UnknownExecutionError):
        ask(one, market("a"), timeout=20)
    recorder.wait(lambda _: fates(recorder, "a")[-1] == "REJECTED")


def test_an_order_with_that_id_is_open(exchange: SimulatedExchange, both: tuple[Any, Any]) -> None:
    """The exchange places no second one."""
    one, other = both
    ask(other, resting("a"))
    with pytest.raises(ExchangeError) as raised:
        ask(one, resting("a"))
    assert raised.value.code == -2010
    assert [each.client_order_id for each in exchange.orders()].count("a") == 1


def test_a_symbol_in_lower_case(
    exchange: SimulatedExchange, both: tuple[Any, Any], recorder: Any
) -> None:
    """Every event names it as the exchange does."""
    one, _ = both
    assert ask(one, resting("a", BTC.lower())).symbol == BTC
    exchange.lose_answer("order.place", done=False, silent=True)
    with pytest.raises(UnknownExecutionError):
        ask(one, resting("b", BTC.lower()), timeout=20)
    recorder.wait(lambda _: fates(recorder, "b") == ["REJECTED"])


def test_a_trade_with_oneself(
    exchange: SimulatedExchange,
    both: tuple[Any, Any],
    recorder: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the account allows it, each of the two orders has its fill."""
    one, other = both
    exchange.hold()
    monkeypatch.setattr(simulated_orders, "PREVENTION", "NONE")
    price = Decimal(exchange.book(BTC).asks[0][0]) - SMALL
    more: dict[str, Any] = {"time_in_force": TimeInForce.GTC}
    for ref, side, id in ((other, Side.SELL, "maker"), (one, Side.BUY, "taker")):
        ask(ref, PlaceOrder(BTC, side, OrderType.LIMIT, SMALL, price, client_order_id=id, **more))
    both_ids = {"maker", "taker"}
    recorder.wait(lambda _: both_ids <= {each.client_order_id for each in recorder.of(Fill)})


def test_an_order_does_not_take_the_id_of_the_one_that_it_replaces(
    exchange: SimulatedExchange, both: tuple[Any, Any]
) -> None:
    """The exchange would allow it, and the end of the one be taken for that of the other."""
    one, other = both
    ask(other, resting("a"))
    more: dict[str, Any] = {"time_in_force": TimeInForce.GTC, "cancel_client_order_id": "a"}
    same = ReplaceOrder(BTC, Side.BUY, OrderType.LIMIT, SMALL, FAR, client_order_id="a", **more)
    with pytest.raises(ValidationError) as raised:
        ask(one, same)
    assert raised.value.field == "cancel_client_order_id"
    assert [(each.client_order_id, each.status) for each in exchange.orders()][-1] == ("a", "NEW")
