"""Only what is plainly a number passes."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exchange_connector.messages.levels import Levels, PriceLevel
from exchange_connector.venues.driver import MalformedError
from exchange_connector.venues.numbers import (
    NumberText,
    SignedNumberText,
    number,
    pair,
    price_levels,
)

GOOD = ["0", "1", "00.10", "0.00000000", "2683.81000000", "9" * 80, "0." + "0" * 60 + "1"]
BAD = [
    *("NaN", "sNaN", "-NaN", "Infinity", "-Infinity", "inf"),
    *("1e400000000", "1E5", "1e-5", "0x10", "1_000", "1,5", "1 000"),
    *(" 1", "1 ", "\t1", "1\n", "\n1", "\u00a01", "1\x00"),
    *("+1", "--1", "- 1", ".5", "1.", ".", "", "-", "1.2.3", "1..2"),
    *("\u0661\u0662", "\uff11\uff12", "\u00b2", "1\u0660", "\u2212" + "1"),
    *("1;2", "1;", "null", "true", '"1"', "[1]"),
]


def decoded(kind: Any) -> Callable[[str], Decimal]:
    """A reader of texts that a decoder looks at."""
    decoder = msgspec.json.Decoder(kind)

    def read(text: str) -> Decimal:
        try:
            return Decimal(decoder.decode(msgspec.json.encode(text)))
        except msgspec.ValidationError as error:
            raise MalformedError(str(error)) from None

    return read


def levels_of(raw: msgspec.Raw | bytes) -> Levels:
    """The levels, once they have been looked at."""
    return Levels(price_levels(raw))


signed_number = decoded(SignedNumberText)
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
READERS: list[Callable[[str], object]] = [
    number,
    signed_number,
    lambda text: pair(text, "1"),
    lambda text: pair("1", text),
    decoded(NumberText),
    lambda text: price_levels(msgspec.json.encode([[text, "1"]])),
    lambda text: price_levels(msgspec.json.encode([["1", "2"], ["1", text]])),
    lambda text: price_levels(b" " + msgspec.json.encode([["1", text]])),
]


@pytest.mark.parametrize("text", GOOD)
def test_a_number_keeps_its_digits(text: str) -> None:
    """Every reader gives the `Decimal` of exactly that text."""
    expected = Decimal(text).as_tuple()
    levels = levels_of(f'[["{text}","{text}"]]'.encode())
    read = [
        number(text),
        signed_number(text),
        *pair(text, text),
        decoded(NumberText)(text),
    ]
    assert {each.as_tuple() for each in [*read, *levels[0]]} == {expected}


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("text", BAD, ids=ascii)
def test_nothing_else_passes(text: str, read: Callable[[str], object]) -> None:
    """Also what `Decimal` itself would take."""
    with pytest.raises(MalformedError):
        read(text)


def test_only_a_signed_number_may_be_negative() -> None:
    """A change of price may be; a price or a quantity may not."""
    assert signed_number("-1.50").as_tuple() == Decimal("-1.50").as_tuple()
    for read in READERS:
        if read is not signed_number:
            with pytest.raises(MalformedError):
                read("-1.50")


@pytest.mark.parametrize(
    "raw",
    [
        *(
            b"[[1,2]]",
            b'[["1",2]]',
            b'[[1.5,"2"]]',
            b'[["1","2",3]]',
            b'[["1"]]',
            b'[["1","2","3"]]',
        ),
        *(b'["1","2"]', b'{"1":"2"}', b"null", b"1", b"", b"[", b'[["1","2"]', b'[["1","2"]]]'),
        *(b'[["1","2"],]', b'[["1","2"]["3","4"]]', b'[["1","2"],["3"]]', b'[[null,"2"]]'),
        *(b'[[true,"2"]]', b'[["1","\xff"]]', b'[["1","2"]]x', b"[" * 100_000),
        *(b'[["1' + b"0" * 9 + b'","1e9"]]', b'[["-1","2"]]', b"[[]]"),
    ],
    ids=lambda raw: ascii(raw[:20]),
)
def test_levels_are_pairs_of_texts(raw: bytes) -> None:
    """Whatever else is in their place is refused."""
    with pytest.raises(MalformedError):
        price_levels(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b'[["1.50","2"],["1.40","0.00"]]',
        b' [ [ "1.50" , "2" ] , [ "1.40" , "0.00" ] ] ',
        b'[["1.50","\\u0032"],["1.40","0.00"]]',
    ],
)
def test_levels_may_be_written_in_any_way_that_json_allows(raw: bytes) -> None:
    """White space and escapes take the slower path to the same levels."""
    levels = levels_of(msgspec.Raw(raw))
    assert levels == ((Decimal("1.50"), Decimal(2)), (Decimal("1.40"), Decimal("0.00")))
    assert all(isinstance(level, PriceLevel) for level in levels)
    assert str(levels[1].quantity) == "0.00"


def test_no_levels_are_levels() -> None:
    """A side of a book may be empty, and may be very long."""
    assert levels_of(b"[]") == ()
    assert len(levels_of(b"[" + b'["1.5","2"],' * 4999 + b'["1.5","2"]]')) == 5000


def test_what_is_wrong_is_shown_in_short() -> None:
    """An error is no place for a whole frame."""
    for read in READERS:
        with pytest.raises(MalformedError) as raised:
            read("x" * 100_000)
        assert len(str(raised.value)) < 200


@given(st.text(alphabet="0123456789.-+eE_, nN\u0661;") | st.text())
@example("1" * 5000)
def test_what_passes_is_a_finite_number_with_the_same_digits(text: str) -> None:
    """Whatever the text, the outcome is its own digits or a `MalformedError`."""
    try:
        value = signed_number(text)
    except MalformedError:
        assert NUMBER.fullmatch(text) is None
    else:
        assert NUMBER.fullmatch(text)
        assert value.is_finite()
        assert f"{value:f}" == text or text.lstrip("-").startswith("0")


NO_LEVELS = [text for text in BAD if text not in (".5", "1.")]


@pytest.mark.parametrize("text", ["0.5", ".5", "5."])
def test_a_point_of_a_level_may_stand_outside(text: str) -> None:
    """Reading cannot fail, and no other number can come of it."""
    raw = msgspec.json.encode([[text, "1.0"]])
    assert levels_of(raw)[0].price == Decimal(text)


@given(
    st.lists(st.lists(st.sampled_from([*GOOD[:5], *NO_LEVELS]), min_size=1, max_size=3), max_size=4)
)
def test_one_bad_level_spoils_all(rows: list[list[str]]) -> None:
    """The fast path takes nothing that the slow one would refuse."""
    good = all(len(row) == 2 and all(text in GOOD for text in row) for row in rows)
    for raw in (msgspec.json.encode(rows), b" " + msgspec.json.encode(rows)):
        if good:
            assert [[f"{a:f}", f"{b:f}"] for a, b in levels_of(raw)] == [
                [f"{Decimal(text):f}" for text in row] for row in rows
            ]
        else:
            with pytest.raises(MalformedError):
                price_levels(raw)
