"""The part of the connector's door that is about orders and the account's events."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeVar

from ...messages import orders as ask_for
from ...messages.account import Fill, Order
from ...messages.base import Request
from ...messages.requests import Subscriber
from ...messages.subscriptions import Subscription
from ..base.reply import Answer
from .recorded import Recorded

R = TypeVar("R")


class OrdersDoor(Recorded):
    """What users may call through a proxy, of orders."""

    def _request(self, request: Request[R]) -> Answer[R]:
        raise NotImplementedError  # pragma: no cover

    def place_order(
        self,
        symbol: str,
        side: str,
        type: str,
        quantity: Decimal | None = None,
        *,
        price: Decimal | None = None,
        quote_quantity: Decimal | None = None,
        stop_price: Decimal | None = None,
        trailing_delta: int | None = None,
        iceberg_quantity: Decimal | None = None,
        time_in_force: str | None = None,
        client_order_id: str | None = None,
        test: bool = False,
    ) -> Answer[Order]:
        """`PlaceOrder`."""
        terms = price, quote_quantity, stop_price, trailing_delta, iceberg_quantity, time_in_force
        return self._request(
            ask_for.PlaceOrder(
                symbol, side, type, quantity, *terms, client_order_id or "", test=test
            )
        )

    def replace_order(
        self,
        cancel_client_order_id: str,
        symbol: str,
        side: str,
        type: str,
        quantity: Decimal | None = None,
        *,
        price: Decimal | None = None,
        quote_quantity: Decimal | None = None,
        stop_price: Decimal | None = None,
        trailing_delta: int | None = None,
        iceberg_quantity: Decimal | None = None,
        time_in_force: str | None = None,
        client_order_id: str | None = None,
    ) -> Answer[Order]:
        """`ReplaceOrder`."""
        terms = price, quote_quantity, stop_price, trailing_delta, iceberg_quantity, time_in_force
        id = client_order_id or ""
        return self._request(
            ask_for.ReplaceOrder(symbol, side, type, quantity, *terms, id, cancel_client_order_id)
        )

    def cancel_order(
        self, symbol: str, client_order_id: str | None = None, order_id: str | None = None
    ) -> Answer[Order]:
        """`CancelOrder`."""
        return self._request(ask_for.CancelOrder(symbol, client_order_id, order_id))

    def order(
        self, symbol: str, client_order_id: str | None = None, order_id: str | None = None
    ) -> Answer[Order]:
        """`GetOrder`."""
        return self._request(ask_for.GetOrder(symbol, client_order_id, order_id))

    def cancel_all(self, symbol: str) -> Answer[tuple[Order, ...]]:
        """`CancelAll`."""
        return self._request(ask_for.CancelAll(symbol))

    def open_orders(self, symbol: str | None = None) -> Answer[tuple[Order, ...]]:
        """`GetOpenOrders`."""
        return self._request(ask_for.GetOpenOrders(symbol))

    def fills(
        self,
        symbol: str,
        from_id: str | None = None,
        limit: int = 500,
        order_id: str | int | None = None,
    ) -> Answer[tuple[Fill, ...]]:
        """`GetFills`."""
        return self._request(ask_for.GetFills(symbol, from_id, limit, order_id))

    def subscribe_orders(
        self,
        subscriber: Subscriber | None = None,
        max_pending: int = 10_000,
        overflow: str | None = None,
        batch: bool = False,
    ) -> Answer[Subscription]:
        """`SubscribeOrders`."""
        wish: Any = subscriber, max_pending, overflow, batch
        return self._request(ask_for.SubscribeOrders(*wish))

    def subscribe_balances(
        self,
        subscriber: Subscriber | None = None,
        max_pending: int = 10_000,
        overflow: str | None = None,
        batch: bool = False,
    ) -> Answer[Subscription]:
        """`SubscribeBalances`."""
        wish: Any = subscriber, max_pending, overflow, batch
        return self._request(ask_for.SubscribeBalances(*wish))
