"""Whatever happens to updates and snapshots, each book that is delivered was the exchange's book.

    CONNECTOR_TEST_BOOKS=10000 ./dev test tests/core/test_synchroniser_truth.py

is the long form. A case that fails names its seed; `CONNECTOR_TEST_BOOKS_FROM=SEED` begins there.
"""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Callable, Sequence
from random import Random

import msgspec
import pytest

from exchange_connector import BookTicker, GapReason, OrderBook, OrderBookUpdate, StreamGap
from exchange_connector.core.book import Book
from exchange_connector.core.book_machine import Events
from exchange_connector.core.synchroniser import Synchroniser
from exchange_connector.messages.levels import Levels

CASES = int(os.environ.get("CONNECTOR_TEST_BOOKS", "500"))
FIRST = int(os.environ.get("CONNECTOR_TEST_BOOKS_FROM", "0"))
TIERS = (4, 8, 16)
DEEPEST = 8  # wanted levels: the deepest snapshot always has them
STEPS = 200
PATIENCE = 400  # steps within which a book is back once nothing is lost any more

Side = tuple[tuple[int, int], ...]
"""Price in ticks and quantity, best level first."""


def levels(side: Sequence[tuple[int, int]]) -> Levels:
    """As an exchange sends them."""
    return Levels([b'"%d.%d","%d.000"' % (*divmod(tick, 10), amount) for tick, amount in side])


class Exchange:
    """A book that changes, with all of its states since the ids began."""

    def __init__(self, random: Random, first_id: int) -> None:
        self._random = random
        self.first_id = self.id = first_id
        self._published = first_id
        self._middle = 500
        self._books: tuple[dict[int, int], dict[int, int]] = {}, {}
        self._touched: tuple[set[int], set[int]] = set(), set()
        for _ in range(random.choice((0, 8, 60))):
            self._set_one()
        self._touched = set(), set()
        self.states = {self.id: self._state()}

    def change(self) -> None:
        """One more id: a few levels, and sometimes the price wanders."""
        self.id += 1
        if self._random.random() < 0.15:
            self._wander(self._random.choice((-6, -1, 1, 6)))
        for _ in range(self._random.randint(1, 3)):
            self._set_one()
        self.states[self.id] = self._state()

    def publish(self) -> OrderBookUpdate | None:
        """What has changed since the last time; None if nothing did."""
        if self._published == self.id:
            return None
        bids, asks = (
            levels([(tick, book.get(tick, 0)) for tick in touched])
            for book, touched in zip(self._books, self._touched, strict=True)
        )
        self._touched = set(), set()
        first, self._published = self._published + 1, self.id
        return OrderBookUpdate("there", "BTCUSDT", 0, 0, first, self.id, bids, asks)

    def snapshot(self, at: int, limit: int) -> OrderBook:
        """The best levels, as they were."""
        bids, asks = self.states[at]
        return OrderBook("there", "BTCUSDT", 0, 0, at, levels(bids[:limit]), levels(asks[:limit]))

    def ticker(self, at: int) -> BookTicker | None:
        """The best levels of both sides, as they were; None if one was empty."""
        bids, asks = self.states[at]
        if not bids or not asks:
            return None
        best = *levels(bids)[0], *levels(asks)[0]
        return BookTicker("there", "BTCUSDT", 0, 0, at, *best)

    def _wander(self, ticks: int) -> None:
        self._middle += ticks
        for index in (0, 1):
            for tick in tuple(self._books[index]):
                if (tick - self._middle) * (1, -1)[index] >= 0:
                    self._put(index, tick, 0)

    def _set_one(self) -> None:
        index, away = self._random.randrange(2), min(self._random.randint(1, 24) for _ in "ab")
        amount = self._random.choice((0, 0, 1, 2, 3))
        self._put(index, self._middle + (away if index else -away), amount)

    def _put(self, index: int, tick: int, amount: int) -> None:
        self._touched[index].add(tick)
        if amount:
            self._books[index][tick] = amount
        else:
            self._books[index].pop(tick, None)

    def _state(self) -> tuple[Side, Side]:
        bids, asks = (sorted(book.items()) for book in self._books)
        return tuple(reversed(bids)), tuple(asks)


class Observer:
    """Whoever gets the books: knows the truth, and which updates the machine was given."""

    def __init__(self) -> None:
        self.last: int | None = None  # the last book's id, since the last gap
        self._was_any = self._is_owed = False  # a book ever; a gap, since an interruption
        self.given: dict[int, int] = {}  # the last id of an update: its first

    def see(self, events: Events, exchange: Exchange, depth: int) -> None:
        """What is delivered must be true, and nothing be left out in silence."""
        for event in events:
            if isinstance(event, StreamGap):
                self._see_gap(event)
            else:
                self._see_book(event, exchange, depth)

    def _see_gap(self, gap: StreamGap) -> None:
        assert self._was_any, "a gap before the first book"
        if gap.reason == GapReason.MISSED:
            assert gap.first_missed_id is not None
            assert gap.last_missed_id is not None
            assert gap.missed == gap.last_missed_id - gap.first_missed_id + 1 >= 1
        else:
            assert self.last is not None, f"{gap.reason}: that there is no book was told already"
        self.last, self._is_owed = None, False

    def interrupted(self) -> None:
        """Before the next book there must be a gap, unless there was no book since the last one."""
        self._is_owed = self.last is not None

    def _see_book(self, book: OrderBook, exchange: Exchange, depth: int) -> None:
        assert not self._is_owed, "an interruption that nobody was told of"
        assert book.update_id in exchange.states, "an id that never was"
        for shown, truth in zip(
            (book.bids, book.asks), exchange.states[book.update_id], strict=True
        ):
            assert len(shown) <= depth
            assert shown == levels(truth[: len(shown)]), f"a lie at {book.update_id}"
        if self.last is not None:
            assert self.given.get(book.update_id, math.inf) <= self.last + 1 <= book.update_id, (
                f"from {self.last} to {book.update_id} without a gap"
            )
        self.last, self._was_any = book.update_id, True


class Case:
    """One run: an exchange, a network that does its worst, and a machine."""

    def __init__(self, seed: int, kind: type[Synchroniser]) -> None:
        self._random = random = Random(seed)
        self._depth = random.randint(1, DEEPEST)
        self._machine = kind("there", "BTCUSDT", TIERS, self._depth)
        self._exchange = Exchange(random, random.choice((0, 5, 10**12)))
        self._observer = Observer()
        self._now = 1000.0
        self._is_on = False
        self._line: deque[OrderBookUpdate] = deque()
        self._answer: tuple[Exchange, int, int] | None = None  # from where, since which id, limit
        self._asked_at = -math.inf
        self._loss, self._mess, self._cut = (random.choice((0, 0.02, 0.15)) for _ in range(3))
        self._lag = random.choice((0, 3, 20))
        self._changes = random.choice((0, 1, 1, 4))  # at a time

    def run(self) -> None:
        """A bad time, and then a good one, in which the book comes back."""
        for _ in range(STEPS):
            self._step(self._random.choice((0.01, 0.1, 0.1, 0.5, 5.0, 700.0)))
            if self._random.random() < self._cut:
                self._interrupt()
            if self._random.random() < 0.03:
                self._depth = self._random.randint(1, DEEPEST)
                self._machine.show(self._depth, self._now)
        self._loss = self._mess = self._cut = self._lag = 0
        for _ in range(PATIENCE):
            self._step(1.0)
            if self._is_synchronised:
                return
        raise AssertionError("never synchronised again")

    @property
    def _is_synchronised(self) -> bool:
        book, best = self._machine.book, self._exchange.states[self._exchange.id]
        return (
            book is not None
            and book.update_id == self._exchange.id == self._observer.last
            and all(
                side.top(self._depth) == levels(truth[: self._depth]).pieces()
                for side, truth in zip((book.bids, book.asks), best, strict=True)
            )
        )

    def _step(self, pause: float) -> None:
        self._now += pause
        if not self._is_on and (not self._cut or self._random.random() < 0.5):
            self._is_on = True
            self._machine.start(self._now)
        for _ in range(self._random.randint(0, self._changes)):
            self._exchange.change()
        if (update := self._exchange.publish()) is not None and self._is_on:
            self._line.append(update)
        if self._random.random() < 0.3:
            self._tell_ticker()
        self._deliver()
        self._ask()
        if self._answer is not None and (not self._lag or self._random.random() < 0.4):
            self._answered()
        self._look()

    def _look(self) -> None:
        """What it says that it knows is there; it waits for nothing that will not come."""
        machine, book = self._machine, self._machine.book
        if book is not None:
            self._compare(book)
        is_short = book is None or not book.knows(self._depth)
        if self._is_on and is_short and self._answer is None and machine.ahead is None:
            assert machine.ask_at <= self._now + 64, "it asks for nothing"

    def _compare(self, book: Book) -> None:
        """Also for a reader that comes now, who has not seen the updates."""
        states, state = self._exchange.states, self._machine.state()
        assert state is not None
        assert state.update_id == book.update_id
        for side, shown, truth in zip(
            (book.bids, book.asks), (state.bids, state.asks), states[book.update_id], strict=True
        ):
            count = self._depth if side.knows(self._depth) else len(side)
            assert shown == levels(truth[:count]), "not what it says that it knows"

    def _see(self, events: Events) -> None:
        self._observer.see(events, self._exchange, self._depth)

    def _give(self, update: OrderBookUpdate) -> None:
        first = self._observer.given.get(update.last_update_id, update.first_update_id)
        self._observer.given[update.last_update_id] = min(first, update.first_update_id)
        self._see(self._machine.update(update, self._now))

    def _deliver(self) -> None:
        """What is on the line, or a part of it."""
        random, line = self._random, self._line
        while line and (not self._mess or random.random() < 0.7):
            if len(line) > 1 and random.random() < self._mess:
                line.rotate(1)
            update = line.popleft()
            if random.random() < self._loss:
                continue
            self._give(update)
            if random.random() < self._mess:
                line.append(update)

    def _tell_ticker(self) -> None:
        at = self._random.randint(
            max(self._exchange.first_id, self._exchange.id - 5), self._exchange.id
        )
        if (ticker := self._exchange.ticker(at)) is not None:
            self._see(self._machine.ticker(ticker, self._now))

    def _interrupt(self) -> None:
        """The connection is lost; now and then because the exchange begins anew, with its ids."""
        random = self._random
        reason = random.choice((GapReason.DISCONNECTED, GapReason.REJECTED))
        if reason is GapReason.DISCONNECTED:
            self._line.clear()
            self._is_on = False
        self._observer.interrupted()
        self._see(self._machine.interrupt(reason, 0, self._now, is_on=self._is_on))
        if not self._is_on and random.random() < 0.5:
            first = random.choice((0, max(0, self._exchange.id - random.randint(0, 9))))
            self._exchange = Exchange(random, first)
            self._observer.given.clear()

    def _ask(self) -> None:
        if self._machine.ask_at <= self._now and (not self._lag or self._random.random() < 0.7):
            assert self._answer is None, "asked while an answer is under way"
            assert self._now >= self._asked_at + 1.0, "asked too soon"
            self._asked_at = self._now
            since = max(self._exchange.first_id, self._exchange.id - self._lag)
            self._answer = self._exchange, since, self._machine.asked(self._now)

    def _answered(self) -> None:
        """With a moment between a little before the question and now; or not at all."""
        assert self._answer is not None
        (exchange, since, limit), self._answer = self._answer, None
        if self._lag and self._random.random() < 0.15:
            self._machine.failed(self._now, self._random.choice((0.0, 3.0)))
            return
        at = self._random.randint(since, exchange.id) if self._lag else exchange.id
        self._see(self._machine.snapshot(exchange.snapshot(at, limit), self._now))


def run(seed: int, kind: type[Synchroniser] = Synchroniser) -> None:
    """One case; what is wrong is told with what makes it happen again."""
    try:
        Case(seed, kind).run()
    except Exception as error:
        raise AssertionError(
            f"seed {seed}: {error}; CONNECTOR_TEST_BOOKS=1 CONNECTOR_TEST_BOOKS_FROM={seed}"
        ) from error


@pytest.mark.timeout(1800)
def test_every_book_is_the_truth() -> None:
    """Through losses, duplicates, disorder, cuts, old snapshots and other depths; and it comes back."""
    for seed in range(FIRST, FIRST + CASES):
        run(seed)


class TakesWhatSkips(Synchroniser):
    """Accepts an update that begins behind the next id."""

    def update(self, update: OrderBookUpdate, now: float) -> Events:
        """It is made to begin right there."""
        if self.book is not None and update.first_update_id > self.book.update_id + 1:
            update = msgspec.structs.replace(update, first_update_id=self.book.update_id + 1)
        return super().update(update, now)


class TakesAnySnapshot(Synchroniser):
    """Applies what was kept to a snapshot that it does not adjoin."""

    def snapshot(self, snapshot: OrderBook, now: float) -> Events:
        """It is made to be as new as what was kept needs it."""
        kept = self._kept.newer(-1)
        if self.book is None and kept:
            newest = max(snapshot.update_id, kept[0].first_update_id - 1)
            snapshot = msgspec.structs.replace(snapshot, update_id=newest)
        return super().snapshot(snapshot, now)


class GoesOnAfterGap(Synchroniser):
    """Tells the gap, and applies the update to the book from before it."""

    def _missed(self, known: int, update: OrderBookUpdate, now: float) -> Events:
        assert self.book is not None
        self.book.apply(update)
        state = self._state(update.event_time, update.received_time)
        return [self._gap(known, update), state]


class KeepsOldSession(Synchroniser):
    """Does not forget the updates of the session that was lost."""

    def interrupt(self, reason: str, at: int, now: float, *, is_on: bool) -> Events:
        """They are put back."""
        kept = self._kept.newer(-1)
        events = super().interrupt(reason, at, now, is_on=is_on)
        for update in kept:
            self._kept.add(update, len(kept))
        return events


class ShowsWhatIsNotCovered(Synchroniser):
    """Takes what a snapshot has for all that there is."""

    def snapshot(self, snapshot: OrderBook, now: float) -> Events:
        """It is made to be less than was asked for."""
        self._asked *= 10
        return super().snapshot(snapshot, now)


@pytest.mark.parametrize(
    "broken",
    [TakesWhatSkips, TakesAnySnapshot, GoesOnAfterGap, KeepsOldSession, ShowsWhatIsNotCovered],
)
def test_a_broken_rule_is_found(
    broken: type[Synchroniser], figure: Callable[[str, object], None]
) -> None:
    """By one of the first cases."""
    for seed in range(500):
        try:
            run(seed, broken)
        except AssertionError:
            figure(f"cases until {broken.__name__} is found", seed + 1)
            return
    pytest.fail("each of its books seems true")
