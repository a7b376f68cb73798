"""How many unfilled orders each account has placed in the present ten seconds, and today.

Source: rest-api.md "Unfilled Order Count", faqs/order_count_decrement.md: an order counts one; its
first fill gives back one as taker, and more as maker, of which the examples have five; never below
nothing. The documentation's "short delay" is none here.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..clock import Clock
from ..trading.accounts import Account
from ..trading.orders import STOPS, Execution
from .errors import too_many_orders
from .exchange_info import OrderLimits, order_limits
from .limits import Window, seconds_until

TEN_SECONDS_MS = 10_000
DAY_MS = 86_400_000
MAKER_BONUS = 5
LETTERS = {"SECOND": "S", "DAY": "D"}


class Counts(NamedTuple):
    """The two windows of an account."""

    seconds: Window
    day: Window


class OrderCounts:
    """The counts of all accounts, and their limits; a limit of 0 allows all."""

    def __init__(self, clock: Clock, limits: OrderLimits) -> None:
        self._clock = clock
        self._limits = limits
        self._counts: dict[int, Counts] = {}

    def check(self, account: Account) -> None:
        """Raise `ApiError` -1015 if the account may place no more orders now."""
        counts = self._of(account)
        for window, limit, per in (
            (counts.seconds, self._limits.ten_seconds, "10 SECOND"),
            (counts.day, self._limits.day, "1 DAY"),
        ):
            if 0 < limit <= window.count:
                raise too_many_orders(limit, per, *seconds_until(window, self._clock))

    def placed(self, account: Account) -> None:
        """An order was placed, or would have been had its cancellation not failed."""
        for window in self._of(account):
            window.add(1)

    def saw(self, report: Execution) -> None:
        """Look at a report on an order: a new one counts, its first fill gives back."""
        order, fill = report.order, report.fill
        if report.kind == "NEW" and (order.wanted.type not in STOPS or report.working_us < 0):
            self.placed(order.account)
        elif fill is not None and report.executed == fill.quantity:
            back = MAKER_BONUS if fill.is_maker else 1
            for window in self._of(order.account):
                window.add(-min(back, window.count))

    def rows(self, account: Account) -> list[dict[str, Any]]:
        """The limits with their counts."""
        counts = [window.count for window in self._of(account)]
        rows = order_limits(self._limits)
        return [row | {"count": one} for row, one in zip(rows, counts, strict=True)]

    def headers(self, account: Account) -> dict[str, str]:
        """The counts as headers of a successful order."""
        return {
            f"X-MBX-ORDER-COUNT-{row['intervalNum']}{LETTERS[row['interval']]}": str(row["count"])
            for row in self.rows(account)
        }

    def _of(self, account: Account) -> Counts:
        counts = self._counts.get(account.uid)
        if counts is None:
            counts = Counts(Window(self._clock, TEN_SECONDS_MS), Window(self._clock, DAY_MS))
            self._counts[account.uid] = counts
        return counts
