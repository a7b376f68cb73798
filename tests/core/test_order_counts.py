"""Never more new orders than the exchange allows, and no fewer than need be."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.core.order_counts import OrderCounts

T = 1_000_000.0


def test_without_limits_everything_leaves() -> None:
    """Until the exchange has told its own."""
    assert OrderCounts().ready_at(T) == T


def test_so_many_leave_and_the_next_waits_a_period() -> None:
    """In every period that the exchange names."""
    counts = OrderCounts()
    counts.learn([(10.0, 2), (60.0, 3)])
    for at in (T, T + 1):
        assert counts.ready_at(at) == at
        counts.leaves(at)
    assert T + 10 <= counts.ready_at(T + 2) <= T + 11
    counts.leaves(T + 11)
    assert counts.ready_at(T + 30) >= T + 60


def test_a_fill_gives_one_back() -> None:
    """The exchange's count says so."""
    counts = OrderCounts()
    counts.learn([(10.0, 2)])
    counts.leaves(T)
    counts.leaves(T)
    counts.answered()
    counts.answered()
    assert counts.ready_at(T + 1) > T + 1
    counts.heard(10.0, 1, T + 1)
    assert counts.ready_at(T + 1) == T + 1


def test_what_others_place_counts() -> None:
    """Until their period ends."""
    counts = OrderCounts()
    counts.learn([(10.0, 5)])
    counts.heard(10.0, 5, T + 3)
    assert counts.ready_at(T + 3) == T + 10
    assert counts.ready_at(T + 10) == T + 10


def test_what_is_unknown_is_ignored() -> None:
    """A period that the exchange has not named."""
    counts = OrderCounts()
    counts.heard(10.0, 5, T)
    counts.answered()
    assert counts.ready_at(T) == T
    assert not math.isinf(counts.ready_at(T))


@given(
    st.integers(1, 5),
    st.lists(st.tuples(st.floats(0, 4), st.floats(0, 0.4), st.booleans()), max_size=60),
)
def test_the_exchange_never_counts_too_many(
    limit: int, orders: list[tuple[float, float, bool]]
) -> None:
    """By its aligned periods, whenever each order arrives, and whatever it tells of its count."""
    counts = OrderCounts()
    counts.learn([(10.0, limit)])
    now, counted = T, dict[float, int]()
    for pause, way, tells in orders:
        now = max(now + pause, counts.ready_at(now + pause))
        counts.leaves(now)
        arrived = now + way
        window = arrived - arrived % 10.0
        counted[window] = counted.get(window, 0) + 1
        assert counted[window] <= limit
        counts.answered()
        if tells:
            counts.heard(10.0, counted[window], arrived)
            now = arrived


def test_too_many_by_the_exchanges_word() -> None:
    """For as long as it says, whatever was counted here."""
    counts = OrderCounts()
    assert counts.ready_at(100.0) == 100.0
    counts.refused(7.0, 100.0)
    counts.refused(1.0, 101.0)
    assert counts.ready_at(101.0) == 107.0
    assert counts.ready_at(107.5) == 107.5
