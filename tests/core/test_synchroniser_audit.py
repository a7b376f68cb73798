"""A book that cannot be right is found out: by itself, by book tickers and by snapshots."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_connector import BookTicker, OrderBook, OrderBookUpdate, StreamGap
from exchange_connector.core.book_machine import Events
from exchange_connector.core.snapshot_pace import PACE
from exchange_connector.core.synchroniser import AUDIT, Synchroniser
from exchange_connector.core.ticker_audit import TickerAudit
from exchange_connector.core.update_buffer import MOST_BESIDE_BOOK
from exchange_connector.messages.levels import Levels

T = 1000.0


def levels(*prices: int, quantity: str = "1") -> Levels:
    """A quantity at each."""
    return Levels([f'"{price}","{quantity}"'.encode() for price in prices])


def snapshot(at: int, *bids: int) -> OrderBook:
    """With one ask, at 200."""
    return OrderBook("there", "BTCUSDT", 0, at, at, levels(*bids), levels(200))


def update(first: int, last: int, *bids: int, quantity: str = "1") -> OrderBookUpdate:
    """Of some bids."""
    changed = levels(*bids, quantity=quantity)
    return OrderBookUpdate("there", "BTCUSDT", 0, last, first, last, changed, levels())


def ticker(at: int, bid: int, quantity: str = "1") -> BookTicker:
    """With the ask that there always is."""
    best = *levels(bid, quantity=quantity)[0], *levels(200)[0]
    return BookTicker("there", "BTCUSDT", 0, at, at, *best)


def told(events: Events) -> list[Any]:
    """Gaps by their reason, books by their id and bids."""
    return [
        event.reason
        if isinstance(event, StreamGap)
        else (event.update_id, [int(price) for price, _ in event.bids])
        for event in events
    ]


def answer(machine: Synchroniser, what: OrderBook, now: float) -> list[Any]:
    """A snapshot, asked for and given."""
    machine.asked(now)
    return told(machine.snapshot(what, now))


@pytest.fixture
def machine() -> Synchroniser:
    """It has a book, of one bid at 100, with id 10."""
    machine = Synchroniser("there", "BTCUSDT", (100,), 5)
    machine.start(T)
    assert answer(machine, snapshot(10, 100), T) == [(10, [100])]
    return machine


# crossed


def test_a_crossed_book_is_not_shown(machine: Synchroniser) -> None:
    """It ends; the updates go on, and a snapshot makes another of them."""
    assert told(machine.update(update(11, 11, 200), T)) == ["crossed"]
    assert machine.book is None
    assert machine.ask_at == T + PACE
    assert machine.update(update(12, 12, 200, quantity="0"), T) == []
    assert told(machine.interrupt("rejected", 1, T, is_on=True)) == []
    assert answer(machine, snapshot(12, 100), T + 1) == [(12, [100])]


def test_a_crossed_snapshot_is_not_shown() -> None:
    """Neither as the first state nor beside a book, which cannot be trusted either."""
    machine = Synchroniser("there", "BTCUSDT", (100,), 5)
    machine.start(T)
    assert answer(machine, snapshot(10, 300), T) == []
    assert machine.ask_at == T + PACE
    assert answer(machine, snapshot(10, 100), T + 1) == [(10, [100])]
    assert answer(machine, snapshot(10, 300), T + AUDIT) == ["crossed"]
    assert machine.ask_at == T + AUDIT + PACE


def test_a_book_that_crosses_among_the_kept_updates_comes_back() -> None:
    """What came behind the crossing is kept."""
    machine = Synchroniser("there", "BTCUSDT", (100,), 5)
    machine.start(T)
    for each in (update(11, 11, 200), update(12, 12, 200, quantity="0"), update(13, 13, 99)):
        machine.update(each, T)
    assert answer(machine, snapshot(10, 100), T) == [(10, [100]), "crossed"]
    assert machine.ask_at == T + PACE
    assert answer(machine, snapshot(12, 100), T + 1) == [(12, [100]), (13, [100, 99])]


# book tickers


def test_a_ticker_that_says_otherwise_ends_the_book(machine: Synchroniser) -> None:
    """In price or in quantity, at an id that the book had."""
    assert machine.ticker(ticker(10, 100), T) == []
    assert told(machine.ticker(ticker(10, 100, "2"), T)) == ["contradicted"]
    assert machine.ask_at == T + PACE
    assert machine.ticker(ticker(10, 101), T) == []
    assert answer(machine, snapshot(10, 101), T + 1) == [(10, [101])]
    assert machine.ticker(ticker(10, 101), T) == []


def test_a_ticker_of_an_id_in_between_says_nothing(machine: Synchroniser) -> None:
    """The book never was at it."""
    machine.ticker(ticker(12, 150), T)
    machine.ticker(ticker(5, 150), T)
    assert told(machine.update(update(11, 13, 101), T)) == [(13, [101, 100])]


def test_a_book_that_a_ticker_contradicted_in_advance_is_not_shown(machine: Synchroniser) -> None:
    """The ticker came first."""
    assert machine.ticker(ticker(11, 102), T) == []
    assert told(machine.update(update(11, 11, 101), T)) == ["contradicted"]


def test_an_earlier_book_is_compared_too(machine: Synchroniser) -> None:
    """The ticker came later than the next update."""
    machine.update(update(11, 11, 101), T)
    machine.update(update(12, 12, 102), T)
    assert machine.ticker(ticker(11, 101), T) == []
    assert told(machine.ticker(ticker(12, 101), T)) == ["contradicted"]


def test_of_an_empty_side_a_ticker_says_nothing(machine: Synchroniser) -> None:
    """Exchanges differ in what they send then."""
    machine.update(update(11, 11, 100, quantity="0"), T)
    assert machine.ticker(ticker(11, 0, "0"), T) == []


def test_few_tickers_are_remembered() -> None:
    """Of those that are far ahead, the latest."""
    audit = TickerAudit()
    for at in range(1000):
        audit.heard(ticker(at, 50))
    audit.reached(900, [b'"100","1"'], [b'"200","1"'])
    assert audit.contradiction() is None
    audit.reached(999, [b'"100","1"'], [b'"200","1"'])
    assert audit.contradiction() == ticker(999, 50)


# snapshots


def test_a_book_is_compared_every_ten_minutes(machine: Synchroniser) -> None:
    """If it is right, nothing is told."""
    machine.update(update(11, 12, 101), T)
    assert machine.ask_at == T + AUDIT
    for at in (12, 11, 10):
        now = machine.ask_at
        if at > 10:
            assert answer(machine, snapshot(12, 101, 100), now) == []
        else:
            assert answer(machine, snapshot(10, 100), now) == []
        assert machine.ask_at == now + AUDIT
    assert told(machine.update(update(13, 13, 99), T)) == [(13, [101, 100, 99])]


def test_a_snapshot_that_says_otherwise_is_believed(machine: Synchroniser) -> None:
    """After a gap; and that there was one is told again with the next one."""
    assert answer(machine, snapshot(10, 99), T + AUDIT) == ["contradicted", (10, [99])]
    assert told(machine.update(update(11, 11, 98), T + AUDIT)) == [(11, [99, 98])]
    assert told(machine.interrupt("disconnected", 1, T, is_on=False)) == ["disconnected"]


def test_a_loss_right_after_a_contradiction_is_told(machine: Synchroniser) -> None:
    """A book stood between them."""
    assert answer(machine, snapshot(10, 99), T + AUDIT) == ["contradicted", (10, [99])]
    assert told(machine.interrupt("disconnected", 1, T, is_on=False)) == ["disconnected"]


def test_tickers_are_not_compared_with_the_book_that_was_wrong(machine: Synchroniser) -> None:
    """There is another one now."""
    machine.update(update(11, 11, 101), T)
    assert answer(machine, snapshot(11, 99), T + AUDIT) == ["contradicted", (11, [99])]
    assert machine.ticker(ticker(10, 99), T + AUDIT) == []


def test_a_snapshot_ahead_of_the_updates_waits_for_them(machine: Synchroniser) -> None:
    """Meanwhile the book goes on, and none is asked for, for a while."""
    assert answer(machine, snapshot(12, 102, 101, 100), T + AUDIT) == []
    assert machine.ask_at == T + AUDIT + 10
    assert told(machine.update(update(11, 11, 101), T + AUDIT)) == [(11, [101, 100])]
    assert told(machine.update(update(12, 13, 102, 103), T + AUDIT)) == [(13, [103, 102, 101, 100])]
    assert machine.ask_at == T + 2 * AUDIT


def test_updates_that_do_not_reach_a_snapshot_were_lost_in_silence(machine: Synchroniser) -> None:
    """If a second one, later, is ahead of them too: nothing else would ever show it."""
    answer(machine, snapshot(12, 102, 101, 100), T + AUDIT)
    later = machine.ask_at
    assert answer(machine, snapshot(12, 102, 101, 100), later) == [
        "contradicted",
        (12, [102, 101, 100]),
    ]
    assert told(machine.update(update(13, 13, 103), later)) == [(13, [103, 102, 101, 100])]


def test_an_old_snapshot_does_not_end_the_wait(machine: Synchroniser) -> None:
    """It comes out of a cache, and says nothing of what is lost."""
    answer(machine, snapshot(12, 102, 101, 100), T + AUDIT)
    assert answer(machine, snapshot(10, 100), machine.ask_at) == []
    assert told(machine.update(update(11, 11, 101), T + AUDIT)) == [(11, [101, 100])]


def test_a_book_that_the_waiting_snapshot_contradicts_is_not_shown(machine: Synchroniser) -> None:
    """What is shown at that id is the snapshot's."""
    assert answer(machine, snapshot(11, 99), T + AUDIT) == []
    assert told(machine.update(update(11, 11, 101), T)) == ["contradicted", (11, [99])]


def test_a_gap_ends_the_wait_for_the_updates(machine: Synchroniser) -> None:
    """A snapshot is asked for as after any other."""
    assert answer(machine, snapshot(12, 99), T + AUDIT) == []
    assert told(machine.update(update(12, 12, 101), T + AUDIT)) == ["missed"]
    assert machine.ask_at == T + AUDIT + PACE


def test_a_snapshot_out_of_a_cache_is_brought_up_to_date(machine: Synchroniser) -> None:
    """With the updates that are kept beside the book, and those that came meanwhile."""
    last = 10 + 2 * MOST_BESIDE_BOOK
    for at in range(11, last + 1):
        machine.update(update(at, at, at), T)
    adjoining = last - MOST_BESIDE_BOOK
    bids = (100, *range(adjoining, 10, -1))
    machine.asked(T + AUDIT)
    for at in range(last + 1, last + 50):
        machine.update(update(at, at, 50), T + AUDIT)
    assert machine.snapshot(snapshot(adjoining, *bids), T + AUDIT) == []
    assert machine.ask_at == T + 2 * AUDIT


def test_three_stale_snapshots_end_the_book(machine: Synchroniser) -> None:
    """One or two may come out of a cache."""
    now = T + AUDIT
    for _ in range(2):
        assert answer(machine, snapshot(7, 100), now) == []
        now += PACE
        assert machine.ask_at == now
    assert answer(machine, snapshot(7, 100), now) == ["contradicted"]
    assert machine.ask_at == now + PACE


def test_stale_snapshots_are_counted_one_after_the_other(machine: Synchroniser) -> None:
    """One that fits proves the book."""
    for at in (7, 7, 10, 7, 7, 10):
        assert answer(machine, snapshot(at, 100), T + AUDIT) == []
    assert machine.book is not None


def test_after_a_stale_snapshot_more_updates_are_kept(machine: Synchroniser) -> None:
    """So that the next one, as far behind the updates, adjoins them."""
    assert answer(machine, snapshot(7, 100), T + AUDIT) == []
    for at in range(11, 100):
        machine.update(update(at, at, 50), T + AUDIT)
    assert answer(machine, snapshot(11, 100, 50), T + AUDIT + 9) == []
    assert machine.ask_at == T + AUDIT + 9 + AUDIT


# ids that begin anew, with nothing said of it


def test_a_book_comes_back_when_the_ids_begin_anew(machine: Synchroniser) -> None:
    """Both updates and snapshots are stale: what was kept is as wrong as the book."""
    machine.update(update(11, 11, 101), T)
    assert machine.update(update(1, 1, 90), T) == []
    now = T + AUDIT
    for _ in range(2):
        assert answer(machine, snapshot(1, 90), now) == []
    assert answer(machine, snapshot(1, 90), now) == ["contradicted"]
    assert machine.update(update(2, 2, 91), now) == []
    assert answer(machine, snapshot(1, 90), now + 1) == [(1, [90]), (2, [91, 90])]


def test_ids_may_begin_anew_while_there_is_no_book() -> None:
    """What was kept gives way once the stream and a snapshot are both behind it."""
    machine = Synchroniser("there", "BTCUSDT", (100,), 5)
    machine.start(T)
    machine.update(update(10, 12, 101), T)
    assert answer(machine, snapshot(2, 90), T) == []
    machine.update(update(2, 2, 90), T)
    assert answer(machine, snapshot(2, 90), T + 1) == [(2, [90])]
    assert told(machine.update(update(3, 3, 91), T + 1)) == [(3, [91, 90])]
