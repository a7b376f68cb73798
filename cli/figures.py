"""Figures as text, of a width that a table can rely on."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

_BLOCKS = " ▏▎▍▌▋▊▉█"
_HEIGHTS = "▁▂▃▄▅▆▇█"


def price(value: Decimal, decimals: int = 2) -> str:
    """A price with as many decimals as the symbol's prices need, and two at least.

    >>> price(Decimal("67000.10000000")), price(Decimal("0.05213000"), 5)
    ('67,000.10', '0.05213')
    """
    return f"{value:,.{max(2, decimals)}f}"


def places(value: Decimal) -> int:
    """How many decimals a value needs.

    >>> places(Decimal("0.05213000")), places(Decimal(100))
    (5, 0)
    """
    digits = f"{value:f}".partition(".")[2]
    return len(digits.rstrip("0"))


def age(seconds: float) -> str:
    """How long ago something was.

    >>> age(0.25), age(12.4), age(200.0), age(7200.0)
    ('0.2 s', '12 s', '3 min', '2 h')
    """
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3_600:.0f} h"


def rate(value: float) -> str:
    """How often something happens.

    >>> rate(0.25), rate(12.4), rate(0.0)
    ('0.2/s', '12/s', '0/s')
    """
    return f"{value:.1f}/s" if 0.05 <= value < 9.95 else f"{value:.0f}/s"


def quantity(value: Decimal) -> str:
    """A quantity: seven digits, as many decimals as that leaves."""
    whole = len(str(int(value)))
    return f"{value:.{max(0, 6 - whole)}f}"


def bar(share: float, width: int) -> str:
    """A bar of `share` (0 to 1) of `width` cells, in eighths of a cell.

    >>> bar(0.5, 3)
    '█▌ '
    """
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (_BLOCKS[rest] if rest else "")).ljust(width)


def path(values: Sequence[Decimal], width: int) -> str:
    """The last `width` values as a line of blocks.

    >>> path([Decimal(1), Decimal(2), Decimal(3)], 8)
    '▁▄█'
    """
    shown = [float(value) for value in values[-width:]]
    if not shown:
        return ""
    low, high = min(shown), max(shown)
    if high == low:
        return _HEIGHTS[0] * len(shown)
    top = len(_HEIGHTS) - 1
    return "".join(_HEIGHTS[int((value - low) / (high - low) * top)] for value in shown)
