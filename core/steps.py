"""Whole steps between bounds, exactly; of a step and of the bounds, 0 is none."""

from __future__ import annotations

from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    ROUND_DOWN,
    Context,
    Decimal,
    Inexact,
    InvalidOperation,
    Overflow,
)

EXACT = Context(
    prec=1000,
    rounding=ROUND_DOWN,
    Emin=MIN_EMIN,
    Emax=MAX_EMAX,
    traps=[InvalidOperation, Overflow, Inexact],
)
"""Our own: what the user's decimal context says must not change an order."""
INEXACT = InvalidOperation, Overflow, Inexact
"""What it raises for numbers with too many digits."""


def is_whole(value: Decimal, step: Decimal) -> bool:
    """Whether it is so many steps."""
    return not step or not EXACT.remainder(value, step)


def floor(value: Decimal, step: Decimal) -> Decimal:
    """The most whole steps that are no more."""
    return EXACT.multiply(EXACT.divide_int(value, step), step) if step else value


def ceiling(value: Decimal, step: Decimal) -> Decimal:
    """The fewest whole steps that are no less."""
    below = floor(value, step)
    return below if below == value else EXACT.add(below, step)


def nearest(value: Decimal, least: Decimal, most: Decimal, step: Decimal) -> Decimal | None:
    """What is nearest to it and more than 0; the less of two; None where nothing is allowed."""
    lowest = max(ceiling(least, step), step)
    highest = floor(most, step) if most else None
    if highest is not None and lowest > highest:
        return None
    below, above = floor(value, step), ceiling(value, step)
    is_above = EXACT.subtract(above, value) < EXACT.subtract(value, below)
    fitted = max(above if is_above else below, lowest)
    return fitted if highest is None else min(fitted, highest)


def fewest(least: Decimal, unit: Decimal, step: Decimal) -> Decimal | None:
    """The fewest steps that make at least so much, at `unit` for each 1; None without a step."""
    if not step or not unit:
        return None
    of_one_step = EXACT.multiply(unit, step)
    count = EXACT.divide_int(least, of_one_step)
    whole = EXACT.multiply(count, of_one_step)
    return EXACT.multiply(count if whole >= least else EXACT.add(count, Decimal(1)), step)


def most_steps(most: Decimal, unit: Decimal, step: Decimal) -> Decimal | None:
    """The most steps that make no more than so much; None without a step."""
    if not step or not unit:
        return None
    count = EXACT.divide_int(most, EXACT.multiply(unit, step))
    return EXACT.multiply(count, step) if count else None
