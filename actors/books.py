"""The order books: kept from their updates and from snapshots, and shown to who subscribes.

The room subscribes at the registry to the updates of each symbol, like any other subscriber, and
asks `rest` for snapshots, a few at a time. What is true of a book is decided by
`core.synchroniser`; here it is carried.
"""

from __future__ import annotations

import math
import time
from functools import partial
from typing import Any

from ..core.book_machine import Events
from ..messages.base import Address
from ..messages.enums import GapReason, HealthState
from ..messages.errors import ConnectorError, NotRunningError
from ..messages.kept_books import (
    BookConfirmed,
    BookRefused,
    BooksWanted,
    BookUnwanted,
    BookWanted,
    SnapshotLacking,
    TickersThere,
    UpdatesHealth,
)
from ..messages.rooms import Fetch
from ..venues.driver import Driver
from ..venues.questions import GetSnapshot
from .base.reply import Reply
from .base.room import Lifeline, Room
from .feeds.mailbox import Mailbox
from .feeds.subscriber import Due
from .kept.book_streams import BookStreams
from .kept.kept_book import BookFeed, KeptBook
from .kept.notices import LookDue, OpenDue, SnapshotCame, StreamOff, StreamOn, SubscriptionSettled
from .kept.shelf import Shelf
from .kept.snapshots import SnapshotTurns

_TURN = 64
_PAUSE = 0.01
"""Seconds between two looks at whether a reader that holds a book up has taken something."""
_RETRY = 1.0
_LAST_WORDS = 1.0
"""Seconds for what lies in the feeds when the room is stopped."""


class BooksActor(Room):
    """Keeps the books."""

    def __init__(
        self,
        lifeline: Lifeline,
        root: Address[Any],
        *,
        driver: Driver,
        rest: Address[Any],
        registry: Address[Any],
    ) -> None:
        super().__init__(lifeline, root)
        self._root, self._driver, self._rest, self._registry = root, driver, rest, registry
        self._shelf = Shelf(driver, self._feed, lifeline.tape)
        self._turns = SnapshotTurns()
        name = f"{lifeline.name}-{lifeline.generation}"
        self._streams = BookStreams(
            name, partial(self.send, registry), self.address, is_watching=bool(driver.snapshots)
        )

    def receive(self, message: Any) -> None:
        """Handle one message."""
        match message:
            case Due():
                self._serve(message.feed)
            case SnapshotCame():
                self._snapshot_came(message)
            case LookDue():
                self._look(message)
            case StreamOn():
                self._stream_on(message.feed)
            case StreamOff():
                self._stream_off(message.feed)
            case BookWanted():
                self._join(message.mailbox)
            case BookUnwanted():
                self._leave(message.mailbox)
            case BooksWanted():
                self._streams.tickers = set(message.tickers)
                self._reconcile(message.mailboxes)
            case TickersThere():
                self._tickers_there(message)
            case UpdatesHealth():
                self._doubt(message)
            case SubscriptionSettled():
                self._subscription_settled(message)
            case OpenDue(kept=kept, subscription_id=lost):
                if kept.readers and lost == kept.subscription_id:
                    self._streams.begin(kept)
            case _:
                self.not_understood(message)

    def close(self) -> None:
        """Deliver what has come; not after a fault, which may have cost some of it."""
        if self._cause is not None:
            return
        deadline = time.monotonic() + _LAST_WORDS
        for kept in self._shelf.all():
            while not kept.is_held_up and time.monotonic() < deadline and self._take_turn(kept):
                pass

    # who reads what

    def _reconcile(self, mailboxes: tuple[Mailbox, ...]) -> None:
        """These are all; what was told meanwhile may be lost, with an earlier registry."""
        wanted = set(map(id, mailboxes))
        for kept in self._shelf.all():
            for mailbox in tuple(kept.readers):
                if id(mailbox) not in wanted:
                    self._leave(mailbox)
        for mailbox in mailboxes:
            self._join(mailbox)

    def _join(self, mailbox: Mailbox) -> None:
        stream = self._shelf.stream(mailbox)
        kept = self._shelf.get(stream)
        is_new = kept is None
        if kept is None:
            kept = self._shelf.add(stream, mailbox.depth)
        if mailbox not in kept.readers:
            if mailbox.has_book:  # an earlier room's
                mailbox.has_book = False
                gap = mailbox.gap(GapReason.RESTARTED, time.time_ns())
                with self.not_counted():
                    mailbox.feed.put([(mailbox, gap)], 0, lambda: True)
            kept.join(mailbox, time.monotonic())
        if is_new:
            self._streams.begin(kept)
        if kept.is_confirmed:
            self.send(self._registry, BookConfirmed((mailbox,)))
        self._settle(kept)

    def _leave(self, mailbox: Mailbox) -> None:
        kept = self._shelf.get(self._shelf.stream(mailbox))
        if kept is None or mailbox not in kept.readers:
            return
        kept.leave(mailbox, time.monotonic())
        if not kept.readers:
            self._forget(kept)

    def _feed(self) -> BookFeed:
        return BookFeed(self.actor_ref, self.address, self._root, self._registry)

    def _forget(self, kept: KeptBook) -> None:
        self._shelf.remove(kept)
        kept.readers.clear()
        self._streams.end(kept.feed)
        self.report(self._shelf.health(kept.stream.symbol))

    # the stream of updates

    def _subscription_settled(self, message: SubscriptionSettled) -> None:
        kept, error = message.kept, message.error
        if not kept.readers or message.subscription_id != kept.subscription_id:
            return
        if error is None:
            self._stream_on(kept.feed)
        elif isinstance(error, ConnectorError) and not isinstance(error, NotRunningError):
            self.send(self._registry, BookRefused(tuple(kept.readers), error))
            self._forget(kept)  # who joins meanwhile is not to wait for what never comes
        else:  # the registry was lost
            self.after(_RETRY, OpenDue(kept, message.subscription_id))

    def _doubt(self, message: UpdatesHealth) -> None:
        """A book whose updates do not come is no longer the exchange's."""
        if (kept := self._shelf.get(message.stream)) is not None:
            state = HealthState(message.state)
            is_live = state is HealthState.LIVE
            kept.doubt = None if is_live else (state, message.cause)
            self._settle(kept)

    def _tickers_there(self, message: TickersThere) -> None:
        tickers = self._streams.tickers
        (tickers.add if message.are_there else tickers.discard)(message.symbol)
        for kept in self._shelf.of(message.symbol):
            self._streams.watch(kept)

    def _stream_on(self, feed: BookFeed) -> None:
        kept = self._shelf.fed_by(feed)
        if kept is None:
            self._streams.end(feed)
            return
        if not kept.is_confirmed:
            kept.is_confirmed = True
            self.send(self._registry, BookConfirmed(tuple(kept.readers)))
        if not kept.is_held_up:  # else its turn comes anyway
            self._serve(feed)  # an interruption from before may lie there

    def _stream_off(self, feed: BookFeed) -> None:
        """Its symbol is listed no more, or the registry has taken this room for dead."""
        kept = self._shelf.fed_by(feed)
        if kept is None:
            return
        now, at = time.monotonic(), time.time_ns()
        lost = kept.machine.interrupt(GapReason.DISCONNECTED, at, now, is_on=False)
        with self.not_counted():
            kept.deliver(lost)
        self._shelf.feed_anew(kept)
        self._streams.end(feed)
        self._streams.begin(kept)

    def _serve(self, feed: Any) -> None:
        """Take a turn at what has come; what is left has its turn behind the other books."""
        kept = self._shelf.fed_by(feed)
        if kept is None:
            self._streams.end(feed)
        elif kept.is_held_up:
            self.after(_PAUSE, Due(feed))
        elif self._take_turn(kept):
            feed.ask_to_look()

    def _take_turn(self, kept: KeptBook) -> bool:
        """Whether something may be left."""
        count = 0
        now = time.monotonic()
        while count < _TURN and not kept.is_held_up:
            turn = kept.turn
            taken = kept.feed.take_events(turn)
            if taken is None:
                kept.drained(now)
                break
            count += turn
            events: Events = []
            for event in taken:
                events += kept.take(event, now)
            with self.not_counted():
                kept.deliver(events)
        else:
            self._settle(kept)
            return True
        self._settle(kept)
        return False

    # snapshots

    def _snapshot_came(self, message: SnapshotCame) -> None:
        self._turns.over()
        kept, now = message.kept, time.monotonic()
        events = kept.answered(message, now)
        with self.not_counted():
            kept.deliver(events)
        self._settle(kept)

    def _look(self, message: LookDue) -> None:
        kept = self._shelf.get(message.stream)
        if kept is not None and kept.timer_at == message.at:
            kept.timer_at = math.inf
            self._settle(kept)

    def _settle(self, kept: KeptBook) -> None:
        """Whatever has happened to a book: tell of it, and see what is due."""
        now = time.monotonic()
        if kept.readers:
            with self.not_counted():
                kept.welcome()
            if (health := kept.health) != kept.told_health:
                kept.told_health = health
                self.report(self._shelf.health(kept.stream.symbol))
            at = kept.ask_at
            if at <= now:
                self._turns.queue(kept)
            elif at < kept.timer_at:
                kept.timer_at = at
                self.after(at - now, LookDue(kept.stream, at))
        while (next_one := self._turns.next(now)) is not None:
            self._ask(next_one, next_one.machine.asked(now))

    def _ask(self, kept: KeptBook, levels: int) -> None:
        if not levels:  # it comes on the stream
            self._turns.over()
            self.send(self._registry, SnapshotLacking(kept.stream))
            return
        address = self.address

        def answered(snapshot: Any, error: BaseException | None) -> None:
            address.tell(SnapshotCame(kept, snapshot, error))

        request = GetSnapshot(symbol=kept.stream.symbol, depth=levels)
        self.send(self._rest, Fetch(request, Reply(answered), own=True))
