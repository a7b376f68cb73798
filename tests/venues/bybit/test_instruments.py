"""What Bybit lists, and the rules of its orders."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from exchange_connector import round_to_filters
from exchange_connector.messages.base import Request
from exchange_connector.messages.enums import SymbolStatus
from exchange_connector.messages.instruments import (
    ExchangeInfo,
    LotSize,
    MarketLotSize,
    MinNotional,
    OtherFilter,
    PriceFilter,
)
from exchange_connector.messages.requests import GetExchangeInfo
from exchange_connector.venues.bybit import LINEAR, SPOT
from exchange_connector.venues.driver import Driver, MalformedError, Page
from exchange_connector.venues.questions import GetListing, Listing

Lines = Callable[[str], Iterator[dict[str, Any]]]

D = Decimal
NONE = D(0)

SPOT_SYMBOL: dict[str, Any] = {
    "symbolId": 9,
    "symbol": "BTCUSDT",
    "baseCoin": "BTC",
    "quoteCoin": "USDT",
    "status": "Trading",
    "lotSizeFilter": {
        "basePrecision": "0.000001",
        "quotePrecision": "0.0000001",
        "minOrderQty": "0.000011",
        "maxOrderQty": "83",
        "minOrderAmt": "5",
        "maxOrderAmt": "8000000",
        "maxLimitOrderQty": "83.5",
        "maxMarketOrderQty": "41.5",
        "postOnlyMaxLimitOrderSize": "60000",
    },
    "priceFilter": {"tickSize": "0.10"},
    "riskParameters": {"priceLimitRatioX": "0.005", "priceLimitRatioY": "0.01"},
}
LINEAR_SYMBOL: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "status": "PreLaunch",
    "baseCoin": "BTC",
    "quoteCoin": "USDT",
    "leverageFilter": {"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
    "priceFilter": {"minPrice": "0.10", "maxPrice": "199999.80", "tickSize": "0.10"},
    "lotSizeFilter": {
        "maxOrderQty": "100.000",
        "maxMktOrderQty": "50.0",
        "minOrderQty": "0.001",
        "qtyStep": "0.001",
        "postOnlyMaxOrderQty": "1000.000",
        "minNotionalValue": "5",
    },
}


def reply(driver: Driver, request: Request[Any], symbols: list[Any], **more: Any) -> Any:
    """What the driver makes of a list."""
    result = {"list": symbols, **more}
    answer = {"retCode": 0, "retMsg": "OK", "result": result, "time": 1672712537130}
    return driver.endpoints[type(request)].decode(json.dumps(answer).encode(), request, 7)


def test_a_spot_symbol() -> None:
    """What is no longer checked is no filter."""
    info = reply(SPOT, GetExchangeInfo(), [SPOT_SYMBOL])
    assert info.server_time == 1672712537130_000_000
    (symbol,) = info.symbols
    assert (symbol.symbol, symbol.base_asset, symbol.quote_asset) == ("BTCUSDT", "BTC", "USDT")
    assert symbol.status is SymbolStatus.TRADING
    assert symbol.order_types == ("LIMIT", "LIMIT_MAKER", "MARKET")
    assert symbol.filters == (
        PriceFilter(NONE, NONE, D("0.10")),
        LotSize(NONE, D("83.5"), D("0.000001")),
        MarketLotSize(NONE, D("41.5"), D("0.000001")),
        MinNotional(D(5), apply_to_market=True),
        OtherFilter(
            "lotSizeFilter", {"quotePrecision": "0.0000001", "postOnlyMaxLimitOrderSize": "60000"}
        ),
        OtherFilter("riskParameters", SPOT_SYMBOL["riskParameters"]),
    )
    assert round_to_filters(symbol, D("60000.17"), D("0.00123456")) == (D("60000.1"), D("0.001234"))


def test_a_linear_symbol() -> None:
    """A status that is like nothing elsewhere stays text."""
    (symbol,) = reply(LINEAR, GetExchangeInfo(), [LINEAR_SYMBOL], nextPageCursor="").symbols
    assert symbol.status == "PreLaunch"
    assert symbol.filters == (
        PriceFilter(D("0.10"), D("199999.80"), D("0.10")),
        LotSize(D("0.001"), D("100.000"), D("0.001")),
        MarketLotSize(D("0.001"), D("50.0"), D("0.001")),
        MinNotional(D(5), apply_to_market=True),
        OtherFilter("leverageFilter", LINEAR_SYMBOL["leverageFilter"]),
    )


@pytest.mark.parametrize(
    ("driver", "symbol", "table", "name"),
    [
        (SPOT, SPOT_SYMBOL, "priceFilter", "tickSize"),
        (SPOT, SPOT_SYMBOL, "lotSizeFilter", "basePrecision"),
        *((LINEAR, LINEAR_SYMBOL, "priceFilter", name) for name in ("tickSize",)),
        *(
            (LINEAR, LINEAR_SYMBOL, "lotSizeFilter", name)
            for name in ("minOrderQty", "maxOrderQty", "qtyStep")
        ),
    ],
)
@pytest.mark.parametrize("value", ["", "NaN", "-1", "1e5", 1, None])
def test_a_step_is_a_number(
    driver: Driver, symbol: dict[str, Any], table: str, name: str, value: Any
) -> None:
    """Without one an order cannot be fitted."""
    wrong = {**symbol, table: {**symbol[table], name: value}}
    with pytest.raises(MalformedError):
        reply(driver, GetExchangeInfo(), [wrong])
    missing = {key: each for key, each in symbol[table].items() if key != name}
    with pytest.raises(MalformedError):
        reply(driver, GetExchangeInfo(), [{**symbol, table: missing}])


@pytest.mark.parametrize("name", ["maxLimitOrderQty", "maxMarketOrderQty", "minOrderAmt"])
def test_a_bound_may_be_missing(name: str) -> None:
    """As it was before October 2025; then there is none. A wrong one is wrong."""
    lot = {key: each for key, each in SPOT_SYMBOL["lotSizeFilter"].items() if key != name}
    for table in (lot, {**lot, name: ""}):
        (symbol,) = reply(
            SPOT, GetExchangeInfo(), [{**SPOT_SYMBOL, "lotSizeFilter": table}]
        ).symbols
        assert symbol.filters[0] == PriceFilter(NONE, NONE, D("0.10"))
    with pytest.raises(MalformedError):
        reply(SPOT, GetExchangeInfo(), [{**SPOT_SYMBOL, "lotSizeFilter": {**lot, name: "x"}}])


def named(*names: str) -> list[dict[str, Any]]:
    """Symbols of these names."""
    return [{**LINEAR_SYMBOL, "symbol": name} for name in names]


CURSOR = "first%3DBTCUSDT%26last%3D10005"


def test_pages_are_joined() -> None:
    """The cursor comes percent-encoded, and is sent as it came."""
    for request in (GetListing(), GetExchangeInfo()):
        page = reply(LINEAR, request, named("A", "B"), nextPageCursor=CURSOR)
        assert isinstance(page, Page)
        ((name, cursor),) = page.following
        assert (name, quote(cursor, safe="")) == ("cursor", CURSOR)
        last = reply(LINEAR, request, named("C"), nextPageCursor="")
        assert not isinstance(last, Page)
        whole = page.join([page.reply, last])
        if isinstance(whole, Listing):
            assert whole == Listing(frozenset("ABC"), None)
        else:
            assert isinstance(whole, ExchangeInfo)
            assert [symbol.symbol for symbol in whole.symbols] == ["A", "B", "C"]


def test_several_symbols_are_picked_out() -> None:
    """They cannot be asked for at once."""
    request = GetExchangeInfo(symbols=("b", "C", "D"))
    info = reply(LINEAR, request, named("A", "B", "C"), nextPageCursor="")
    assert [symbol.symbol for symbol in info.symbols] == ["B", "C"]


def test_a_list_of_nothing_is_none() -> None:
    """No exchange lists nothing: every symbol would seem to be unknown."""
    for driver in (SPOT, LINEAR):
        with pytest.raises(MalformedError):
            reply(driver, GetListing(), [])


def test_the_recorded_list(lines: Lines) -> None:
    """Every symbol of spot, with its filters."""
    (line,) = lines("bybit_v5/rest_instruments_info_spot_20260809.json.gz") or [{}]
    body = json.dumps(line).encode()
    info: Any = SPOT.endpoints[GetExchangeInfo].decode(body, GetExchangeInfo(), 7)
    names = [symbol["symbol"] for symbol in line["result"]["list"]]
    assert [symbol.symbol for symbol in info.symbols] == names
    assert len(names) > 400
    for symbol in info.symbols:
        assert {type(rule) for rule in symbol.filters} >= {PriceFilter, LotSize, MinNotional}
    listing: Any = SPOT.endpoints[GetListing].decode(body, GetListing(), 7)
    assert listing == Listing(frozenset(names), None)


@pytest.mark.parametrize(
    ("name", "label", "driver"),
    [
        ("docs/bybit_market.jsonl", 'value="spot" label="Spot"', SPOT),
        ("samples/jkorf_bybit_v5_rest.jsonl", "ExchangeData/GetSpotSymbols.txt", SPOT),
        ("samples/jkorf_bybit_v5_rest.jsonl", "GetLinearInverseSymbols.txt", LINEAR),
        ("samples/jkorf_bybit_v5_rest.jsonl", "GetLinearInverseSymbolsPreListing.txt", LINEAR),
    ],
)
def test_documented_lists(name: str, label: str, driver: Driver, lines: Lines) -> None:
    """Older ones as well."""
    found = [
        line["raw"].encode()
        for line in lines(name)
        if label in line["label"] and "instrument" in line.get("file", "instrument")
    ]
    assert len(found) == 1
    info: Any = driver.endpoints[GetExchangeInfo].decode(found[0], GetExchangeInfo(), 7)
    assert len(info.symbols) == 1
    assert driver.endpoints[GetListing].decode(found[0], GetListing(), 7) is not None
