"""What the registry tells the room of the order books: who wants one, and which are watched.

A book is watched with the book tickers that a user has subscribed to anyway.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from ...messages.enums import Channel, HealthState
from ...messages.kept_books import (
    BooksWanted,
    BookUnwanted,
    BookWanted,
    TickersThere,
    UpdatesHealth,
)
from ...messages.rooms import Want
from ...messages.streams import Stream


class BookLine:
    """Passes on what concerns the books.

    Args:
        tell: Tells that room.
    """

    def __init__(self, tell: Callable[[Any], None]) -> None:
        self._tell = tell
        self._tickers = Counter[str]()  # users' subscriptions, by symbol

    def all(self, wants: Iterable[Want]) -> None:
        """These are all subscriptions: the books, or the registry, are new."""
        known = tuple(wants)
        self._tickers = Counter(symbol for want in known if (symbol := _ticker(want)))
        books = tuple(want.mailbox for want in known if is_book(want.stream))
        self._tell(BooksWanted(books, frozenset(self._tickers)))

    def joined(self, want: Want) -> None:
        """There is one more subscription."""
        if is_book(want.stream):
            self._tell(BookWanted(want.mailbox))
        elif symbol := _ticker(want):
            self._tickers[symbol] += 1
            if self._tickers[symbol] == 1:
                self._tell(TickersThere(symbol, are_there=True))

    def updates_are(self, stream: Stream, state: HealthState, cause: str) -> None:
        """How far a stream may be trusted has changed; a book is no better than its updates."""
        if stream.channel == Channel.ORDER_BOOK_UPDATES:
            self._tell(UpdatesHealth(stream, state, cause))

    def left(self, want: Want) -> None:
        """There is one less."""
        if is_book(want.stream):
            self._tell(BookUnwanted(want.mailbox))
        elif symbol := _ticker(want):
            self._tickers[symbol] -= 1
            if not self._tickers[symbol]:
                del self._tickers[symbol]
                self._tell(TickersThere(symbol, are_there=False))


def is_book(stream: Stream | None) -> bool:
    """Whether the room of the books serves it."""
    return stream is not None and stream.channel == Channel.ORDER_BOOK


def _ticker(want: Want) -> str:
    """The symbol whose book tickers a user wants; "" where it is something else."""
    stream = want.stream
    if want.is_own or stream is None or stream.channel != Channel.BOOK_TICKER:
        return ""
    return stream.symbol
