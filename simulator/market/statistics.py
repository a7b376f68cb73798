"""Rolling figures of a symbol: the last 24 hours, and the average of the last 5 minutes.

Source: rest-api.md "24hr ticker price change statistics", "Current average price".
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .candles import DAY_MS, MINUTE_MS, Candle
from .fixed import ONE
from .market import SymbolMarket, Trade

AVERAGE_MINUTES = 5


@dataclass(frozen=True)
class DayStatistics:
    """The last 24 hours: the sum of their minutes and the newest trade."""

    symbol: str
    sum: Candle
    last: Trade
    previous_close: int
    open_time: int
    close_time: int

    @property
    def change(self) -> int:
        """Last price less opening price."""
        return self.last.price - self.sum.open

    @property
    def change_percent(self) -> str:
        """The change in percent, with three decimals."""
        thousandths = self.change * 100_000 // self.sum.open
        sign = "-" if thousandths < 0 else ""
        return f"{sign}{abs(thousandths) // 1_000}.{abs(thousandths) % 1_000:03d}"

    @property
    def average(self) -> int:
        """Volume-weighted average price."""
        return self.sum.quote_volume * ONE // self.sum.volume if self.sum.volume else 0


def day(market: SymbolMarket, now_ms: int) -> DayStatistics:
    """The 24 hours that end at `now_ms`; less, where the exchange is younger."""
    total = _sum(market, now_ms - DAY_MS)
    last = market.trades[-1]
    symbol = market.listing.symbol
    return DayStatistics(symbol, total, last, total.open, now_ms - DAY_MS, now_ms)


def average_price(market: SymbolMarket, now_ms: int) -> int:
    """Volume-weighted average price of the last five minutes."""
    total = _sum(market, now_ms - AVERAGE_MINUTES * MINUTE_MS)
    return total.quote_volume * ONE // total.volume if total.volume else total.close


def _sum(market: SymbolMarket, since_ms: int) -> Candle:
    minutes = market.candles.since(since_ms) or market.candles.latest("1m", 1)
    total = replace(minutes[0])
    for minute in minutes[1:]:
        total.add(minute)
    return total
