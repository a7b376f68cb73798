"""Keeps one order book true whose stream brings the snapshots as well: no other source is asked.

A snapshot is the book, whenever it comes; what follows changes it, one id after the other. All else
ends in a gap, until there is another snapshot.

Source: https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook ("Process snapshot/delta")
"""

from __future__ import annotations

import math

import msgspec

from ..messages.enums import Channel, GapReason
from ..messages.levels import Levels
from ..messages.market import BookTicker, OrderBook, OrderBookUpdate, StreamGap
from .book import Book
from .book_machine import Events
from .snapshot_pace import SnapshotPace

PATIENCE = 5.0
"""Seconds for the snapshot that a stream begins with, from when it is on."""
MOST_LEVELS = 5_000
"""So many levels a side are kept, whatever comes."""


class StreamedBook:
    """See `BookMachine`.

    Args:
        depth: How many levels a side the delivered books have at most.
    """

    def __init__(self, exchange: str, symbol: str, depth: int) -> None:
        self.book: Book | None = None
        self.ahead: tuple[OrderBook, int] | None = None
        self.is_on = False
        self.stale = 0
        self._exchange, self._symbol, self._depth = exchange, symbol, depth
        self._pace = SnapshotPace()
        self._times: tuple[int, int] | None = None  # of the last state
        self._was_live = False  # whether there was a book, ever
        self._is_gap_told = False  # since the last book

    @property
    def ask_at(self) -> float:
        """When the stream should be begun anew; infinite while it should not."""
        return self._pace.at if self.is_on and self.book is None else math.inf

    def asked(self, now: float) -> int:
        """It is begun anew now; if nothing comes of it, that is tried again, ever less often."""
        self._pace.failed(now, PATIENCE)
        return 0

    def failed(self, now: float, wait: float = 0.0) -> None:
        """Nothing is asked for that could fail."""

    def snapshot(self, snapshot: OrderBook, now: float) -> Events:
        """Nor answered."""
        return []

    def show(self, depth: int, now: float) -> None:
        """Another depth is wanted; that the stream is deep enough is its choice."""
        self._depth = depth

    def serves(self, depth: int) -> bool:
        """It was chosen so."""
        return True

    def state(self) -> OrderBook | None:
        """The book as it is now, if there is one."""
        return self._state(*self._times) if self._times is not None and self.book else None

    def start(self, now: float) -> None:
        """The stream is on; it begins with a snapshot."""
        if not self.is_on:
            self.is_on = True
            self._pace.begin(now + PATIENCE)

    def update(self, update: OrderBookUpdate, now: float) -> Events:
        """What came on it."""
        self.start(now)
        if update.is_snapshot and not self._is_known(update):
            self._begin(update)
        elif self.book is None or update.last_update_id <= self.book.update_id:
            self.stale += 1
            return []
        elif update.first_update_id > self.book.update_id + 1:
            return self._skipped(self.book.update_id, update, now)
        else:
            self.book.apply(update)
        assert self.book is not None
        if self.book.is_crossed:
            return self._lost(self._gap(GapReason.CROSSED, update.received_time), now)
        if update.is_snapshot:
            self._pace.answered()
        if max(len(self.book.bids), len(self.book.asks)) > MOST_LEVELS:
            self.book.prune(MOST_LEVELS)
        return [self._state(update.event_time, update.received_time)]

    def missed(self, gap: StreamGap, now: float) -> Events:
        """Ids are missing: what follows adjoins nothing, up to the next snapshot."""
        return self._lost(msgspec.structs.replace(gap, channel=Channel.ORDER_BOOK), now)

    def interrupt(self, reason: str, at: int, now: float, *, is_on: bool) -> Events:
        """Something of it was lost: there is no book up to the next snapshot."""
        events = self._lost(self._gap(reason, at), now + PATIENCE)
        self.is_on = is_on
        return events

    def ticker(self, ticker: BookTicker, now: float) -> Events:
        """Its ids are not those of the book."""
        return []

    def _is_known(self, update: OrderBookUpdate) -> bool:
        """Whether a snapshot is the book as it is already."""
        book, times = self.book, self._times
        return (
            book is not None
            and times is not None
            and update.last_update_id == book.update_id
            and update.event_time <= times[0]
        )

    def _begin(self, update: OrderBookUpdate) -> None:
        snapshot = OrderBook(
            self._exchange,
            self._symbol,
            update.event_time,
            update.received_time,
            update.last_update_id,
            update.bids,
            update.asks,
        )
        self.book = Book(snapshot, 0)  # with no other level behind these, as far as it is told

    def _skipped(self, known: int, update: OrderBookUpdate, now: float) -> Events:
        first, last = known + 1, update.first_update_id - 1
        gap = self._gap(GapReason.MISSED, update.received_time)
        ids = {"first_missed_id": first, "last_missed_id": last, "missed": last - known}
        return self._lost(msgspec.structs.replace(gap, **ids), now)

    def _gap(self, reason: str, at: int) -> StreamGap:
        return StreamGap(self._exchange, self._symbol, at, at, Channel.ORDER_BOOK, reason)

    def _lost(self, gap: StreamGap, now: float) -> Events:
        """There is no book, which is told once."""
        self.book = None
        self._pace.want(now)
        if self._is_gap_told or not self._was_live:
            return []
        self._is_gap_told = True
        return [gap]

    def _state(self, event_time: int, received_time: int) -> OrderBook:
        book, self._times = self.book, (event_time, received_time)
        assert book is not None
        self._was_live, self._is_gap_told = True, False
        sides = Levels(book.bids.top(self._depth)), Levels(book.asks.top(self._depth))
        return OrderBook(
            self._exchange, self._symbol, event_time, received_time, book.update_id, *sides
        )
