"""Arithmetic with what was sent: exact or not at all, save for what is divided."""

from __future__ import annotations

from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    Inexact,
    InvalidOperation,
    Overflow,
)

from .driver import MalformedError

_CONTEXT = Context(
    prec=200, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[InvalidOperation, Overflow, Inexact]
)
"""Our own: what the user's decimal context says must not change what an exchange said."""
_DIVISION = Context(
    prec=34, rounding=ROUND_HALF_EVEN, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[InvalidOperation]
)


def product(one: Decimal, other: Decimal) -> Decimal:
    """One times the other. Raises `MalformedError` where that has more than 200 digits."""
    try:
        return _CONTEXT.multiply(one, other)
    except (Inexact, Overflow):
        pass
    raise _too_many()


def difference(one: Decimal, other: Decimal) -> Decimal:
    """One less the other. Raises `MalformedError` where that has more than 200 digits."""
    try:
        return _CONTEXT.subtract(one, other)
    except (Inexact, Overflow):
        pass
    raise _too_many()


def quotient(one: Decimal, other: Decimal) -> Decimal:
    """One divided by the other, which is not 0; to 34 digits."""
    return _DIVISION.divide(one, other)


def _too_many() -> MalformedError:
    return MalformedError("numbers with too many digits")
