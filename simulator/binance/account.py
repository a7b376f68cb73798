"""The account to try, which has never traded (rest-api.md "Account Endpoints")."""

from __future__ import annotations

from typing import Any

from ..clock import TimeUnit
from .errors import bad_combination, bad_request
from .exchange_info import order_limits
from .market_data import MarketData
from .parameters import Query, instant_us

UID = 354_937_868
BALANCES = (
    ("BTC", "1.25000000", "0.00000000"),
    ("ETH", "20.00000000", "0.50000000"),
    ("USDT", "100000.00000000", "2500.00000000"),
    ("BNB", "0.00000000", "0.00000000"),
)
LONGEST_LOOKUP_H = 24
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
ALLOCATIONS = (
    set[str](),
    {"startTime"},
    {"endTime"},
    {"startTime", "endTime"},
    {"fromAllocationId"},
    {"orderId"},
    {"orderId", "fromAllocationId"},
)
PREVENTED = ({"preventedMatchId"}, {"orderId"}, {"orderId", "fromPreventedMatchId"})
CHOICES = ("orderId", "startTime", "endTime", "fromId", "fromAllocationId")
PREVENTED_CHOICES = ("orderId", "preventedMatchId", "fromPreventedMatchId")


class Account:
    """Answers about the account."""

    def __init__(self, data: MarketData) -> None:
        self._data = data

    def account(self, query: Query, unit: TimeUnit) -> dict[str, Any]:
        """`GET /api/v3/account`."""
        omit_zero = query.get("omitZeroBalances") == "true"
        return {
            "makerCommission": 10,
            "takerCommission": 10,
            "buyerCommission": 0,
            "sellerCommission": 0,
            "commissionRates": _rates("0.00100000"),
            "canTrade": True,
            "canWithdraw": False,
            "canDeposit": False,
            "brokered": False,
            "requireSelfTradePrevention": False,
            "preventSor": False,
            "updateTime": self._data.now(unit),
            "accountType": "SPOT",
            "balances": [
                {"asset": asset, "free": free, "locked": locked}
                for asset, free, locked in BALANCES
                if not omit_zero or float(free) or float(locked)
            ],
            "permissions": ["SPOT"],
            "uid": UID,
        }

    def order_counts(self, query: Query, unit: TimeUnit) -> list[dict[str, Any]]:
        """`GET /api/v3/rateLimit/order`: no order was placed."""
        return [row | {"count": 0} for row in order_limits()]

    def commission(self, query: Query, unit: TimeUnit) -> dict[str, Any]:
        """`GET /api/v3/account/commission`."""
        return {
            "symbol": self._data.selection.one(query),
            "standardCommission": _rates("0.00100000"),
            "specialCommission": _rates("0.00000000"),
            "taxCommission": _rates("0.00000000"),
            "discount": {
                "enabledForAccount": True,
                "enabledForSymbol": True,
                "discountAsset": "BNB",
                "discount": "0.75000000",
            },
        }

    def filters(self, query: Query, unit: TimeUnit) -> dict[str, Any]:
        """`GET /api/v3/myFilters`."""
        self._data.selection.one(query)
        return {
            "exchangeFilters": [{"filterType": "EXCHANGE_MAX_NUM_ORDERS", "maxNumOrders": 1_000}],
            "symbolFilters": [{"filterType": "MAX_NUM_ORDER_LISTS", "maxNumOrderLists": 20}],
            "assetFilters": [
                {"filterType": "MAX_ASSET", "asset": "USDT", "limit": "1000000.00000000"}
            ],
        }

    def open_orders(self, query: Query, unit: TimeUnit) -> list[Any]:
        """`GET /api/v3/openOrders`: none."""
        if "symbol" in query:
            self._data.selection.one(query)
        return []

    def all_orders(self, query: Query, unit: TimeUnit) -> list[Any]:
        """`GET /api/v3/allOrders`: none."""
        self._data.selection.one(query)
        _check_lookup(query)
        return []

    def trades(self, query: Query, unit: TimeUnit) -> list[Any]:
        """`GET /api/v3/myTrades`: none."""
        return self._none(query, CHOICES, MY_TRADES)

    def allocations(self, query: Query, unit: TimeUnit) -> list[Any]:
        """`GET /api/v3/myAllocations`: none."""
        return self._none(query, CHOICES, ALLOCATIONS)

    def prevented_matches(self, query: Query, unit: TimeUnit) -> list[Any]:
        """`GET /api/v3/myPreventedMatches`: none."""
        return self._none(query, PREVENTED_CHOICES, PREVENTED)

    def order_lists(self, query: Query, unit: TimeUnit) -> list[Any]:
        """`GET /api/v3/openOrderList` and `GET /api/v3/allOrderList`: none."""
        if "fromId" in query and ("startTime" in query or "endTime" in query):
            raise bad_combination()
        _check_lookup(query)
        return []

    def _none(
        self, query: Query, names: tuple[str, ...], combinations: tuple[set[str], ...]
    ) -> list[Any]:
        """Nothing, if the parameters are a supported combination (-1128 otherwise)."""
        self._data.selection.one(query)
        if {name for name in names if name in query} not in combinations:
            raise bad_combination()
        _check_lookup(query)
        return []


def _check_lookup(query: Query) -> None:
    """Raise -1127 if `startTime` and `endTime` are more than a day apart."""
    start, end = instant_us(query, "startTime"), instant_us(query, "endTime")
    if start is None or end is None:
        return
    if end - start > LONGEST_LOOKUP_H * 3_600_000_000:
        message = f"More than {LONGEST_LOOKUP_H} hours between startTime and endTime."
        raise bad_request(-1127, message)


def _rates(of_both: str) -> dict[str, Any]:
    """Commission rates that are alike for maker and taker."""
    nothing = "0.00000000"
    return {"maker": of_both, "taker": of_both, "buyer": nothing, "seller": nothing}
