"""Orders placed, tested, cancelled and replaced.

Source: rest-api.md "Trading endpoints"; web-socket-api.md "Trading requests" has the same.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from ..clock import TimeUnit
from ..trading.accounts import Account
from ..trading.checks import CLOSED, UNKNOWN
from ..trading.orders import Order, RejectedError, Wanted
from .desk import Desk
from .errors import (
    ApiError,
    bad_request,
    cancel_rejected,
    invalid_symbol,
    missing_both,
    rejected,
    replaced_in_part,
)
from .exchange_info import PREVENTION
from .filter_rows import account_filters
from .filters import Checked, check_filters
from .order_counts import OrderCounts
from .order_parameters import response_type, wanted_order
from .order_rows import cancelled, placed
from .parameters import Query

NAME_LENGTH = 22
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
RESTRICTED = {"ONLY_NEW": "NEW", "ONLY_PARTIALLY_FILLED": "PARTIALLY_FILLED"}


class Half(NamedTuple):
    """What became of the cancellation or the new order of a cancel-replace."""

    result: str
    response: Any = None


NOT_ATTEMPTED = Half("NOT_ATTEMPTED")


class Orders:
    """Answers the requests that change something."""

    def __init__(self, desk: Desk, counts: OrderCounts, seed: int) -> None:
        self._desk = desk
        self._counts = counts
        self._random = Random(f"{seed} names")

    def place(self, account: Account, query: Query, unit: TimeUnit) -> dict[str, Any]:
        """`POST /api/v3/order`."""
        wanted = self._checked(account, query)
        self._counts.check(account)
        return placed(self._placed(account, wanted), response_type(query), unit)

    def test(self, account: Account, query: Query, unit: TimeUnit) -> dict[str, Any]:
        """`POST /api/v3/order/test`: everything is checked, and nothing sent to the engine."""
        order = {name: value for name, value in query.items() if name != "computeCommissionRates"}
        self._checked(account, order)
        if query.get("computeCommissionRates") != "true":
            return {}
        nothing = {"maker": "0.00000000", "taker": "0.00000000"}
        return {
            "standardCommissionForOrder": {"maker": "0.00100000", "taker": "0.00100000"},
            "specialCommissionForOrder": nothing,
            "taxCommissionForOrder": nothing,
            "discount": {
                "enabledForAccount": False,
                "enabledForSymbol": False,
                "discountAsset": "BNB",
                "discount": "0.25000000",
            },
        }

    def cancel(self, account: Account, query: Query, unit: TimeUnit) -> dict[str, Any]:
        """`DELETE /api/v3/order`."""
        self._check_symbol(query["symbol"])
        order = self._order_to_cancel(
            account, query, query.get("orderId"), query.get("origClientOrderId")
        )
        name = query.get("newClientOrderId") or self._name()
        self._cancelled(order, name)
        return cancelled(order, name, unit)

    def cancel_all(self, account: Account, query: Query, unit: TimeUnit) -> list[dict[str, Any]]:
        """`DELETE /api/v3/openOrders`."""
        symbol = query["symbol"]
        self._check_symbol(symbol)
        orders = [order for order in account.open.values() if order.symbol == symbol]
        if not orders:
            raise cancel_rejected(UNKNOWN)
        name = self._name()
        for order in orders:
            self._cancelled(order, name)
        return [cancelled(order, name, unit) for order in orders]

    def replace(self, account: Account, query: Query, unit: TimeUnit) -> dict[str, Any]:
        """`POST /api/v3/order/cancelReplace`."""
        if "cancelOrderId" not in query and "cancelOrigClientOrderId" not in query:
            raise missing_both("cancelOrigClientOrderId", "cancelOrderId")
        wanted = self._checked(account, query)
        over = self._over_the_limit(account)
        only_cancel = query.get("orderRateLimitExceededMode") == "CANCEL_ONLY"
        if over is not None and not only_cancel:
            raise over
        cancel = _half(lambda: self._cancel_first(account, query, unit))
        failed = cancel.result == "FAILURE"
        stops = query["cancelReplaceMode"] == "STOP_ON_FAILURE"
        if failed and stops:
            self._counts.placed(account)
            raise replaced_in_part(cancel, NOT_ATTEMPTED, over)
        if over is not None:
            raise replaced_in_part(cancel, Half("FAILURE", _told(over)), over if stops else None)
        new = _half(lambda: placed(self._placed(account, wanted), response_type(query), unit))
        if failed or new.result == "FAILURE":
            raise replaced_in_part(cancel, new)
        return {
            "cancelResult": cancel.result,
            "newOrderResult": new.result,
            "cancelResponse": cancel.response,
            "newOrderResponse": new.response,
        }

    def _checked(self, account: Account, query: Query) -> Wanted:
        """The order that is wanted, once it has passed all filters."""
        self._check_symbol(query["symbol"])
        wanted = wanted_order(query, self._name(), PREVENTION)
        listing = self._desk.listings[wanted.symbol]
        prices = self._desk.prices(wanted.symbol)
        checked = Checked(wanted, account, listing.base, listing.quote, *prices)
        check_filters([*self._desk.filters.of(listing), *account_filters()], checked)
        return wanted

    def _placed(self, account: Account, wanted: Wanted) -> Order:
        """Place an order and count it, or raise what the engine says."""
        house = self._desk.house
        try:
            order = self._desk.do(
                wanted.symbol, lambda now_us: house.place(account, wanted, now_us)
            )
        except RejectedError as error:
            raise rejected(str(error)) from None
        return order

    def _cancelled(self, order: Order, name: str) -> None:
        house = self._desk.house
        try:
            self._desk.do(order.symbol, lambda now_us: house.cancel(order, name, now_us))
        except RejectedError as error:
            raise cancel_rejected(str(error)) from None

    def _cancel_first(self, account: Account, query: Query, unit: TimeUnit) -> dict[str, Any]:
        order = self._order_to_cancel(
            account, query, query.get("cancelOrderId"), query.get("cancelOrigClientOrderId")
        )
        name = query.get("cancelNewClientOrderId") or self._name()
        self._cancelled(order, name)
        return cancelled(order, name, unit)

    def _order_to_cancel(
        self, account: Account, query: Query, order_id: str | None, name: str | None
    ) -> Order:
        """The open order that is meant; both ids have to be its own."""
        if order_id is None and name is None:
            raise missing_both("origClientOrderId", "orderId")
        order = account.find(query["symbol"], None if order_id is None else int(order_id), name)
        if order is None or not order.is_open:
            raise cancel_rejected(UNKNOWN)
        if name is not None and order.client_order_id != name:
            raise bad_request(-2039, "Client order ID is not correct for this order ID.")
        wanted = RESTRICTED.get(query.get("cancelRestrictions", ""))
        if wanted is not None and order.status != wanted:
            raise cancel_rejected("Order was not canceled due to cancel restrictions.")
        return order

    def _check_symbol(self, symbol: str) -> None:
        if symbol not in self._desk.listings:
            raise rejected(CLOSED) if symbol in self._desk.symbols() else invalid_symbol()

    def _over_the_limit(self, account: Account) -> ApiError | None:
        try:
            self._counts.check(account)
        except ApiError as error:
            return error
        return None

    def _name(self) -> str:
        return "".join(self._random.choices(LETTERS, k=NAME_LENGTH))


def _half(deed: Callable[[], dict[str, Any]]) -> Half:
    try:
        return Half("SUCCESS", deed())
    except ApiError as error:
        return Half("FAILURE", _told(error))


def _told(error: ApiError) -> dict[str, Any]:
    return {"code": error.code, "msg": error.message}
