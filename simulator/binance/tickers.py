"""Answers of the ticker endpoints (rest-api.md "Market Data endpoints")."""

from __future__ import annotations

import re
from typing import Any

from ..clock import TimeUnit
from .errors import invalid_data
from .market_data import MarketData
from .parameters import Parameter, Query, time_zone_ms
from .selection import one_or_many

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
# how many of a unit a window may have, and how long one is
WINDOWS = {"m": (59, MINUTE_MS), "h": (23, HOUR_MS), "d": (7, DAY_MS)}
MOST_SYMBOLS = 100
MINI = (
    "symbol",
    "openPrice",
    "highPrice",
    "lowPrice",
    "lastPrice",
    "volume",
    "quoteVolume",
    "openTime",
    "closeTime",
    "firstId",
    "lastId",
    "count",
)


class Tickers:
    """Statistics of one symbol or many."""

    def __init__(self, data: MarketData) -> None:
        self._source = data.source
        self._selection = data.selection

    def day(self, query: Query, unit: TimeUnit) -> Any:
        """`GET /api/v3/ticker/24hr`."""
        symbols = self._selection.some(query)
        return one_or_many(query, symbols, lambda one: _typed(query, self._source.day(one, unit)))

    def trading_day(self, query: Query, unit: TimeUnit) -> Any:
        """`GET /api/v3/ticker/tradingDay`."""
        zone_ms = time_zone_ms(query.get("timeZone", "0"))

        def row(symbol: str) -> dict[str, Any]:
            return _typed(query, self._source.trading_day(symbol, unit, zone_ms))

        return one_or_many(query, self._named(query), row)

    def window(self, query: Query, unit: TimeUnit) -> Any:
        """`GET /api/v3/ticker`."""
        width_ms = window_ms(query.get("windowSize", "1d"))

        def row(symbol: str) -> dict[str, Any]:
            return _typed(query, self._source.window(symbol, width_ms, unit))

        return one_or_many(query, self._named(query), row)

    def price(self, query: Query, unit: TimeUnit) -> Any:
        """`GET /api/v3/ticker/price`."""

        def row(symbol: str) -> dict[str, Any]:
            return {"symbol": symbol, "price": self._source.price(symbol)}

        return one_or_many(query, self._selection.some(query), row)

    def top(self, query: Query, unit: TimeUnit) -> Any:
        """`GET /api/v3/ticker/bookTicker`."""
        return one_or_many(query, self._selection.some(query), self._source.top)

    def _named(self, query: Query) -> list[str]:
        symbols = self._selection.named(query)
        if len(symbols) > MOST_SYMBOLS:
            raise invalid_data("symbols")
        return symbols


def window_ms(text: str) -> int:
    """Read a `windowSize`: `1m` to `59m`, `1h` to `23h`, `1d` to `7d`; -1130 for another."""
    match = re.fullmatch(r"([1-9]\d?)([mhd])", text)
    most, width_ms = WINDOWS[match[2]] if match else (0, 0)
    if match is None or int(match[1]) > most:
        raise invalid_data("windowSize")
    return int(match[1]) * width_ms


def _typed(query: Query, full: dict[str, Any]) -> dict[str, Any]:
    """The whole row, or what of it the type `MINI` has."""
    return {name: full[name] for name in MINI} if query.get("type") == "MINI" else full


WINDOW_SIZE = Parameter("windowSize", verify=window_ms)
