"""A shape says of a frame that it differs from a good one in its digits only."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.venues.shapes import DIGITS, BookShapes, Shapes, has_lone_point

numbers = st.from_regex(r"[0-9]{1,6}(\.[0-9]{1,8})?", fullmatch=True).filter(str.isascii)
sides = st.lists(st.lists(numbers, min_size=2, max_size=2), max_size=5)


def book(bids: object, asks: object) -> bytes:
    """An update as an exchange writes it."""
    update = {"stream": "a1", "data": {"U": 15, "b": bids, "a": asks, "more": True}}
    return json.dumps(update, separators=(",", ":")).encode()


@pytest.mark.parametrize("frame", [b'{"p":"1.50","t":7}', b'{"m":true,"p":"-0.1"}', b""])
def test_digits_make_no_difference(frame: bytes) -> None:
    """Only they do not."""
    shapes = Shapes()
    shapes.learn(frame)
    assert frame.translate(None, DIGITS) in shapes.known
    assert re.sub(rb"\d+", b"123", frame).translate(None, DIGITS) in shapes.known
    for other in (frame + b" ", b"-" + frame, frame.replace(b'"', b"'") + b"e"):
        assert other.translate(None, DIGITS) not in shapes.known


@pytest.mark.parametrize("frame", [rb'{"p":"1\u0032"}', b"\\"])
def test_some_frames_teach_nothing(frame: bytes) -> None:
    """Those in which a digit may make another character of what is beside it."""
    shapes, books = Shapes(), BookShapes({})
    shapes.learn(frame)
    books.learn(frame + b':[["1.0","1.0"]],"a":[]}')
    assert not shapes.known
    assert not books.knows(frame + b':[["1.0","1.0"]],"a":[]}')


def test_what_is_known_has_a_bound() -> None:
    """A stream whose frames all differ fills no memory."""
    shapes = Shapes()
    for length in range(1000):
        shapes.learn(b"x" * length)
    assert len(shapes.known) < 100


@given(sides, sides, sides, sides)
def test_a_book_may_have_any_levels(
    bids: list[list[str]], asks: list[list[str]], more: list[list[str]], others: list[list[str]]
) -> None:
    """Also none, on either side."""
    shapes = BookShapes({})
    assert not shapes.knows(book(bids, asks))
    shapes.learn(book(bids, asks))
    assert shapes.knows(book(bids, asks))
    assert shapes.knows(book(more, others))
    assert not has_lone_point(book(more, others))


ODD = [
    "",
    "-1.5",
    "1e5.0",
    "1.5.0",
    " 1.5",
    "1.5 ",
    "NaN",
    "1_0.5",
    "+1.5",
    "\u0661.\u0662",
    1.5,
    [],
    None,
]


@pytest.mark.parametrize("number", ODD, ids=ascii)
@pytest.mark.parametrize("place", range(4))
def test_other_numbers_are_not_known(number: object, place: int) -> None:
    """Wherever they stand."""
    shapes = BookShapes({})
    shapes.learn(book([["1.5", "2.0"]], [["1.5", "2.0"]]))
    values: list[object] = ["1.5", "2.0", "1.6", "2.1"]
    values[place] = number
    assert not shapes.knows(book([values[:2]], [values[2:]]))
    assert not shapes.knows(book([["1.0", "1.0"], values[:2]], [values[2:], ["1.0", "1.0"]]))


@pytest.mark.parametrize(
    "levels", [[["1.5"]], [["1.5", "2.0", "3.0"]], ["1.5", "2.0"], [[]], "1.5", {}]
)
def test_other_levels_are_not_known(levels: object) -> None:
    """Levels are pairs."""
    shapes = BookShapes({})
    shapes.learn(book([["1.5", "2.0"]], [["1.5", "2.0"]]))
    assert not shapes.knows(book(levels, [["1.5", "2.0"]]))
    assert not shapes.knows(book([["1.5", "2.0"]], levels))


def test_what_is_around_the_levels_has_to_be_the_same() -> None:
    """Before them, between them and behind them."""
    shapes = BookShapes({})
    good = book([["1.5", "2.0"]], [["1.5", "2.0"]])
    shapes.learn(good)
    for old, new in ((b"stream", b"s"), (b'"a":', b'"c":'), (b"true", b"null"), (b"}}", b"}} ")):
        assert not shapes.knows(good.replace(old, new))
    shapes.learn(b'{"b":7}')  # no book: what was learned stays
    assert shapes.knows(good)


@pytest.mark.parametrize("number", ["0.5", ".5", "5.", "."])
def test_a_lone_point_has_the_shape_of_a_number(number: str) -> None:
    """So it is looked for by itself."""
    assert has_lone_point(book([["1.5", number]], [])) is (number == ".")
