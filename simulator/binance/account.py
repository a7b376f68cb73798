"""What an account holds, pays and may do (rest-api.md "Account Endpoints").

There are no order lists and no allocations, so what asks for them finds none.
"""

from __future__ import annotations

from typing import Any

from ..clock import TimeUnit
from ..market.fixed import text
from ..trading.accounts import RATE, Account
from .errors import bad_combination
from .filter_rows import account_filters
from .order_queries import check_combination, check_lookup
from .parameters import Query
from .selection import Selection

ALLOCATIONS = (
    set[str](),
    {"startTime"},
    {"endTime"},
    {"startTime", "endTime"},
    {"fromAllocationId"},
    {"orderId"},
    {"orderId", "fromAllocationId"},
)
CHOICES = ("orderId", "startTime", "endTime", "fromId", "fromAllocationId")
BASIS_POINT = 10_000  # in units of 1e-8


class AccountQueries:
    """Answers about an account."""

    def __init__(self, selection: Selection) -> None:
        self._selection = selection

    def account(self, account: Account, query: Query, unit: TimeUnit) -> dict[str, Any]:
        """`GET /api/v3/account`."""
        omit_zero = query.get("omitZeroBalances") == "true"
        return {
            "makerCommission": account.maker_rate // BASIS_POINT,
            "takerCommission": account.taker_rate // BASIS_POINT,
            "buyerCommission": 0,
            "sellerCommission": 0,
            "commissionRates": rates(account.maker_rate, account.taker_rate),
            "canTrade": True,
            "canWithdraw": False,
            "canDeposit": False,
            "brokered": False,
            "requireSelfTradePrevention": False,
            "preventSor": False,
            "updateTime": account.updated_us // unit,
            "accountType": "SPOT",
            "balances": [
                {"asset": asset, "free": text(held.free), "locked": text(held.locked)}
                for asset, held in account.held.items()
                if not omit_zero or held.free or held.locked
            ],
            "permissions": ["SPOT"],
            "uid": account.uid,
        }

    def commission(self, account: Account, query: Query, unit: TimeUnit) -> dict[str, Any]:
        """`GET /api/v3/account/commission`: it is taken of what is received, never in BNB."""
        return {
            "symbol": self._selection.one(query),
            "standardCommission": rates(account.maker_rate, account.taker_rate),
            "specialCommission": rates(0, 0),
            "taxCommission": rates(0, 0),
            "discount": {
                "enabledForAccount": False,
                "enabledForSymbol": False,
                "discountAsset": "BNB",
                "discount": "0.75000000",
            },
        }

    def filters(self, account: Account, query: Query, unit: TimeUnit) -> dict[str, Any]:
        """`GET /api/v3/myFilters`."""
        self._selection.one(query)
        of_account, of_asset = account_filters()
        return {
            "exchangeFilters": [of_account],
            "symbolFilters": [{"filterType": "MAX_NUM_ORDER_LISTS", "maxNumOrderLists": 20}],
            "assetFilters": [of_asset],
        }

    def allocations(self, account: Account, query: Query, unit: TimeUnit) -> list[Any]:
        """`GET /api/v3/myAllocations`: none."""
        self._selection.one(query)
        check_combination(query, CHOICES, ALLOCATIONS)
        check_lookup(query)
        return []

    def order_lists(self, account: Account, query: Query, unit: TimeUnit) -> list[Any]:
        """`GET /api/v3/openOrderList` and `GET /api/v3/allOrderList`: none."""
        if "fromId" in query and ("startTime" in query or "endTime" in query):
            raise bad_combination()
        check_lookup(query)
        return []


def rates(maker: int = RATE, taker: int = RATE) -> dict[str, Any]:
    """Commission rates of either side of a trade."""
    nothing = text(0)
    return {"maker": text(maker), "taker": text(taker), "buyer": nothing, "seller": nothing}
