"""Answers about orders, by REST and by websocket, one by one; and hostile ones."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.messages.account import Fill, Order
from exchange_connector.messages.base import Request
from exchange_connector.messages.enums import OrderStatus, OrderType, Side, TimeInForce
from exchange_connector.messages.orders import (
    CancelAll,
    CancelOrder,
    GetFills,
    GetOpenOrders,
    GetOrder,
    PlaceOrder,
    ReplaceOrder,
)
from exchange_connector.venues.account import OrderAnswer
from exchange_connector.venues.binance import DRIVER
from exchange_connector.venues.binance.account import ACCOUNT
from exchange_connector.venues.driver import MalformedError

D = Decimal
RECEIVED = 1_700_000_000_123_456_789
AT = 1_507_725_176_595

ACK = {
    "symbol": "BTCUSDT",
    "orderId": 28,
    "orderListId": -1,
    "clientOrderId": "mine",
    "transactTime": AT,
}
RESULT = {
    **ACK,
    "price": "0.00000000",
    "origQty": "10.00",
    "executedQty": "4.00",
    "origQuoteOrderQty": "0.000000",
    "cummulativeQuoteQty": "10.00",
    "status": "FILLED",
    "timeInForce": "GTC",
    "type": "MARKET",
    "side": "SELL",
    "workingTime": AT,
}
FILLS = [
    {
        "price": "4000.00",
        "qty": "1.00",
        "commission": "4.00",
        "commissionAsset": "USDT",
        "tradeId": 56,
    },
    {
        "price": "3999.00",
        "qty": "5.00",
        "commission": "0",
        "commissionAsset": "USDT",
        "tradeId": -1,
        "allocId": 3,
    },
]
CANCELLED = {
    **RESULT,
    "origClientOrderId": "mine",
    "clientOrderId": "the-cancel",
    "status": "CANCELED",
}
QUERIED = {
    **{key: value for key, value in RESULT.items() if key != "transactTime"},
    "time": AT - 5,
    "updateTime": AT - 1,
    "isWorking": True,
    "stopPrice": "0.0",
}
OWN_TRADE = {
    "symbol": "BNBBTC",
    "id": 28457,
    "orderId": 100234,
    "orderListId": -1,
    "price": "4.00",
    "qty": "12.00",
    "quoteQty": "48.00",
    "commission": "10.10",
    "commissionAsset": "BNB",
    "time": AT,
    "isBuyer": True,
    "isMaker": False,
    "isBestMatch": True,
}
TERMS: dict[str, Any] = {
    "symbol": "btcusdt",
    "side": "SELL",
    "type": "LIMIT",
    "quantity": D("10.0"),
    "price": D("2.50"),
    "time_in_force": "GTC",
    "client_order_id": "mine",
}
PLACE = PlaceOrder(**TERMS)
REPLACE = ReplaceOrder(**TERMS, cancel_client_order_id="old")
ONE = GetOrder("BTCUSDT", client_order_id="mine")


def decode(request: Request[Any], body: object) -> Any:
    """The reply."""
    endpoint = DRIVER.endpoints[type(request)]
    return endpoint.decode(json.dumps(body).encode(), request, RECEIVED)


def order_of(status: str = "FILLED", client_order_id: str = "mine", time: int = AT) -> Order:
    """What RESULT says."""
    return Order(
        *("binance", "BTCUSDT", time * 1_000_000, RECEIVED, "28", client_order_id),
        *("SELL", "MARKET", status),
        *(D(0), D("10.00"), D("4.00"), D("10.00"), D("2.5")),
        *("GTC", time * 1_000_000),
    )


def test_a_whole_answer_is_the_order_and_its_fills() -> None:
    """What is executed at once took liquidity."""
    answer = decode(PLACE, {**RESULT, "fills": FILLS})
    base = ("binance", "BTCUSDT", AT * 1_000_000, RECEIVED)
    mine = ("28", "mine", "SELL")
    first = Fill(*base, "56", *mine, D(4000), D(1), D(4), "USDT", False, AT * 1_000_000)
    other = Fill(*base, "allocation-3", *mine, D(3999), D(5), D(0), "USDT", False, AT * 1_000_000)
    assert answer == OrderAnswer(order_of(), (first, other))
    order = answer.order
    kinds = (type(each) for each in (order.side, order.type, order.status, order.time_in_force))
    assert tuple(kinds) == (Side, OrderType, OrderStatus, TimeInForce)
    assert [str(order.quantity), str(order.executed_quantity)] == ["10.00", "4.00"]
    assert decode(PLACE, RESULT) == OrderAnswer(order_of())


def test_of_an_answer_that_only_accepts_the_status_is_not_known() -> None:
    """The rest is what was asked for."""
    answer = decode(PLACE, ACK)
    order = Order(
        *("binance", "BTCUSDT", AT * 1_000_000, RECEIVED, "28", "mine", "SELL", "LIMIT", ""),
        *(D("2.50"), D("10.0"), D(0), D(0), None, "GTC", AT * 1_000_000),
    )
    assert answer == OrderAnswer(order)
    assert not ACCOUNT.is_final(order.status)


def test_an_iceberg_says_how_much_of_it_shows() -> None:
    """Each answer; of one that only accepts it is what was asked for."""
    size = {"icebergQty": "0.50"}
    iceberg = PlaceOrder(**TERMS, iceberg_quantity=D("0.50"))
    assert decode(iceberg, {**RESULT, **size}).order.iceberg_quantity == D("0.50")
    assert decode(iceberg, ACK).order.iceberg_quantity == D("0.50")
    assert decode(ONE, {**QUERIED, **size}).iceberg_quantity == D("0.50")
    (still_open,) = decode(GetOpenOrders(), [{**QUERIED, **size}])
    assert still_open.iceberg_quantity == D("0.50")
    assert decode(ONE, {**QUERIED, "icebergQty": "0.0"}).iceberg_quantity is None
    assert decode(PLACE, RESULT).order.iceberg_quantity is None


@pytest.mark.parametrize("body", [{}, {"standardCommissionForOrder": {"maker": "0.1"}}])
def test_of_an_order_that_was_only_checked_there_is_none(body: dict[str, Any]) -> None:
    """No id and no status, only the terms."""
    order = decode(PlaceOrder(**TERMS, test=True), body).order
    assert (order.order_id, order.status, order.client_order_id) == ("", "", "mine")
    assert (order.price, order.quantity, order.update_time) == (D("2.50"), D(10), RECEIVED)


def test_a_replacement_is_the_new_order_and_the_old() -> None:
    """Its new order may be answered in any of the three ways."""
    body = {
        "cancelResult": "SUCCESS",
        "newOrderResult": "SUCCESS",
        "cancelResponse": CANCELLED,
        "newOrderResponse": {**RESULT, "fills": []},
    }
    old = order_of("CANCELED")
    assert decode(REPLACE, body) == OrderAnswer(order_of(), (), old)
    answer = decode(REPLACE, {**body, "newOrderResponse": ACK})
    assert (answer.order.status, answer.cancelled) == ("", old)


@pytest.mark.parametrize(
    "changed",
    [
        {"newOrderResult": "FAILURE"},
        {"cancelResult": "FAILURE"},
        {"newOrderResult": "NOT_ATTEMPTED"},
        {"newOrderResponse": None},
        {"cancelResponse": ACK},
    ],
)
def test_half_a_replacement_is_no_success(changed: dict[str, Any]) -> None:
    """Whatever its HTTP status says."""
    body = {
        "cancelResult": "SUCCESS",
        "newOrderResult": "SUCCESS",
        "cancelResponse": CANCELLED,
        "newOrderResponse": RESULT,
    }
    with pytest.raises(MalformedError):
        decode(REPLACE, {**body, **changed})


def test_a_cancelled_order_has_its_own_id() -> None:
    """The cancellation's is another."""
    request = CancelOrder("BTCUSDT", client_order_id="mine")
    assert decode(request, CANCELLED) == order_of("CANCELED")
    without_time = {key: value for key, value in CANCELLED.items() if key != "transactTime"}
    assert decode(request, without_time).update_time == RECEIVED


def test_of_a_list_that_went_with_it_the_one_asked_for_is_told() -> None:
    """By whichever id."""
    other = {**CANCELLED, "orderId": 29, "origClientOrderId": "other"}
    body = {"orderListId": 1, "orders": [], "orderReports": [other, CANCELLED]}
    assert decode(CancelOrder("BTCUSDT", order_id="28"), body) == order_of("CANCELED")
    by_name = decode(CancelOrder("BTCUSDT", client_order_id="other"), body)
    assert by_name.order_id == "29"
    with pytest.raises(MalformedError):
        decode(CancelOrder("BTCUSDT", order_id="30"), body)


def test_all_cancelled_are_told_those_of_lists_too() -> None:
    """In the exchange's order."""
    of_list = {"orderListId": 1, "orderReports": [{**CANCELLED, "orderId": 29}]}
    orders = decode(CancelAll("BTCUSDT"), [CANCELLED, of_list, {**CANCELLED, "orderId": 30}])
    assert [order.order_id for order in orders] == ["28", "29", "30"]
    assert decode(CancelAll("BTCUSDT"), []) == ()


def test_an_order_is_as_of_its_last_change() -> None:
    """Not as of its beginning."""
    assert decode(ONE, QUERIED) == order_of(time=AT - 1)
    assert decode(GetOpenOrders(), [QUERIED]) == (order_of(time=AT - 1),)
    assert decode(GetOpenOrders(), []) == ()


def test_what_the_exchange_no_longer_knows_has_no_average() -> None:
    """It says less than 0 for old orders."""
    order = decode(ONE, {**QUERIED, "cummulativeQuoteQty": "-1.00000000"})
    assert (order.executed_quote_quantity, order.average_price) == (D(-1), None)


def test_fills_are_told_oldest_first() -> None:
    """By their ids."""
    newer = {**OWN_TRADE, "id": 28458, "isBuyer": False, "isMaker": True}
    fills = decode(GetFills("BNBBTC"), [newer, OWN_TRADE])
    assert [fill.trade_id for fill in fills] == ["28457", "28458"]
    assert fills[0] == Fill(
        *("binance", "BNBBTC", AT * 1_000_000, RECEIVED, "28457", "100234", "", "BUY"),
        *(D("4.00"), D("12.00"), D("10.10"), "BNB", False, AT * 1_000_000),
    )
    assert (fills[1].side, fills[1].is_maker) == (Side.SELL, True)


@pytest.mark.parametrize("value", ["NaN", "1e5", "+1", "-1", ".5", "", "1_0", " 1", 1, 1.5, None])
@pytest.mark.parametrize(
    ("request_", "body", "name"),
    [
        *((ONE, QUERIED, name) for name in ("price", "origQty", "executedQty")),
        *((GetFills("A"), OWN_TRADE, name) for name in ("price", "qty", "commission")),
        *((PLACE, FILLS[0], name) for name in ("price", "qty", "commission")),
    ],
)
def test_a_number_is_digits_or_malformed(
    request_: Request[Any], body: dict[str, Any], name: str, value: object
) -> None:
    """Nothing that `Decimal` would take besides."""
    distorted: Any = {**body, name: value}
    if request_ is PLACE:
        distorted = {**RESULT, "fills": [distorted]}
    if isinstance(request_, GetFills):
        distorted = [distorted]
    with pytest.raises(MalformedError):
        decode(request_, distorted)


BODIES: list[tuple[Request[Any], dict[str, Any]]] = [
    (PLACE, {**RESULT, "fills": FILLS}),
    (ONE, QUERIED),
    (CancelOrder("BTCUSDT", order_id="28"), CANCELLED),
]
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(st.sampled_from(BODIES), st.data())
def test_a_distorted_body_is_read_or_malformed(
    case: tuple[Request[Any], dict[str, Any]], data: st.DataObject
) -> None:
    """Nothing else is ever raised."""
    request, body = case
    name = data.draw(st.sampled_from(sorted(body)))
    try:
        reply = decode(request, {**body, name: data.draw(anything)})
    except MalformedError:
        return
    order = reply.order if isinstance(reply, OrderAnswer) else reply
    assert order.quantity.is_finite()
    assert isinstance(order.order_id, str)


@given(
    st.sampled_from([PLACE, REPLACE, ONE, CancelAll("A"), GetOpenOrders(), GetFills("A")]),
    st.binary(max_size=60) | anything.map(lambda value: json.dumps(value).encode()),
)
def test_any_body_is_read_or_malformed(request_: Request[Any], body: bytes) -> None:
    """Never another exception."""
    endpoint = DRIVER.endpoints[type(request_)]
    try:
        assert isinstance(endpoint.decode(body, request_, RECEIVED), (OrderAnswer, Order, tuple))
    except MalformedError as error:
        assert str(error)  # noqa: PT017 - that it has a reason
