"""What an order must say at Bybit, how it is said, and where the requests go."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from exchange_connector.messages.base import Request
from exchange_connector.messages.errors import ValidationError
from exchange_connector.messages.orders import (
    CancelAll,
    CancelOrder,
    GetFills,
    GetOpenOrders,
    GetOrder,
    PlaceOrder,
    ReplaceOrder,
)
from exchange_connector.venues.bybit import LINEAR, SPOT
from exchange_connector.venues.driver import Lane

D = Decimal
COMMON = {"category": "spot", "symbol": "BTCUSDT", "side": "Buy", "orderLinkId": "my-1"}


def place(type: str = "LIMIT", **fields: Any) -> PlaceOrder:
    """An order with all that its type needs."""
    needed: dict[str, Any] = {"symbol": "btcusdt", "side": "BUY", "client_order_id": "my-1"}
    if type != "MARKET":
        needed |= {"price": D("26000.10")}
    values: dict[str, Any] = {**needed, "type": type, "quantity": D("0.010"), **fields}
    return PlaceOrder(**values)


def parameters(request: Request[Any]) -> list[tuple[str, str]]:
    """What is sent."""
    return SPOT.endpoints[type(request)].parameters(request)


@pytest.mark.parametrize(
    ("request_", "rest"),
    [
        (place(), {"orderType": "Limit", "qty": "0.010", "price": "26000.10"}),
        *(
            (
                place(time_in_force=force, side="SELL"),
                {
                    "side": "Sell",
                    "orderType": "Limit",
                    "qty": "0.010",
                    "price": "26000.10",
                    "timeInForce": force,
                },
            )
            for force in ("GTC", "IOC", "FOK")
        ),
        (
            place("LIMIT_MAKER"),
            {
                "orderType": "Limit",
                "qty": "0.010",
                "price": "26000.10",
                "timeInForce": "PostOnly",
            },
        ),
        (place("MARKET"), {"orderType": "Market", "qty": "0.010", "marketUnit": "baseCoin"}),
        (
            place("MARKET", quantity=None, quote_quantity=D("1E+2")),
            {"orderType": "Market", "qty": "100", "marketUnit": "quoteCoin"},
        ),
    ],
)
def test_each_kind(request_: PlaceOrder, rest: dict[str, str]) -> None:
    """With the digits that were given, and no field too many."""
    assert dict(parameters(request_)) == {**COMMON, **rest}


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (place(quantity=None), "quantity"),
        (place(price=None), "price"),
        (place(quote_quantity=D(1)), "quote_quantity"),
        (place(stop_price=D(1)), "stop_price"),
        (place(trailing_delta=10), "trailing_delta"),
        (place(iceberg_quantity=D(1)), "iceberg_quantity"),
        (place(time_in_force="RPI"), "time_in_force"),
        (place("LIMIT_MAKER", time_in_force="GTC"), "time_in_force"),
        (place("MARKET", price=D(1)), "price"),
        (place("MARKET", time_in_force="IOC"), "time_in_force"),
        (place("MARKET", quantity=None), "quantity"),
        (place("MARKET", quote_quantity=D(1)), "quote_quantity"),
        *((place(kind), "type") for kind in ("STOP_LOSS", "TAKE_PROFIT_LIMIT", "limit", "")),
        (place(side="Buy"), "side"),
        (place(symbol="BTC USDT"), "symbol"),
        (place(quantity=D("NaN")), "quantity"),
        (place(quantity=D(0)), "quantity"),
        (place(price=D(-1)), "price"),
        (place(client_order_id=""), "client_order_id"),
        (place(client_order_id="a b"), "client_order_id"),
        (place(client_order_id="a" * 37), "client_order_id"),
        (place(test=True), "test"),
        (
            ReplaceOrder("BTCUSDT", "BUY", "MARKET", D(1), cancel_client_order_id="a"),
            "cancel_client_order_id",
        ),
        (CancelOrder("BTCUSDT"), "client_order_id"),
        (CancelOrder("BTCUSDT", order_id=" "), "order_id"),
        (GetOrder("BTCUSDT", client_order_id=""), "client_order_id"),
        (GetFills("BTCUSDT", from_id="5"), "from_id"),
        (GetFills("BTCUSDT", limit=0), "limit"),
        (GetFills("BTCUSDT", limit=3001), "limit"),
        (CancelAll(""), "symbol"),
    ],
)
def test_what_cannot_be_is_refused(request_: Request[Any], field: str) -> None:
    """Before it leaves, naming the field."""
    with pytest.raises(ValidationError) as raised:
        parameters(request_)
    assert raised.value.field == field


def test_questions() -> None:
    """By either id, or both; of a symbol, or of all."""
    both = [("orderId", "7"), ("orderLinkId", "x.y/z")]
    begin = [("category", "spot"), ("symbol", "BTCUSDT")]
    for kind in (GetOrder, CancelOrder):
        assert parameters(kind("btcusdt", "x.y/z", "7")) == [*begin, *both]
        assert parameters(kind("btcusdt", order_id="7")) == [*begin, both[0]]
        assert parameters(kind("btcusdt", "x.y/z")) == [*begin, both[1]]
    assert parameters(CancelAll("btcusdt")) == begin
    assert parameters(GetOpenOrders("btcusdt")) == [*begin, ("openOnly", "0"), ("limit", "50")]
    assert parameters(GetOpenOrders()) == [begin[0], ("openOnly", "0"), ("limit", "50")]
    assert parameters(GetFills("btcusdt", limit=7)) == [*begin, ("limit", "7")]
    of_order = [*begin, both[0], ("limit", "100")]
    assert parameters(GetFills("btcusdt", order_id="7")) == of_order
    assert parameters(GetFills("btcusdt", order_id=7)) == of_order
    assert parameters(GetFills("btcusdt")) == [*begin, ("limit", "100")]


def test_the_table() -> None:
    """What changes something goes by POST, in the body, and cancelling overtakes all."""
    rows: dict[type[Request[Any]], tuple[str, str, Lane]] = {
        PlaceOrder: ("POST", "/v5/order/create", Lane.ORDER),
        CancelOrder: ("POST", "/v5/order/cancel", Lane.CANCEL),
        CancelAll: ("POST", "/v5/order/cancel-all", Lane.CANCEL),
        GetOrder: ("GET", "/v5/order/realtime", Lane.ACCOUNT),
        GetOpenOrders: ("GET", "/v5/order/realtime", Lane.ACCOUNT),
        GetFills: ("GET", "/v5/execution/list", Lane.ACCOUNT),
    }
    for kind, (method, path, lane) in rows.items():
        endpoint = SPOT.endpoints[kind]
        assert (endpoint.method, endpoint.path, endpoint.lane) == (method, path, lane)
        assert endpoint.signed
        assert endpoint.is_json == (method == "POST")
        assert kind not in LINEAR.endpoints
    assert LINEAR.account is None
