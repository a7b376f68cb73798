"""Candles of one width in unbroken succession: the closed ones in columns, and the running one.

A candle object takes several hundred bytes, a row of eleven columns takes 88; and the sum over any
stretch of a column is one call.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from .candles import Candle
from .events import Trade

OPEN, HIGH, LOW, CLOSE, VOLUME, QUOTE, COUNT, TAKER, TAKER_QUOTE, FIRST, LAST = range(11)
SUMMED = (VOLUME, QUOTE, COUNT, TAKER, TAKER_QUOTE)
Columns = Sequence["array[int]"]


class Series:
    """Seconds, or minutes. At least the newest `kept` are kept."""

    def __init__(self, width_us: int, kept: int) -> None:
        self.width_us = width_us
        self.begin_us = 0
        self.running: Candle | None = None
        self.is_cut = False
        self._kept = kept
        self._columns = [array("q") for _ in range(LAST + 1)]

    def __len__(self) -> int:
        return len(self._columns[OPEN])

    @property
    def end_us(self) -> int:
        """When the running candle opened, or the first one will."""
        return self.begin_us + len(self) * self.width_us

    def trade(self, trade: Trade, quote: int) -> None:
        """Add a trade of now, which has been reached."""
        if self.running is None:
            self.begin_us = trade.time_us - trade.time_us % self.width_us
            self.running = Candle.flat(self.begin_us, trade.price)
        self.running.trade(trade.trade_id, trade.price, trade.quantity, quote, trade.buyer_is_maker)

    def reach(self, time_us: int) -> bool:
        """Close what has ended by `time_us`; whether the clock was set back before that."""
        running = self.running
        if running is None or time_us < running.opened_us:
            return running is not None and self._go_back(running, time_us)
        if time_us < running.opened_us + self.width_us:
            return False
        self._close(running)
        opened = time_us - time_us % self.width_us
        self._fill((opened - self.end_us) // self.width_us, running.close)
        self.running = Candle.flat(opened, running.close)
        self._cut()
        return False

    def _go_back(self, running: Candle, time_us: int) -> bool:
        """The clock was set back: the candle of then goes on, with all that came after it.

        So none is in the future, and every trade is in one.
        """
        opened = time_us - time_us % self.width_us
        first = self.index(opened)
        if first < len(self):
            later = self.total(first, len(self))
            later.add(running)
            running = later
        for column in self._columns:
            del column[first:]
        self.begin_us = min(self.begin_us, opened)
        self.running = running.copy(opened)
        return True

    def index(self, time_us: int) -> int:
        """How many closed candles opened before `time_us`."""
        return max(0, min(len(self), -((self.begin_us - time_us) // self.width_us)))

    def total(self, first: int, last: int) -> Candle:
        """The sum of the closed candles from index `first` up to and without `last`."""
        columns = self._columns
        volume, quote, count, taker, taker_quote = (
            sum(columns[column][first:last]) for column in SUMMED
        )
        return Candle(
            self.begin_us + first * self.width_us,
            columns[OPEN][first],
            max(columns[HIGH][first:last]),
            min(columns[LOW][first:last]),
            columns[CLOSE][last - 1],
            volume,
            quote,
            count,
            taker,
            taker_quote,
            next((trade_id for trade_id in columns[FIRST][first:last] if trade_id >= 0), -1),
            max(columns[LAST][first:last]),
        )

    def close_before(self, index: int) -> int | None:
        """The closing price of the candle before the one at `index`, if it is known."""
        return self._columns[CLOSE][index - 1] if index > 0 else None

    def first(self) -> Candle | None:
        """The oldest candle."""
        return self.total(0, 1) if len(self) else self.running

    def prepend(self, earlier: Columns) -> None:
        """Put earlier candles before all others, to be kept as well."""
        self._kept += len(earlier[OPEN])
        self.begin_us -= len(earlier[OPEN]) * self.width_us
        self._columns = [
            before + after for before, after in zip(earlier, self._columns, strict=True)
        ]

    def _close(self, candle: Candle) -> None:
        values = (
            candle.open,
            candle.high,
            candle.low,
            candle.close,
            candle.volume,
            candle.quote_volume,
            candle.count,
            candle.taker_volume,
            candle.taker_quote_volume,
            candle.first_id,
            candle.last_id,
        )
        for column, value in zip(self._columns, values, strict=True):
            column.append(value)

    def _fill(self, missing: int, close: int) -> None:
        """Candles without a trade repeat the last close, as on Binance."""
        if missing <= 0:
            return
        if missing > self._kept:  # the clock has jumped: nothing from before it is left
            self.begin_us = self.end_us + (missing - self._kept) * self.width_us
            self._columns = [array("q") for _ in self._columns]
            self.is_cut = True
            missing = self._kept
        for number, column in enumerate(self._columns):
            value = close if number <= CLOSE else -1 if number >= FIRST else 0
            column.extend(array("q", (value,)) * missing)

    def _cut(self) -> None:
        """Forget the oldest, many at a time, so that it costs little."""
        excess = len(self) - self._kept
        if excess <= self._kept // 8:
            return
        for column in self._columns:
            del column[:excess]
        self.begin_us += excess * self.width_us
        self.is_cut = True
