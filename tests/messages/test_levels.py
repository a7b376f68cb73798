"""Levels that are read when they are wanted behave as if their values had been there."""

from __future__ import annotations

import copy
import pickle
import threading
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exchange_connector import (
    OrderBook,
    OrderBookUpdate,
    PriceLevel,
    decode,
    encode,
    float_levels,
)
from exchange_connector.messages.levels import Levels

numbers = st.from_regex(r"(0|[1-9][0-9]{0,5})\.[0-9]{1,8}", fullmatch=True).filter(str.isascii)
pairs = st.lists(st.tuples(numbers, numbers), max_size=8)


def unread(digits: Sequence[tuple[str, str]]) -> Levels:
    """As they come from the exchange."""
    inner = ",".join(f'["{price}","{quantity}"]' for price, quantity in digits)
    return Levels(f"[{inner}]".encode())


def values(digits: Sequence[tuple[str, str]]) -> tuple[PriceLevel, ...]:
    """What is in them."""
    return tuple(PriceLevel(Decimal(price), Decimal(quantity)) for price, quantity in digits)


def text(levels: Any) -> list[tuple[str, str]]:
    """Digit by digit."""
    return [(format(price, "f"), format(quantity, "f")) for price, quantity in levels]


@given(pairs)
def test_they_equal_their_values(digits: list[tuple[str, str]]) -> None:
    """In every way in which sequences are looked at, and to the digit."""
    plain = values(digits)
    assert unread(digits) == plain
    assert plain == unread(digits)
    assert unread(digits) == unread(digits)
    assert hash(unread(digits)) == hash(plain)
    assert repr(unread(digits)) == repr(plain)
    assert len(unread(digits)) == len(plain)
    assert bool(unread(digits)) is bool(plain)
    assert tuple(unread(digits)) == plain
    assert tuple(reversed(unread(digits))) == plain[::-1]
    assert unread(digits)[:3] == plain[:3]
    assert unread(digits)[::-1] == plain[::-1]
    assert unread(digits) + plain == plain + plain
    assert plain + unread(digits) == plain + plain
    assert text(unread(digits)) == digits
    for position, level in enumerate(plain):
        assert unread(digits)[position] == level
        assert unread(digits)[position - len(plain)] == level
        assert level in unread(digits)
        assert unread(digits).index(level) == plain.index(level)
        assert unread(digits).count(level) == plain.count(level)


@given(pairs)
def test_they_equal_them_once_read(digits: list[tuple[str, str]]) -> None:
    """Reading changes nothing that can be seen."""
    levels, plain = unread(digits), values(digits)
    assert list(levels) == list(plain)
    assert levels == plain
    assert levels == unread(digits)
    assert len(levels) == len(plain)
    assert levels[:2] == plain[:2]
    if plain:
        assert levels[0] is levels[0]


@given(pairs)
def test_copies_are_equal(digits: list[tuple[str, str]]) -> None:
    """However they are made."""
    levels = unread(digits)
    assert pickle.loads(pickle.dumps(levels)) == values(digits)
    assert copy.copy(levels) == copy.deepcopy(levels) == levels


@given(pairs, pairs)
def test_events_with_them_are_events(
    bids: list[tuple[str, str]], asks: list[tuple[str, str]]
) -> None:
    """Equal, hashed and encoded as with plain levels."""
    lazy = OrderBookUpdate("sim", "BTCUSDT", 1, 2, 3, 4, unread(bids), unread(asks))
    plain = OrderBookUpdate("sim", "BTCUSDT", 1, 2, 3, 4, values(bids), values(asks))
    assert lazy == plain
    assert hash(lazy) == hash(plain)
    assert repr(lazy) == repr(plain)
    assert encode(lazy) == encode(plain)
    assert decode(encode(lazy)) == plain
    assert pickle.loads(pickle.dumps(lazy)) == plain
    book = OrderBook("sim", "BTCUSDT", 1, 2, 3, unread(bids), unread(asks))
    assert decode(encode(book)) == OrderBook("sim", "BTCUSDT", 1, 2, 3, values(bids), values(asks))


@given(pairs)
@example([(".5", "5."), ("1" * 400 + ".0", "0." + "0" * 400 + "1")])
@example([("9007199254740993.0", "0.1"), ("2.2250738585072011", "179769313486231570000.5")])
def test_they_can_be_had_as_floats(digits: list[tuple[str, str]]) -> None:
    """The nearest ones, without a `Decimal`; of any levels."""
    nearest = tuple((float(price), float(quantity)) for price, quantity in digits)
    levels = unread(digits)
    assert float_levels(levels) == nearest
    if all(number[0].isdigit() and number[-1].isdigit() for row in digits for number in row):
        assert not levels.is_read
    assert float_levels(values(digits)) == nearest
    assert float_levels(levels) == nearest


def test_other_things_are_different() -> None:
    """A list is no tuple, neither here nor there."""
    levels = unread([("1.5", "2.0")])
    assert levels != [PriceLevel(Decimal("1.5"), Decimal("2.0"))]
    assert levels != unread([("1.5", "2.1")])
    assert levels == unread([("1.50", "2.0")])
    assert levels != 7


def test_they_match_patterns() -> None:
    """As sequences do."""
    match unread([("1.5", "2.0"), ("1.4", "3.0")]):
        case [PriceLevel(price=price), *rest]:
            assert price == Decimal("1.5")
            assert len(rest) == 1
        case _:
            pytest.fail("no match")


def test_the_best_level_alone_is_read_alone() -> None:
    """The others stay digits."""
    levels = unread([("1.5", "2.0"), ("1.4", "3.0")])
    assert levels[0] == PriceLevel(Decimal("1.5"), Decimal("2.0"))
    assert not levels.is_read


def test_what_is_not_there_cannot_be_had() -> None:
    """Errors as of any sequence."""
    with pytest.raises(IndexError):
        unread([])[0]
    with pytest.raises(IndexError):
        unread([("1.0", "1.0")])[1]
    with pytest.raises(AttributeError):
        unread([]).other = 1  # type: ignore[attr-defined]


class Index:
    """A number of another make."""

    def __index__(self) -> int:
        return 1


@pytest.mark.parametrize(
    "look",
    [
        *(lambda levels, at=at: levels[at] for at in (0, -1, 3, -4, True, False, 10**30, Index())),
        *(lambda levels, at=at: levels[at] for at in (0.0, "0", None, Decimal(0))),
        lambda levels: levels[::-1],
        lambda levels: levels[::0],
        lambda levels: levels[-1:10:2],
        lambda levels: levels[10**30 :],
        lambda levels: levels.index(levels[1]),
        lambda levels: levels.index(levels[0], 1),
        lambda levels: levels.index(levels[2], -2, -1),
        lambda levels: levels.index("a"),
        lambda levels: levels.count(levels[1]),
        lambda levels: "a" in levels,
        max,
        sorted,
        dict,
    ],
)
def test_looking_into_them_is_as_into_a_tuple(look: Callable[[Any], object]) -> None:
    """Also where it is an error: the same one."""

    def outcome(levels: Any) -> object:
        try:
            return look(levels)
        except (IndexError, TypeError, ValueError) as error:
            return type(error)

    levels = unread([("1.5", "2.0"), ("1.4", "3.0"), ("1.3", "0.0")])
    assert outcome(levels) == outcome(tuple(levels))
    assert outcome(unread([("1.5", "2.0"), ("1.4", "3.0"), ("1.3", "0.0")])) == outcome(levels)


def test_several_threads_may_read_them() -> None:
    """At once, the first time: each sees the same."""
    rows = [(f"{number}.5", "1.0") for number in range(500)]
    want = tuple(unread(rows))
    for _ in range(20):
        levels, start, seen = unread(rows), threading.Barrier(4), list[object]()

        def read(
            levels: Any = levels, start: threading.Barrier = start, seen: list[object] = seen
        ) -> None:
            start.wait(5)
            seen.append((len(levels), levels[0], tuple(levels), hash(levels), len(levels)))

        threads = [threading.Thread(target=read) for _ in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert seen == [(500, want[0], want, hash(want), 500)] * 4
