"""The REST requests: what they weigh and what they ask for."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_connector.messages.base import Request
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
from exchange_connector.venues.bybit import LINEAR, SPOT
from exchange_connector.venues.bybit.progress import GetCandle, GetDay, GetLastTrade
from exchange_connector.venues.driver import Driver, Lane
from exchange_connector.venues.questions import GetListing, GetPastKlines

SYMBOL = ("symbol", "BTCUSDT")
HOUR = 3_600_000_000_000


@pytest.mark.parametrize("driver", [SPOT, LINEAR], ids=["spot", "linear"])
@pytest.mark.parametrize(
    ("request_", "path", "query"),
    [
        (Ping(), "market/time", None),
        (GetServerTime(), "market/time", None),
        (GetListing(), "market/instruments-info", [("limit", "1000")]),
        (GetExchangeInfo(), "market/instruments-info", [("limit", "1000")]),
        (GetExchangeInfo(symbols=("btcusdt",)), "market/instruments-info", [SYMBOL]),
        (GetExchangeInfo(symbols=("A", "B")), "market/instruments-info", [("limit", "1000")]),
        (GetOrderBook("btcusdt", 7), "market/orderbook", [SYMBOL, ("limit", "7")]),
        (GetDay("btcusdt"), "market/tickers", [SYMBOL]),
        (
            GetCandle("btcusdt", "1h"),
            "market/kline",
            [SYMBOL, ("interval", "60"), ("limit", "1")],
        ),
        (GetLastTrade("btcusdt"), "market/recent-trade", [SYMBOL, ("limit", "1")]),
        (
            GetPastKlines("BTCUSDT", "1h", 4 * HOUR, 7 * HOUR, 1000),
            "market/kline",
            [
                *(SYMBOL, ("interval", "60")),
                *(("start", "14400000"), ("end", "25199999"), ("limit", "1000")),
            ],
        ),
    ],
)
def test_public_requests(
    request_: Request[Any], path: str, query: list[tuple[str, str]] | None, driver: Driver
) -> None:
    """Each is about a market, the clock apart, and counts as one."""
    endpoint = driver.endpoints[type(request_)]
    assert (endpoint.method, endpoint.path) == ("GET", f"/v5/{path}")
    wanted = [] if query is None else [("category", driver.market), *query]
    assert endpoint.parameters(request_) == wanted
    assert endpoint.weight(request_) == 1
    assert not endpoint.signed


@pytest.mark.parametrize(
    ("request_", "path", "query"),
    [
        (GetBalances(), "account/wallet-balance", [("accountType", "UNIFIED")]),
        (GetKeyPermissions(), "user/query-api", []),
        (GetKeyRestrictions(), "user/query-api", []),
    ],
)
def test_signed_requests(request_: Request[Any], path: str, query: list[tuple[str, str]]) -> None:
    """They are about the account, whatever the market."""
    for driver in (SPOT, LINEAR):
        endpoint = driver.endpoints[type(request_)]
        assert (endpoint.method, endpoint.path) == ("GET", f"/v5/{path}")
        assert endpoint.parameters(request_) == query
        assert endpoint.weight(request_) == 1
        assert endpoint.signed
        assert endpoint.lane is Lane.ACCOUNT


def test_every_probe_has_its_endpoint() -> None:
    """And the clock leaves before what can wait."""
    for driver in (SPOT, LINEAR):
        for channel, probe in driver.probes.items():
            streams = [
                driver.stream(request)
                for request in _subscriptions()
                if driver.stream(request).channel is channel
            ]
            assert len(streams) == 1
            assert type(probe.request(streams[0])) in driver.endpoints
        assert driver.endpoints[GetServerTime].lane is Lane.CLOCK
        assert driver.endpoints[GetPastKlines].lane is Lane.HISTORY


def _subscriptions() -> list[Any]:
    from exchange_connector.messages import requests

    return [
        requests.SubscribeTicker("A"),
        requests.SubscribeTrades("A"),
        requests.SubscribeBookTicker("A"),
        requests.SubscribeOrderBookUpdates("A"),
        requests.SubscribeKlines("A", "1m"),
    ]


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        *((GetOrderBook("A", depth), "depth") for depth in (0, 1001, -1)),
        (GetOrderBook("A", True), "depth"),
        (GetOrderBook("A", 1.5), "depth"),  # type: ignore[arg-type]
        (GetOrderBook("A.B"), "symbol"),
        (GetOrderBook(1), "symbol"),  # type: ignore[arg-type]
        (GetExchangeInfo("BTCUSDT"), "symbols"),  # type: ignore[arg-type]
        (GetExchangeInfo(("A&B",)), "symbol"),
        (GetPastKlines("A", "1s", 0, 1, 1), "interval"),
        (GetPastKlines("A", "1m", 0, 1, 0), "limit"),
        (GetPastKlines("A", "1m", 0, 1, 1001), "limit"),
        (GetCandle("A", "8h"), "interval"),
    ],
)
def test_what_never_leaves(request_: Request[Any], field: str) -> None:
    """The error names what is wrong."""
    with pytest.raises(ValidationError) as raised:
        SPOT.endpoints[type(request_)].parameters(request_)
    assert raised.value.field == field
