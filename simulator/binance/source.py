"""Where the exchange's data comes from: the seeded market, or a recording."""

from __future__ import annotations

from typing import Any, Protocol

from ..market.books import BookView
from ..market.market import Trade


class Source(Protocol):
    """What the REST interface and the streams need of a market.

    Bodies are JSON. A method given a symbol is only called with one that is listed.
    """

    def symbols(self) -> tuple[str, ...]:
        """The listed symbols."""
        ...

    def symbol_info(self, symbol: str) -> Any:
        """The entry of `symbol` in `exchangeInfo`."""
        ...

    def depth(self, symbol: str, limit: int) -> bytes:
        """The body of `GET /api/v3/depth`."""
        ...

    def trade_rows(self, symbol: str) -> list[dict[str, Any]]:
        """All rows of `GET /api/v3/trades` that are remembered, oldest first."""
        ...

    def aggregate_rows(self, symbol: str) -> list[dict[str, Any]]:
        """All rows of `GET /api/v3/aggTrades` that are remembered, oldest first."""
        ...

    def klines(self, symbol: str, interval: str) -> list[list[Any]]:
        """All rows of `GET /api/v3/klines` that are known, oldest first."""
        ...

    def day(self, symbol: str) -> dict[str, Any]:
        """The body of `GET /api/v3/ticker/24hr` of one symbol, type FULL."""
        ...

    def price(self, symbol: str) -> str:
        """The last price."""
        ...

    def top(self, symbol: str) -> dict[str, Any]:
        """The body of `GET /api/v3/ticker/bookTicker` of one symbol."""
        ...

    def average(self, symbol: str) -> dict[str, Any]:
        """The body of `GET /api/v3/avgPrice`."""
        ...

    def book(self, symbol: str, update_id: int | None) -> BookView:
        """The true book, now or at a recent update id."""
        ...

    def trades(self, symbol: str) -> list[Trade]:
        """The trades so far that are remembered."""
        ...

    async def run(self) -> None:
        """Publish until there is no more."""
        ...
