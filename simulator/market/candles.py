"""Candles of every interval, made from the trades.

Source: rest-api.md "Kline/Candlestick data" for the intervals (case-sensitive). Only seconds and
minutes are kept; every longer interval is a sum of minutes, so that they always agree.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from .fixed import product

SECOND_MS = 1_000
MINUTE_MS = 60_000
DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS
FIRST_MONDAY_MS = 4 * DAY_MS  # 1970-01-05: weeks begin on Monday
KEPT_SECONDS = 7_200
KEPT_MINUTES = 50_000

INTERVALS = {
    "1s": SECOND_MS,
    "1m": MINUTE_MS,
    "3m": 3 * MINUTE_MS,
    "5m": 5 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "30m": 30 * MINUTE_MS,
    "1h": 60 * MINUTE_MS,
    "2h": 120 * MINUTE_MS,
    "4h": 240 * MINUTE_MS,
    "6h": 360 * MINUTE_MS,
    "8h": 480 * MINUTE_MS,
    "12h": 720 * MINUTE_MS,
    "1d": DAY_MS,
    "3d": 3 * DAY_MS,
    "1w": WEEK_MS,
    "1M": 0,
}


@dataclass
class Candle:
    """Open, high, low, close and volumes (units of 1e-8) of one interval."""

    open_time: int
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

    def trade(self, trade_id: int, price: int, quantity: int, buyer_is_maker: bool) -> None:
        """Add one trade."""
        self.high, self.low = max(self.high, price), min(self.low, price)
        self.close = price
        self.volume += quantity
        self.quote_volume += product(price, quantity)
        self.count += 1
        if not buyer_is_maker:
            self.taker_volume += quantity
            self.taker_quote_volume += product(price, quantity)
        self.first_id = trade_id if self.first_id < 0 else self.first_id
        self.last_id = trade_id

    def add(self, later: Candle) -> None:
        """Add the candle of a later, shorter interval."""
        self.high, self.low = max(self.high, later.high), min(self.low, later.low)
        self.close = later.close
        self.volume += later.volume
        self.quote_volume += later.quote_volume
        self.count += later.count
        self.taker_volume += later.taker_volume
        self.taker_quote_volume += later.taker_quote_volume
        self.first_id = later.first_id if self.first_id < 0 else self.first_id
        self.last_id = max(self.last_id, later.last_id)


class Candles:
    """The candles of one symbol."""

    def __init__(self) -> None:
        self._seconds: deque[Candle] = deque(maxlen=KEPT_SECONDS)
        self._minutes: deque[Candle] = deque(maxlen=KEPT_MINUTES)

    def trade(
        self, time_ms: int, trade_id: int, price: int, quantity: int, buyer_is_maker: bool
    ) -> None:
        """Add one trade to the present second and minute."""
        for kept, width in ((self._seconds, SECOND_MS), (self._minutes, MINUTE_MS)):
            candle = _current(kept, time_ms - time_ms % width, width, price)
            candle.trade(trade_id, price, quantity, buyer_is_maker)

    def of(self, interval: str) -> list[Candle]:
        """All known candles of `interval`, oldest first."""
        if interval == "1s":
            return list(self._seconds)
        if interval == "1m":
            return list(self._minutes)
        return _sums(self._minutes, interval)

    def latest(self, interval: str, count: int) -> list[Candle]:
        """The newest `count` candles of `interval`, made without a walk over all minutes."""
        if interval in ("1s", "1m"):
            kept = self._seconds if interval == "1s" else self._minutes
            return [kept[index] for index in range(max(0, len(kept) - count), len(kept))]
        return self.of(interval)[-count:]

    def since(self, time_ms: int) -> list[Candle]:
        """The minutes that began at or after `time_ms`."""
        return [candle for candle in self._minutes if candle.open_time >= time_ms]


def open_time(time_ms: int, interval: str) -> int:
    """When the candle of `interval` that holds `time_ms` opened (UTC)."""
    if interval == "1M":
        day = datetime.fromtimestamp(time_ms / 1_000, UTC)
        first = day.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        return int(first.timestamp()) * 1_000
    shift = FIRST_MONDAY_MS if interval == "1w" else 0
    return time_ms - (time_ms - shift) % INTERVALS[interval]


def close_time(opened: int, interval: str) -> int:
    """The last millisecond of the candle that opened at `opened`."""
    if interval != "1M":
        return opened + INTERVALS[interval] - 1
    first = datetime.fromtimestamp(opened / 1_000, UTC)
    following = (first + timedelta(days=32)).replace(day=1)
    return int(following.timestamp()) * 1_000 - 1


def _current(kept: deque[Candle], opened: int, width: int, price: int) -> Candle:
    if kept and opened <= kept[-1].open_time:  # also when the clock was set back
        return kept[-1]
    if kept:
        _fill(kept, opened, width)
    kept.append(Candle(opened, price, price, price, price))
    return kept[-1]


def _fill(kept: deque[Candle], opened: int, width: int) -> None:
    """Candles without a trade repeat the last close, as on Binance."""
    close = kept[-1].close
    begin = max(kept[-1].open_time + width, opened - width * 1_000)
    for missing in range(begin, opened, width):
        kept.append(Candle(missing, close, close, close, close))


def _sums(minutes: Iterable[Candle], interval: str) -> list[Candle]:
    sums: list[Candle] = []
    for minute in minutes:
        opened = open_time(minute.open_time, interval)
        if sums and sums[-1].open_time == opened:
            sums[-1].add(minute)
        else:
            sums.append(replace(minute, open_time=opened))
    return sums
