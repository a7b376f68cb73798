"""How many new orders may leave: the exchange counts those that are not filled yet, in periods.

An order counts here from when it leaves until a whole period later, so that two which may fall into
one period of the exchange's always count together. What the exchange says of its own count takes some
off, since a fill gives one back, or adds what others have placed with the account.

Source: https://developers.binance.com/docs/binance-spot-api-docs/faqs/order_count_decrement
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable

_SLACK = 0.5
"""Seconds by which an order may be counted later than it left."""


class _Period:
    """One of the exchange's limits. Time is the exchange's, in seconds since the epoch."""

    def __init__(self, seconds: float, limit: int) -> None:
        self.seconds = seconds
        self.limit = limit
        self._left: deque[float] = deque()
        self._foreign, self._foreign_until = 0, -math.inf

    def used(self, now: float) -> int:
        """How many count now."""
        while self._left and self._left[0] <= now - self.seconds - _SLACK:
            self._left.popleft()
        return len(self._left) + (self._foreign if now < self._foreign_until else 0)

    def ready_at(self, now: float) -> float:
        """When another may leave."""
        if self.used(now) < self.limit:
            return now
        ends = [self._foreign_until] if now < self._foreign_until and self._foreign else []
        if self._left:
            ends.append(self._left[0] + self.seconds + _SLACK)
        return min(ends, default=math.inf)

    def leaves(self, now: float) -> None:
        """One leaves."""
        self._left.append(now)

    def heard(self, count: int, since: float, under_way: int, now: float) -> None:
        """The exchange's count in the period that began at `since`; `under_way` are not in it yet."""
        ours = sum(at >= since for at in self._left) - under_way
        if count < ours:
            for _ in range(ours - count):  # fills have given these back
                self._drop_oldest(since)
            self._foreign = 0
        else:
            self._foreign, self._foreign_until = count - max(0, ours), since + self.seconds
        self.used(now)

    def _drop_oldest(self, since: float) -> None:
        for index, at in enumerate(self._left):
            if at >= since:
                del self._left[index]
                return


class OrderCounts:
    """All limits of an account."""

    def __init__(self) -> None:
        self._periods: dict[float, _Period] = {}
        self._under_way = 0
        self._full_until = -math.inf

    def learn(self, limits: Iterable[tuple[float, int]]) -> None:
        """Periods in seconds, and the most orders within each."""
        for seconds, limit in limits:
            known = self._periods.get(seconds)
            if known is None:
                self._periods[seconds] = _Period(seconds, limit)
            else:
                known.limit = limit

    def ready_at(self, now: float) -> float:
        """When another order may leave; `now` if at once."""
        times = (period.ready_at(now) for period in self._periods.values())
        return max(now, self._full_until, *times)

    def leaves(self, now: float) -> None:
        """One leaves."""
        self._under_way += 1
        for period in self._periods.values():
            period.leaves(now)

    def refused(self, seconds: float, now: float) -> None:
        """The exchange says that there are too many, and for how long: to ask on leads to a ban."""
        self._full_until = max(self._full_until, now + seconds)

    def answered(self) -> None:
        """One that has left was answered, or is not waited for."""
        self._under_way = max(0, self._under_way - 1)

    def heard(self, seconds: float, count: int, now: float) -> None:
        """The exchange says that so many were counted in its present period."""
        period = self._periods.get(seconds)
        if period is not None:
            since = now - now % seconds
            period.heard(count, since, self._under_way, now)
