"""What the room of the order books needs of whatever keeps one of them true."""

from __future__ import annotations

from typing import Protocol

from ..messages.market import BookTicker, OrderBook, OrderBookUpdate, StreamGap
from .book import Book

Events = list[OrderBook | StreamGap]


class BookMachine(Protocol):
    """One symbol's book. It asks for nothing by itself: `ask_at` says when to, `asked` what for.

    Attributes:
        book: What the exchange's book is now, as far as it is known; None while it is not.
        ahead: A snapshot that the updates have yet to reach, and how deep it was to be.
        is_on: Whether the stream of updates is.
        stale: How many updates were older than the book.
    """

    book: Book | None
    ahead: tuple[OrderBook, int] | None
    is_on: bool
    stale: int

    @property
    def ask_at(self) -> float:
        """When a snapshot should be asked for; infinite while none should."""
        ...

    def asked(self, now: float) -> int:
        """A snapshot is asked for now, of so many levels; 0: it comes on the stream, if at all."""
        ...

    def failed(self, now: float, wait: float = 0.0) -> None:
        """There will be no answer; the next question follows after `wait` seconds, or a while."""
        ...

    def snapshot(self, snapshot: OrderBook, now: float) -> Events:
        """The answer."""
        ...

    def show(self, depth: int, now: float) -> None:
        """Another depth is wanted."""
        ...

    def serves(self, depth: int) -> bool:
        """Whether the book, or the one to come, is deep enough to begin to show this depth."""
        ...

    def state(self) -> OrderBook | None:
        """The book as it is now, if there is one."""
        ...

    def start(self, now: float) -> None:
        """The stream of updates is on."""
        ...

    def update(self, update: OrderBookUpdate, now: float) -> Events:
        """What came on it."""
        ...

    def missed(self, gap: StreamGap, now: float) -> Events:
        """Ids are missing on it."""
        ...

    def interrupt(self, reason: str, at: int, now: float, *, is_on: bool) -> Events:
        """Something of it was lost: what comes next adjoins nothing.

        Args:
            at: When, in the events' time.
            is_on: Whether more will come by itself; else `start` will say so.
        """
        ...

    def ticker(self, ticker: BookTicker, now: float) -> Events:
        """The best bid and ask, as the exchange says by another stream."""
        ...
