"""Order of service, pacing and dials."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.core.limiter import DialBudget, Lanes, Pacer


@given(st.lists(st.tuples(st.integers(0, 3), st.integers()), max_size=30))
def test_lanes_serve_the_urgent_first_and_in_order(
    items: list[tuple[int, int]],
) -> None:
    """Within a lane first come, first served."""
    lanes: Lanes[tuple[int, int]] = Lanes()
    for item in items:
        lanes.push(item[0], item)
    expected = sorted(items, key=lambda item: item[0])
    assert list(lanes) == expected
    assert lanes.peek() == (expected[0] if expected else None)
    assert [lanes.pop_first() for _ in range(len(lanes))] == expected
    assert len(lanes) == 0


def test_nothing_overtakes_a_head() -> None:
    """The head stays the first until it is taken, whatever comes behind it in its lane."""
    lanes: Lanes[str] = Lanes()
    lanes.push(1, "heavy")
    for index in range(100):
        lanes.push(1, f"light {index}")
        lanes.push(2, f"lighter {index}")
        assert lanes.peek() == "heavy"
    lanes.push(0, "urgent")
    assert [lanes.pop_first(), lanes.pop_first()] == ["urgent", "heavy"]


def test_removing_takes_the_very_item() -> None:
    """Two equal requests are still two."""
    first, second, third = [1], [1], [1]
    lanes: Lanes[list[int]] = Lanes()
    lanes.push(0, first)
    lanes.push(0, second)
    assert lanes.remove(second)
    assert not lanes.remove(second)
    assert not lanes.remove(third)
    assert lanes.peek() is first
    assert len(lanes) == 1


def test_empty_lanes_say_so() -> None:
    """Looking is allowed, taking is not."""
    lanes: Lanes[int] = Lanes()
    lanes.push(0, 1)
    lanes.pop_first()
    assert lanes.peek() is None
    with pytest.raises(IndexError):
        lanes.pop_first()


def test_a_pacer_keeps_departures_apart() -> None:
    """Counted from the departure itself."""
    pacer = Pacer(0.5)
    assert pacer.ready_at(10.0) == 10.0
    pacer.departed(10.0)
    assert pacer.ready_at(10.2) == 10.5
    assert pacer.ready_at(11.0) == 11.0
    free = Pacer(0.0)
    free.departed(10.0)
    assert free.ready_at(10.0) == 10.0


@given(
    limit=st.integers(1, 5),
    pauses=st.lists(st.integers(0, 100), max_size=40),
)
def test_dials_never_exceed_the_budget(limit: int, pauses: list[int]) -> None:
    """In no period, and no dial waits for longer than it must."""
    budget, now, dials = DialBudget(limit, 300.0), 0.0, list[float]()
    for pause in pauses:
        now += pause
        ready = budget.ready_at(now)
        recent = [at for at in dials if at > now - 300.0]
        assert (ready == now) == (len(recent) < limit)
        now = ready
        budget.dialled(now)
        dials.append(now)
        assert sum(at > now - 300.0 for at in dials) <= limit


def test_no_dials_at_all() -> None:
    """A budget of none never lets one through."""
    budget = DialBudget(0, 300.0)
    budget.dialled(0.0)
    assert budget.ready_at(0.0) == math.inf


def test_several_at_once_wait_for_as_much_room() -> None:
    """Where one of them would have to wait, all do."""
    budget = DialBudget(3, 10.0)
    for at in (0.0, 1.0):
        budget.dialled(at)
    assert budget.ready_at(2.0) == budget.ready_at(2.0, 1) == 2.0
    assert budget.ready_at(2.0, 2) == 10.0
    assert budget.ready_at(2.0, 3) == 11.0
    assert budget.ready_at(2.0, 4) == math.inf
