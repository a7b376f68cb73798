"""Fills that orders lack: which pages of the account's executions to ask for, and what cannot be had.

First the newest of each symbol, which mostly are enough; then, of each order that lacks fills still,
all of its own, page by page from the oldest that was not told. The fills of an order are told by
trade id, so what is newest counts for an order only where it has all that the order lacks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from ..messages.account import Fill, Order
from ..messages.orders import GetFills
from .account_view import AccountView

PAGE = 1000
"""So many fills are asked for at a time."""
WHOLE = 3000
"""So many of an order where they cannot be asked for page by page."""
PATIENCE = 10.0
"""Seconds from the first search in vain until what an order lacks is given up: the exchange's
database may be behind."""


class Missing(NamedTuple):
    """So much of an order was executed by fills that the exchange does not have."""

    order: Order
    quantity: Decimal


class FillSearch:
    """One search after another, each from `begin` until `next_request` has nothing more.

    What was told stays told: a search that begins anew goes on where the last one had come to.

    Args:
        tell: Delivers a fill.
        has_numbers: Whether trade ids grow, so that a page can begin at one; else an order has only
            its newest page.
    """

    def __init__(
        self, view: AccountView, tell: Callable[[Fill], None], *, has_numbers: bool = True
    ) -> None:
        self._view, self._tell, self._has_numbers = view, tell, has_numbers
        self._symbols = set[str]()  # whose newest were looked at
        self._from: dict[tuple[str, str], int] = {}  # of orders, the trade id to go on with
        self._ended = set[tuple[str, str]]()  # of these there is nothing more
        self._since: dict[tuple[str, str], float] = {}  # of orders, the first search in vain

    def begin(self) -> None:
        """Look anew."""
        self._symbols.clear()
        self._from.clear()
        self._ended.clear()

    def next_request(self) -> GetFills | None:
        """The page to ask for; None where there is nothing more to be had."""
        lacking = self._view.lacking()
        for order in lacking:
            if order.symbol not in self._symbols:
                return GetFills(order.symbol, limit=PAGE)
        for order in lacking:
            if (key := _key(order)) not in self._ended:
                first = self._from.get(key, self._view.told_to(order))
                if not self._has_numbers:
                    return GetFills(order.symbol, limit=WHOLE, order_id=order.order_id)
                return GetFills(order.symbol, str(first), PAGE, order.order_id)
        return None

    def take(self, request: GetFills, fills: Sequence[Fill]) -> None:
        """Its answer has come: `fills` by trade id."""
        orders, is_all = self._concerned(request), len(fills) < request.limit
        if request.order_id is None:
            self._symbols.add(request.symbol)
            orders = orders if is_all else self._completed(orders, fills)
        wanted = {order.order_id for order in orders}
        for fill in fills:
            if fill.order_id in wanted and not self._view.is_history(fill):
                self._tell(fill)
        if is_all:
            self._ended.update(map(_key, orders))
        elif request.order_id is not None:
            self._go_on(request, orders, fills[-1])

    def refused(self, request: GetFills) -> None:
        """The exchange will not answer it."""
        self._symbols.add(request.symbol)
        self._ended.update(map(_key, self._concerned(request)))

    def end(self, now: float) -> list[Missing]:
        """Nothing more is to be had now; what was looked for long enough (monotonic seconds)."""
        lacking = self._view.lacking()
        self._since = {_key(order): self._since.get(_key(order), now) for order in lacking}
        tired = [order for order in lacking if now - self._since[_key(order)] >= PATIENCE]
        return [Missing(order, self._view.given_up(order)) for order in tired]

    def _concerned(self, request: GetFills) -> list[Order]:
        """The orders that a page is asked for."""
        return [
            order
            for order in self._view.lacking()
            if order.symbol == request.symbol and request.order_id in (None, order.order_id)
        ]

    def _completed(self, orders: list[Order], fills: Sequence[Fill]) -> list[Order]:
        """Those that lack none beyond these."""
        of_order = defaultdict[str, list[Fill]](list)
        for fill in fills:
            of_order[fill.order_id].append(fill)
        return [order for order in orders if self._view.completes(order, of_order[order.order_id])]

    def _go_on(self, request: GetFills, orders: list[Order], last: Fill) -> None:
        """All of a full page was told: the next one begins behind it."""
        first, id = int(request.from_id or 0), last.trade_id
        following = int(id) + 1 if self._has_numbers and id.isdecimal() else 0
        for order in orders:
            if following <= first:  # it would lead to itself
                self._ended.add(_key(order))
            self._from[_key(order)] = following
            self._view.all_told(order, following)


def _key(order: Order) -> tuple[str, str]:
    return order.symbol, order.order_id
