"""Numbers from the wire, strictly: ASCII digits, at most one point between them, nothing else.

`Decimal` itself takes far more, such as `NaN`, `Infinity`, `1e400000000`, `" 1"`, `1_000`, `+1`,
`.5`, `1.` and the digits of other scripts; msgspec also takes JSON numbers for it. A price that
the exchange did not send must never come out of one that it did.
"""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec

from ..messages.market import PriceLevel
from .driver import MalformedError

# Possessive: none of these patterns ever needs to go back, which makes them fast on any input.
_DIGITS = r"[0-9]++(?:\.[0-9]++)?+"
_number = re.compile(_DIGITS).fullmatch
_signed_number = re.compile(f"-?+{_DIGITS}").fullmatch
# A separator that is no part of a number: with more of them, or fewer, nothing matches.
_pair = re.compile(f"{_DIGITS};{_DIGITS}").fullmatch
_two_pairs = re.compile(";".join([_DIGITS] * 4)).fullmatch
_LEVEL = rf'\["{_DIGITS}","{_DIGITS}"\]'
_plain_levels = re.compile(rf"\[(?:{_LEVEL},?+)*+\]".encode()).fullmatch

_decode_levels = msgspec.json.Decoder(tuple[PriceLevel, ...]).decode
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


def price_levels(raw: msgspec.Raw | bytes) -> tuple[PriceLevel, ...]:
    """Levels written as `[["price", "quantity"], …]`. Raises `MalformedError`."""
    try:
        if _plain_levels(raw) is not None:
            return _decode_levels(raw)
        # With white space or escapes, which JSON allows: checked text by text.
        return tuple(PriceLevel(number(price), number(size)) for price, size in _decode_pairs(raw))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        reason = f"no price levels: {shortened(str(error))}"
    raise MalformedError(reason)


def shortened(text: str) -> str:
    """The beginning of a text that may be of any length."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _no_number(text: str) -> MalformedError:
    return MalformedError(f"not a number: {shortened(repr(text))}")
