"""Answers of the market data endpoints (rest-api.md "Market Data endpoints")."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ..clock import Clock
from ..market.candles import INTERVALS
from .errors import bad_request, illegal, invalid_symbol
from .parameters import limit
from .source import Source

Query = Mapping[str, str]
SYMBOL_LIST = r'^\["[\w\-._&&[^a-z]]{1,50}"(,"[\w\-._&&[^a-z]]{1,50}"){0,}\]$'
MICROSECONDS_FROM = 10**14
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


class MarketData:
    """Answers from a source, for one symbol or many."""

    def __init__(self, source: Source, clock: Clock) -> None:
        self.source = source
        self.clock = clock

    def listed(self, symbol: str) -> str:
        """Return `symbol`, or raise -1121 if it is not listed."""
        if symbol not in self.source.symbols():
            raise invalid_symbol()
        return symbol

    def chosen(self, query: Query) -> list[str]:
        """The symbols that `symbol` or `symbols` names; all without either."""
        if "symbol" in query and "symbols" in query:
            raise bad_request(-1128, "Combination of optional parameters invalid.")
        if "symbol" in query:
            return [self.listed(query["symbol"])]
        if "symbols" in query:
            return [self.listed(symbol) for symbol in _symbol_list(query["symbols"])]
        return list(self.source.symbols())

    def depth(self, query: Query) -> bytes:
        """`GET /api/v3/depth`."""
        return self.source.depth(self.listed(query["symbol"]), limit(query, 100, 5_000))

    def trades(self, query: Query) -> list[Any]:
        """`GET /api/v3/trades` and `GET /api/v3/historicalTrades`."""
        rows = self.source.trade_rows(self.listed(query["symbol"]))
        return _page(rows, query, "id")

    def aggregates(self, query: Query) -> list[Any]:
        """`GET /api/v3/aggTrades`."""
        rows = self.source.aggregate_rows(self.listed(query["symbol"]))
        start, end = _instant(query, "startTime"), _instant(query, "endTime")
        if "fromId" in query and (start is not None or end is not None):
            raise bad_request(-1128, "Combination of optional parameters invalid.")
        return _page(_between(rows, "T", start, end), query, "a", oldest_first=start is not None)

    def klines(self, query: Query) -> list[list[Any]]:
        """`GET /api/v3/klines`: with `startTime` the oldest, else the newest rows."""
        symbol, interval = self.listed(query["symbol"]), query["interval"]
        if interval not in INTERVALS:
            raise bad_request(-1120, "Invalid interval.")
        start, end = _instant(query, "startTime"), _instant(query, "endTime")
        rows = _between(self.source.klines(symbol, interval), 0, start, end)
        most = limit(query, 500, 1_000)
        return rows[-most:] if start is None else rows[:most]

    def average(self, query: Query) -> dict[str, Any]:
        """`GET /api/v3/avgPrice`."""
        return self.source.average(self.listed(query["symbol"]))

    def day(self, query: Query) -> Any:
        """`GET /api/v3/ticker/24hr`, type FULL or MINI."""
        kind = query.get("type", "FULL")
        if kind not in ("FULL", "MINI"):
            raise bad_request(-1139, "Invalid ticker type.")

        def row(symbol: str) -> dict[str, Any]:
            full = self.source.day(symbol)
            return full if kind == "FULL" else {name: full[name] for name in MINI}

        return self._one_or_many(query, row)

    def price(self, query: Query) -> Any:
        """`GET /api/v3/ticker/price`."""
        return self._one_or_many(
            query, lambda symbol: {"symbol": symbol, "price": self.source.price(symbol)}
        )

    def top(self, query: Query) -> Any:
        """`GET /api/v3/ticker/bookTicker`."""
        return self._one_or_many(query, self.source.top)

    def _one_or_many(self, query: Query, row: Callable[[str], dict[str, Any]]) -> Any:
        rows = [row(symbol) for symbol in self.chosen(query)]
        return rows[0] if "symbol" in query else rows


def depth_weight(query: Query) -> int:
    """Weight of a depth request by its limit."""
    asked = query.get("limit", "100")
    levels = int(asked) if asked.isdecimal() else 0
    if levels <= 100:
        return 5
    if levels <= 500:
        return 25
    return 50 if levels <= 1_000 else 250


def ticker_weight(query: Query) -> int:
    """Weight of a 24 h ticker request by its number of symbols."""
    if "symbol" in query:
        return 2
    if "symbols" not in query:
        return 80
    count = query["symbols"].count(",") + 1
    if count <= 20:
        return 2
    return 40 if count <= 100 else 80


def _between(rows: list[Any], time: str | int, start: int | None, end: int | None) -> list[Any]:
    """The rows whose time lies between `start` and `end`, both included."""
    return [
        row
        for row in rows
        if (start is None or row[time] >= start) and (end is None or row[time] <= end)
    ]


def _page(rows: list[Any], query: Query, name: str, *, oldest_first: bool = False) -> list[Any]:
    """The newest rows, or the oldest from `fromId` on."""
    most = limit(query, 500, 1_000)
    if "fromId" in query:
        first = int(query["fromId"])
        rows, oldest_first = [row for row in rows if row[name] >= first], True
    return rows[:most] if oldest_first else rows[-most:]


def _symbol_list(text: str) -> list[str]:
    try:
        symbols = msgspec.json.decode(text, type=list[str])
    except msgspec.DecodeError:
        raise illegal("symbols", SYMBOL_LIST) from None
    if len(set(symbols)) != len(symbols):
        raise bad_request(-1151, "Symbol is present multiple times in the list.")
    return symbols


def _instant(query: Query, name: str) -> int | None:
    """A time parameter in milliseconds; it may be sent in microseconds."""
    if name not in query:
        return None
    value = int(query[name])
    return value // 1_000 if value >= MICROSECONDS_FROM else value
