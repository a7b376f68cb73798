"""Candles, and when those of each interval open and close.

Source: rest-api.md "Kline/Candlestick data": the intervals (case-sensitive), and that in another
time zone they begin when its clocks have it. All times are microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
DAY_US = 1_440 * MINUTE_US
WEEK_US = 7 * DAY_US
FIRST_MONDAY_US = 4 * DAY_US  # 1970-01-05: weeks begin on Monday

INTERVALS = {
    "1s": SECOND_US,
    "1m": MINUTE_US,
    "3m": 3 * MINUTE_US,
    "5m": 5 * MINUTE_US,
    "15m": 15 * MINUTE_US,
    "30m": 30 * MINUTE_US,
    "1h": 60 * MINUTE_US,
    "2h": 120 * MINUTE_US,
    "4h": 240 * MINUTE_US,
    "6h": 360 * MINUTE_US,
    "8h": 480 * MINUTE_US,
    "12h": 720 * MINUTE_US,
    "1d": DAY_US,
    "3d": 3 * DAY_US,
    "1w": WEEK_US,
    "1M": 0,
}


@dataclass(slots=True)
class Candle:
    """Open, high, low, close and volumes (units of 1e-8) of one interval.

    Without a trade it repeats the last close, and has neither first nor last trade (-1).
    """

    opened_us: int
    open: int
    high: int
    low: int
    close: int
    volume: int = 0
    quote_volume: int = 0
    count: int = 0
    taker_volume: int = 0
    taker_quote_volume: int = 0
    first_id: int = -1
    last_id: int = -1

    @classmethod
    def flat(cls, opened_us: int, price: int) -> Candle:
        """A candle without a trade."""
        return cls(opened_us, price, price, price, price)

    def copy(self, opened_us: int | None = None) -> Candle:
        """The same again, or as if it had opened at `opened_us`."""
        return Candle(
            self.opened_us if opened_us is None else opened_us,
            self.open,
            self.high,
            self.low,
            self.close,
            self.volume,
            self.quote_volume,
            self.count,
            self.taker_volume,
            self.taker_quote_volume,
            self.first_id,
            self.last_id,
        )

    def trade(
        self, trade_id: int, price: int, quantity: int, quote: int, buyer_is_maker: bool
    ) -> None:
        """Add one trade, worth `quote` in the quote asset."""
        if not self.count:
            self.open = self.high = self.low = price
            self.first_id = trade_id
        elif price > self.high:
            self.high = price
        elif price < self.low:
            self.low = price
        self.close = price
        self.last_id = trade_id
        self.count += 1
        self.volume += quantity
        self.quote_volume += quote
        if not buyer_is_maker:
            self.taker_volume += quantity
            self.taker_quote_volume += quote

    def add(self, later: Candle) -> None:
        """Add the candle of a later, shorter interval."""
        self.high, self.low = max(self.high, later.high), min(self.low, later.low)
        self.close = later.close
        self.volume += later.volume
        self.quote_volume += later.quote_volume
        self.count += later.count
        self.taker_volume += later.taker_volume
        self.taker_quote_volume += later.taker_quote_volume
        if later.count:
            self.first_id = later.first_id if self.first_id < 0 else self.first_id
            self.last_id = later.last_id


def open_time(time_us: int, interval: str, zone_us: int = 0) -> int:
    """When the candle of `interval` that holds `time_us` opened.

    Args:
        time_us: microseconds since the Unix epoch.
        interval: one of `INTERVALS`.
        zone_us: how far the clocks of the time zone are ahead of UTC.
    """
    local = time_us + zone_us
    if interval == "1M":
        day = datetime.fromtimestamp(local // SECOND_US, UTC)
        first = day.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        return int(first.timestamp()) * SECOND_US - zone_us
    shift = FIRST_MONDAY_US if interval == "1w" else 0
    return time_us - (local - shift) % INTERVALS[interval]


def next_open(opened_us: int, interval: str, zone_us: int = 0) -> int:
    """When the candle after the one that opened at `opened_us` opens."""
    if interval != "1M":
        return opened_us + INTERVALS[interval]
    first = datetime.fromtimestamp((opened_us + zone_us) // SECOND_US, UTC)
    following = (first + timedelta(days=32)).replace(day=1)
    return int(following.timestamp()) * SECOND_US - zone_us


def close_time(opened_us: int, interval: str, zone_us: int = 0) -> int:
    """The last microsecond of the candle that opened at `opened_us`."""
    return next_open(opened_us, interval, zone_us) - 1
