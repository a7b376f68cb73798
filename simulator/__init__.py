"""The exchange in a box: Binance's or Bybit's interface served on loopback, for tests and demos.

It writes the wire from the exchange's documentation by itself and shares no code with the
connector, so that each is a check of the other.
"""

from __future__ import annotations

try:
    import aiohttp as _aiohttp
except ImportError as error:  # pragma: no cover - needs an environment without the extra
    raise ImportError(
        "the simulated exchange needs aiohttp: pip install 'exchange-connector[simulator]'"
    ) from error

from .exchange import SimulatedExchange
from .journal import Control, Received
from .ledger import AccountKey, FillSeen, HeldAsset, OrderEvent, OrderSeen
from .market.books import BookView
from .market.events import Trade

del _aiohttp

__all__ = [
    "AccountKey",
    "BookView",
    "Control",
    "FillSeen",
    "HeldAsset",
    "OrderEvent",
    "OrderSeen",
    "Received",
    "SimulatedExchange",
    "Trade",
]
