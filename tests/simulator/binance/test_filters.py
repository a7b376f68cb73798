"""Orders that are refused before they reach the engine (filters.md, errors.md)."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import Any

import pytest
import requests

from exchange_connector.simulator import SimulatedExchange

LIMIT = {"quantity": "0.01", "price": "60000"}
STOP = {"type": "STOP_LOSS_LIMIT", "quantity": "0.01", "price": "60000", "side": "SELL"}


def refusal(answer: Any) -> tuple[int, Any]:
    """The code, and the filter that was failed if it was one."""
    told = answer.json()
    if told.get("code") == -1013:
        return -1013, told["msg"].removeprefix("Filter failure: ")
    return told.get("code", 0), told.get("msg", "")


@pytest.mark.parametrize(
    ("terms", "failed"),
    [
        (LIMIT | {"price": "60000.001"}, "PRICE_FILTER"),
        (LIMIT | {"price": "0"}, "PRICE_FILTER"),
        (LIMIT | {"price": "1000000.01"}, "PRICE_FILTER"),
        (STOP | {"stopPrice": "61000.001"}, "PRICE_FILTER"),
        (LIMIT | {"price": "600000"}, "PERCENT_PRICE_BY_SIDE"),
        (LIMIT | {"price": "6000"}, "PERCENT_PRICE_BY_SIDE"),
        (LIMIT | {"side": "SELL", "price": "6000"}, "PERCENT_PRICE_BY_SIDE"),
        (LIMIT | {"quantity": "0.010001"}, "LOT_SIZE"),
        (LIMIT | {"quantity": "0"}, "LOT_SIZE"),
        (LIMIT | {"quantity": "9000.00001"}, "LOT_SIZE"),
        (LIMIT | {"icebergQty": "0.0000001"}, "LOT_SIZE"),
        (LIMIT | {"quantity": "0.00008"}, "NOTIONAL"),
        (LIMIT | {"quantity": "200"}, "NOTIONAL"),
        ({"type": "MARKET", "quantity": "0.00007"}, "NOTIONAL"),
        ({"type": "MARKET", "quoteOrderQty": "4.9"}, "NOTIONAL"),
        ({"type": "MARKET", "quantity": "120.00001"}, "MARKET_LOT_SIZE"),
        (LIMIT | {"quantity": "1", "icebergQty": "0.0099"}, "ICEBERG_PARTS"),
        (STOP | {"trailingDelta": "9"}, "TRAILING_DELTA"),
        (STOP | {"trailingDelta": "2001"}, "TRAILING_DELTA"),
        (LIMIT | {"quantity": "20", "price": "60000"}, "MAX_ASSET"),
    ],
)
def test_each_filter_is_checked(client: Any, terms: Any, failed: str) -> None:
    """By what `exchangeInfo` and `myFilters` tell, and the order never reaches the engine."""
    answer = client.order(**terms)
    assert (answer.status_code, *refusal(answer)) == (400, -1013, failed)
    assert client.exchange.order_requests == {}
    rules = client.rest("GET", "myFilters", symbol="BTCUSDT").text
    rules += str(client.exchange._box.source.symbol_info("BTCUSDT"))
    assert failed in rules


@pytest.mark.parametrize(
    "terms",
    [
        LIMIT | {"price": "60000.01", "quantity": "0.00009"},
        LIMIT | {"quantity": "1", "icebergQty": "0.01"},
        {"type": "MARKET", "quoteOrderQty": "10"},
        STOP | {"stopPrice": "61000"},
        STOP | {"trailingDelta": "10"},
        {"type": "TAKE_PROFIT", "side": "SELL", "quantity": "0.01", "stopPrice": "90000"},
        LIMIT | {"strategyId": "7", "strategyType": "1000000"},
    ],
)
def test_what_keeps_to_them_is_taken(client: Any, terms: Any) -> None:
    """At the very bounds too."""
    answer = client.order(**terms)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("terms", "code", "words"),
    [
        ({"quantity": "0.01"}, -1102, "'price'"),
        (LIMIT | {"timeInForce": "GTD"}, -1115, "Invalid timeInForce."),
        (LIMIT | {"side": "HOLD"}, -1117, "Invalid side."),
        (LIMIT | {"type": "ICEBERG"}, -1116, "Invalid orderType."),
        (LIMIT | {"symbol": "NOTHERE"}, -1121, "Invalid symbol."),
        (LIMIT | {"price": "60000.123456789"}, -1111, "'price' has too much precision."),
        (LIMIT | {"quantity": "0.123456789"}, -1111, "'quantity' has too much precision."),
        (LIMIT | {"quantity": "1e-3"}, -1100, "'quantity'"),
        (LIMIT | {"quantity": "-1"}, -1100, "'quantity'"),
        (LIMIT | {"newClientOrderId": "a b"}, -1100, "^[a-zA-Z0-9-_]{1,36}$"),
        (LIMIT | {"newClientOrderId": "x" * 37}, -1100, "^[a-zA-Z0-9-_]{1,36}$"),
        (LIMIT | {"stopPrice": "1"}, -1106, "Parameter 'stopPrice' sent when not required."),
        (LIMIT | {"quoteOrderQty": "1"}, -1106, "'quoteOrderQty'"),
        ({"type": "MARKET", "quantity": "1", "price": "5"}, -1106, "'price'"),
        ({"type": "MARKET", "quantity": "1", "timeInForce": "GTC"}, -1106, "'timeInForce'"),
        ({"type": "MARKET"}, -1102, "Param 'quantity' or 'quoteOrderQty' must be sent"),
        ({"type": "MARKET", "quantity": "1", "quoteOrderQty": "1"}, -1128, "Combination"),
        ({"type": "STOP_LOSS", "quantity": "1"}, -1102, "Param 'stopPrice' or 'trailingDelta'"),
        (STOP, -1102, "Param 'stopPrice' or 'trailingDelta'"),
        (LIMIT | {"icebergQty": "0.001", "timeInForce": "IOC"}, -1014, "Unsupported order"),
        (LIMIT | {"icebergQty": "0.02"}, -2010, "IcebergQty exceeds QTY."),
        (LIMIT | {"strategyType": "999999"}, -1134, "less than 1000000"),
        (LIMIT | {"newOrderRespType": "SHORT"}, -1130, "'newOrderRespType'"),
        (LIMIT | {"selfTradePreventionMode": "DECREMENT"}, -1130, "'selfTradePrevention"),
        (LIMIT | {"pegPriceType": "PRIMARY_PEG"}, -2010, "Pegged orders are not supported"),
        (LIMIT | {"levels": "1"}, -1104, "Not all sent parameters were read"),
        (LIMIT | {"quantity": "2"}, -2010, "Account has insufficient balance for requested"),
        (LIMIT | {"type": "LIMIT_MAKER", "price": "67500"}, -2010, "immediately match and take"),
    ],
)
def test_what_does_not_make_sense(client: Any, terms: Any, code: int, words: str) -> None:
    """In the documentation's words, or those that clients know."""
    answer = client.order(**terms)
    assert refusal(answer)[0] == code, answer.text
    assert words in answer.json()["msg"]
    assert client.exchange.orders() == []


def test_so_many_open_orders(exchange: SimulatedExchange, client: Any) -> None:
    """200 of a symbol, of which five may wait for a stop."""
    stop = {"type": "STOP_LOSS", "side": "SELL", "quantity": "0.001"}
    for _ in range(5):
        assert client.order(stopPrice="50000", **stop).status_code == 200
    assert refusal(client.order(stopPrice="50000", **stop)) == (-1013, "MAX_NUM_ALGO_ORDERS")
    for count in range(195):
        if count % 90 == 0:
            exchange.step_clock(10)  # the count of unfilled orders begins anew
        answer = client.order(quantity="0.0002", price="60000")
        assert answer.status_code == 200, answer.text
    assert refusal(client.order(quantity="0.0002", price="60000")) == (-1013, "MAX_NUM_ORDERS")
    (first, *_) = client.rest("GET", "openOrders", symbol="BTCUSDT").json()
    client.rest("DELETE", "order", symbol="BTCUSDT", orderId=first["orderId"])
    assert client.order(quantity="0.0002", price="60000").status_code == 200


def percent(down: str, up: str, minutes: int) -> dict[str, Any]:
    """Bounds of either side."""
    return {
        "bidMultiplierUp": up,
        "bidMultiplierDown": down,
        "askMultiplierUp": up,
        "askMultiplierDown": down,
        "avgPriceMins": minutes,
    }


def test_bounds_are_of_the_reference_price(exchange: SimulatedExchange, client: Any) -> None:
    """As it is told; where there is none, of the average; in a filter of 0 minutes, of the last."""
    exchange.hold()
    exchange.set_filter("BTCUSDT", "PERCENT_PRICE_BY_SIDE", **percent("0.9", "1.1", 5))
    exchange.set_reference_price("BTCUSDT", "100000")
    order = {"side": "SELL", "quantity": "0.01"}
    assert client.order(price="110000", **order).status_code == 200
    assert refusal(client.order(price="110000.01", **order))[1] == "PERCENT_PRICE_BY_SIDE"
    assert refusal(client.order(price="89999.99", **order))[1] == "PERCENT_PRICE_BY_SIDE"
    exchange.set_reference_price("BTCUSDT", None)
    for minutes, path in ((5, "avgPrice"), (0, "ticker/price")):
        exchange.set_filter("BTCUSDT", "PERCENT_PRICE_BY_SIDE", **percent("0.9", "1.1", minutes))
        url = f"{exchange.rest_url}/api/v3/{path}?symbol=BTCUSDT"
        measure = Decimal(requests.get(url, timeout=5).json()["price"])
        highest = (measure * Decimal("1.1")).quantize(Decimal("0.01"), ROUND_DOWN)
        assert client.order(price=str(highest), **order).status_code == 200, path
        above = str(highest + Decimal("0.01"))
        assert refusal(client.order(price=above, **order))[1] == "PERCENT_PRICE_BY_SIDE"


def test_a_reference_price_that_was_set_is_told(exchange: SimulatedExchange) -> None:
    """With where it is from."""
    ask = f"{exchange.rest_url}/api/v3/referencePrice"
    exchange.set_reference_price("btcusdt", "12.5")
    assert requests.get(f"{ask}?symbol=BTCUSDT", timeout=5).json()["referencePrice"] == (
        "12.50000000"
    )
    assert requests.get(f"{ask}/calculation?symbol=BTCUSDT", timeout=5).json() == {
        "symbol": "BTCUSDT",
        "calculationType": "EXTERNAL",
        "externalCalculationId": 0,
    }
    exchange.set_reference_price("BTCUSDT", None)
    assert requests.get(f"{ask}?symbol=BTCUSDT", timeout=5).json()["referencePrice"] is None


@pytest.mark.parametrize(
    ("name", "fields", "terms"),
    [
        ("PERCENT_PRICE", ("0.99", "1.01"), LIMIT),
        ("MAX_POSITION", ("1.3",), {"type": "MARKET", "quantity": "0.06"}),
        ("MAX_NUM_ICEBERG_ORDERS", (0,), LIMIT | {"icebergQty": "0.001"}),
        ("MIN_NOTIONAL", ("700", True), {"type": "MARKET", "quantity": "0.01"}),
    ],
)
def test_a_filter_is_set(
    exchange: SimulatedExchange, client: Any, name: str, fields: Any, terms: Any
) -> None:
    """And told, and checked."""
    names = {
        "PERCENT_PRICE": ("multiplierDown", "multiplierUp"),
        "MAX_POSITION": ("maxPosition",),
        "MAX_NUM_ICEBERG_ORDERS": ("maxNumIcebergOrders",),
        "MIN_NOTIONAL": ("minNotional", "applyToMarket"),
    }[name]
    row: dict[str, Any] = dict(zip(names, fields, strict=True))
    if name in ("PERCENT_PRICE", "MIN_NOTIONAL"):
        row["avgPriceMins"] = 5
    exchange.set_filter("BTCUSDT", name, **row)
    url = f"{exchange.rest_url}/api/v3/exchangeInfo?symbol=BTCUSDT"
    (symbol,) = requests.get(url, timeout=5).json()["symbols"]
    assert {"filterType": name, **row} in symbol["filters"]
    assert refusal(client.order(**terms)) == (-1013, name)
    assert client.order(symbol="ETHUSDT", type="MARKET", quantity="0.1").status_code == 200


@pytest.mark.parametrize(
    ("symbol", "name", "fields", "error"),
    [
        ("NOTHERE", "MAX_POSITION", {"maxPosition": "1"}, LookupError),
        ("BTCUSDT", "MAX_WISHES", {"limit": 3}, ValueError),
        ("BTCUSDT", "MAX_POSITION", {}, ValueError),
        ("BTCUSDT", "MAX_POSITION", {"maxPosition": "1", "minPosition": "0"}, ValueError),
        ("BTCUSDT", "MAX_POSITION", {"maxPosition": "much"}, ValueError),
    ],
)
def test_no_filter_is_set_that_there_is_not(
    exchange: SimulatedExchange, symbol: str, name: str, fields: Any, error: type[Exception]
) -> None:
    """Naming what is wrong."""
    with pytest.raises(error):
        exchange.set_filter(symbol, name, **fields)
    with pytest.raises(LookupError):
        exchange.set_reference_price("NOTHERE", "1")
