"""The markets that the campaign knows, as tables."""

from __future__ import annotations

from .binance import BINANCE
from .bybit import BYBIT_LINEAR, BYBIT_SPOT
from .market import Market

MARKETS = {(each.exchange, each.name): each for each in (BINANCE, BYBIT_SPOT, BYBIT_LINEAR)}


def market_of(exchange: str, name: str = "") -> Market:
    """A market of an exchange, or its first one.

    Raises:
        LookupError: Naming what is not known.
    """
    for each in MARKETS.values():
        if each.exchange == exchange and name in ("", each.name):
            return each
    raise LookupError(f"no such market: {exchange} {name}".rstrip())


__all__ = ["BINANCE", "BYBIT_LINEAR", "BYBIT_SPOT", "MARKETS", "Market", "market_of"]
