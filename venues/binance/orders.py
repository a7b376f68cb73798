"""The table of Binance's requests about orders, as part of that of REST requests.

A request that succeeds in placing or cancelling weighs nothing in the end; what is written here is
what a refusal weighs, so that there is always room for one.

Source: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...messages.base import Request
from ...messages.errors import ValidationError
from ...messages.orders import (
    CancelAll,
    CancelOrder,
    GetFills,
    GetOpenOrders,
    GetOrder,
    PlaceOrder,
    ReplaceOrder,
)
from ..driver import Endpoint, Lane
from ..order_terms import Parameters, known_id, whole_limit
from . import orders_bodies as bodies
from .names import symbol_of
from .order_terms import number_id, terms

_MOST_FILLS = 1000


def place(request: PlaceOrder) -> Parameters:
    """What an order is to be."""
    return terms(request)


def replace(request: ReplaceOrder) -> Parameters:
    """The same, and what is to be cancelled first; if that fails, nothing is placed."""
    field = "cancel_client_order_id"
    if (
        request.cancel_client_order_id == request.client_order_id
    ):  # events could not tell them apart
        raise ValidationError(field, request.client_order_id, "must not be that of the new order")
    return [
        *terms(request),
        ("cancelReplaceMode", "STOP_ON_FAILURE"),
        ("cancelOrigClientOrderId", known_id(field, request.cancel_client_order_id)),
    ]


def one_order(request: CancelOrder | GetOrder) -> Parameters:
    """Which order; where both ids are given, both have to be right."""
    parameters = [("symbol", symbol_of(request.symbol))]
    if request.order_id is not None:
        parameters.append(("orderId", number_id("order_id", request.order_id)))
    if request.client_order_id is not None:
        name = known_id("client_order_id", request.client_order_id)
        parameters.append(("origClientOrderId", name))
    if len(parameters) == 1:
        raise ValidationError("client_order_id", None, "it or order_id must be given")
    return parameters


def all_of_symbol(request: CancelAll) -> Parameters:
    """Of which symbol."""
    return [("symbol", symbol_of(request.symbol))]


def open_orders(request: GetOpenOrders) -> Parameters:
    """Of which symbol, if not of all."""
    return [] if request.symbol is None else [("symbol", symbol_of(request.symbol))]


def fills(request: GetFills) -> Parameters:
    """From which trade on, if not the latest; of which order, if not of all."""
    limit = whole_limit(request.limit, _MOST_FILLS)
    parameters = [("symbol", symbol_of(request.symbol))]
    if request.order_id is not None:
        parameters.append(("orderId", _order_number(request.order_id)))
    if request.from_id is not None:
        parameters.append(("fromId", number_id("from_id", request.from_id)))
    return [*parameters, ("limit", str(limit))]


def _order_number(id: str | int) -> str:
    is_number = isinstance(id, int) and not isinstance(id, bool)
    return number_id("order_id", str(id) if is_number else id)


def _weighs(weight: int) -> Callable[[Any], int]:
    return lambda request: weight


def _open_orders_weight(request: GetOpenOrders) -> int:
    return 80 if request.symbol is None else 6


def _fills_weight(request: GetFills) -> int:
    return 20 if request.order_id is None else 5


def _test(request: PlaceOrder) -> str:
    return "/test" if request.test else ""


def _row(
    method: str,
    path: str,
    lane: Lane,
    weight: Callable[[Any], int],
    parameters: Callable[[Any], Parameters],
    decode: Callable[[bytes, Any, int], Any],
    suffix: Callable[[Any], str] | None = None,
) -> Endpoint:
    path = f"/api/v3/{path}"
    return Endpoint(method, path, lane, weight, parameters, decode, signed=True, suffix=suffix)


ENDPOINTS: Mapping[type[Request[Any]], Endpoint] = {
    PlaceOrder: _row("POST", "order", Lane.ORDER, _weighs(1), place, bodies.placed, _test),
    ReplaceOrder: _row(
        "POST", "order/cancelReplace", Lane.ORDER, _weighs(1), replace, bodies.replaced
    ),
    CancelOrder: _row("DELETE", "order", Lane.CANCEL, _weighs(1), one_order, bodies.cancelled),
    CancelAll: _row(
        "DELETE", "openOrders", Lane.CANCEL, _weighs(1), all_of_symbol, bodies.all_cancelled
    ),
    GetOrder: _row("GET", "order", Lane.ACCOUNT, _weighs(4), one_order, bodies.order),
    GetOpenOrders: _row(
        "GET", "openOrders", Lane.ACCOUNT, _open_orders_weight, open_orders, bodies.open_orders
    ),
    GetFills: _row("GET", "myTrades", Lane.ACCOUNT, _fills_weight, fills, bodies.fills),
}
