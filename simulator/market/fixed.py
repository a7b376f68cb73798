"""Prices and quantities as integers of 1e-8, written with eight decimals as Binance does."""

from __future__ import annotations

ONE = 10**8


def text(amount: int) -> str:
    """Write `amount` (units of 1e-8) as the wire does: `"67000.01000000"`."""
    if amount < 0:
        return "-" + text(-amount)
    digits = f"{amount:09d}"
    return digits[:-8] + "." + digits[-8:]


def parse(number: str) -> int:
    """Read a decimal text into units of 1e-8; digits beyond the eighth are cut."""
    whole, _, fraction = number.partition(".")
    return int(whole) * ONE + int(f"{fraction:0<8.8}")


def product(price: int, quantity: int) -> int:
    """Quote amount of `quantity` at `price`, in units of 1e-8."""
    return price * quantity // ONE
