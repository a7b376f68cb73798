"""Keeps one order book true: snapshots and updates in, books and gaps out.

The rule is the exchanges' own: keep the updates, take a snapshot that they adjoin, apply what is
newer, and from then on only what begins right behind the last one. All else ends in a gap.

Source: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
("How to manage a local order book correctly")
"""

from __future__ import annotations

import math

from ..messages.enums import Channel, GapReason
from ..messages.levels import Levels
from ..messages.market import BookTicker, MarketEvent, OrderBook, OrderBookUpdate, StreamGap
from .book import Book
from .book_machine import Events
from .snapshot_pace import SnapshotPace, tier_for
from .ticker_audit import TickerAudit
from .update_buffer import MOST, MOST_BESIDE_BOOK, UpdateBuffer

AUDIT = 600.0
"""Seconds after which a book is compared with a new snapshot, though nothing seems wrong."""
_SOON = 60.0  # a snapshot that was deep enough for a shorter time was not deep enough
_PATIENCE = 10.0
"""Seconds for the updates to reach a snapshot that is ahead of them; then another is asked for."""
_MOST_STALE = 3
"""Snapshots in a row that are older than the book: then it is the book that is wrong."""


class Synchroniser:
    """One symbol's book, from updates and from snapshots that are asked for; see `BookMachine`.

    Args:
        tiers: The depths of snapshots that differ in their cost, the least first.
        depth: How many levels a side the delivered books have at most.
    """

    def __init__(self, exchange: str, symbol: str, tiers: tuple[int, ...], depth: int) -> None:
        self.book: Book | None = None
        self.stale = 0
        self._exchange, self._symbol = exchange, symbol
        self._tiers, self._depth = tiers, depth
        self._tier = tier_for(depth, tiers)
        self._kept = UpdateBuffer()
        self.is_on = False
        self._was_live = False  # whether there was a book, ever
        self._is_gap_told = False  # since the last book
        self._times: tuple[int, int] | None = None  # of the last state
        self._audit = TickerAudit()
        self._asked = 0  # levels of the snapshot that is under way
        self.ahead: tuple[OrderBook, int] | None = None
        self._ahead_until = math.inf
        self._is_void = False  # it was asked for in an earlier session
        self._pace = SnapshotPace()
        self._stale_snapshots = 0
        self._taken_at = -math.inf

    @property
    def reach(self) -> int:
        """How many levels a side the next snapshot should have."""
        return self._tiers[self._tier]

    def show(self, depth: int, now: float) -> None:
        """Another depth is wanted; where it needs a deeper snapshot, one becomes due."""
        least = self._tier if depth > self._depth else 0
        self._depth, self._tier = depth, max(least, tier_for(depth, self._tiers))
        self._look(now)

    def serves(self, depth: int) -> bool:
        """Whether the book, or the one to come, is deep enough to begin to show this depth."""
        limit = self.book.limit if self.book is not None else self._asked or self.reach
        return limit >= self._tiers[tier_for(depth, self._tiers)]

    def state(self) -> OrderBook | None:
        """The book as it is now, if there is one."""
        return self._state(*self._times) if self._times is not None and self.book else None

    # snapshots

    @property
    def ask_at(self) -> float:
        """When a snapshot should be asked for; infinite while none should."""
        if self._asked or not self.is_on:
            return math.inf
        return self._pace.at if self.ahead is None else self._pace.later(self._ahead_until)

    def asked(self, now: float) -> int:
        """A snapshot is asked for now, of so many levels."""
        self._pace.asked(now)
        self._asked, self._is_void = self.reach, False
        return self._asked

    def failed(self, now: float, wait: float = 0.0) -> None:
        """There will be no answer; the next question follows after `wait` seconds, or a while."""
        self._asked = 0
        self._pace.failed(now, wait)

    def snapshot(self, snapshot: OrderBook, now: float) -> Events:
        """The answer."""
        limit, self._asked = self._asked, 0
        if not limit:
            return []  # nobody knows how deep it was to be
        self._pace.answered()
        if self._is_void or not self.is_on:
            self._pace.want(now)  # the stream has to come first
            return []
        events: Events = []
        if self.book is not None:
            if self.ahead is None or snapshot.update_id <= self.book.update_id:
                self.ahead, self._ahead_until = (snapshot, limit), now + _PATIENCE
                return self._compared(now)
            # the updates have not even reached the one before: some were lost in silence
            events = self._lost(GapReason.CONTRADICTED, snapshot, now)
        if not self._kept.adjoins(snapshot.update_id):
            if not self._kept.is_left_behind:
                self._pace.want(now)  # older than what was kept, which stays
                return events
            self._kept.clear()  # the stream agrees: the ids have begun anew
        return events + self._begin(Book(snapshot, limit), snapshot, now)

    # the stream

    def start(self, now: float) -> None:
        """The stream of updates is on."""
        if not self.is_on:
            self.is_on = True
            self._pace.want(now)

    def update(self, update: OrderBookUpdate, now: float) -> Events:
        """What came on it."""
        book = self.book
        if book is None:
            self.start(now)
            return self._keep(update)
        if update.last_update_id <= book.update_id:
            self.stale += 1
            return []
        if update.first_update_id > book.update_id + 1:
            return self._missed(book.update_id, update, now)
        book.apply(update)
        is_needed = self._asked or self.ahead is not None or self._stale_snapshots
        self._kept.add(update, MOST if is_needed else MOST_BESIDE_BOOK)
        if book.is_crossed:
            return self._lost(GapReason.CROSSED, update, now)
        events = self._compared(now) if self.ahead is not None else []
        if not events:  # else the book was wrong, or became another: it is not shown as it was
            state = self._state(update.event_time, update.received_time)
            events = self._contradicted(now) or [state]
        self._look(now)
        return events

    def missed(self, gap: StreamGap, now: float) -> Events:
        """Ids are missing: the next update shows it."""
        return []

    def interrupt(self, reason: str, at: int, now: float, *, is_on: bool) -> Events:
        """Something of it was lost: what comes next adjoins nothing.

        Args:
            at: When, in the events' time.
            is_on: Whether more will come by itself; else `start` will say so.
        """
        self._drop(now)
        self._kept.clear()
        self.is_on = is_on
        self._is_void = self._is_void or not is_on
        return self._tell(reason, at)

    def ticker(self, ticker: BookTicker, now: float) -> Events:
        """The best bid and ask, as the exchange says by another stream."""
        if self.book is not None:
            self._audit.heard(ticker)
        return self._contradicted(now)

    # inside

    def _keep(self, update: OrderBookUpdate) -> Events:
        """There is no book yet: the update waits for one, with those that it adjoins."""
        events: Events = []
        known = self._kept.last_id
        if known is not None and update.last_update_id <= known:
            self.stale += 1
            self._kept.passed_over(update)
            return []
        if known is not None and update.first_update_id > known + 1:
            self._kept.clear()
            if self._was_live:
                events = [self._gap(known, update)]
        self._kept.add(update, MOST)
        return events

    def _begin(self, book: Book, snapshot: OrderBook, now: float) -> Events:
        """The book's first state, and those that the updates that were kept make of it."""
        if book.is_crossed:
            self._pace.want(now)
            return []
        self.book, self._taken_at = book, now
        events: Events = [self._state(snapshot.event_time, snapshot.received_time)]
        newer = self._kept.newer(snapshot.update_id)
        self._kept.clear()
        for update in newer:
            events += self.update(update, now)
        self._look(now)
        return events

    def _compared(self, now: float) -> Events:
        """A snapshot that came while there is a book: as soon as both are as new, they are one."""
        assert self.book is not None
        assert self.ahead is not None
        snapshot, limit = self.ahead
        if snapshot.update_id > self.book.update_id:
            return []
        self.ahead = None
        new = Book(snapshot, limit)
        self._kept.carry(new)
        if new.update_id != self.book.update_id:  # out of a cache, older than what was kept
            self._stale_snapshots += 1
            self._pace.want(now)
            if self._stale_snapshots < _MOST_STALE:
                return []
            self._kept.clear()  # whose ids cannot be right either
            return self._lost(GapReason.CONTRADICTED, snapshot, now)
        if new.is_crossed:
            return self._lost(GapReason.CROSSED, snapshot, now)
        self._stale_snapshots = 0
        is_same = new.agrees(self.book)
        self.book, self._taken_at = new, now
        self._pace.answered()  # what seemed due meanwhile, this was the answer to
        self._look(now)
        if is_same:
            return []
        self._audit.clear()  # of what the other book said
        times = snapshot.event_time, snapshot.received_time
        return [*self._tell(GapReason.CONTRADICTED, times[1]), self._state(*times)]

    def _contradicted(self, now: float) -> Events:
        ticker = self._audit.contradiction()
        return self._lost(GapReason.CONTRADICTED, ticker, now) if ticker is not None else []

    def _look(self, now: float) -> None:
        """Bound the book, and see whether it needs a snapshot: to be deeper, or to be compared."""
        book = self.book
        if book is None:
            return
        limit, depth = book.limit, self._depth
        book.prune(2 * limit)
        if limit < self.reach:
            self._pace.want(now)
        elif not book.knows(min(depth + (limit - depth) // 4, limit * 3 // 4)):
            if now - self._taken_at < _SOON and self._tier < len(self._tiers) - 1:
                self._tier += 1
            self._pace.want(now)
        else:
            self._pace.want(self._taken_at + AUDIT)

    def _missed(self, known: int, update: OrderBookUpdate, now: float) -> Events:
        self._drop(now)
        self._kept.clear()
        self._kept.add(update, MOST)
        return [self._gap(known, update)]

    def _lost(self, reason: GapReason, cause: MarketEvent, now: float) -> Events:
        """The book is not the exchange's any more; the updates are."""
        self._drop(now)
        return self._tell(reason, cause.received_time)

    def _drop(self, now: float) -> None:
        self.book = self.ahead = None
        self._stale_snapshots = 0
        self._pace.want(now)
        self._audit.clear()

    def _tell(self, reason: str, at: int) -> Events:
        """A gap, unless no book came since the last one."""
        if self._is_gap_told or not self._was_live:
            return []
        self._is_gap_told = True
        return [StreamGap(self._exchange, self._symbol, at, at, Channel.ORDER_BOOK, reason)]

    def _gap(self, known: int, update: OrderBookUpdate) -> StreamGap:
        """Updates are missing: each such gap is told, with its ids."""
        self._is_gap_told = True
        at, first, last = update.received_time, known + 1, update.first_update_id - 1
        what = Channel.ORDER_BOOK, GapReason.MISSED, first, last, last - known
        return StreamGap(self._exchange, self._symbol, at, at, *what)

    def _state(self, event_time: int, received_time: int) -> OrderBook:
        """The book as it is now, because of an update or a snapshot of these times."""
        book, self._times = self.book, (event_time, received_time)
        assert book is not None
        self._was_live, self._is_gap_told = True, False
        bids, asks = book.bids.top(self._depth), book.asks.top(self._depth)
        self._audit.reached(book.update_id, bids, asks)
        what = event_time, received_time, book.update_id, Levels(bids), Levels(asks)
        return OrderBook(self._exchange, self._symbol, *what)
