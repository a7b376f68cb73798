"""Which session carries which stream."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.core.sharding import Shards


def test_sessions_are_filled_one_after_the_other() -> None:
    """A freed place is the first to be taken again."""
    shards = Shards(2)
    assert [shards.assign(name) for name in "abcde"] == [0, 0, 1, 1, 2]
    assert shards.assign("c") == 1
    shards.release("a")
    assert shards.assign("f") == 0
    assert shards.names(0) == {"b", "f"}
    assert shards.count == 3


def test_a_session_without_streams_is_not_needed() -> None:
    """Unless one behind it is: numbers do not change."""
    shards = Shards(1)
    for name in "abc":
        shards.assign(name)
    shards.release("b")
    assert (shards.count, shards.names(1)) == (3, frozenset())
    shards.release("c")
    assert (shards.count, shards.names(1)) == (1, frozenset())
    shards.release("unknown")
    assert shards.assign("d") == 1


def test_a_session_must_hold_a_stream() -> None:
    """A limit of none would ask for sessions without end."""
    with pytest.raises(ValueError, match="at least one"):
        Shards(0)


def test_names_take_room_as_well() -> None:
    """A session is full when they are too long together; a short one may still fit."""
    shards = Shards(10, characters=8)
    assert [shards.assign(name) for name in ("aaaa", "bbb", "cc", "d")] == [0, 0, 1, 0]
    shards.release("aaaa")
    assert shards.assign("eeeee") == 1
    assert shards.assign("ffff") == 0
    assert shards.assign("gg", preferred=0) == 2
    assert shards.assign("h", preferred=1) == 1


def test_a_name_that_is_too_long_by_itself() -> None:
    """It has a session alone, so that the exchange can refuse it and no other is harmed."""
    shards = Shards(10, characters=8)
    assert [shards.assign(name) for name in ("a", "far too long", "b")] == [0, 1, 0]
    shards.release("far too long")
    assert shards.count == 1


@given(
    limit=st.integers(1, 4),
    characters=st.none() | st.integers(1, 8),
    steps=st.lists(
        st.tuples(
            st.booleans(),
            st.sampled_from(("a", "bb", "ccc", "dddd", "e", "ff", "ggg", "hhhh")),
            st.none() | st.integers(0, 3),
        ),
        max_size=60,
    ),
)
def test_no_session_overflows_and_no_stream_moves(
    limit: int, characters: int | None, steps: list[tuple[bool, str, int | None]]
) -> None:
    """Whatever comes and goes."""
    shards, where = Shards(limit, characters), dict[str, int]()
    for comes, name, preferred in steps:
        if comes:
            shard = shards.assign(name, preferred)
            assert where.setdefault(name, shard) == shard
        else:
            shards.release(name)
            where.pop(name, None)
        for shard in range(shards.count):
            assert shards.names(shard) == {name for name, at in where.items() if at == shard}
            names = shards.names(shard)
            assert len(names) <= limit
            assert characters is None or len(names) < 2 or sum(map(len, names)) <= characters
        assert shards.count == max(where.values(), default=-1) + 1
