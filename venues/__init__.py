"""The exchanges: what each one's protocol is, as pure tables."""

from .binance import DRIVER as _BINANCE
from .driver import Driver

DRIVERS: dict[str, Driver] = {driver.name: driver for driver in (_BINANCE,)}
"""Every exchange that there is, by its name."""
