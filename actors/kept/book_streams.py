"""The streams behind the order books, subscribed to at the registry like any subscriber's."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from ...messages.base import Address
from ...messages.enums import Overflow
from ...messages.requests import SubscribeBookTicker, SubscribeOrderBookUpdates
from ...messages.rooms import AddSubscription, EndSubscription
from ..base.office import NOBODY
from ..base.reply import Reply
from .kept_book import BookFeed, KeptBook
from .notices import SubscriptionSettled

_TICKERS = 16
"""How many book tickers may wait to be compared with a book: some of them are enough."""


class BookStreams:
    """Begins and ends subscriptions.

    Attributes:
        tickers: The symbols whose book tickers users take, so that books can be watched with them.

    Args:
        is_watching: Whether book tickers have the update ids of the books.
        name: What no other subscriber's identities begin with.
        tell: Tells the registry.
        room: The books; told `SubscriptionSettled`.
    """

    def __init__(
        self,
        name: str,
        tell: Callable[[Any], None],
        room: Address[Any],
        *,
        is_watching: bool,
    ) -> None:
        self.tickers: set[str] = set()
        self._is_watching = is_watching
        self._name, self._tell, self._room = name, tell, room
        self._numbers = itertools.count(1)

    def begin(self, kept: KeptBook) -> None:
        """Subscribe to a book's updates; `block`, since a lost one costs a snapshot."""
        room, feed = self._room, _as_subscriber(kept)

        identity = kept.subscription_id = self._next(kept)

        def settled(_: Any, error: BaseException | None) -> None:
            room.tell(SubscriptionSettled(kept, identity, error))

        stream = kept.stream
        request = SubscribeOrderBookUpdates(
            stream.symbol, feed, overflow=Overflow.BLOCK, depth=stream.depth
        )
        self._tell(AddSubscription(identity, request, Reply(settled)))
        self.watch(kept)

    def watch(self, kept: KeptBook) -> None:
        """Listen to a book's tickers if users do, and no longer than they do."""
        symbol = kept.stream.symbol
        is_wanted = self._is_watching and symbol in self.tickers
        if is_wanted and not kept.ticker_id:
            request = SubscribeBookTicker(symbol, _as_subscriber(kept), max_pending=_TICKERS)
            kept.ticker_id = self._next(kept)
            self._tell(AddSubscription(kept.ticker_id, request, Reply(_whatever)))
        elif not is_wanted and kept.ticker_id:
            kept.feed.identities.discard(kept.ticker_id)
            self._tell(EndSubscription(kept.ticker_id, NOBODY))
            kept.ticker_id = ""

    def end(self, feed: BookFeed) -> None:
        """Nobody wants what it brings, which the registry may not have heard, or have forgotten."""
        feed.let_go()
        if not feed.has_ended:
            for identity in feed.identities:
                self._tell(EndSubscription(identity, NOBODY))

    def _next(self, kept: KeptBook) -> str:
        identity = f"{self._name}-{next(self._numbers)}"
        kept.feed.identities.add(identity)
        return identity


def _as_subscriber(kept: KeptBook) -> Any:
    return kept.feed


def _whatever(_: Any, error: BaseException | None) -> None:
    """Without tickers a book is watched less, that is all."""
