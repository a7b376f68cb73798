"""What a symbol did before its first live trade: minutes made from the seed, a day at a time.

They are made backwards, from the first live trade on: its price is the last close, and the trade
ids end right before it. Nothing is made before somebody asks.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable

from .candles import DAY_US, MINUTE_US
from .fixed import ONE, product
from .series import Columns
from .symbols import Listing

DAYS = 30
MINUTES_A_DAY = DAY_US // MINUTE_US
MOST_TRADES = 1_000  # a minute, so that the ids of 30 days fit before the first live one
SIZE = 0.58  # of a trade, in typical ones, as in the live market
MOVE = 2_500  # a minute moves by less than this part of the price
PULL = 2_000  # this part of the way back to the start price in a minute

Row = tuple[int, int, int, int, int, int, int, int, int, int, int]


class Past:
    """The minutes of one symbol's last 30 days."""

    def __init__(self, listing: Listing, seed: int, trades_a_minute: float) -> None:
        self._listing = listing
        self._seed = seed
        self._trades = min(MOST_TRADES, trades_a_minute)
        self._lots = SIZE * listing.typical * ONE / listing.start_price / listing.step  # of a trade
        self._move = max(2, listing.start_price // MOVE // listing.tick)  # in ticks

    def day(self, number: int, close: int, next_id: int) -> Columns:
        """A day of minutes in the columns of a `Series`.

        Args:
            number: counted back from the first live trade, 0 for the 24 hours before its minute.
            close: the last closing price.
            next_id: id of the first trade after that day.
        """
        # a text seeds the same on every machine
        draw = random.Random(f"{self._seed} {self._listing.symbol} {number} days ago").random
        rows: list[Row] = []
        for _ in range(MINUTES_A_DAY):
            row = self._minute(draw, close, next_id)
            rows.append(row)
            close = row[0]
            next_id -= row[6]
        return [array("q", column) for column in zip(*reversed(rows), strict=True)]

    def _minute(self, draw: Callable[[], float], close: int, next_id: int) -> Row:
        """The minute that ends with `close`, before the trade `next_id`."""
        count = int(self._trades * (0.5 + draw()))
        if not count:
            return close, close, close, close, 0, 0, 0, 0, 0, -1, -1
        listing, move = self._listing, self._move
        pull = (listing.start_price - close) // PULL // listing.tick
        opened = close + listing.tick * (pull + int((draw() + draw() - 1) * move))
        high = max(opened, close) + listing.tick * int(draw() * move / 2)
        low = min(opened, close) - listing.tick * int(draw() * move / 2)
        lots = max(count, int(count * self._lots * (0.6 + 0.8 * draw())))
        taker = int(lots * (0.35 + 0.3 * draw())) * listing.step
        average = (opened + high + low + close) // 4
        volume = lots * listing.step
        return (
            opened,
            high,
            low,
            close,
            volume,
            product(average, volume),
            count,
            taker,
            product(average, taker),
            next_id - count,
            next_id - 1,
        )
