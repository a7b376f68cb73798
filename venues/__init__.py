"""The exchanges: what each one's protocol is, as pure tables."""

from ..messages.config import ExchangeConfig
from ..messages.errors import ValidationError
from .binance import DRIVER as _BINANCE
from .bybit import LINEAR as _BYBIT_LINEAR
from .bybit import SPOT as _BYBIT_SPOT
from .driver import Driver

DRIVERS: dict[tuple[str, str], Driver] = {
    (driver.name, driver.market): driver for driver in (_BINANCE, _BYBIT_SPOT, _BYBIT_LINEAR)
}
"""Every exchange and market that there is, by their names."""


def driver_of(exchange: ExchangeConfig) -> Driver:
    """What a configuration names.

    Raises:
        ValidationError: There is no such exchange, or it has no such market.
    """
    driver = DRIVERS.get((exchange.name, exchange.market))
    if driver is not None:
        return driver
    markets = sorted(market for name, market in DRIVERS if name == exchange.name)
    if not markets:
        known = ", ".join(sorted({name for name, _ in DRIVERS}))
        raise ValidationError(
            "exchange.name", exchange.name, f"not supported yet; there is {known}"
        )
    reason = f"is not there: {exchange.name} has {', '.join(markets)}"
    raise ValidationError("exchange.market", exchange.market, reason)
