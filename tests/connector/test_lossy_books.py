"""Fifty books on a stream that loses frames: every state that is delivered was the exchange's.

The market runs many times faster than a real one, while a snapshot is asked for once a second at most:
so now and then a book is not known to its full depth, and is shown as far as it is.

In the long form a million updates, in some minutes:
CONNECTOR_TEST_BOOK_UPDATES=1000000 ./dev test tests/connector/test_lossy_books.py
"""

from __future__ import annotations

import heapq
import json
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector import GapReason, OrderBook, OrderBookUpdate, StreamGap
from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.faults import Lose

UPDATES = int(os.environ.get("CONNECTOR_TEST_BOOK_UPDATES", "25000"))
SYMBOLS = [f"S{number:02}USDT" for number in range(50)]
STEPS = 50
"""Of the market at a time; each makes one update of every book."""
DEPTH = 20

Top = tuple[list[tuple[Decimal, Decimal]], list[tuple[Decimal, Decimal]]]


def levels(pairs: Iterable[tuple[str, str]]) -> list[tuple[Decimal, Decimal]]:
    """The exchange's levels, as numbers."""
    return [(Decimal(price), Decimal(quantity)) for price, quantity in pairs]


class Witness:
    """The true book of a symbol at each of its last update ids, from every frame, lost or not."""

    def __init__(self, exchange: SimulatedExchange, symbol: str) -> None:
        book = exchange.book(symbol)
        self.sides = dict(levels(book.bids)), dict(levels(book.asks))
        self.tops: dict[int, Top] = {book.update_id: self._top()}
        self._order: deque[int] = deque()

    def saw(self, last_update_id: int, bids: Iterable[Any], asks: Iterable[Any]) -> None:
        """The exchange has sent this."""
        for side, levels in zip(self.sides, (bids, asks), strict=True):
            for price, quantity in levels:
                if quantity:
                    side[price] = quantity
                else:
                    side.pop(price, None)
        self.tops[last_update_id] = self._top()
        self._order.append(last_update_id)
        if len(self._order) > 1000:
            del self.tops[self._order.popleft()]

    def _top(self) -> Top:
        bids, asks = self.sides
        best_bids, best_asks = heapq.nlargest(DEPTH, bids), heapq.nsmallest(DEPTH, asks)
        return [(at, bids[at]) for at in best_bids], [(at, asks[at]) for at in best_asks]


class Subscriber:
    """Takes books, gaps and updates, and keeps the time."""

    def __init__(self) -> None:
        self.events: deque[Any] = deque()
        self.updates: deque[OrderBookUpdate] = deque()
        self.updates_in_all = 0
        self.longest = 0.0
        self.resynchronised = threading.Condition()
        self.gaps: dict[str, float] = {}

    def book(self, event: Any) -> None:
        """A book, or a gap before the next one."""
        self.events.append(event)
        if isinstance(event, StreamGap):
            self.gaps.setdefault(event.symbol, time.monotonic())
        elif self.gaps and (began := self.gaps.pop(event.symbol, None)) is not None:
            self.longest = max(self.longest, time.monotonic() - began)
            with self.resynchronised:
                self.resynchronised.notify_all()

    def update(self, event: Any) -> None:
        """An update, or a gap, which the books tell as well."""
        if isinstance(event, OrderBookUpdate):
            self.updates.append(event)
            self.updates_in_all += 1

    def wait(self, is_there: Callable[[], bool], what: str) -> None:
        """Wait until it is."""
        deadline = time.monotonic() + 60
        with self.resynchronised:
            while not is_there():
                assert time.monotonic() < deadline, what
                self.resynchronised.wait(0.002)


@pytest.mark.timeout(120 + UPDATES // 1000)
def test_no_book_is_false_though_frames_are_lost(
    start: Callable[..., Any], figure: Callable[[str, object], None]
) -> None:
    """Each loss is told, by its ids, before the next book.

    But for what is lost in between as well, and is part of the snapshot that the next book begins
    with.
    """
    subscriber = Subscriber()
    exchange = SimulatedExchange(symbols=SYMBOLS, rate=10.0, start_time=1_700_000_000.0)
    exchange.hold()
    with exchange:
        connector = start(exchange).proxy()
        for symbol in SYMBOLS:
            connector.subscribe_order_book_updates(symbol, subscriber.update, max_pending=100_000)
            connector.subscribe_order_book(symbol, subscriber.book, DEPTH, max_pending=100_000)
        subscriber.wait(lambda: len(subscriber.events) == len(SYMBOLS), "the first books")
        witnesses = {symbol: Witness(exchange, symbol) for symbol in SYMBOLS}
        checked = _run(exchange, subscriber, witnesses)
        lost = exchange.lost
    made = {symbol: set[int]() for symbol in SYMBOLS}
    for stream, payload in lost:
        data = json.loads(payload)
        made[stream.partition("@")[0].upper()] |= set(range(data["U"], data["u"] + 1))
    told = {symbol: set[int]() for symbol in SYMBOLS}
    for gap in checked.gaps:
        assert gap.first_missed_id is not None
        assert gap.last_missed_id is not None
        told[gap.symbol] |= set(range(gap.first_missed_id, gap.last_missed_id + 1))
    for symbol, ids in made.items():
        assert told[symbol] <= ids
        untold = ids - told[symbol]
        assert all(any(each in by for by in checked.mended[symbol]) for each in untold), symbol
    figure("updates of 50 books, 1 in 1,000 frames lost", f"{checked.updates:,}")
    assert checked.shorter < checked.books / 100
    figure("books delivered, all of them true", f"{checked.books:,}")
    figure("of these, not known to the full 20 levels", f"{checked.shorter:,}")
    in_all, in_gaps = (sum(map(len, ids.values())) for ids in (made, told))
    figure("frames lost, gaps told", f"{len(lost):,}, {len(checked.gaps):,}")
    figure("update ids lost, told", f"{in_all:,}, {in_gaps:,}; the rest came with the snapshots")
    figure("longest from a gap to the next book", f"{subscriber.longest:.2f} s")


class _Checked:
    def __init__(self) -> None:
        self.books = self.updates = self.shorter = 0
        self.gaps: list[StreamGap] = []
        self.last: dict[str, int] = {}
        self.before: dict[str, int] = {}  # the last id before a gap
        self.mended: dict[str, list[range]] = {symbol: [] for symbol in SYMBOLS}


def _run(
    exchange: SimulatedExchange, subscriber: Subscriber, witnesses: dict[str, Witness]
) -> _Checked:
    checked, sent, lost_before = _Checked(), 0, 0
    batches = max(2, UPDATES // (STEPS * len(SYMBOLS)))
    rule = exchange.apply(Lose(stream="*@depth@100ms", chance=0.001, count=None))
    for batch in range(batches + 1):
        if batch == batches:
            exchange.undo(rule)  # the last frames show what was lost before
        exchange.advance(STEPS)
        sent += STEPS * len(SYMBOLS)
        lost = exchange.lost
        arrived = sent - len(lost)
        subscriber.wait(lambda: subscriber.updates_in_all >= arrived, "all updates")  # noqa: B023
        _witness(subscriber, witnesses, lost[lost_before:])
        lost_before = len(lost)
        if batch >= batches - 1:
            subscriber.wait(lambda: not subscriber.gaps, "books after gaps")
        _check(exchange, subscriber, witnesses, checked)
    newest = {symbol: exchange.book(symbol).update_id for symbol in SYMBOLS}
    subscriber.wait(
        lambda: _check(exchange, subscriber, witnesses, checked).last == newest, "the newest books"
    )
    checked.updates = sent
    return checked


def _witness(
    subscriber: Subscriber, witnesses: dict[str, Witness], lost: list[tuple[str, str]]
) -> None:
    """Show the witnesses what was sent, in its order."""
    frames: dict[str, list[tuple[int, Any, Any]]] = {symbol: [] for symbol in SYMBOLS}
    while subscriber.updates:
        update = subscriber.updates.popleft()
        frames[update.symbol].append((update.last_update_id, update.bids, update.asks))
    for stream, payload in lost:
        data = json.loads(payload)
        frame = data["u"], levels(data["b"]), levels(data["a"])
        frames[stream.partition("@")[0].upper()].append(frame)
    for symbol, sent in frames.items():
        for frame in sorted(sent, key=lambda each: each[0]):
            witnesses[symbol].saw(*frame)


def _check(
    exchange: SimulatedExchange,
    subscriber: Subscriber,
    witnesses: dict[str, Witness],
    checked: _Checked,
) -> _Checked:
    """Compare what was delivered."""
    while subscriber.events:
        event = subscriber.events.popleft()
        if isinstance(event, StreamGap):
            assert event.reason == GapReason.MISSED
            checked.gaps.append(event)
            if (last := checked.last.pop(event.symbol, None)) is not None:
                checked.before[event.symbol] = last
            continue
        assert isinstance(event, OrderBook)
        assert event.update_id > checked.last.get(event.symbol, 0)
        top = witnesses[event.symbol].tops.get(event.update_id)
        if top is None:  # within a frame: a snapshot
            book = exchange.book(event.symbol, event.update_id)
            top = levels(book.bids[:DEPTH]), levels(book.asks[:DEPTH])
        bids, asks = list(event.bids), list(event.asks)
        assert (bids, asks) == (top[0][: len(bids)], top[1][: len(asks)])
        checked.shorter += min(len(bids), len(asks)) < DEPTH
        if (before := checked.before.pop(event.symbol, None)) is not None:
            checked.mended[event.symbol].append(range(before + 1, event.update_id + 1))
        checked.last[event.symbol] = event.update_id
        checked.books += 1
    return checked
