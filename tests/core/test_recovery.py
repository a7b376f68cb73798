"""What was missed, page by page: had or told as missing, each key once and in order."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.core.recovery import (
    TRIES,
    Allowance,
    Missing,
    Page,
    Recovery,
    Row,
)


def trades(*numbers: int) -> list[Row[int]]:
    """Rows of trades, each of which is its own id."""
    return [Row(number, number + 1, number) for number in numbers]


def of_trades(first: int, end: int, *, page: int = 10, most: int = 1000) -> Recovery[int]:
    """A recovery of trades."""
    return Recovery(first, end, page=page, most=most, is_counted=True)


def test_a_range_is_asked_for_in_pages() -> None:
    """From the oldest on, and no more than is wanted."""
    recovery = of_trades(5, 28)
    asked: list[Page] = []
    while not recovery.is_over:
        page = recovery.next_page()
        asked.append(page)
        recovery.take(page, trades(*range(page.first, page.first + page.limit)), 0.0)
    assert asked == [Page(5, 10), Page(15, 10), Page(25, 3)]
    assert recovery.outcome() == tuple(range(5, 28))


def test_what_is_not_wanted_is_passed_over() -> None:
    """Older ones, newer ones, and those that come twice."""
    recovery = of_trades(5, 8)
    recovery.take(recovery.next_page(), trades(3, 4, 5, 5, 6, 7, 8, 9), 0.0)
    assert recovery.is_over
    assert recovery.outcome() == (5, 6, 7)


def test_ids_that_the_exchange_passes_over_are_missing() -> None:
    """In their place; what is behind them is not given up."""
    recovery = of_trades(5, 12)
    recovery.take(recovery.next_page(), trades(6, 7, 10, 11), 0.0)
    assert recovery.is_over
    assert recovery.outcome() == (Missing(5, 5), 6, 7, Missing(8, 9), 10, 11)


def test_an_answer_that_begins_behind_the_range_ends_it() -> None:
    """The exchange has none of them, and asking again would not help."""
    recovery = of_trades(5, 8)
    recovery.take(recovery.next_page(), trades(20, 21), 0.0)
    assert recovery.is_over
    assert recovery.outcome() == (Missing(5, 7),)


def test_a_page_that_is_too_short_is_asked_for_again() -> None:
    """A database may be behind the stream; after a pause that grows, and not for ever."""
    recovery = of_trades(5, 10)
    recovery.take(recovery.next_page(), trades(5, 6), 100.0)
    assert not recovery.is_over
    assert recovery.next_page() == Page(7, 3)
    pauses = [recovery.not_before - 100.0]
    for _ in range(TRIES - 1):
        assert not recovery.is_over
        recovery.take(recovery.next_page(), [], 100.0)
        pauses.append(recovery.not_before - 100.0)
    assert pauses == pytest.approx([0.2, 0.4, 0.8, 1.6])
    assert recovery.is_over
    assert recovery.outcome() == (5, 6, Missing(7, 9))


def test_progress_forgets_the_failures_before_it() -> None:
    """They have to come in a row."""
    recovery = of_trades(0, 40)
    for number in range(0, 40, 10):
        for _ in range(TRIES - 1):
            recovery.failed(0.0)
        recovery.take(recovery.next_page(), trades(*range(number, number + 10)), 0.0)
    assert recovery.is_over
    assert recovery.outcome() == tuple(range(40))


def test_a_wait_that_the_exchange_wants_is_kept() -> None:
    """Where it is longer than our own pause."""
    recovery = of_trades(5, 8)
    recovery.failed(100.0, 7.0)
    assert recovery.not_before == 107.0


def test_of_too_many_trades_the_newest_are_had() -> None:
    """They lead up to the live ones."""
    recovery = of_trades(0, 100, most=10)
    assert recovery.next_page() == Page(90, 10)
    recovery.take(recovery.next_page(), trades(*range(90, 100)), 0.0)
    assert recovery.is_over
    assert recovery.outcome() == (Missing(0, 89), *range(90, 100))


def candles(*opened: int, width: int = 60) -> list[Row[str]]:
    """Rows of candles that begin then."""
    return [Row(at, at + width, f"at {at}") for at in opened]


def test_candles_follow_each_other_by_their_ends() -> None:
    """How many there are, nobody knows before."""
    recovery: Recovery[str] = Recovery(120, 300, page=1000, most=1000, is_counted=False)
    assert recovery.next_page() == Page(120, 1000)
    recovery.take(recovery.next_page(), candles(120, 240), 0.0)
    assert recovery.is_over
    assert recovery.outcome() == ("at 120", Missing(180, 239), "at 240")


def test_of_too_many_candles_the_oldest_are_had() -> None:
    """Page by page, up to the bound."""
    recovery: Recovery[str] = Recovery(0, 6000, page=2, most=3, is_counted=False)
    recovery.take(recovery.next_page(), candles(0, 60), 0.0)
    assert recovery.next_page() == Page(120, 1)
    recovery.take(recovery.next_page(), candles(120), 0.0)
    assert recovery.is_over
    assert recovery.outcome() == ("at 0", "at 60", "at 120", Missing(180, 5999))


def test_given_up_the_rest_is_missing() -> None:
    """What came stays."""
    recovery = of_trades(5, 30)
    recovery.take(recovery.next_page(), trades(*range(5, 15)), 0.0)
    recovery.give_up()
    assert recovery.is_over
    assert recovery.outcome() == (*range(5, 15), Missing(15, 29))


ids = st.integers(0, 60)
answers = st.lists(
    st.one_of(
        st.just("whole"),
        st.just("failed"),
        st.lists(ids, max_size=12).map(sorted),  # what an exchange may make up
        st.lists(ids, max_size=12),
        st.integers(0, 8),  # so many, though there are more
    ),
    max_size=12,
)


@given(first=st.integers(0, 20), count=st.integers(1, 40), most=st.integers(1, 50),
       page=st.integers(1, 12), plan=answers)  # fmt: skip
def test_whatever_comes_each_id_is_had_or_missing(
    first: int, count: int, most: int, page: int, plan: list[Any]
) -> None:
    """In order, once, and nothing that was not missed; the end comes in any case."""
    end = first + count
    recovery = of_trades(first, end, page=page, most=most)
    now, rounds = 0.0, 0
    for answer in [*plan, *["failed"] * TRIES]:
        if recovery.is_over:
            break
        asked, rounds, now = recovery.next_page(), rounds + 1, now + 1.0
        assert first <= asked.first < end
        assert 1 <= asked.limit <= page
        assert asked.first + asked.limit <= end
        if answer == "failed":
            recovery.failed(now)
        elif isinstance(answer, list):
            recovery.take(asked, trades(*answer), now)
        else:
            limit = min(answer, asked.limit) if isinstance(answer, int) else asked.limit
            recovery.take(asked, trades(*range(asked.first, asked.first + limit)), now)
    assert recovery.is_over
    seen: list[int] = []
    had = 0
    for part in recovery.outcome():
        if isinstance(part, Missing):
            assert part.first <= part.last
            seen += range(part.first, part.last + 1)
        else:
            seen.append(part)
            had += 1
    assert seen == list(range(first, end))
    assert had <= most


def test_the_allowance_is_spent_and_comes_back() -> None:
    """A minute after it was spent."""
    allowance = Allowance(100)
    assert allowance.ready_at(25, 0.0) == 0.0
    for at in (0.0, 1.0, 2.0, 3.0):
        assert allowance.ready_at(25, at) == at
        allowance.spend(25, at)
    assert allowance.ready_at(25, 4.0) == 60.0
    assert allowance.ready_at(50, 4.0) == 61.0
    assert allowance.ready_at(25, 60.0) == 60.0


def test_what_exceeds_the_allowance_is_never_ready() -> None:
    """Nobody waits for it."""
    assert Allowance(20).ready_at(25, 0.0) == math.inf


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 40)), max_size=60))
def test_in_no_minute_more_is_spent(steps: list[tuple[int, int]]) -> None:
    """By who waits as he is told."""
    allowance, now = Allowance(100), 0.0
    spent: list[tuple[float, int]] = []
    for pause, weight in steps:
        now = max(now + pause, allowance.ready_at(weight, now + pause))
        assert allowance.ready_at(weight, now) == now
        allowance.spend(weight, now)
        spent.append((now, weight))
        assert sum(each for at, each in spent if at > now - 60.0) <= 100
