"""Orders and trades of an account, looked up.

Source: rest-api.md "Account Endpoints": the parameters that go together, and what is the default.
"""

from __future__ import annotations

from typing import Any, TypeVar

from ..clock import TimeUnit
from ..trading.accounts import Account
from ..trading.orders import Order
from .errors import bad_combination, bad_request, missing_both
from .order_counts import OrderCounts
from .order_rows import prevented, queried, traded
from .parameters import Query, instant_us, limit
from .selection import Selection

T = TypeVar("T")
DEFAULT_ROWS, MOST_ROWS = 500, 1_000
LONGEST_LOOKUP_H = 24
MICROSECONDS_AN_HOUR = 3_600_000_000
# what of orderId, fromId, startTime and endTime may be sent together
MY_TRADES = (
    set[str](),
    {"orderId"},
    {"startTime"},
    {"endTime"},
    {"fromId"},
    {"startTime", "endTime"},
    {"orderId", "fromId"},
)
PREVENTED = ({"preventedMatchId"}, {"orderId"}, {"orderId", "fromPreventedMatchId"})


class OrderQueries:
    """Answers the requests that change nothing."""

    def __init__(self, selection: Selection, counts: OrderCounts) -> None:
        self._selection = selection
        self._counts = counts

    def one(self, account: Account, query: Query, unit: TimeUnit) -> dict[str, Any]:
        """`GET /api/v3/order`."""
        symbol = self._selection.one(query)
        order_id, name = query.get("orderId"), query.get("origClientOrderId")
        if order_id is None and name is None:
            raise missing_both("origClientOrderId", "orderId")
        order = account.find(symbol, None if order_id is None else int(order_id), name)
        if order is None:
            raise bad_request(-2013, "Order does not exist.")
        if name is not None and order.client_order_id != name:
            raise bad_request(-2039, "Client order ID is not correct for this order ID.")
        return queried(order, unit)

    def open(self, account: Account, query: Query, unit: TimeUnit) -> list[dict[str, Any]]:
        """`GET /api/v3/openOrders`."""
        symbol = self._selection.one(query) if "symbol" in query else None
        orders = [order for order in account.open.values() if symbol in (None, order.symbol)]
        return [queried(order, unit) for order in orders]

    def all(self, account: Account, query: Query, unit: TimeUnit) -> list[dict[str, Any]]:
        """`GET /api/v3/allOrders`; times are those of the orders' creation."""
        symbol = self._selection.one(query)
        check_lookup(query)
        least = int(query.get("orderId", 0))
        orders = [
            order
            for order in account.orders.values()
            if order.symbol == symbol
            and order.order_id >= least
            and _is_within(order.created_us, query)
        ]
        oldest_first = "orderId" in query or "startTime" in query
        return [queried(order, unit) for order in _page(orders, query, oldest_first)]

    def trades(self, account: Account, query: Query, unit: TimeUnit) -> list[dict[str, Any]]:
        """`GET /api/v3/myTrades`."""
        symbol = self._selection.one(query)
        check_combination(query, ("orderId", "startTime", "endTime", "fromId"), MY_TRADES)
        check_lookup(query)
        order_id, least = query.get("orderId"), int(query.get("fromId", 0))
        fills = [
            fill
            for fill in account.fills
            if fill.order.symbol == symbol
            and (order_id is None or fill.order.order_id == int(order_id))
            and fill.trade_id >= least
            and _is_within(fill.time_us, query)
        ]
        oldest_first = "fromId" in query or "startTime" in query
        return [traded(fill, unit) for fill in _page(fills, query, oldest_first)]

    def prevented(self, account: Account, query: Query, unit: TimeUnit) -> list[dict[str, Any]]:
        """`GET /api/v3/myPreventedMatches`."""
        symbol = self._selection.one(query)
        names = ("orderId", "preventedMatchId", "fromPreventedMatchId")
        check_combination(query, names, PREVENTED)
        wanted, order_id = query.get("preventedMatchId"), query.get("orderId")
        least = int(query.get("fromPreventedMatchId", 0))
        matches = [
            match
            for match in account.prevented
            if match.taker.symbol == symbol
            and (wanted is None or match.match_id == int(wanted))
            and (order_id is None or int(order_id) in _ids(match.maker, match.taker))
            and match.match_id >= least
        ]
        return [prevented(match, unit) for match in _page(matches, query, oldest_first=True)]

    def counts(self, account: Account, query: Query, unit: TimeUnit) -> list[dict[str, Any]]:
        """`GET /api/v3/rateLimit/order`."""
        return self._counts.rows(account)


def check_combination(
    query: Query, names: tuple[str, ...], combinations: tuple[set[str], ...]
) -> None:
    """Raise -1128 unless the optional parameters may be sent together."""
    if {name for name in names if name in query} not in combinations:
        raise bad_combination()


def check_lookup(query: Query) -> None:
    """Raise -1127 if `startTime` and `endTime` are more than a day apart."""
    start, end = instant_us(query, "startTime"), instant_us(query, "endTime")
    if start is None or end is None:
        return
    if end - start > LONGEST_LOOKUP_H * MICROSECONDS_AN_HOUR:
        message = f"More than {LONGEST_LOOKUP_H} hours between startTime and endTime."
        raise bad_request(-1127, message)


def _ids(*orders: Order) -> set[int]:
    return {order.order_id for order in orders}


def _is_within(time_us: int, query: Query) -> bool:
    """Whether a time lies in the window; its end is a whole millisecond if it was sent as one."""
    start, end = instant_us(query, "startTime"), instant_us(query, "endTime")
    if start is not None and time_us < start:
        return False
    return end is None or time_us // 1_000 <= end // 1_000


def _page(rows: list[T], query: Query, oldest_first: bool) -> list[T]:
    """The oldest, or the newest, as many as are wanted; oldest first in either case."""
    count = limit(query, DEFAULT_ROWS, MOST_ROWS)
    return rows[:count] if oldest_first else rows[-count:]
