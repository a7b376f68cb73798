"""The REST requests: what they weigh and what they ask for."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_connector.messages.base import Request
from exchange_connector.messages.config import ExchangeConfig
from exchange_connector.messages.errors import ValidationError
from exchange_connector.messages.requests import (
    GetBalances,
    GetExchangeInfo,
    GetKeyPermissions,
    GetKeyRestrictions,
    GetOrderBook,
    GetServerTime,
    Ping,
)
from exchange_connector.venues.binance import DRIVER
from exchange_connector.venues.driver import Lane, Urls
from exchange_connector.venues.questions import (
    GetAccountFilters,
    GetAveragePrice,
    GetLastPrice,
    GetListing,
    GetPastKlines,
    GetPastTrades,
    GetReferencePrice,
)

SIGNED = GetBalances, GetKeyPermissions, GetAccountFilters


def parameters(request: Request[Any]) -> list[tuple[str, str]]:
    """The query of a request."""
    return DRIVER.endpoints[type(request)].parameters(request)


@pytest.mark.parametrize(
    ("request_", "path", "weight", "query"),
    [
        (Ping(), "ping", 1, []),
        (GetServerTime(), "time", 1, []),
        (GetListing(), "exchangeInfo", 20, [("showPermissionSets", "false")]),
        (GetExchangeInfo(), "exchangeInfo", 20, [("showPermissionSets", "false")]),
        (
            GetExchangeInfo(symbols=("btcusdt",)),
            "exchangeInfo",
            20,
            [("symbol", "BTCUSDT"), ("showPermissionSets", "false")],
        ),
        (
            GetExchangeInfo(symbols=("BTCUSDT", "BNBBTC")),
            "exchangeInfo",
            20,
            [("symbols", '["BTCUSDT","BNBBTC"]'), ("showPermissionSets", "false")],
        ),
        (
            GetOrderBook(symbol="btcusdt", depth=7),
            "depth",
            5,
            [("symbol", "BTCUSDT"), ("limit", "7")],
        ),
        (
            GetPastTrades("BTCUSDT", 28457, 7),
            "historicalTrades",
            25,
            [("symbol", "BTCUSDT"), ("fromId", "28457"), ("limit", "7")],
        ),
        (
            GetPastKlines("BTCUSDT", "1m", 1499040000_000_000_001, 1499040120_000_000_000, 1000),
            "klines",
            2,
            [
                ("symbol", "BTCUSDT"),
                ("interval", "1m"),
                ("startTime", "1499040000001"),
                ("endTime", "1499040119999"),
                ("limit", "1000"),
            ],
        ),
        (GetBalances(), "account", 20, [("omitZeroBalances", "true")]),
        (GetKeyPermissions(), "account", 20, [("omitZeroBalances", "true")]),
        (GetReferencePrice("btcusdt"), "referencePrice", 2, [("symbol", "BTCUSDT")]),
        (GetAveragePrice("btcusdt"), "avgPrice", 2, [("symbol", "BTCUSDT")]),
        (GetLastPrice("btcusdt"), "ticker/price", 2, [("symbol", "BTCUSDT")]),
        (GetAccountFilters("btcusdt"), "myFilters", 40, [("symbol", "BTCUSDT")]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_request_asks_for_what_is_documented(
    request_: Request[Any], path: str, weight: int, query: list[tuple[str, str]]
) -> None:
    """Its path, its weight and its query; only the account's is signed."""
    endpoint = DRIVER.endpoints[type(request_)]
    assert (endpoint.method, endpoint.path) == ("GET", f"/api/v3/{path}")
    assert endpoint.weight(request_) == weight
    assert endpoint.parameters(request_) == query
    assert endpoint.signed is isinstance(request_, SIGNED)
    assert (endpoint.lane is Lane.CLOCK) is isinstance(request_, GetServerTime)


def test_the_keys_rights_are_asked_of_the_wallet() -> None:
    """Signed, and of little weight."""
    endpoint = DRIVER.endpoints[GetKeyRestrictions]
    assert (endpoint.method, endpoint.path) == ("GET", "/sapi/v1/account/apiRestrictions")
    assert endpoint.weight(GetKeyRestrictions()) == 1
    assert endpoint.parameters(GetKeyRestrictions()) == []
    assert endpoint.signed


@pytest.mark.parametrize(
    ("depth", "weight"),
    [(1, 5), (100, 5), (101, 25), (500, 25), (501, 50), (1000, 50), (1001, 250), (5000, 250)],
)
def test_a_deeper_book_weighs_more(depth: int, weight: int) -> None:
    """In steps."""
    request = GetOrderBook(symbol="BTCUSDT", depth=depth)
    assert DRIVER.endpoints[GetOrderBook].weight(request) == weight


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        *((GetOrderBook(symbol="A", depth=depth), "depth") for depth in (0, -1, 5001, True)),
        (GetOrderBook(symbol="A", depth="5"), "depth"),  # type: ignore[arg-type]
        (GetOrderBook(symbol="A B"), "symbol"),
        (GetExchangeInfo(symbols=("A", "")), "symbol"),
        *((GetPastTrades("A", 1, limit), "limit") for limit in (0, 1001)),
        (GetPastTrades("A B", 1, 1), "symbol"),
        *((GetPastKlines("A", "1m", 0, 60, limit), "limit") for limit in (0, 1001)),
        (GetExchangeInfo(symbols="BTCUSDT"), "symbols"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_asked_is_refused_here(request_: Request[Any], field: str) -> None:
    """Naming the field."""
    with pytest.raises(ValidationError) as raised:
        parameters(request_)
    assert raised.value.field == field


def test_urls_are_the_exchanges_own_unless_configured() -> None:
    """Each of them by itself."""
    live = DRIVER.urls(ExchangeConfig("binance"))
    assert live == Urls(
        "https://api.binance.com",
        "wss://stream.binance.com:9443",
        "/stream",
        "wss://ws-api.binance.com:443",
    )
    test = DRIVER.urls(ExchangeConfig("binance", testnet=True))
    assert "testnet" in test.rest
    assert "testnet" in test.stream
    own = DRIVER.urls(ExchangeConfig("binance", rest_url="http://127.0.0.1:1"))
    assert (own.rest, own.stream) == ("http://127.0.0.1:1", live.stream)
    other = DRIVER.urls(ExchangeConfig("binance", ws_api_url="ws://127.0.0.1:2"))
    assert (other.account, other.rest) == ("ws://127.0.0.1:2", live.rest)
    assert "testnet" in test.account
