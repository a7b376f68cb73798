"""Rolling figures of a symbol: 24 hours, other windows, a trading day, the last 5 minutes.

Source: rest-api.md "24hr ticker price change statistics", "Rolling window price change
statistics", "Trading Day Ticker", "Current average price". All are sums of whole minutes and the
running one.
"""

from __future__ import annotations

from dataclasses import dataclass

from .candles import DAY_US, MINUTE_US, Candle, next_open, open_time
from .events import Trade
from .fixed import ONE
from .market import SymbolMarket

AVERAGE_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Statistics:
    """What happened from `open_us` to `close_us`, and the newest trade."""

    symbol: str
    sum: Candle
    last: Trade
    previous_close: int
    open_us: int
    close_us: int

    @property
    def change(self) -> int:
        """Last price less opening price."""
        return self.last.price - self.sum.open

    @property
    def change_percent(self) -> str:
        """The change in percent, with three decimals."""
        thousandths = abs(self.change) * 100_000 // self.sum.open
        sign = "-" if self.change < 0 else ""
        return f"{sign}{thousandths // 1_000}.{thousandths % 1_000:03d}"

    @property
    def average(self) -> int:
        """Volume-weighted average price."""
        return self.sum.quote_volume * ONE // self.sum.volume if self.sum.volume else 0


def day(market: SymbolMarket, now_us: int) -> Statistics:
    """The 24 hours that end at `now_us`."""
    return _statistics(market, now_us - DAY_US, now_us, "24h")


def window(market: SymbolMarket, window_us: int, now_us: int) -> Statistics:
    """A window that ends at `now_us` and begins on a whole minute, so that it may be longer."""
    begin_us = now_us - window_us
    return _statistics(market, begin_us - begin_us % MINUTE_US, now_us, f"window {window_us}")


def trading_day(market: SymbolMarket, now_us: int, zone_us: int) -> Statistics:
    """The present day of a time zone, to its last microsecond."""
    begin_us = open_time(now_us, "1d", zone_us)
    return _statistics(market, begin_us, next_open(begin_us, "1d", zone_us) - 1, f"1d {zone_us}")


def average_price(market: SymbolMarket, now_us: int) -> int:
    """Volume-weighted average price of the last five minutes."""
    total = market.candles.since(now_us - AVERAGE_MINUTES * MINUTE_US, "average")
    return total.quote_volume * ONE // total.volume if total.volume else total.close


def _statistics(market: SymbolMarket, begin_us: int, close_us: int, name: str) -> Statistics:
    candles = market.candles
    total = candles.since(begin_us, name)
    before = candles.close_before(total.opened_us)
    return Statistics(
        market.listing.symbol,
        total,
        market.trades[-1],
        total.open if before is None else before,
        begin_us,
        close_us,
    )
