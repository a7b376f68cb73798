"""What the registry and the room of the order books tell each other; nothing of this is for users.

Mailboxes are live objects of the process (`actors.mailbox`), which travel by reference.
"""

from __future__ import annotations

from typing import Any

import msgspec

from .errors import ConnectorError
from .streams import Stream


class BookWanted(msgspec.Struct, frozen=True):
    """From the registry to the books: a subscription to an order book, by its `Mailbox`."""

    mailbox: Any


class BookUnwanted(msgspec.Struct, frozen=True):
    """From the registry to the books: this subscription has ended."""

    mailbox: Any


class BooksWanted(msgspec.Struct, frozen=True):
    """From the registry to the books: these are all the subscriptions to order books.

    Attributes:
        tickers: The symbols whose book tickers users have subscribed to.
    """

    mailboxes: tuple[Any, ...]
    tickers: frozenset[str] = frozenset()


class TickersThere(msgspec.Struct, frozen=True):
    """From the registry to the books: users do, or do not any more, take a symbol's book tickers."""

    symbol: str
    are_there: bool


class UpdatesHealth(msgspec.Struct, frozen=True):
    """From the registry to the books: how a stream of updates is."""

    stream: Stream
    state: str
    cause: str


class SnapshotLacking(msgspec.Struct, frozen=True):
    """To the registry: a stream has to be begun anew, since only that brings a whole state.

    From the books, from a mailbox, or from where frames are decoded.
    """

    stream: Stream


class BooksStarted(msgspec.Struct, frozen=True):
    """From the root to the registry: the books are new, and know of no subscription."""


class BookConfirmed(msgspec.Struct, frozen=True):
    """From the books to the registry: the stream behind these subscriptions is there."""

    mailboxes: tuple[Any, ...]


class BookRefused(msgspec.Struct, frozen=True):
    """From the books to the registry: the stream behind these subscriptions cannot be had."""

    mailboxes: tuple[Any, ...]
    error: ConnectorError
