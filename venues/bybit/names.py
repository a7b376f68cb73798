"""What Bybit, its markets and its candles are called."""

from __future__ import annotations

from ...messages.errors import ValidationError

EXCHANGE = "bybit"
SPOT, LINEAR = "spot", "linear"
"""Its markets, which it calls categories."""

INTERVALS = {
    "1m": "1",
    "3m": "3",
    "5m": "5",
    "15m": "15",
    "30m": "30",
    "1h": "60",
    "2h": "120",
    "4h": "240",
    "6h": "360",
    "12h": "720",
    "1d": "D",
    "1w": "W",
    "1M": "M",
}
"""The intervals of candles, and what Bybit calls them."""

_MARKS = frozenset(" .,:&?/\"'\\")
"""What no symbol has: a dot ends it in a topic, and the others do in a query or a frame."""


def symbol_of(text: object) -> str:
    """A symbol as Bybit writes it: upper case, such as `BTCUSDT` or `BTC-26JUN26`.

    Raises:
        ValidationError: `symbol` cannot be one.
    """
    if not isinstance(text, str):
        raise ValidationError("symbol", text, "must be text")
    symbol = text.upper()
    if not 1 <= len(symbol) <= 64:
        raise ValidationError("symbol", text, "must have 1 to 64 characters")
    if not symbol.isprintable() or not _MARKS.isdisjoint(symbol):
        raise ValidationError("symbol", text, "must have no spaces, dots, commas or the like")
    return symbol


def interval_of(interval: object) -> str:
    """What Bybit calls an interval.

    Raises:
        ValidationError: It has none like it.
    """
    name = INTERVALS.get(interval) if isinstance(interval, str) else None
    if name is None:
        raise ValidationError("interval", interval, f"must be one of {', '.join(INTERVALS)}")
    return name
