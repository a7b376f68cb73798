"""Each rule by which an order book is kept, by example."""

from __future__ import annotations

import math
from typing import Any

import pytest

from exchange_connector import OrderBook, OrderBookUpdate, StreamGap
from exchange_connector.core.book_machine import Events
from exchange_connector.core.snapshot_pace import PACE
from exchange_connector.core.synchroniser import AUDIT, Synchroniser
from exchange_connector.core.update_buffer import MOST
from exchange_connector.messages.levels import Levels

T = 1000.0
"""When the stream begins."""


def levels(*prices: float, quantity: str = "1") -> Levels:
    """A quantity at each."""
    return Levels([f'"{price}","{quantity}"'.encode() for price in prices])


def snapshot(at: int, *bids: float, asks: Levels | None = None) -> OrderBook:
    """With one ask, at 200."""
    return OrderBook("there", "BTCUSDT", 0, at, at, levels(*bids), asks or levels(200))


def update(first: int, last: int, *bids: float, quantity: str = "1") -> OrderBookUpdate:
    """Of some bids."""
    changed = levels(*bids, quantity=quantity)
    return OrderBookUpdate("there", "BTCUSDT", 0, last, first, last, changed, levels())


def told(events: Events) -> list[Any]:
    """Gaps by their reason, books by their id and bids."""
    return [
        event.reason
        if isinstance(event, StreamGap)
        else (event.update_id, [int(price) for price, _ in event.bids])
        for event in events
    ]


def started(*tiers: int, depth: int = 5) -> Synchroniser:
    """Its stream is on, and a snapshot due."""
    machine = Synchroniser("there", "BTCUSDT", tiers or (100, 1000), depth)
    machine.start(T)
    return machine


def answer(machine: Synchroniser, what: OrderBook, now: float = T) -> list[Any]:
    """A snapshot, asked for and given."""
    machine.asked(now)
    return told(machine.snapshot(what, now))


def live(at: int = 10, *bids: float, tiers: tuple[int, ...] = (), depth: int = 5) -> Synchroniser:
    """It has a book."""
    machine = started(*tiers, depth=depth)
    assert answer(machine, snapshot(at, *(bids or (100,))))
    return machine


# the first book


def test_nothing_is_asked_for_before_the_stream_is_on() -> None:
    """What a snapshot has to adjoin comes first."""
    machine = Synchroniser("there", "BTCUSDT", (100,), 5)
    assert math.isinf(machine.ask_at)
    machine.start(T)
    assert machine.ask_at == T
    machine.start(T + 5)
    assert machine.ask_at == T


def test_an_update_says_that_the_stream_is_on() -> None:
    """Also before the confirmation does."""
    machine = Synchroniser("there", "BTCUSDT", (100,), 5)
    assert machine.update(update(5, 6, 100), T) == []
    assert machine.ask_at == T


def test_a_quiet_symbol_has_a_book() -> None:
    """With no update at all."""
    machine = started()
    assert answer(machine, snapshot(10, 100, 99)) == [(10, [100, 99])]
    assert machine.ask_at == T + AUDIT


def test_an_empty_book_is_a_book() -> None:
    """Its first levels come with updates."""
    machine = started()
    assert answer(machine, snapshot(10, asks=levels())) == [(10, [])]
    assert told(machine.update(update(11, 11, 100), T)) == [(11, [100])]


@pytest.mark.parametrize("at", [9, 10, 11, 12])
def test_a_snapshot_within_what_was_kept_is_the_first_state(at: int) -> None:
    """The update that it straddles is applied, from the id right before its first one."""
    machine = started()
    for each in (update(10, 12, 101), update(13, 13, 102)):
        assert machine.update(each, T) == []
    expected: list[Any] = [(at, [100]), (12, [101, 100]), (13, [102, 101, 100])]
    assert answer(machine, snapshot(at, 100)) == (
        expected if at < 12 else [(12, [100]), (13, [102, 100])]
    )


def test_what_the_snapshot_has_already_is_not_applied() -> None:
    """A level that was removed since then would come back."""
    machine = started()
    machine.update(update(10, 12, 101), T)
    assert answer(machine, snapshot(14, 100)) == [(14, [100])]
    assert told(machine.update(update(13, 15, 99), T)) == [(15, [100, 99])]


def test_a_snapshot_older_than_what_was_kept_is_asked_for_again() -> None:
    """What was kept stays, so that a later one fits."""
    machine = started()
    machine.update(update(10, 12, 101), T)
    assert answer(machine, snapshot(8, 100)) == []
    assert machine.ask_at == T + PACE
    assert answer(machine, snapshot(9, 100), T + PACE) == [(9, [100]), (12, [101, 100])]


def test_a_snapshot_that_nobody_asked_for_is_nothing() -> None:
    """Nobody knows how deep it is: after `failed` its answer may still come."""
    machine = started(2)
    machine.asked(T)
    machine.failed(T)
    assert machine.snapshot(snapshot(10, 100, 99), T) == []
    assert machine.book is None
    assert machine.ask_at == T + PACE


def test_updates_that_skip_before_the_first_book_are_no_gap() -> None:
    """Nobody has seen anything yet; what was kept before is of no use."""
    machine = started()
    machine.update(update(10, 10, 101), T)
    assert machine.update(update(12, 12, 102), T) == []
    assert answer(machine, snapshot(10, 100)) == []
    assert answer(machine, snapshot(11, 100), T + 1) == [(11, [100]), (12, [102, 100])]


def test_what_is_kept_is_bounded() -> None:
    """Without a book it is the latest that are kept."""
    machine = started()
    for each in range(2 * MOST):
        machine.update(update(each, each, 100), T)
    first = 2 * MOST - MOST
    assert answer(machine, snapshot(first - 2, 100)) == []
    assert len(answer(machine, snapshot(first - 1, 100), T + 1)) == MOST + 1


# updates


def test_the_next_update_makes_the_next_book() -> None:
    """Also one that overlaps; one that ends within what is known does nothing."""
    machine = live()
    assert told(machine.update(update(11, 12, 101), T)) == [(12, [101, 100])]
    assert told(machine.update(update(9, 13, 101, quantity="0"), T)) == [(13, [100])]
    assert machine.update(update(12, 13, 150), T) == []
    assert machine.stale == 1
    assert told(machine.update(update(14, 14, 99), T)) == [(14, [100, 99])]


def test_missed_updates_are_told_with_their_ids() -> None:
    """No book is shown until a snapshot covers them."""
    machine = live()
    (gap,) = machine.update(update(14, 15, 101), T + 9)
    expected = ("order_book", "missed", 11, 13, 3)
    assert isinstance(gap, StreamGap)
    assert gap == StreamGap("there", "BTCUSDT", 15, 15, *expected)
    assert machine.book is None
    assert machine.ask_at == T + 9
    assert machine.update(update(16, 16, 102), T + 9) == []
    assert answer(machine, snapshot(12, 100), T + 9) == []
    assert answer(machine, snapshot(13, 100), T + 10) == [
        (13, [100]),
        (15, [101, 100]),
        (16, [102, 101, 100]),
    ]


def test_each_gap_of_missed_updates_is_told() -> None:
    """Also while there is no book."""
    machine = live()
    assert told(machine.update(update(14, 14, 101), T)) == ["missed"]
    (gap,) = machine.update(update(17, 17, 101), T)
    assert isinstance(gap, StreamGap)
    assert (gap.first_missed_id, gap.last_missed_id) == (15, 16)


def test_an_update_that_comes_late_fills_no_gap() -> None:
    """It was told already; the snapshot covers it."""
    machine = live()
    machine.update(update(12, 12, 101), T)
    assert machine.update(update(11, 11, 150), T) == []
    assert answer(machine, snapshot(11, 100), T + 1) == [(11, [100]), (12, [101, 100])]


# interruptions


@pytest.mark.parametrize("is_on", [False, True])
def test_an_interruption_is_told_once(is_on: bool) -> None:
    """Until there is a book again; then the next one is told, too."""
    machine = live()
    for expected in (["disconnected"], []):
        assert told(machine.interrupt("disconnected", 1, T + 1, is_on=is_on)) == expected
    assert math.isinf(machine.ask_at) is not is_on
    machine.start(T + 2)
    assert answer(machine, snapshot(3, 100), T + 2) == [(3, [100])]
    assert told(machine.interrupt("rejected", 1, T + 3, is_on=is_on)) == ["rejected"]


def test_an_interruption_before_the_first_book_is_not_told() -> None:
    """Nothing was seen that could have a gap."""
    assert started().interrupt("disconnected", 1, T, is_on=False) == []


def test_what_was_kept_of_an_older_session_is_forgotten() -> None:
    """Its ids may be others: here they have begun anew."""
    machine = started()
    machine.update(update(10, 12, 150), T)
    machine.interrupt("disconnected", 1, T, is_on=False)
    machine.start(T)
    machine.update(update(3, 4, 101), T)
    assert answer(machine, snapshot(2, 100)) == [(2, [100]), (4, [101, 100])]


@pytest.mark.parametrize("is_on_again", [False, True])
def test_a_snapshot_from_before_an_interruption_is_not_taken(is_on_again: bool) -> None:
    """Its ids, too, may be others; another is asked for."""
    machine = started()
    machine.asked(T)
    machine.interrupt("disconnected", 1, T, is_on=False)
    if is_on_again:
        machine.start(T)
    assert machine.snapshot(snapshot(10, 100), T + 0.1) == []
    machine.start(T)
    assert machine.ask_at == T + PACE
    assert answer(machine, snapshot(2, 100), T + PACE) == [(2, [100])]


def test_a_snapshot_under_way_is_good_when_the_session_is_the_same() -> None:
    """One frame could not be trusted."""
    machine = started()
    machine.asked(T)
    machine.interrupt("rejected", 1, T, is_on=True)
    assert told(machine.snapshot(snapshot(10, 100), T)) == [(10, [100])]


# when to ask


def test_one_question_at_a_time() -> None:
    """And a second between two."""
    machine = started()
    machine.asked(T)
    assert math.isinf(machine.ask_at)
    machine.update(update(20, 20, 100), T)
    machine.snapshot(snapshot(10, 100), T + 0.2)
    assert machine.ask_at == T + PACE


def test_failures_back_off() -> None:
    """Up to a minute, however many there are; the exchange may name a longer time."""
    machine, now = started(), T
    for expected in (1, 2, 4, 8, 16, 32, 60, 60):
        machine.asked(now)
        machine.failed(now)
        assert machine.ask_at == now + expected
        now = machine.ask_at
    for _ in range(2000):
        machine.failed(now)
    assert machine.ask_at == now + 60
    machine.failed(now, 300)
    assert machine.ask_at == now + 300
    assert answer(machine, snapshot(10, 100), now) != []
    machine.failed(now)
    assert machine.ask_at == now + PACE


def test_an_interruption_does_not_quicken_the_pace() -> None:
    """Else a connection that flaps would cost a ban."""
    machine = started()
    machine.asked(T)
    machine.failed(T, 30)
    machine.interrupt("disconnected", 1, T, is_on=False)
    machine.start(T + 1)
    assert machine.ask_at == T + 30


# depth


def test_the_least_snapshot_that_gives_room_is_asked_for() -> None:
    """Twice as deep as what is shown, if there is such a one."""
    for depth, reach in ((1, 100), (50, 100), (51, 500), (400, 1000), (5000, 1000)):
        assert started(100, 500, 1000, depth=depth).reach == reach


def test_a_deeper_book_needs_a_deeper_snapshot() -> None:
    """What is known is shown at once; the rest when it comes."""
    machine = live(10, 103, 102, 101, 100, tiers=(4, 16), depth=2)
    machine.show(8, T)
    assert machine.ask_at == T + PACE
    assert told(machine.update(update(11, 11, 99, 104), T)) == [(11, [104, 103, 102, 101, 100])]
    assert machine.asked(T + 1) == 16
    deeper = snapshot(11, 104, 103, 102, 101, 100, 99)
    assert machine.snapshot(deeper, T + 1) == []
    assert told(machine.update(update(12, 12, 98), T + 1)) == [
        (12, [104, 103, 102, 101, 100, 99, 98])
    ]
    machine.show(1, T + 1)
    assert told(machine.update(update(13, 13, 98), T + 1)) == [(13, [104])]


def test_a_depth_that_is_wanted_while_a_snapshot_is_under_way_has_its_own() -> None:
    """The one under way was asked for with less."""
    machine = started(4, 16, depth=2)
    machine.asked(T)
    machine.show(8, T)
    assert told(machine.snapshot(snapshot(10, 103, 102, 101, 100), T)) == [
        (10, [103, 102, 101, 100])
    ]
    assert machine.ask_at == T + PACE
    assert machine.reach == 16


@pytest.mark.parametrize(("after", "reach"), [(1.0, 16), (100.0, 8)])
def test_a_price_that_wanders_to_the_edge_needs_a_snapshot(after: float, reach: int) -> None:
    """Before a level is lacking. If soon, then a deeper one: the last was not deep enough."""
    machine = live(10, *range(107, 99, -1), tiers=(8, 16), depth=2)
    now = T + after
    machine.update(update(11, 11, *range(107, 102, -1), quantity="0"), now)
    assert machine.ask_at == T + AUDIT
    assert told(machine.update(update(12, 12, 102, quantity="0"), now)) == [(12, [101, 100])]
    assert machine.ask_at == now
    assert machine.asked(now) == reach
    assert machine.snapshot(snapshot(12, *range(101, 93, -1)), now) == []
    machine.update(update(13, 13, 101, 100, quantity="0"), now)
    assert told(machine.update(update(14, 14, 90), now)) == [(14, [99, 98])]


def test_a_book_is_bounded() -> None:
    """A price that runs away leaves levels behind."""
    machine = live(10, 1, tiers=(4,), depth=2)
    for at in range(11, 100):
        machine.update(update(at, at, at), T)
    assert machine.book is not None
    assert len(machine.book.bids) == 8


def test_who_wanted_a_deep_book_and_left_costs_nothing_more() -> None:
    """The next snapshot is as deep as those who are left need it."""
    machine = live(tiers=(10, 100), depth=5)
    machine.show(50, T)
    assert machine.reach == 100
    machine.show(5, T)
    assert machine.reach == 10
