"""Numbers from the wire, strictly: ASCII digits, at most one point between them, nothing else.

`Decimal` itself takes far more, such as `NaN`, `Infinity`, `1e400000000`, `" 1"`, `1_000`, `+1`,
`.5`, `1.` and the digits of other scripts; msgspec also takes JSON numbers for it. A price that
the exchange did not send must never come out of one that it did.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

import msgspec

from ..messages.levels import Levels, PriceLevel
from .driver import MalformedError

# Possessive: none of these patterns ever needs to go back, which makes them fast on any input.
_DIGITS = r"[0-9]++(?:\.[0-9]++)?+"
_number = re.compile(_DIGITS).fullmatch
_signed_number = re.compile(f"-?+{_DIGITS}").fullmatch
# A separator that is no part of a number: with more of them, or fewer, nothing matches.
_pair = re.compile(f"{_DIGITS};{_DIGITS}").fullmatch
_two_pairs = re.compile(";".join([_DIGITS] * 4)).fullmatch
_ALL_DIGITS = b"0123456789"
_SHAPES = b"[" + b'[".","."],' * 5_000
_point_alone = re.compile(rb'"\."').search

_decode_pairs = msgspec.json.Decoder(tuple[tuple[str, str], ...]).decode
_SHOWN = 80


def number(text: str) -> Decimal:
    """A price or a quantity. Raises `MalformedError`."""
    if _number(text) is None:
        raise _no_number(text)
    return Decimal(text)


def signed_number(text: str) -> Decimal:
    """A number that may be negative, such as a change. Raises `MalformedError`."""
    if _signed_number(text) is None:
        raise _no_number(text)
    return Decimal(text)


def pair(one: str, other: str) -> tuple[Decimal, Decimal]:
    """Two prices or quantities, checked at once. Raises `MalformedError`."""
    if _pair(f"{one};{other}") is None:
        return number(one), number(other)
    return Decimal(one), Decimal(other)


def two_pairs(a: str, b: str, c: str, d: str) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Four prices or quantities, checked at once. Raises `MalformedError`."""
    if _two_pairs(f"{a};{b};{c};{d}") is None:
        return number(a), number(b), number(c), number(d)
    return Decimal(a), Decimal(b), Decimal(c), Decimal(d)


def price_levels(raw: msgspec.Raw | bytes) -> Sequence[PriceLevel]:
    """Levels written as `[["price", "quantity"], …]`; their digits are read when they are wanted.

    That they are JSON, msgspec has seen. That they are numbers is seen here, without reading them:
    take the digits away, and of each level its brackets, quotation marks, comma and points are
    left. (So a point may stand before all digits or behind them, but not alone.)

    Raises:
        MalformedError: They are no levels, or one of them is no number.
    """
    digits = bytes(raw)
    shape = digits.translate(None, _ALL_DIGITS)
    if _SHAPES.startswith(shape[:-1]) and shape.endswith(b"]]") and _point_alone(digits) is None:
        return Levels(digits)
    return _levels_one_by_one(digits)


def two_sides(
    bids: msgspec.Raw | bytes, asks: msgspec.Raw | bytes
) -> tuple[Sequence[PriceLevel], Sequence[PriceLevel]]:
    """The levels of both sides, looked at in one go; see `price_levels`."""
    bids, asks = bytes(bids), bytes(asks)
    both = bids + asks
    shape = both.translate(None, _ALL_DIGITS)
    middle = shape.find(b"]][[")
    if (
        middle > 0
        and _SHAPES.startswith(shape[: middle + 1])
        and _SHAPES.startswith(shape[middle + 2 : -1])
        and shape.endswith(b"]]")
        and _point_alone(both) is None
    ):
        return Levels(bids), Levels(asks)
    return price_levels(bids), price_levels(asks)


def _levels_one_by_one(raw: msgspec.Raw | bytes) -> tuple[PriceLevel, ...]:
    """With white space or escapes, which JSON allows, or without points; or no levels at all."""
    try:
        return tuple(PriceLevel(number(price), number(size)) for price, size in _decode_pairs(raw))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        reason = f"no price levels: {shortened(str(error))}"
    raise MalformedError(reason)


def shortened(text: str) -> str:
    """The beginning of a text that may be of any length."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _no_number(text: str) -> MalformedError:
    return MalformedError(f"not a number: {shortened(repr(text))}")
