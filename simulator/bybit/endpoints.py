"""The table of endpoints: path, answer, and how often an account may ask.

Source: the page of each endpoint, and rate-limit/rate-limit.mdx for the limits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .account import Account
from .market_data import MarketData
from .parameters import Query


@dataclass(frozen=True)
class Endpoint:
    """One row. A signed endpoint is limited to `per_second` requests of one account."""

    path: str
    answer: Callable[[Query], dict[str, Any]]
    per_second: int = 0
    message: str = "OK"

    @property
    def signed(self) -> bool:
        """Whether it needs a key."""
        return self.per_second > 0


def endpoints(data: MarketData, account: Account) -> dict[str, Endpoint]:
    """All endpoints, by path."""
    rows = (
        Endpoint("/v5/market/time", data.time),
        Endpoint("/v5/market/instruments-info", data.instruments),
        Endpoint("/v5/market/orderbook", data.order_book),
        Endpoint("/v5/market/recent-trade", data.recent_trades),
        Endpoint("/v5/market/kline", data.klines),
        Endpoint("/v5/market/tickers", data.tickers),
        Endpoint("/v5/account/wallet-balance", account.wallet, per_second=50),
        Endpoint("/v5/account/info", account.info, per_second=50),
        Endpoint("/v5/user/query-api", account.key, per_second=10, message=""),
    )
    return {row.path: row for row in rows}
