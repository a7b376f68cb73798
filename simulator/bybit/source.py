"""What REST and the public streams need of a market, seeded or recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from ..source import Source as CommonSource
from .topics import Topic


class Source(CommonSource, Protocol):
    """A market in two categories. A symbol that is given is listed in the category."""

    def instruments(self, category: str) -> Sequence[Any]:
        """The rows of `market/instruments-info`, one for each symbol of `listed`."""
        ...

    def order_book(self, category: str, symbol: str, limit: int) -> dict[str, Any]:
        """The result of `market/orderbook`."""
        ...

    def recent_trades(
        self, category: str, symbol: str, limit: int, lag_us: int
    ) -> list[dict[str, Any]]:
        """The rows of `market/recent-trade`, newest first, as they were `lag_us` ago."""
        ...

    def candles(
        self,
        category: str,
        symbol: str,
        interval: str,
        start_us: int | None,
        end_us: int | None,
        limit: int,
    ) -> list[list[str]]:
        """The rows of `market/kline`, newest first.

        At most `limit`: the oldest from `start_us` on where that alone is given, otherwise the
        newest.
        """
        ...

    def ticker(self, category: str, symbol: str) -> dict[str, Any]:
        """The row of `market/tickers`."""
        ...

    def serves(self, topic: Topic) -> bool:
        """Whether there is such a topic."""
        ...

    def first(self, topic: Topic) -> bytes | None:
        """What a new subscriber of a topic is sent at once, once the hub knows of it."""
        ...

    def resend(self, pattern: str) -> int:
        """Tell the whole books of those topics unasked for; how many."""
        ...

    def restart(self, pattern: str) -> int:
        """Count the books of those topics anew; how many."""
        ...
