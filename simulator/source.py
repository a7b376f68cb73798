"""Where an exchange's data comes from: a seeded market, or a recording."""

from __future__ import annotations

from typing import Protocol

from .market.books import BookView
from .market.events import Trade


class Source(Protocol):
    """What every exchange's source can tell of its market.

    A method given a symbol is only called with one that is listed. `category` is one of the
    interface's, and `depth` one of the numberings of its book; `""` and 0 where it has none.
    """

    def symbols(self) -> tuple[str, ...]:
        """The listed symbols, of all categories."""
        ...

    def listed(self, category: str) -> tuple[str, ...]:
        """Those of one category."""
        ...

    def book(self, symbol: str, update_id: int | None, category: str, depth: int) -> BookView:
        """The true book, now or at a recent update id; `LookupError` if that is not known."""
        ...

    def trades(self, symbol: str, category: str) -> list[Trade]:
        """The trades so far that are remembered, oldest first."""
        ...

    def trades_by_id(self, symbol: str, category: str) -> dict[str, Trade]:
        """The same by their ids on the wire."""
        ...

    def advance(self, steps: int) -> None:
        """Make so many steps at once, by hand."""
        ...

    async def run(self) -> None:
        """Publish until there is no more."""
        ...
