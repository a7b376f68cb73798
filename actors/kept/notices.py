"""What the room of the order books tells itself, and is told by what brings the updates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ...messages.market import OrderBook
from ...messages.streams import Stream

if TYPE_CHECKING:
    from .kept_book import BookFeed, KeptBook


class StreamOn(msgspec.Struct, frozen=True, eq=False):
    """To the books, by a feed: the exchange has confirmed the stream of updates, or did again."""

    feed: BookFeed


class StreamOff(msgspec.Struct, frozen=True, eq=False):
    """To the books, by a feed: the registry has ended its subscription."""

    feed: BookFeed


class SubscriptionSettled(msgspec.Struct, frozen=True, eq=False):
    """To the books, by themselves: what the registry said to the subscription to a book's updates."""

    kept: KeptBook
    subscription_id: str
    error: BaseException | None


class SnapshotCame(msgspec.Struct, frozen=True, eq=False):
    """To the books, by themselves: a snapshot, or why there is none."""

    kept: KeptBook
    snapshot: OrderBook | None
    error: BaseException | None


class LookDue(msgspec.Struct, frozen=True, eq=False):
    """Something of a book was to be due `at` this time; it may be kept no more, or be another."""

    stream: Stream
    at: float


class OpenDue(msgspec.Struct, frozen=True, eq=False):
    """Time to subscribe to a book's updates once more, instead of this subscription."""

    kept: KeptBook
    subscription_id: str
