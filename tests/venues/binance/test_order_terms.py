"""What an order must say, and how it is said."""

from __future__ import annotations

import json
import re
from decimal import ROUND_UP, Context, Decimal, Inexact, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.messages.base import Request
from exchange_connector.messages.config import ExchangeConfig
from exchange_connector.messages.enums import OrderType
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
from exchange_connector.messages.requests import GetBalances
from exchange_connector.venues.binance import DRIVER
from exchange_connector.venues.binance.account import ACCOUNT
from exchange_connector.venues.driver import Lane

D = Decimal
AT = 1_700_000_000_123_000_000
STOPS = ("STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT")
CANCEL_FIRST = {"cancel_client_order_id": "web_1.2:3/4"}


def place(type: str = "LIMIT", **fields: Any) -> PlaceOrder:
    """An order with all that its type needs."""
    needed: dict[str, Any] = {"symbol": "btcusdt", "side": "BUY", "client_order_id": "my-1"}
    if "LIMIT" in type:
        needed |= {"price": D("26000.10"), "time_in_force": "GTC"}
    if type == "LIMIT_MAKER":
        del needed["time_in_force"]
    if type in STOPS:
        needed["stop_price"] = D(25000)
    values: dict[str, Any] = {**needed, "type": type, "quantity": D("0.010"), **fields}
    return PlaceOrder(**values)


def parameters(request: Request[Any]) -> list[tuple[str, str]]:
    """The query."""
    return DRIVER.endpoints[type(request)].parameters(request)


COMMON = {"symbol": "BTCUSDT", "side": "BUY", "newClientOrderId": "my-1"}


@pytest.mark.parametrize(
    ("request_", "rest"),
    [
        (place(), {"timeInForce": "GTC", "quantity": "0.010", "price": "26000.10"}),
        (
            place(iceberg_quantity=D("0.002")),
            {
                "timeInForce": "GTC",
                "quantity": "0.010",
                "price": "26000.10",
                "icebergQty": "0.002",
            },
        ),
        (place("LIMIT_MAKER"), {"quantity": "0.010", "price": "26000.10"}),
        (place("MARKET"), {"quantity": "0.010"}),
        (place("MARKET", quantity=None, quote_quantity=D("1E+3")), {"quoteOrderQty": "1000"}),
        (place("STOP_LOSS"), {"quantity": "0.010", "stopPrice": "25000"}),
        (
            place("TAKE_PROFIT", trailing_delta=100),
            {"quantity": "0.010", "stopPrice": "25000", "trailingDelta": "100"},
        ),
        (
            place("STOP_LOSS_LIMIT", stop_price=None, trailing_delta=1, time_in_force="IOC"),
            {
                "timeInForce": "IOC",
                "quantity": "0.010",
                "price": "26000.10",
                "trailingDelta": "1",
            },
        ),
        (
            place("TAKE_PROFIT_LIMIT", quantity=D("1E-8")),
            {
                "timeInForce": "GTC",
                "quantity": "0.00000001",
                "price": "26000.10",
                "stopPrice": "25000",
            },
        ),
    ],
)
def test_each_type_says_what_it_needs(request_: PlaceOrder, rest: dict[str, str]) -> None:
    """In full, with its id, and asking for the whole answer."""
    said = parameters(request_)
    assert len(dict(said)) == len(said)
    assert dict(said) == {
        **COMMON,
        "type": request_.type,
        **rest,
        "newOrderRespType": "FULL",
    }


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (place(time_in_force=None), "time_in_force"),
        (place(quantity=None), "quantity"),
        (place(price=None), "price"),
        (place("LIMIT_MAKER", price=None), "price"),
        (place("LIMIT_MAKER", time_in_force="GTC"), "time_in_force"),
        (place("MARKET", quantity=None), "quantity"),
        (place("MARKET", quote_quantity=D(1)), "quote_quantity"),
        (place("MARKET", price=D(1)), "price"),
        (place("MARKET", time_in_force="IOC"), "time_in_force"),
        (place("MARKET", iceberg_quantity=D(1)), "iceberg_quantity"),
        (place(stop_price=D(1)), "stop_price"),
        (place(trailing_delta=5), "trailing_delta"),
        (place(quote_quantity=D(1)), "quote_quantity"),
        *((place(kind, stop_price=None), "stop_price") for kind in STOPS),
        *((place(kind, quantity=None), "quantity") for kind in STOPS),
        (place("STOP_LOSS_LIMIT", time_in_force=None), "time_in_force"),
        (place("TAKE_PROFIT", price=D(1)), "price"),
        (place("STOP_LOSS", iceberg_quantity=D(1)), "iceberg_quantity"),
        (place(iceberg_quantity=D("0.001"), time_in_force="FOK"), "time_in_force"),
        (place(iceberg_quantity=D("0.011")), "iceberg_quantity"),
        (place(side="buy"), "side"),
        (place(side=None), "side"),
        (place("LIMITED"), "type"),
        (place(type="limit"), "type"),
        (place(time_in_force="GTX"), "time_in_force"),
        (place(time_in_force=1), "time_in_force"),
        (place(symbol="BTC USDT"), "symbol"),
        (place(client_order_id=""), "client_order_id"),
        (place(client_order_id="a" * 37), "client_order_id"),
        (place(client_order_id="a.b"), "client_order_id"),
        (place(client_order_id="ä"), "client_order_id"),
        (place(client_order_id="a\n"), "client_order_id"),
        (place(client_order_id=7), "client_order_id"),
        (place("STOP_LOSS", trailing_delta=0), "trailing_delta"),
        (place("STOP_LOSS", trailing_delta=True), "trailing_delta"),
        (place("STOP_LOSS", trailing_delta=2**63), "trailing_delta"),
        *((place(price=value), "price") for value in (1, 1.5, "1", True, D(0), D(-1), D("NaN"))),
        *((place(quantity=value), "quantity") for value in (D("Infinity"), D("sNaN"), D("1E+60"))),
        (place(quantity=D("1E-61")), "quantity"),
        (place(quantity=D("1." + "1" * 120)), "quantity"),
        (CancelOrder(symbol="BTCUSDT"), "client_order_id"),
        (GetOrder(symbol="BTCUSDT", order_id="x"), "order_id"),
        (GetOrder(symbol="BTCUSDT", order_id=str(2**63)), "order_id"),
        (GetOrder(symbol="BTCUSDT", order_id=12), "order_id"),  # type: ignore[arg-type]
        (GetOrder(symbol="BTCUSDT", order_id="\u0661"), "order_id"),
        (CancelOrder(symbol="BTCUSDT", client_order_id=""), "client_order_id"),
        (CancelOrder(symbol="BTCUSDT", client_order_id="a b"), "client_order_id"),
        (CancelOrder(symbol="", client_order_id="a"), "symbol"),
        (CancelAll(symbol="BTC/USDT"), "symbol"),
        (GetOpenOrders(symbol=""), "symbol"),
        (GetFills(symbol="BTCUSDT", limit=0), "limit"),
        (GetFills(symbol="BTCUSDT", limit=1001), "limit"),
        (GetFills(symbol="BTCUSDT", limit=True), "limit"),
        (GetFills(symbol="BTCUSDT", from_id="-1"), "from_id"),
        *((GetFills("BTCUSDT", order_id=id), "order_id") for id in ("x", "", -1, 2**63, True)),
        (
            ReplaceOrder(
                symbol="BTCUSDT", side="BUY", type="MARKET", quantity=D(1), client_order_id="a"
            ),
            "cancel_client_order_id",
        ),
    ],
)
def test_what_the_exchange_would_refuse_never_leaves(request_: Request[Any], field: str) -> None:
    """By REST and by websocket; the error names the field."""
    with pytest.raises(ValidationError) as raised:
        parameters(request_)
    assert raised.value.field == field
    signer = ACCOUNT.signer(ExchangeConfig("binance", "key", "secret"))
    assert signer is not None
    if not isinstance(request_, GetFills):
        with pytest.raises(ValidationError):
            ACCOUNT.command(signer, 1, request_, AT)


def distorted(field: str, value: Decimal) -> PlaceOrder:
    """An order with another number."""
    changed: dict[str, Any] = {field: value}
    return place(**changed)


@given(
    st.decimals(allow_nan=True, allow_infinity=True),
    st.sampled_from(["price", "quantity"]),
)
def test_a_number_is_said_exactly_and_without_an_exponent(value: Decimal, field: str) -> None:
    """Or refused; whatever the user's context is."""
    with localcontext(Context(prec=1, rounding=ROUND_UP, traps=[Inexact])):
        try:
            said = dict(parameters(distorted(field, value)))[field]
        except ValidationError:
            _, digits, exponent = value.as_tuple()
            is_long = not isinstance(exponent, int) or exponent < -60 or len(digits) > 120
            assert is_long or not 0 < value < 10**60
            return
    assert re.fullmatch(r"[0-9]+(\.[0-9]+)?", said)
    assert Decimal(said) == value
    assert said.partition(".")[2] == f"{value:f}".partition(".")[2]


@given(st.text(max_size=40))
def test_an_own_id_is_of_the_documented_characters(name: str) -> None:
    """1 to 36 of them."""
    allowed = re.fullmatch(r"[a-zA-Z0-9_-]{1,36}", name) and not name.endswith("\n")
    try:
        said = dict(parameters(place(client_order_id=name)))["newClientOrderId"]
    except ValidationError:
        assert not allowed
        return
    assert allowed
    assert said == name


REPLACE = ReplaceOrder(
    symbol="BTCUSDT",
    side="SELL",
    type="MARKET",
    quantity=D(1),
    client_order_id="b",
    cancel_client_order_id="web_1.2:3/4",
)


@pytest.mark.parametrize(
    ("request_", "row", "query"),
    [
        (place(), ("POST", "order", Lane.ORDER, 1), None),
        (place(test=True), ("POST", "order/test", Lane.ORDER, 1), None),
        (
            *(REPLACE, ("POST", "order/cancelReplace", Lane.ORDER, 1)),
            (
                "symbol=BTCUSDT side=SELL type=MARKET quantity=1 newClientOrderId=b "
                "newOrderRespType=FULL cancelReplaceMode=STOP_ON_FAILURE "
                "cancelOrigClientOrderId=web_1.2:3/4"
            ),
        ),
        (
            *(CancelOrder(symbol="btcusdt", client_order_id="a"),),
            *(("DELETE", "order", Lane.CANCEL, 1), "symbol=BTCUSDT origClientOrderId=a"),
        ),
        (
            *(CancelOrder(symbol="BTCUSDT", order_id="12", client_order_id="a"),),
            *(("DELETE", "order", Lane.CANCEL, 1), "symbol=BTCUSDT orderId=12 origClientOrderId=a"),
        ),
        (
            *(CancelAll(symbol="BTCUSDT"), ("DELETE", "openOrders", Lane.CANCEL, 1)),
            "symbol=BTCUSDT",
        ),
        (
            *(GetOrder(symbol="BTCUSDT", order_id="12"), ("GET", "order", Lane.ACCOUNT, 4)),
            "symbol=BTCUSDT orderId=12",
        ),
        (GetOpenOrders(), ("GET", "openOrders", Lane.ACCOUNT, 80), ""),
        (GetOpenOrders("btcusdt"), ("GET", "openOrders", Lane.ACCOUNT, 6), "symbol=BTCUSDT"),
        (
            *(GetFills("BTCUSDT"), ("GET", "myTrades", Lane.ACCOUNT, 20)),
            "symbol=BTCUSDT limit=500",
        ),
        (
            *(GetFills("BTCUSDT", from_id="7", limit=9), ("GET", "myTrades", Lane.ACCOUNT, 20)),
            "symbol=BTCUSDT fromId=7 limit=9",
        ),
        (
            *(GetFills("BTCUSDT", order_id="12"), ("GET", "myTrades", Lane.ACCOUNT, 5)),
            "symbol=BTCUSDT orderId=12 limit=500",
        ),
        (
            *(GetFills("BTCUSDT", "7", 1000, 12), ("GET", "myTrades", Lane.ACCOUNT, 5)),
            "symbol=BTCUSDT orderId=12 fromId=7 limit=1000",
        ),
    ],
)
def test_each_request_has_its_row(
    request_: Request[Any], row: tuple[str, str, Lane, int], query: str | None
) -> None:
    """Method, path, lane and weight as documented; all are signed."""
    endpoint = DRIVER.endpoints[type(request_)]
    method, path, lane, weight = row
    assert (endpoint.method, endpoint.path_for(request_)) == (method, f"/api/v3/{path}")
    assert (endpoint.lane, endpoint.weight(request_), endpoint.signed) == (lane, weight, True)
    if query is not None:
        assert " ".join("=".join(pair) for pair in parameters(request_)) == query


@pytest.mark.parametrize(
    ("request_", "method"),
    [
        *((place(kind), "order.place") for kind in OrderType),
        (place(test=True), "order.test"),
        (REPLACE, "order.cancelReplace"),
        (CancelOrder("BTCUSDT", order_id="12"), "order.cancel"),
        (CancelAll("BTCUSDT"), "openOrders.cancelAll"),
        (GetOrder("BTCUSDT", client_order_id="a"), "order.status"),
        (GetOpenOrders(), "openOrders.status"),
        (GetFills("BTCUSDT"), None),
        (GetBalances(), None),
    ],
)
def test_each_command_says_the_same(request_: Request[Any], method: str | None) -> None:
    """Ids and distances are numbers in JSON, amounts are texts; the key signs all of it."""
    signer = ACCOUNT.signer(ExchangeConfig("binance", "key", "secret"))
    assert signer is not None
    frame = ACCOUNT.command(signer, 5, request_, AT)
    if method is None:
        assert frame is None
        return
    assert frame is not None
    content = json.loads(frame)
    sent = content["params"]
    assert (content["id"], content["method"]) == (5, method)
    assert sent.pop("apiKey") == "key"
    assert sent.pop("timestamp") == 1_700_000_000_123
    assert re.fullmatch("[0-9a-f]{64}", sent.pop("signature"))
    assert {name: str(value) for name, value in sent.items()} == dict(parameters(request_))
    whole = {name for name, value in sent.items() if isinstance(value, int)}
    assert whole == sent.keys() & {"orderId", "trailingDelta"}
