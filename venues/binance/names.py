"""What Binance and its markets are called, and how its times are written."""

from __future__ import annotations

from ...messages.errors import ValidationError
from ..instants import LATEST, LATEST_MS, no_instant

EXCHANGE = "binance"

# What is larger than any instant in milliseconds by so much that it is no mere mistake is in
# microseconds.
_EARLIEST_US = 10**14
_LATEST_US = LATEST // 1_000


def symbol_of(text: object) -> str:
    """A symbol as Binance writes it: upper case; letters of any script may be in it.

    Source: binance-spot-api-docs, CHANGELOG.md, 2025-12-02 (Unicode symbols)

    Raises:
        ValidationError: `symbol` cannot be one.
    """
    if not isinstance(text, str):
        raise ValidationError("symbol", text, "must be text")
    symbol = text.upper()
    if not 1 <= len(symbol) <= 64:
        raise ValidationError("symbol", text, "must have 1 to 64 characters")
    if not symbol.isprintable() or any(mark in ' @/"\\' for mark in symbol):
        raise ValidationError("symbol", text, "must have no spaces, @, / or the like")
    return symbol


def nanoseconds(time: int) -> int:
    """The instant that Binance wrote in milliseconds, or in microseconds where it was asked to.

    Raises:
        MalformedError: It is neither.
    """
    if 0 <= time <= LATEST_MS:
        return time * 1_000_000
    if _EARLIEST_US <= time <= _LATEST_US:
        return time * 1_000
    raise no_instant(time)
