"""What an account asks of its orders and executions.

Source: order/open-order.mdx, order/order-list.mdx, order/execution.mdx. Of several parameters
`orderId` counts before `orderLinkId`, that before `symbol`, and that before `baseCoin`. Pages are
newest first, and a cursor is percent-encoded already; a page that is full has one even if nothing
follows, as clients have met it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, NamedTuple

from ..trading.accounts import Account
from ..trading.orders import Fill, Order
from . import parameters
from .callers import Caller
from .desk import Desk
from .errors import bad_parameter
from .order_rows import filter_of, queried, status, traded
from .parameters import Query

DAY_US = 86_400_000_000
WEEK_US = 7 * DAY_US
MOST_CLOSED = 500
SOON_GONE = ("Cancelled", "Rejected", "Deactivated")
ORDERS_CURSOR = re.compile(r"page_args=([0-9]{1,19})&")
EXECUTIONS_CURSOR = re.compile(r"([0-9]{1,18}):2,\1:2")
Result = dict[str, Any]


class Window(NamedTuple):
    """From when to when, both included, in microseconds."""

    start_us: int
    end_us: int

    def has(self, time_us: int) -> bool:
        """Whether a time lies within, by the millisecond."""
        return self.start_us <= time_us // 1_000 * 1_000 <= self.end_us


class OrderQueries:
    """Answers the requests that change nothing."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def realtime(self, caller: Caller, query: Query) -> Result:
        """`GET /v5/order/realtime`: what is open, or the newest 500 of what is not any more.

        An order that is named is told either way.
        """
        account, category = caller.account, parameters.category(query)
        wants_closed = query.get("openOnly", "0") == "1"
        if category == "linear":
            _needs_scope(query)
            return _page(category, [], "")
        named = self._named(account, query)
        if named is not None:
            closed = set(islice(self._closed(account), MOST_CLOSED))
            orders = [one for one in named if one.is_open or one in closed]
        elif wants_closed:
            orders = list(islice(self._closed(account), MOST_CLOSED))
        else:
            orders = list(reversed(account.open.values()))
        if named is None:
            orders = [one for one in orders if self._is_meant(one.symbol, query)]
        return self._orders(category, _of_kind(orders, query), query)

    def history(self, caller: Caller, query: Query) -> Result:
        """`GET /v5/order/history`: what is over, as long as it is remembered."""
        account, category = caller.account, parameters.category(query)
        window, now_us = self._window(query), self._desk.now_us
        if category == "linear":
            return _page(category, [], "")
        named = self._named(account, query)
        orders = [
            order
            for order in (self._closed(account) if named is None else named)
            if not order.is_open
            and window.has(order.created_us)
            and _is_remembered(order, now_us)
            and query.get("orderStatus") in (None, status(order))
            and (named is not None or self._is_meant(order.symbol, query))
        ]
        return self._orders(category, _of_kind(orders, query), query)

    def executions(self, caller: Caller, query: Query) -> Result:
        """`GET /v5/execution/list`."""
        account, category = caller.account, parameters.category(query)
        window = self._window(query)
        most = parameters.limit(query, 50, 100)
        end = _after(query, EXECUTIONS_CURSOR, len(account.fills))
        if category == "linear" or query.get("execType", "Trade") != "Trade":
            return _page(category, [], "")
        accepts = self._chooser(account, query)
        found: list[tuple[int, Fill]] = []
        for number in range(min(end, len(account.fills)) - 1, -1, -1):
            fill = account.fills[number]
            if accepts(fill.order) and window.has(fill.time_us):
                found.append((number, fill))
            if len(found) == most:
                break
        cursor = f"{found[-1][0]}%3A2%2C{found[-1][0]}%3A2" if len(found) == most else ""
        rows = [traded(fill, self._desk.sequence(fill)) for _, fill in found]
        return _page(category, rows, cursor)

    def _orders(self, category: str, orders: list[Order], query: Query) -> Result:
        """The page that is asked for of orders, the newest of which is first."""
        most = parameters.limit(query, 20, 50)
        older_than = _after(query, ORDERS_CURSOR, 10**19)
        page = list(islice((one for one in orders if one.order_id < older_than), most))
        cursor = f"page_args%3D{page[-1].order_id}%26" if len(page) == most else ""
        return _page(category, [queried(one) for one in page], cursor)

    def _chooser(self, account: Account, query: Query) -> Callable[[Order], bool]:
        named = self._named(account, query)
        if named is not None:
            return lambda order: order in named
        return lambda order: self._is_meant(order.symbol, query)

    def _named(self, account: Account, query: Query) -> list[Order] | None:
        """The order that is named, if there is such a one; `None` if none is named."""
        sent, name = query.get("orderId"), query.get("orderLinkId")
        if sent is None and name is None:
            return None
        number = None if sent is None else parameters.order_id(sent)
        found = (account.find(symbol, number, name) for symbol in self._desk.listings)
        return [order for order in found if order is not None]

    def _is_meant(self, symbol: str, query: Query) -> bool:
        if "symbol" in query:
            return symbol == query["symbol"]
        return query.get("baseCoin") in (None, self._desk.listings[symbol].base)

    def _closed(self, account: Account) -> Iterable[Order]:
        return (order for order in reversed(account.orders.values()) if not order.is_open)

    def _window(self, query: Query) -> Window:
        """`startTime` and `endTime`, or seven days; 10001 for more."""
        start, end = (parameters.number(query, name) for name in ("startTime", "endTime"))
        if start is not None and end is not None:
            window = Window(start * 1_000, end * 1_000)
        elif start is not None:
            window = Window(start * 1_000, start * 1_000 + WEEK_US)
        else:
            last = self._desk.now_us if end is None else end * 1_000
            window = Window(last - WEEK_US, last)
        if not 0 <= window.end_us - window.start_us <= WEEK_US:
            raise bad_parameter("The time range between startTime and endTime cannot exceed 7 days")
        return window


def _page(category: str, rows: list[Result], cursor: str) -> Result:
    return {"nextPageCursor": cursor, "category": category, "list": rows}


def _needs_scope(query: Query) -> None:
    if not any(name in query for name in ("symbol", "baseCoin", "settleCoin", "orderId")):
        raise bad_parameter("symbol, baseCoin or settleCoin is required")


def _after(query: Query, pattern: re.Pattern[str], beginning: int) -> int:
    """The number in a cursor; 10001 for what is none."""
    if "cursor" not in query:
        return beginning
    match = pattern.fullmatch(query["cursor"])
    if match is None:
        raise bad_parameter("cursor invalid")
    return int(match[1])


def _of_kind(orders: list[Order], query: Query) -> list[Order]:
    kind = query.get("orderFilter")
    return orders if kind is None else [one for one in orders if filter_of(one) == kind]


def _is_remembered(order: Order, now_us: int) -> bool:
    """What had no fill is forgotten after a day, and everything else is in its week."""
    return status(order) not in SOON_GONE or now_us - order.updated_us <= DAY_US
