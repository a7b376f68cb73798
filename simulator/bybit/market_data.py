"""Answers about the market (market/*.mdx)."""

from __future__ import annotations

from typing import Any

from ..clock import Clock
from ..faults.rules import RestFaults
from . import parameters
from .errors import bad_parameter
from .parameters import Query
from .source import Source

ORDER_BOOK_LEVELS = {"spot": 1, "linear": 25}
"""How many levels are told where no limit is sent."""
RECENT_TRADES = {"spot": (60, 60), "linear": (500, 1_000)}
"""How many trades are told where no limit is sent, and at most."""
PAGE = 500


class MarketData:
    """Answers from a source."""

    def __init__(self, source: Source, clock: Clock, page_size: int, faults: RestFaults) -> None:
        self._source = source
        self._clock = clock
        self._page_size = page_size
        self._faults = faults

    def time(self, query: Query) -> dict[str, Any]:
        """`GET /v5/market/time`."""
        now_us = self._clock.microseconds()
        return {"timeSecond": str(now_us // 1_000_000), "timeNano": str(now_us * 1_000)}

    def instruments(self, query: Query) -> dict[str, Any]:
        """`GET /v5/market/instruments-info`: spot in one piece, contracts in pages."""
        category = parameters.category(query)
        listed = self._source.listed(category)
        rows = list(self._source.instruments(category))
        if "symbol" in query:
            rows = [rows[listed.index(parameters.symbol(query, listed))]]
            listed = (query["symbol"],)
        if category == "spot":
            return {"category": category, "list": rows}
        most = min(parameters.limit(query, PAGE, 1_000), self._page_size)
        begin = _after(query.get("cursor"), listed)
        page, rest = rows[begin : begin + most], rows[begin + most :]
        names = listed[begin : begin + most]
        cursor = f"first%3D{names[0]}%26last%3D{names[-1]}" if rest else ""
        return {"category": category, "list": page, "nextPageCursor": cursor}

    def order_book(self, query: Query) -> dict[str, Any]:
        """`GET /v5/market/orderbook`."""
        category, symbol = self._one(query)
        limit = parameters.limit(query, ORDER_BOOK_LEVELS[category], 1_000)
        return self._source.order_book(category, symbol, limit)

    def recent_trades(self, query: Query) -> dict[str, Any]:
        """`GET /v5/market/recent-trade`, newest first, as of a while ago where that is a fault."""
        category, symbol = self._one(query)
        limit = parameters.limit(query, *RECENT_TRADES[category])
        lag_us = round(max(self._faults.lags, default=0.0) * 1_000_000)
        rows = self._source.recent_trades(category, symbol, limit, lag_us)
        return {"category": category, "list": rows}

    def klines(self, query: Query) -> dict[str, Any]:
        """`GET /v5/market/kline`, newest first; contracts where no category is sent."""
        category = parameters.category(query, "linear")
        symbol = parameters.symbol(query, self._source.listed(category))
        interval = parameters.interval(query)
        start, end = parameters.number(query, "start"), parameters.number(query, "end")
        rows = self._source.candles(
            category,
            symbol,
            interval,
            None if start is None else start * 1_000,
            None if end is None else end * 1_000,
            parameters.limit(query, 200, 1_000),
        )
        return {"symbol": symbol, "category": category, "list": rows}

    def tickers(self, query: Query) -> dict[str, Any]:
        """`GET /v5/market/tickers`, of one symbol or of all."""
        category = parameters.category(query)
        listed = self._source.listed(category)
        symbols = [parameters.symbol(query, listed)] if "symbol" in query else list(listed)
        return {
            "category": category,
            "list": [self._source.ticker(category, symbol) for symbol in symbols],
        }

    def _one(self, query: Query) -> tuple[str, str]:
        category = parameters.category(query)
        return category, parameters.symbol(query, self._source.listed(category))


def _after(cursor: str | None, listed: tuple[str, ...]) -> int:
    """Where the page behind a cursor begins.

    A cursor is percent-encoded already and is to be sent as it came; one that was encoded again is
    refused.
    """
    if cursor is None:
        return 0
    _, separator, last = cursor.rpartition("&last=")
    if not separator or last not in listed:
        raise bad_parameter("cursor invalid")
    return listed.index(last) + 1
