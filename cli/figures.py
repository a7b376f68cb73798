"""Figures as text, of a width that a table can rely on."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

_BLOCKS = " ▏▎▍▌▋▊▉█"
_HEIGHTS = "▁▂▃▄▅▆▇█"


def price(value: Decimal) -> str:
    """A price: two decimals where it is large.

    >>> price(Decimal("67000.10000000")), price(Decimal("0.05213"))
    ('67,000.10', '0.05213000')
    """
    return f"{value:,.2f}" if value >= 10 else f"{value:.8f}"


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
