"""A book whose stream brings the snapshots: each rule by example."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from exchange_connector import OrderBook, OrderBookUpdate, StreamGap
from exchange_connector.core.book_machine import BookMachine, Events
from exchange_connector.core.streamed_book import MOST_LEVELS, PATIENCE, StreamedBook
from exchange_connector.messages.levels import Levels

T = 1000.0
"""When the stream begins."""


def levels(*prices: float, quantity: str = "1") -> Levels:
    """A quantity at each."""
    return Levels([f'"{price}","{quantity}"'.encode() for price in prices])


def snapshot(id: int, *bids: float, asks: Levels | None = None) -> OrderBookUpdate:
    """With one ask, at 200."""
    sides = levels(*bids), asks or levels(200)
    return OrderBookUpdate("there", "BTCUSDT", id * 10, id, id, id, *sides, is_snapshot=True)


def update(id: int, *bids: float, quantity: str = "1") -> OrderBookUpdate:
    """Of some bids."""
    changed = levels(*bids, quantity=quantity)
    return OrderBookUpdate("there", "BTCUSDT", id * 10, id, id, id, changed, levels())


def told(events: Events) -> list[Any]:
    """Gaps by their reason and ids, books by their id and bids."""
    return [
        (event.reason, event.first_missed_id, event.last_missed_id)
        if isinstance(event, StreamGap)
        else (event.update_id, [int(price) for price, _ in event.bids])
        for event in events
    ]


def started(depth: int = 5) -> StreamedBook:
    """Its stream is on."""
    machine = StreamedBook("there", "BTCUSDT", depth)
    machine.start(T)
    return machine


def live(*bids: float, depth: int = 5) -> StreamedBook:
    """It has a book, of id 10."""
    machine = started(depth)
    machine.update(snapshot(10, *bids), T)
    return machine


def test_it_is_a_book_machine() -> None:
    """The room of the books knows no other."""
    machine: BookMachine = started()
    assert machine.snapshot(OrderBook("there", "BTCUSDT", 0, 0, 1, (), ()), T) == []
    machine.failed(T)
    assert machine.serves(1000)


def test_a_snapshot_is_the_book_and_changes_follow() -> None:
    """With the times of what made it so."""
    machine = started()
    (first,) = machine.update(snapshot(10, 100, 99), T)
    assert isinstance(first, OrderBook)
    assert told([first]) == [(10, [100, 99])]
    assert (first.event_time, first.received_time) == (100, 10)
    assert told(machine.update(update(11, 101), T)) == [(11, [101, 100, 99])]
    assert told(machine.update(update(12, 100, quantity="0"), T)) == [(12, [101, 99])]
    state = machine.state()
    assert state is not None
    assert told([state]) == [(12, [101, 99])]


def test_a_snapshot_at_any_time_replaces_the_book() -> None:
    """Also when the exchange counts anew; nothing is missing for that."""
    machine = live(100)
    assert told(machine.update(snapshot(1, 90), T)) == [(1, [90])]
    assert told(machine.update(update(2, 91), T)) == [(2, [91, 90])]


def test_a_level_that_enters_behind_all_others_is_known() -> None:
    """The exchange keeps so many levels in view, and tells of each that comes into it."""
    machine = live(100, 99)
    assert told(machine.update(update(11, 98), T)) == [(11, [100, 99, 98])]


def test_what_is_old_changes_nothing() -> None:
    """It may come twice."""
    machine = live(100)
    machine.update(update(11, 101), T)
    assert machine.update(update(11, 102), T) == []
    assert machine.update(update(5, 102), T) == []
    assert machine.stale == 2


def test_a_missing_id_ends_the_book_until_the_next_snapshot() -> None:
    """That is told once, with the ids; the stream is to be begun anew."""
    machine = live(100)
    assert told(machine.update(update(14, 101), T)) == [("missed", 11, 13)]
    assert (machine.book, machine.state(), machine.ask_at) == (None, None, T)
    assert machine.update(update(15, 102), T) == []
    assert told(machine.update(snapshot(20, 110), T)) == [(20, [110])]
    assert machine.ask_at == math.inf


def test_a_gap_that_was_seen_before_it_is_told_of_the_book() -> None:
    """Whoever brings the updates may check the ids."""
    machine = live(100)
    gap = StreamGap("there", "BTCUSDT", 7, 7, "order_book_updates", "missed", 11, 13, 3)
    (told_of_book,) = machine.missed(gap, T)
    assert isinstance(told_of_book, StreamGap)
    assert (told_of_book.channel, told_of_book.missed) == ("order_book", 3)
    assert machine.missed(gap, T) == []


def test_a_crossed_book_is_none() -> None:
    """What made it so was lost or wrong."""
    machine = live(100)
    assert told(machine.update(update(11, 200), T)) == [("crossed", None, None)]
    assert machine.ask_at == T
    assert machine.update(snapshot(12, 210), T) == []  # crossed as well, and told already
    assert told(machine.update(snapshot(13, 100), T)) == [(13, [100])]


def test_an_interruption_is_told_once_and_only_of_a_book() -> None:
    """The new connection begins with a snapshot."""
    machine = started()
    assert machine.interrupt("disconnected", 5, T, is_on=False) == []
    machine.start(T)
    machine.update(snapshot(10, 100), T)
    assert told(machine.interrupt("disconnected", 5, T, is_on=False)) == [
        ("disconnected", None, None)
    ]
    assert machine.interrupt("disconnected", 5, T, is_on=False) == []
    assert machine.ask_at == math.inf
    assert told(machine.update(snapshot(3, 100), T + 1)) == [(3, [100])]


def test_a_stream_that_begins_with_no_snapshot_is_begun_anew() -> None:
    """Ever less often, until one comes."""
    machine = started()
    assert machine.ask_at == T + PATIENCE
    asked: list[float] = []
    for _ in range(8):
        asked.append(machine.ask_at)
        assert machine.asked(machine.ask_at) == 0
    waits = [after - before for before, after in pairwise(asked)]
    assert waits[0] == PATIENCE
    assert waits == sorted(waits)
    assert waits[-1] <= 60
    machine.update(snapshot(1, 100), asked[-1])
    assert machine.ask_at == math.inf


def test_what_is_shown_is_as_deep_as_was_asked() -> None:
    """From the next book on."""
    machine = live(100, 99, 98, depth=2)
    assert told(machine.update(update(11, 97), T)) == [(11, [100, 99])]
    machine.show(3, T)
    assert told(machine.update(update(12, 96), T)) == [(12, [100, 99, 98])]


def test_nothing_grows_without_bound() -> None:
    """Though an exchange never said that a level has left."""
    machine = live(1)
    for first in range(0, 2 * MOST_LEVELS, 1000):
        prices = [1 + (first + each) / 1000 for each in range(1000)]
        machine.update(update(11 + first // 1000, *prices), T)
    assert machine.book is not None
    assert len(machine.book.bids) == MOST_LEVELS


def test_after_a_long_interruption_the_snapshot_is_waited_for() -> None:
    """The stream begins with one: to have it begun anew at once would cost another gap."""
    machine = live(100)
    machine.interrupt("disconnected", 1, T, is_on=False)
    later = T + 100 * PATIENCE
    machine.start(later)
    assert machine.ask_at == later + PATIENCE


def test_a_snapshot_that_is_the_book_already_shows_nothing_new() -> None:
    """It comes again where the stream was begun anew for somebody else."""
    machine = live(100)
    assert machine.update(snapshot(10, 100), T) == []
    assert machine.stale == 1


def test_a_crossed_snapshot_is_not_asked_for_all_the_time() -> None:
    """To have a stream begun anew disturbs others; where that does not help, it is tried less."""
    machine = live(100)
    pauses: list[float] = []
    now = T
    for id in range(20, 30):
        machine.update(snapshot(id, 300), now)
        assert machine.book is None
        pauses.append(machine.ask_at - now)
        now = max(now, machine.ask_at)
        machine.asked(now)
    assert pauses[0] == 0
    assert pauses[-1] == 60.0
    assert told(machine.update(snapshot(40, 100), now)) == [(40, [100])]
    assert machine.ask_at == math.inf
