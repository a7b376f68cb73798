"""Prices and quantities as Bybit writes them, from integers of 1e-8.

In the frames of linear contracts a price has as many decimals as its tick and a size as many as
its step; spot and all candles leave zeros at the end out. As recorded.
"""

from __future__ import annotations

from ..market.fixed import ONE, text


def stripped(amount: int) -> str:
    """Without zeros at the end: `"1923.2"`, `"0"`."""
    return text(amount).rstrip("0").rstrip(".")


def fixed(amount: int, decimals: int) -> str:
    """With so many decimals: `"77.300"`, `"16396"`; digits beyond them are cut."""
    whole = text(amount)
    return whole[: len(whole) - 8 + decimals].rstrip(".")


def decimals(step: int) -> int:
    """How many decimals a tick or a step has."""
    return len(stripped(step).partition(".")[2])


def share(part: int, whole: int, places: int) -> str:
    """`part` of `whole` as a decimal fraction, zeros at the end left out: `"-0.006899"`."""
    scaled = abs(part) * 10**places // whole
    told = stripped(scaled * ONE // 10**places)
    return f"-{told}" if part < 0 and scaled else told
