"""Where the books stand: one for each stream of updates that somebody's book is kept from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...core.book_machine import BookMachine
from ...core.streamed_book import StreamedBook
from ...core.synchroniser import Synchroniser
from ...messages.enums import Channel, HealthState
from ...messages.requests import SubscribeOrderBookUpdates
from ...messages.rooms import StreamForgotten, StreamHealth
from ...messages.streams import Stream
from ...venues.driver import Driver
from ..feeds.mailbox import Mailbox
from ..tapes.tape import Tape
from .kept_book import BookFeed, KeptBook


class Shelf:
    """The books, by their streams and by what brings their updates.

    Args:
        feed: Makes what brings a book's updates.
    """

    def __init__(self, driver: Driver, feed: Callable[[], BookFeed], tape: Tape) -> None:
        self._driver, self._feed, self._tape = driver, feed, tape
        self._books: dict[Stream, KeptBook] = {}
        self._by_feed: dict[BookFeed, KeptBook] = {}

    def stream(self, mailbox: Mailbox) -> Stream:
        """The updates that a reader's book is kept from: an exchange may have some of each depth."""
        symbol = mailbox.subscription.symbol
        return self._driver.stream(SubscribeOrderBookUpdates(symbol, depth=mailbox.depth))

    def get(self, stream: Stream) -> KeptBook | None:
        """The book that is kept from a stream."""
        return self._books.get(stream)

    def fed_by(self, feed: Any) -> KeptBook | None:
        """The book whose updates a feed brings; None for one that does so no more."""
        return self._by_feed.get(feed)

    def all(self) -> tuple[KeptBook, ...]:
        """All of them."""
        return tuple(self._books.values())

    def of(self, symbol: str) -> list[KeptBook]:
        """Those of one symbol."""
        return [kept for stream, kept in self._books.items() if stream.symbol == symbol]

    def add(self, stream: Stream, depth: int) -> KeptBook:
        """Begin to keep one."""
        name, feed = self._driver.name, self._feed()
        machine: BookMachine
        if self._driver.snapshots:
            machine = Synchroniser(name, stream.symbol, self._driver.snapshots, depth)
        else:
            machine = StreamedBook(name, stream.symbol, depth)
        kept = KeptBook(stream, feed, machine, self._tape)
        self._books[stream] = self._by_feed[feed] = kept
        return kept

    def remove(self, kept: KeptBook) -> None:
        """Keep it no more."""
        del self._books[kept.stream]
        del self._by_feed[kept.feed]

    def feed_anew(self, kept: KeptBook) -> None:
        """Its subscription has ended: another brings the updates."""
        del self._by_feed[kept.feed]
        kept.feed, kept.ticker_id = self._feed(), ""
        self._by_feed[kept.feed] = kept

    def health(self, symbol: str) -> StreamHealth | StreamForgotten:
        """How a symbol's books are, taken together."""
        subject, books = Stream(Channel.ORDER_BOOK, symbol).subject, self.of(symbol)
        if not books:
            return StreamForgotten(subject)
        worst = max((kept.health for kept in books), key=_badness)
        return StreamHealth(subject, *worst)


def _badness(health: tuple[HealthState, str]) -> int:
    return list(HealthState).index(health[0])
