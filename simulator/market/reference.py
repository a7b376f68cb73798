"""The reference price, as the matching engine calculates it, or as somebody has set it.

Source: faqs/price_range_execution_rules.md "How does the Matching Engine calculate the reference
price?": a simple moving average of the trade prices in the newest buckets; "External Reference Price
Calculation Method 0".
"""

from __future__ import annotations

from collections import deque

from .candles import SECOND_US

BUCKETS = 10
BUCKET_US = SECOND_US


class ReferencePrice:
    """The average price of the trades of the last ten seconds.

    Attributes:
        is_set: Whether it is what somebody has set instead.
    """

    def __init__(self) -> None:
        self.is_set = False
        self._price: int | None = None
        self._buckets: deque[tuple[int, int, int]] = deque()  # number, sum of prices, trades

    def add(self, time_us: int, price: int) -> None:
        """A trade happened."""
        number, total, count = time_us // BUCKET_US, price, 1
        while self._buckets and number < self._buckets[-1][0]:
            self._buckets.pop()  # the clock was set back
        if self._buckets and number == self._buckets[-1][0]:
            _, total, count = self._buckets.pop()
            total, count = total + price, count + 1
        self._buckets.append((number, total, count))
        if len(self._buckets) > BUCKETS:
            self._buckets.popleft()

    def set(self, price: int | None) -> None:
        """Let it be so much from now on; `None` lets there be none."""
        self.is_set, self._price = True, price

    def at(self, time_us: int) -> int | None:
        """The price at `time_us`; `None` where nothing was traded for so long."""
        if self.is_set:
            return self._price
        oldest = time_us // BUCKET_US - BUCKETS
        recent = [(total, count) for number, total, count in self._buckets if number > oldest]
        if not recent:
            return None
        return sum(total for total, _ in recent) // sum(count for _, count in recent)
