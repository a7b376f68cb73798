"""Answers about books, trades and klines (rest-api.md "Market Data endpoints")."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from ..clock import Clock, TimeUnit
from .errors import bad_combination, no_reference_price
from .parameters import Query, instant_us, limit, time_zone_ms
from .selection import Selection
from .source import Source

BY_HAND = 0  # faqs/price_range_execution_rules.md "External Reference Price Calculation Method 0"


class MarketData:
    """Answers from a source, for one symbol each."""

    def __init__(self, source: Source, clock: Clock) -> None:
        self.source = source
        self.clock = clock
        self.selection = Selection(source)

    def now(self, unit: TimeUnit) -> int:
        """The exchange's time."""
        return self.clock.microseconds() // unit

    def depth(self, query: Query, unit: TimeUnit) -> bytes:
        """`GET /api/v3/depth`."""
        return self.source.depth(self.selection.one(query), limit(query, 100, 5_000))

    def trades(self, query: Query, unit: TimeUnit) -> list[Any]:
        """`GET /api/v3/trades` and `GET /api/v3/historicalTrades`."""
        return _page(self.source.trade_rows(self.selection.one(query), unit), query, "id")

    def block_trades(self, query: Query, unit: TimeUnit) -> list[Any]:
        """`GET /api/v3/historicalBlockTrades`."""
        return _page(self.source.block_rows(self.selection.one(query), unit), query, "id")

    def aggregates(self, query: Query, unit: TimeUnit) -> list[Any]:
        """`GET /api/v3/aggTrades`."""
        symbol = self.selection.one(query)
        if "fromId" in query and ("startTime" in query or "endTime" in query):
            raise bad_combination()
        rows = _between(self.source.aggregate_rows(symbol, unit), "T", unit, query)
        return _page(rows, query, "a", oldest_first="startTime" in query)

    def klines(self, query: Query, unit: TimeUnit) -> list[list[Any]]:
        """`GET /api/v3/klines`: with `startTime` the oldest, else the newest rows."""
        symbol = self.selection.one(query)
        zone_ms = time_zone_ms(query.get("timeZone", "0"))
        start, end = instant_us(query, "startTime"), instant_us(query, "endTime")
        most = limit(query, 500, 1_000)
        return self.source.klines(symbol, query["interval"], unit, zone_ms, start, end, most)

    def average(self, query: Query, unit: TimeUnit) -> dict[str, Any]:
        """`GET /api/v3/avgPrice`."""
        return self.source.average(self.selection.one(query), unit)

    def reference(self, query: Query, unit: TimeUnit) -> dict[str, Any]:
        """`GET /api/v3/referencePrice`."""
        symbol = self.selection.one(query)
        try:
            return self.source.reference(symbol, unit)
        except LookupError:
            raise no_reference_price() from None

    def reference_calculation(self, query: Query, unit: TimeUnit) -> dict[str, Any]:
        """`GET /api/v3/referencePrice/calculation`."""
        body = self.reference(query, unit)
        if self.source.is_set_by_hand(body["symbol"]):
            return {
                "symbol": body["symbol"],
                "calculationType": "EXTERNAL",
                "externalCalculationId": BY_HAND,
            }
        return {
            "symbol": body["symbol"],
            "calculationType": "ARITHMETIC_MEAN",
            "bucketCount": 10,
            "bucketWidthMs": 1_000,
        }

    def execution_rules(self, query: Query, unit: TimeUnit) -> dict[str, Any]:
        """`GET /api/v3/executionRules`; the price range is wide, and there are no orders yet."""
        if len(query) > 1:
            raise bad_combination()
        return {"symbolRules": [_price_range(symbol) for symbol in self.selection.some(query)]}


def _price_range(symbol: str) -> dict[str, Any]:
    rule = {
        "ruleType": "PRICE_RANGE",
        "bidLimitMultUp": "1.1000",
        "bidLimitMultDown": "0.9000",
        "askLimitMultUp": "1.1000",
        "askLimitMultDown": "0.9000",
    }
    return {"symbol": symbol, "rules": [rule]}


def _between(rows: Sequence[Any], time: str, unit: TimeUnit, query: Query) -> Sequence[Any]:
    """The rows whose time lies between `startTime` and `endTime`, both included."""
    start, end = instant_us(query, "startTime"), instant_us(query, "endTime")
    if start is None and end is None:
        return rows
    return [
        row
        for row in rows
        if (start is None or row[time] * unit >= start) and (end is None or row[time] * unit <= end)
    ]


def _page(rows: Sequence[Any], query: Query, name: str, *, oldest_first: bool = False) -> list[Any]:
    """The newest rows, or the oldest from `fromId` on."""
    most = limit(query, 500, 1_000)
    if "fromId" in query:
        first = bisect_left(rows, int(query["fromId"]), key=lambda row: row[name])
        return list(rows[first : first + most])
    return list(rows[:most] if oldest_first else rows[-most:])
