"""The ring: bounded in time and size, and nothing but the oldest ever leaves it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.core.ring import Ring

SPAN, MOST = 100, 1_000
entries = st.lists(st.tuples(st.integers(0, 1_000), st.integers(0, 600)), max_size=80)


@given(entries)
def test_it_is_bounded_and_keeps_the_newest(added: list[tuple[int, int]]) -> None:
    """What is in it and what has left are together what was added, in order."""
    ring: Ring[int] = Ring(SPAN, MOST, 0)
    gone: list[int] = []
    newest = 0
    for number, (at, size) in enumerate(added):
        gone += ring.add(at, size, number)
        newest = max(newest, at)
        assert gone + ring.entries() == list(range(number + 1))
        assert ring.entries()[-1] == number
        kept = [added[each] for each in ring.entries()]
        assert ring.size == sum(size for _, size in kept)
        assert ring.size <= MOST or len(ring) == 1
        highest = [max(at for at, _ in added[: each + 1]) for each in ring.entries()]
        assert all(newest - each <= SPAN for each in highest)
        assert all(each >= ring.began for each in highest)


def test_it_says_from_when_on_it_holds_everything() -> None:
    """That is when the last one left that had to make room."""
    ring: Ring[str] = Ring(SPAN, MOST, 5)
    assert (ring.began, ring.add(10, 1, "a")) == (5, [])
    assert (ring.add(111, 1, "b"), ring.began) == (["a"], 10)
    assert (ring.add(112, MOST, "c"), ring.began) == (["b"], 111)


def test_a_clock_that_is_set_back_makes_nothing_older() -> None:
    """Else an entry that has just come would be dropped for its time."""
    ring: Ring[str] = Ring(SPAN, MOST, 0)
    ring.add(1_000, 1, "before")
    assert ring.add(1, 1, "after") == []
    assert ring.entries() == ["before", "after"]
