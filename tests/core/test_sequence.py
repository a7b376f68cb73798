"""Is anything missing?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.core.sequence import (
    NEXT,
    STALE,
    Continuity,
    Missed,
    Rule,
    Seen,
    States,
)


def test_trades_follow_one_by_one() -> None:
    """What was seen is stale, what was skipped is named, and after it all goes on."""
    trades = Continuity(Rule.CONSECUTIVE)
    assert trades.check(10, 10) is NEXT
    assert trades.check(11, 11) is NEXT
    assert trades.check(11, 11) is STALE
    assert trades.check(3, 3) is STALE
    assert trades.check(15, 15) == Missed(12, 14)
    assert trades.check(15, 15) is STALE
    assert trades.check(16, 16) is NEXT


def test_diffs_begin_where_the_last_one_ended() -> None:
    """One that overlaps is the next; one that ends within what is known is stale."""
    diffs = Continuity(Rule.CONSECUTIVE)
    assert diffs.check(1, 5) is NEXT
    assert diffs.check(6, 9) is NEXT
    assert diffs.check(8, 12) is NEXT
    assert diffs.check(10, 12) is STALE
    assert diffs.check(20, 22) == Missed(13, 19)
    assert diffs.check(23, 23) is NEXT


def test_book_tickers_only_grow() -> None:
    """Their ids skip without anything missing."""
    tickers = Continuity(Rule.INCREASING)
    assert [tickers.check(i, i) for i in (5, 9, 9, 8, 100)] == [NEXT, NEXT, STALE, STALE, NEXT]


def test_without_ids_everything_is_next() -> None:
    """A stream that carries none sends 0 each time."""
    stream = Continuity(Rule.NONE)
    assert [stream.check(0, 0) for _ in range(3)] == [NEXT, NEXT, NEXT]


def test_after_a_restart_the_next_starts_afresh() -> None:
    """Wherever it begins, also further back."""
    trades = Continuity(Rule.CONSECUTIVE)
    trades.check(10, 10)
    trades.restart()
    assert trades.check(7, 7) is NEXT
    assert trades.check(9, 9) == Missed(8, 8)


def test_the_verdicts_can_be_read() -> None:
    """In a log or a failing test."""
    assert (repr(NEXT), repr(STALE)) == ("NEXT", "STALE")


@given(st.lists(st.integers(0, 60), min_size=1))
def test_every_id_is_delivered_or_named_once(ids: list[int]) -> None:
    """Whatever comes, from the first id to the last none is doubled or lost in silence."""
    trades, accounted = Continuity(Rule.CONSECUTIVE), list[int]()
    for trade_id in ids:
        verdict = trades.check(trade_id, trade_id)
        if isinstance(verdict, Missed):
            accounted.extend(range(verdict.first_missed, verdict.last_missed + 1))
        if verdict is not STALE:
            accounted.append(trade_id)
    assert accounted == list(range(ids[0], max(ids) + 1))


def test_states_follow_until_the_exchange_counts_anew() -> None:
    """A lower id is an old state that comes again, or of a newer time, and then the next one."""
    states = States()
    assert states.check(7, 100) is NEXT
    assert states.check(7, 300) is STALE
    assert states.check(9, 400) is NEXT
    assert states.check(8, 400) is STALE
    assert states.check(8, 350) is STALE
    assert states.check(1, 401) is NEXT
    assert states.check(2, 401) is NEXT


def test_ids_without_an_order_are_remembered() -> None:
    """For a while."""
    seen = Seen(3)
    assert [seen.is_new(id) for id in ("b", "a", "b", "c", "a")] == [True, True, False, True, False]
    assert seen.is_new("d")  # and "b" is forgotten
    assert [seen.is_new(id) for id in ("a", "c", "d", "b")] == [False, False, False, True]
