"""How many orders the account may place, by the exchange's time."""

from __future__ import annotations

from ...core.order_counts import OrderCounts
from ...messages.errors import ConnectorError, RateLimitError
from ...messages.trading import OrdersCounted
from ..base.exchange_clock import ExchangeClock


class AccountCounts:
    """`OrderCounts` with a clock. Belongs to the account's room."""

    def __init__(self, clock: ExchangeClock) -> None:
        self._clock, self._counts = clock, OrderCounts()

    def learn(self, limits: list[tuple[float, int]]) -> None:
        """The account's limits of new orders: periods in seconds, and the most in each."""
        self._counts.learn(limits)

    def counted(self, message: OrdersCounted) -> None:
        """What the exchange counts."""
        for each in message.counts:
            if each.limit is not None:
                self._counts.learn([(each.period, each.limit)])
            self._counts.heard(each.period, each.count, self._now())

    def refused(self, error: ConnectorError) -> None:
        """An order was refused; where that was for too many, no other leaves for a while."""
        if isinstance(error, RateLimitError) and error.code is not None:
            self._counts.refused(error.retry_after, self._now())

    def wait(self) -> float:
        """Seconds until another order may leave; 0.0 or less where it may now."""
        return self._counts.ready_at(self._now()) - self._now()

    def leaves(self) -> None:
        """One leaves."""
        self._counts.leaves(self._now())

    def answered(self) -> None:
        """One that has left was answered, or is not waited for."""
        self._counts.answered()

    def _now(self) -> float:
        return self._clock.now_ns() / 1e9
