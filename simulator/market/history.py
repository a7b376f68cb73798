"""All candles of one symbol, live and past.

Only seconds and minutes are kept; every longer interval is a sum of minutes, so that they always
agree. Sums that are asked for again and again are remembered: each time the running minute is
added to the sum of the whole ones, and those are summed up once a minute.
"""

from __future__ import annotations

from .candles import INTERVALS, MINUTE_US, SECOND_US, Candle, next_open, open_time
from .events import Trade
from .fixed import product
from .past import DAYS, Past
from .series import FIRST, OPEN, Series

KEPT_SECONDS = 7_200
KEPT_MINUTES = 50_000


class Candles:
    """The candles of one symbol, from its first trade on.

    Args:
        past: what it did before; `None` if that is unknown.
        kept_seconds: how many seconds are kept.
        kept_minutes: how many minutes are kept, besides those of the past.
    """

    def __init__(
        self,
        past: Past | None = None,
        kept_seconds: int = KEPT_SECONDS,
        kept_minutes: int = KEPT_MINUTES,
    ) -> None:
        self._seconds = Series(SECOND_US, kept_seconds)
        self._minutes = Series(MINUTE_US, kept_minutes)
        self._past = past
        self._past_days = 0
        self._oldest = (0, 0)  # opening price and first trade id of all that is known
        self._sums: dict[str, tuple[int, int, Candle]] = {}

    def trade(self, trade: Trade) -> None:
        """Add one trade to the present second and minute."""
        if self._minutes.running is None:
            self._oldest = trade.price, trade.trade_id
        self.reach(trade.time_us)
        quote = product(trade.price, trade.quantity)
        self._seconds.trade(trade, quote)
        self._minutes.trade(trade, quote)

    def reach(self, time_us: int) -> None:
        """Time has passed, with trades or without; or the clock was set back."""
        self._seconds.reach(time_us)
        if self._minutes.reach(time_us):
            self._sums.clear()  # they go beyond the running minute

    def opened(self, interval: str, zone_us: int = 0) -> int:
        """When the candle of `interval` opened that has not closed yet."""
        return open_time(_running(self._series(interval)).opened_us, interval, zone_us)

    def present(self, interval: str, zone_us: int = 0) -> Candle:
        """The candle of `interval` that has not closed yet."""
        if interval == "1s":
            return _running(self._seconds).copy()
        opened = open_time(_running(self._minutes).opened_us, interval, zone_us)
        return self.since(opened, f"{interval} {zone_us}").copy(opened)

    def closed(self, opened_us: int, interval: str, zone_us: int = 0) -> Candle | None:
        """The candle of `interval` that opened then and has closed; `None` if it is forgotten."""
        return _between(self._series(interval), opened_us, next_open(opened_us, interval, zone_us))

    def since(self, begin_us: int, name: str = "") -> Candle:
        """The sum of the minutes that opened at `begin_us` or later.

        With a `name` the sum of the whole ones is remembered under it.
        """
        self._reach_back(begin_us)
        minutes, running = self._minutes, _running(self._minutes)
        begin_us = max(-(-begin_us // MINUTE_US) * MINUTE_US, minutes.begin_us)
        end_us = running.opened_us
        if begin_us >= end_us:
            return running.copy()
        known = self._sums.get(name)
        if known is None or known[:2] != (begin_us, end_us):
            known = begin_us, end_us, self._whole(begin_us, end_us, known)
            if name:
                self._sums[name] = known
        total = known[2].copy()
        total.add(running)
        return total

    def is_made(self, begin_us: int) -> bool:
        """Whether what was before `begin_us` is known already, and costs no making."""
        return begin_us >= self._minutes.begin_us or self._past_days == DAYS

    def close_before(self, time_us: int) -> int | None:
        """The closing price of the minute before the first that opened at `time_us` or later."""
        self._reach_back(time_us - MINUTE_US)
        return self._minutes.close_before(self._minutes.index(time_us))

    def of(
        self,
        interval: str,
        zone_us: int = 0,
        start_us: int | None = None,
        end_us: int | None = None,
        limit: int = 1_000,
    ) -> list[Candle]:
        """Candles that opened from `start_us` to `end_us`, both included, oldest first.

        With `start_us` the oldest `limit` of them, otherwise the newest.
        """
        series = self._series(interval)
        now_us = _running(series).opened_us
        last_us = open_time(now_us if end_us is None else min(end_us, now_us), interval, zone_us)
        if start_us is None:  # a month has no width: all that are known then, and those are few
            width = INTERVALS[interval]
            opened = last_us - (limit - 1) * width if width else 0
        else:
            opened = open_time(start_us, interval, zone_us)
            opened = opened if opened >= start_us else next_open(opened, interval, zone_us)
        if series is self._minutes:
            self._reach_back(opened)
        opened = max(opened, open_time(series.begin_us, interval, zone_us))
        found: list[Candle] = []
        while opened <= last_us and (start_us is None or len(found) < limit):
            following = next_open(opened, interval, zone_us)
            candle = _between(series, opened, following)
            if candle is not None:
                found.append(candle)
            opened = following
        return found[-limit:]

    def _series(self, interval: str) -> Series:
        return self._seconds if interval == "1s" else self._minutes

    def _whole(self, begin_us: int, end_us: int, known: tuple[int, int, Candle] | None) -> Candle:
        """The sum of the closed minutes from `begin_us` to `end_us`."""
        minutes = self._minutes
        if known is None or known[0] != begin_us:
            return minutes.total(minutes.index(begin_us), minutes.index(end_us))
        whole = known[2].copy()
        whole.add(minutes.total(minutes.index(known[1]), minutes.index(end_us)))
        return whole

    def _reach_back(self, time_us: int) -> None:
        """Make as much of the past as reaches back to `time_us`."""
        minutes, past = self._minutes, self._past
        while past is not None and time_us < minutes.begin_us:
            if self._past_days == DAYS or minutes.is_cut:
                return
            day = past.day(self._past_days, *self._oldest)
            minutes.prepend(day)
            self._past_days += 1
            ids = [trade_id for trade_id in day[FIRST] if trade_id >= 0]
            self._oldest = day[OPEN][0], ids[0] if ids else self._oldest[1]


def _running(series: Series) -> Candle:
    if series.running is None:
        raise LookupError("there are no candles before the first trade")
    return series.running


def _between(series: Series, begin_us: int, end_us: int) -> Candle | None:
    """The sum of the candles that opened from `begin_us` on and before `end_us`."""
    first, last = series.index(begin_us), series.index(end_us)
    running = series.running
    is_running = running is not None and begin_us <= running.opened_us < end_us
    total = series.total(first, last) if first < last else None
    if running is not None and is_running:
        if total is None:
            return running.copy(begin_us)
        total.add(running)
    return total.copy(begin_us) if total is not None else None
