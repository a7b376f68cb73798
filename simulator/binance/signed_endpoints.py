"""The table of the endpoints that need a key; as `endpoints` is the table of all others.

Source: rest-api.md "Trading endpoints" and "Account Endpoints", and the same of web-socket-api.md.
CHANGELOG.md (2026-03-27): requests that place or cancel orders weigh nothing if they succeed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ..clock import TimeUnit
from ..trading.accounts import Account
from .account import AccountQueries
from .endpoints import PREFIX
from .order_parameters import CANCEL_ORDER, CANCEL_REPLACE, NEW_ORDER, ORDER_ID, QUERY_ORDER
from .order_queries import OrderQueries
from .orders import Orders
from .parameters import (
    END_TIME,
    FROM_ID,
    LIMIT,
    NUMBER,
    START_TIME,
    SYMBOL_OPTIONAL,
    SYMBOL_REQUIRED,
    Parameter,
    Query,
)
from .signing import SIGNED
from .weights import (
    Weight,
    costs,
    my_trades_weight,
    open_orders_weight,
    prevented_weight,
    test_weight,
)

Answer = Callable[[Account, Query, TimeUnit], Any]
Right = Literal["USER_DATA", "TRADE"]
TIMES = (START_TIME, END_TIME, LIMIT)
ONE = costs(1)


@dataclass(frozen=True)
class SignedEndpoint:
    """One row.

    Attributes:
        right: What its key has to be allowed.
        is_free: Whether it weighs nothing if it succeeds.
        counts: Whether its answer tells the counts of unfilled orders.
    """

    verb: str
    path: str
    method: str
    parameters: tuple[Parameter, ...]
    weight: Weight
    answer: Answer
    right: Right = "USER_DATA"
    is_free: bool = False
    counts: bool = False
    signed: ClassVar[bool] = True


def signed_endpoints(
    account: AccountQueries, orders: Orders, queries: OrderQueries
) -> dict[tuple[str, str], SignedEndpoint]:
    """All of them, by HTTP method and path."""
    rows = (*_trading(orders), *_orders(queries), *_account(account))
    return {(row.verb, row.path): row for row in rows}


def _row(
    verb: str,
    path: str,
    method: str,
    parameters: tuple[Parameter, ...],
    weight: Weight,
    answer: Answer,
    *,
    right: Right = "USER_DATA",
    is_free: bool = False,
    counts: bool = False,
) -> SignedEndpoint:
    every = (*parameters, *SIGNED)
    return SignedEndpoint(
        verb, PREFIX + path, method, every, weight, answer, right, is_free, counts
    )


def _trade(
    verb: str,
    path: str,
    method: str,
    parameters: tuple[Parameter, ...],
    answer: Answer,
    *,
    counts: bool = False,
) -> SignedEndpoint:
    return _row(
        verb, path, method, parameters, ONE, answer, right="TRADE", is_free=True, counts=counts
    )


def _trading(orders: Orders) -> tuple[SignedEndpoint, ...]:
    symbol = (SYMBOL_REQUIRED,)
    tested = (*NEW_ORDER, Parameter("computeCommissionRates"))
    replace = "order/cancelReplace", "order.cancelReplace", CANCEL_REPLACE, orders.replace
    return (
        _trade("POST", "order", "order.place", NEW_ORDER, orders.place, counts=True),
        _trade("DELETE", "order", "order.cancel", CANCEL_ORDER, orders.cancel),
        _trade("POST", *replace, counts=True),
        _trade("DELETE", "openOrders", "openOrders.cancelAll", symbol, orders.cancel_all),
        _row(
            "POST",
            "order/test",
            "order.test",
            tested,
            test_weight,
            orders.test,
            right="TRADE",
        ),
    )


def _orders(queries: OrderQueries) -> tuple[SignedEndpoint, ...]:
    symbol = SYMBOL_REQUIRED
    by_match = (
        *(ORDER_ID, Parameter("preventedMatchId", NUMBER)),
        *(Parameter("fromPreventedMatchId", NUMBER), LIMIT),
    )
    return (
        _row("GET", "order", "order.status", QUERY_ORDER, costs(4), queries.one),
        _row(
            "GET",
            "openOrders",
            "openOrders.status",
            (SYMBOL_OPTIONAL,),
            open_orders_weight,
            queries.open,
        ),
        _row("GET", "allOrders", "allOrders", (symbol, ORDER_ID, *TIMES), costs(20), queries.all),
        _row(
            "GET",
            "myTrades",
            "myTrades",
            (symbol, ORDER_ID, FROM_ID, *TIMES),
            my_trades_weight,
            queries.trades,
        ),
        _row("GET", "rateLimit/order", "account.rateLimits.orders", (), costs(40), queries.counts),
        _row(
            "GET",
            "myPreventedMatches",
            "myPreventedMatches",
            (symbol, *by_match),
            prevented_weight,
            queries.prevented,
        ),
    )


def _account(account: AccountQueries) -> tuple[SignedEndpoint, ...]:
    symbol, omit_zero = SYMBOL_REQUIRED, Parameter("omitZeroBalances")
    allocation = Parameter("fromAllocationId", NUMBER)
    lists = account.order_lists
    return (
        _row("GET", "account", "account.status", (omit_zero,), costs(20), account.account),
        _row(
            "GET",
            "account/commission",
            "account.commission",
            (symbol,),
            costs(20),
            account.commission,
        ),
        _row("GET", "myFilters", "myFilters", (symbol,), costs(40), account.filters),
        _row("GET", "openOrderList", "openOrderLists.status", (), costs(6), lists),
        _row("GET", "allOrderList", "allOrderLists", (FROM_ID, *TIMES), costs(20), lists),
        _row(
            "GET",
            "myAllocations",
            "myAllocations",
            (symbol, ORDER_ID, allocation, *TIMES),
            costs(20),
            account.allocations,
        ),
    )
