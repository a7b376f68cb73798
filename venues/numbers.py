"""Numbers from the wire, strictly: ASCII digits, at most one point between them, nothing else.

`Decimal` itself takes far more, such as `NaN`, `Infinity`, `1e400000000`, `" 1"`, `1_000`, `+1`,
`.5`, `1.` and the digits of other scripts; msgspec also takes JSON numbers for it. A price that
the exchange did not send must never come out of one that it did.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated

import msgspec

from ..messages.levels import PriceLevel
from .driver import MalformedError
from .shapes import is_list_of_numbers

_DIGITS = r"[0-9]++(?:\.[0-9]++)?+"  # possessive: it never goes back, so it is fast on any input
_number = re.compile(_DIGITS).fullmatch
_signed = re.compile(f"-?+{_DIGITS}").fullmatch
# A separator that is no part of a number: with more of them, or fewer, nothing matches.
_pair = re.compile(f"{_DIGITS};{_DIGITS}").fullmatch

NumberText = Annotated[str, msgspec.Meta(pattern=rf"\A{_DIGITS}\Z")]
"""A price or a quantity, for a decoder that is to look at it."""
SignedNumberText = Annotated[str, msgspec.Meta(pattern=rf"\A-?+{_DIGITS}\Z")]
"""A number that may be negative, such as a change."""
Digits = bytes | tuple[PriceLevel, ...]
"""Levels whose digits can be read at any time, or levels."""

_decode_pairs = msgspec.json.Decoder(tuple[tuple[str, str], ...]).decode
_SHOWN = 80


def number(text: str) -> Decimal:
    """A price or a quantity. Raises `MalformedError`."""
    if _number(text) is None:
        raise _no_number(text)
    return Decimal(text)


def signed_number(text: str) -> Decimal:
    """A number that may be negative. Raises `MalformedError`."""
    if _signed(text) is None:
        raise _no_number(text)
    return Decimal(text)


def pair(one: str, other: str) -> tuple[Decimal, Decimal]:
    """Two prices or quantities, checked at once. Raises `MalformedError`."""
    if _pair(f"{one};{other}") is None:
        return number(one), number(other)
    return Decimal(one), Decimal(other)


def price_levels(raw: msgspec.Raw | bytes) -> Digits:
    """Levels written as `[["price", "quantity"], …]`, for `Levels`, which reads them when asked.

    That they are JSON, msgspec has seen. That they are numbers is seen here, without reading them:
    take the digits away, and of each level its brackets, quotation marks, comma and points are
    left. (So a point may stand before all digits or behind them, but not alone.)

    Raises:
        MalformedError: They are no levels, or one of them is no number.
    """
    digits = bytes(raw)
    return digits if is_list_of_numbers(digits) else _levels_one_by_one(digits)


def _levels_one_by_one(raw: msgspec.Raw | bytes) -> tuple[PriceLevel, ...]:
    """None, or with white space or escapes, which JSON allows; or no levels at all."""
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
