"""The table of endpoints: path, answer, and how often an account may ask.

Source: the page of each endpoint, and rate-limit/rate-limit.mdx for the limits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from .account import AccountQueries
from .callers import Caller
from .market_data import MarketData
from .order_queries import OrderQueries
from .orders import Orders
from .parameters import Query

Result = dict[str, Any]


@dataclass(frozen=True)
class Endpoint:
    """One row that needs no key."""

    path: str
    answer: Callable[[Query], Result]
    message: ClassVar[str] = "OK"
    verb: ClassVar[str] = "GET"


@dataclass(frozen=True)
class SignedEndpoint:
    """One row that needs a key, and is limited to `per_second` requests of one account.

    A POST places or cancels orders, which the key has to be allowed; its parameters are the JSON
    object in its body.
    """

    path: str
    answer: Callable[[Caller, Query], Result]
    per_second: int
    message: str = "OK"
    verb: str = "GET"


def endpoints(
    data: MarketData, account: AccountQueries, orders: Orders, queries: OrderQueries
) -> dict[str, Endpoint | SignedEndpoint]:
    """All endpoints, by path."""
    rows = (
        Endpoint("/v5/market/time", data.time),
        Endpoint("/v5/market/instruments-info", data.instruments),
        Endpoint("/v5/market/orderbook", data.order_book),
        Endpoint("/v5/market/recent-trade", data.recent_trades),
        Endpoint("/v5/market/kline", data.klines),
        Endpoint("/v5/market/tickers", data.tickers),
        SignedEndpoint("/v5/account/wallet-balance", account.wallet, 50),
        SignedEndpoint("/v5/account/info", account.info, 50),
        SignedEndpoint("/v5/user/query-api", account.key, 10, message=""),
        SignedEndpoint("/v5/order/create", orders.place, 20, verb="POST"),
        SignedEndpoint("/v5/order/cancel", orders.cancel, 20, verb="POST"),
        SignedEndpoint("/v5/order/cancel-all", orders.cancel_all, 20, verb="POST"),
        SignedEndpoint("/v5/order/realtime", queries.realtime, 50),
        SignedEndpoint("/v5/order/history", queries.history, 50),
        SignedEndpoint("/v5/execution/list", queries.executions, 50),
    )
    return {row.path: row for row in rows}
