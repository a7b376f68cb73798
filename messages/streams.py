"""Streams of market data, as one names them before any exchange does."""

from __future__ import annotations

import msgspec

from .enums import Channel


class Stream(msgspec.Struct, frozen=True):
    """One stream at the exchange; subscribers to equal streams share it.

    Attributes:
        interval: Of klines, in Binance's spelling; "" for other channels.
        depth: Of order book updates: how many levels a side they are about; 0 for all, and for
            other channels.
    """

    channel: Channel
    symbol: str
    interval: str = ""
    depth: int = 0

    @property
    def subject(self) -> str:
        """Its name in `Health` and `HealthChanged`: `CHANNEL:SYMBOL`."""
        return f"{self.channel}:{self.symbol}"
