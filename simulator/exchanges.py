"""The exchanges whose interface is served, by the names that the connector has for them."""

from __future__ import annotations

from collections.abc import Callable

from .binance.interface import Binance
from .bybit.interface import Bybit
from .interface import Interface, Parts

INTERFACES: dict[str, Callable[[Parts], Interface]] = {"binance": Binance, "bybit": Bybit}
EXCHANGES = tuple(INTERFACES)
