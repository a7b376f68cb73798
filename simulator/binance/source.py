"""Where the exchange's data comes from: the seeded market, or a recording."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from ..clock import TimeUnit
from ..source import Source as CommonSource


class Source(CommonSource, Protocol):
    """What the REST interface needs of a market.

    Bodies are JSON. A method given a symbol is only called with one that is listed; one given a
    unit writes every time field in it.
    """

    def symbol_info(self, symbol: str) -> Any:
        """The entry of `symbol` in `exchangeInfo`."""
        ...

    def depth(self, symbol: str, limit: int) -> bytes:
        """The body of `GET /api/v3/depth`."""
        ...

    def trade_rows(self, symbol: str, unit: TimeUnit) -> Sequence[dict[str, Any]]:
        """All rows of `GET /api/v3/trades` that are remembered, oldest first."""
        ...

    def aggregate_rows(self, symbol: str, unit: TimeUnit) -> Sequence[dict[str, Any]]:
        """All rows of `GET /api/v3/aggTrades` that are remembered, oldest first."""
        ...

    def block_rows(self, symbol: str, unit: TimeUnit) -> list[dict[str, Any]]:
        """All rows of `GET /api/v3/historicalBlockTrades` that are remembered, oldest first."""
        ...

    def klines(
        self,
        symbol: str,
        interval: str,
        unit: TimeUnit,
        zone_ms: int,
        start_us: int | None = None,
        end_us: int | None = None,
        limit: int = 1_000,
    ) -> list[list[Any]]:
        """Rows of `GET /api/v3/klines`, oldest first, of which the open times lie in the window.

        At most `limit`: with `start_us` the oldest from there on, otherwise the newest. Intervals
        begin `zone_ms` before they do in UTC.
        """
        ...

    def day(self, symbol: str, unit: TimeUnit) -> dict[str, Any]:
        """The body of `GET /api/v3/ticker/24hr` of one symbol, type FULL."""
        ...

    def window(self, symbol: str, window_ms: int, unit: TimeUnit) -> dict[str, Any]:
        """The body of `GET /api/v3/ticker` of one symbol, type FULL; whole minutes back."""
        ...

    def trading_day(self, symbol: str, unit: TimeUnit, zone_ms: int) -> dict[str, Any]:
        """The body of `GET /api/v3/ticker/tradingDay` of one symbol, type FULL."""
        ...

    def price(self, symbol: str) -> str:
        """The last price."""
        ...

    def top(self, symbol: str) -> dict[str, Any]:
        """The body of `GET /api/v3/ticker/bookTicker` of one symbol."""
        ...

    def average(self, symbol: str, unit: TimeUnit) -> dict[str, Any]:
        """The body of `GET /api/v3/avgPrice`."""
        ...

    def reference(self, symbol: str, unit: TimeUnit) -> dict[str, Any]:
        """The body of `GET /api/v3/referencePrice`; `LookupError` if there never was one."""
        ...

    def is_set_by_hand(self, symbol: str) -> bool:
        """Whether somebody has set that price."""
        ...
