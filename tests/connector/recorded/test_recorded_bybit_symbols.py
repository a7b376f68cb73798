"""The recorded list of what Bybit's spot market trades, through the whole connector."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from exchange_connector import (
    ExchangeInfo,
    LotSize,
    MarketLotSize,
    MinNotional,
    OtherFilter,
    PriceFilter,
    SymbolInfo,
    round_to_filters,
)

LIST = "bybit_v5/rest_instruments_info_spot_20260809.json.gz"
COUNT = 557


def said(info: SymbolInfo) -> dict[str, Any]:
    """What is said of a symbol, in the exchange's own words."""
    price, lot, market_lot, least, *others = info.filters
    assert isinstance(price, PriceFilter)
    assert isinstance(lot, LotSize)
    assert isinstance(market_lot, MarketLotSize)
    assert isinstance(least, MinNotional)
    assert price.min_price == price.max_price == lot.min_quantity == market_lot.min_quantity == 0
    assert lot.step_size == market_lot.step_size
    assert least.apply_to_market
    more = {each.name: each.fields for each in others if isinstance(each, OtherFilter)}
    assert len(more) == len(others)
    return {
        "symbol": info.symbol,
        "baseCoin": info.base_asset,
        "quoteCoin": info.quote_asset,
        "priceFilter": {"tickSize": f"{price.tick_size:f}"},
        "lotSizeFilter": {
            "basePrecision": f"{lot.step_size:f}",
            "minOrderAmt": f"{least.min_notional:f}",
            "maxLimitOrderQty": f"{lot.max_quantity:f}",
            "maxMarketOrderQty": f"{market_lot.max_quantity:f}",
            **more["lotSizeFilter"],
        },
        "riskParameters": more["riskParameters"],
    }


def told(listed: dict[str, Any]) -> dict[str, Any]:
    """The same of the body, without what is not checked any more (or was never read)."""
    unchecked = ("minOrderQty", "maxOrderQty", "maxOrderAmt")
    lot = {name: text for name, text in listed["lotSizeFilter"].items() if name not in unchecked}
    names = ("symbol", "baseCoin", "quoteCoin", "priceFilter", "riskParameters")
    return {name: listed[name] for name in names} | {"lotSizeFilter": lot}


def test_every_recorded_symbol(
    body: Callable[[str], str],
    listed: Callable[[str], Any],
    connect: Callable[[str, Any], Any],
    figure: Callable[[str, object], None],
) -> None:
    """In the exchange's order, digit by digit."""
    recorded = json.loads(body(LIST))
    rows = recorded["result"]["list"]
    server = listed(body(LIST))
    ref = connect("spot", server)
    info: ExchangeInfo = ref.proxy().exchange_info().get(timeout=10)
    assert server.queries[-1] == {"category": "spot", "limit": "1000"}
    assert info.server_time == recorded["time"] * 1_000_000
    assert len(info.symbols) == len(rows) == COUNT
    for symbol, of in zip(info.symbols, rows, strict=True):
        assert said(symbol) == told(of), symbol.symbol
        assert symbol.status == of["status"].upper() == "TRADING"
        assert symbol.order_types == ("LIMIT", "LIMIT_MAKER", "MARKET")
    figure("recorded symbols", len(info.symbols))


def test_some_of_them(
    body: Callable[[str], str], listed: Callable[[str], Any], connect: Callable[[str, Any], Any]
) -> None:
    """One is asked for by its name, several are picked out of all; each can be rounded to."""
    server = listed(body(LIST))
    connector = connect("spot", server).proxy()
    (one,) = connector.exchange_info(("ethusdt",)).get(timeout=10).symbols
    assert server.queries[-1] == {"category": "spot", "symbol": "ETHUSDT"}
    two = connector.exchange_info(("ETHUSDT", "BTCUSDT")).get(timeout=10).symbols
    assert [each.symbol for each in two] == ["BTCUSDT", "ETHUSDT"]
    assert two[1] == one
    price, quantity = round_to_filters(two[0], Decimal("65000.17"), Decimal("0.0012345678"))
    assert (price, quantity) == (Decimal("65000.1"), Decimal("0.001234"))
