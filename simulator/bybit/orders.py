"""Orders placed and cancelled. The answer says that a request was accepted, the topics what came of it.

Source: order/create-order.mdx, order/cancel-order.mdx, order/cancel-all.mdx; error.mdx for codes.
"""

from __future__ import annotations

from typing import Any

from ..trading import checks
from ..trading.accounts import Account
from ..trading.orders import Order, RejectedError
from .callers import Caller
from .desk import Desk
from .errors import ApiError, bad_parameter
from .order_checks import check
from .order_parameters import filter_in, spot_only, symbol_of, wanted_order
from .order_rows import filter_of
from .parameters import Query, order_id

REFUSALS = {
    checks.DUPLICATE: (170141, "Duplicate clientOrderId"),
    checks.POOR: (170131, "Balance insufficient"),
    checks.TOO_THIN: (170136, "Order quantity lower than the minimum."),
    checks.WOULD_TRIGGER: (170210, "New order rejected."),
}


class Orders:
    """Answers the requests that change something."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def place(self, caller: Caller, body: Query) -> dict[str, Any]:
        """`POST /v5/order/create`."""
        spot_only(body)
        symbol = self._symbol(body)
        last_price = self._desk.last_price(symbol)
        wanted = wanted_order(body, symbol, last_price)
        check(wanted, caller.account, last_price)
        house = self._desk.house
        try:
            order = self._desk.do(
                symbol, lambda now_us: house.place(caller.account, wanted, now_us)
            )
        except RejectedError as error:
            raise ApiError(*REFUSALS[str(error)]) from None
        return _acknowledged(order)

    def cancel(self, caller: Caller, body: Query) -> dict[str, Any]:
        """`POST /v5/order/cancel`; of two ids that differ `orderId` counts."""
        spot_only(body)
        symbol = self._symbol(body)
        order = _meant(caller.account, symbol, body)
        if order is None or not _is_called(order, filter_in(body)):
            raise ApiError(170213, "Order does not exist.")
        if order.status == "FILLED":
            raise ApiError(170139, "Order has been filled.")
        if not order.is_open:
            raise ApiError(170142, "Order has been cancelled")
        self._cancel(order)
        return _acknowledged(order)

    def cancel_all(self, caller: Caller, body: Query) -> dict[str, Any]:
        """`POST /v5/order/cancel-all`, of one symbol, one base coin, or all."""
        spot_only(body)
        kind = filter_in(body)
        symbol = self._symbol(body) if "symbol" in body else ""
        base = body.get("baseCoin", "")
        orders = [
            order
            for order in caller.account.open.values()
            if _is_called(order, kind) and self._is_of(order, symbol, base)
        ]
        for order in orders:
            self._cancel(order)
        return {"list": [_acknowledged(order) for order in orders], "success": "1"}

    def _symbol(self, body: Query) -> str:
        """The symbol that is meant; nobody trades in a replay."""
        symbol = symbol_of(body, self._desk.symbols())
        if symbol not in self._desk.listings:
            raise ApiError(170157, "The trading pair is not available for api trading")
        return symbol

    def _is_of(self, order: Order, symbol: str, base: str) -> bool:
        if symbol:
            return order.symbol == symbol
        return not base or self._desk.listings[order.symbol].base == base

    def _cancel(self, order: Order) -> None:
        house = self._desk.house
        self._desk.do(order.symbol, lambda now_us: house.cancel(order, "", now_us))


def _acknowledged(order: Order) -> dict[str, Any]:
    return {"orderId": str(order.order_id), "orderLinkId": order.client_order_id}


def _is_called(order: Order, kind: str) -> bool:
    """Whether an `orderFilter` means an order; one whose trigger was met is an order as any."""
    return filter_of(order) == kind or (kind == "Order" and order.is_working)


def _meant(account: Account, symbol: str, body: Query) -> Order | None:
    """The order that is named."""
    if "orderId" in body:
        return account.find(symbol, order_id(body["orderId"]), None)
    if "orderLinkId" not in body:
        raise bad_parameter("orderId or orderLinkId is required")
    return account.find(symbol, None, body["orderLinkId"])
