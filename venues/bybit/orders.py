"""The table of Bybit's requests about spot orders, as part of that of REST requests.

Orders go by REST: its own websocket for them answers no more either, and would be one more to keep.

Sources: https://bybit-exchange.github.io/docs/v5/order/create-order, …/cancel-order, …/cancel-all,
…/open-order, …/order-list, …/execution
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn
from urllib.parse import unquote

from ...messages.account import Fill, Order
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
from ..driver import Endpoint, Lane, Page
from ..order_terms import Parameters, whole_limit
from . import orders_bodies as bodies
from .names import SPOT, symbol_of
from .order_terms import terms, which

_MOST_FILLS = 3000
"""Thirty pages, which come well within the time of one request of the connector's."""
_FILLS_A_PAGE = 100
_ORDERS_A_PAGE = "50"
_CATEGORY = ("category", SPOT)


def place(request: PlaceOrder) -> Parameters:
    """What an order is to be; Bybit cannot only check one."""
    if request.test:
        raise ValidationError(
            "test", True, "this exchange cannot check an order without placing it"
        )
    return [_CATEGORY, *terms(request)]


def replace(request: ReplaceOrder) -> NoReturn:
    """Bybit has no such thing: what it has changes an order, or fails with the old one in place."""
    reason = "this exchange cannot replace an order in one step: cancel it, then place the other"
    raise ValidationError("cancel_client_order_id", request.cancel_client_order_id, reason)


def cancel(request: CancelOrder) -> Parameters:
    """Which order."""
    symbol = symbol_of(request.symbol)
    return [_CATEGORY, ("symbol", symbol), *which(request.client_order_id, request.order_id)]


def cancel_all(request: CancelAll) -> Parameters:
    """Of which symbol; those that wait for a price are not meant."""
    return [_CATEGORY, ("symbol", symbol_of(request.symbol))]


def one_order(request: GetOrder) -> Parameters:
    """Which order; whether it is open does not matter."""
    symbol = symbol_of(request.symbol)
    return [_CATEGORY, ("symbol", symbol), *which(request.client_order_id, request.order_id)]


def open_orders(request: GetOpenOrders) -> Parameters:
    """Of which symbol, if not of all; of every kind."""
    symbol = [] if request.symbol is None else [("symbol", symbol_of(request.symbol))]
    return [_CATEGORY, *symbol, ("openOnly", "0"), ("limit", _ORDERS_A_PAGE)]


def _order(body: bytes, request: GetOrder, received_time: int) -> Order | Page:
    """One that is over and gone from the list of the open and recent is in the history."""
    order = bodies.found(body, request, received_time)
    return Page(None, (), _last, _PAST_ORDER) if order is None else order


def _last(pages: list[Any]) -> Any:
    return pages[-1]


def _open_orders(
    body: bytes, request: GetOpenOrders, received_time: int
) -> tuple[Order, ...] | Page:
    orders = bodies.orders(body, request, received_time)
    cursor = bodies.read_orders(body).result.next_page_cursor
    if not cursor or not orders:
        return orders
    return Page(orders, (("cursor", unquote(cursor)),), _all)


def _all(pages: list[tuple[Order, ...]]) -> tuple[Order, ...]:
    """Each once: one that moved to another page meanwhile may be on both."""
    return tuple({order.order_id: order for page in pages for order in page}.values())


def _fills_query(so_far: int, request: GetFills) -> Parameters:
    limit = whole_limit(request.limit, _MOST_FILLS)
    if request.from_id is not None:
        reason = "this exchange's executions have ids without an order: leave it out"
        raise ValidationError("from_id", request.from_id, reason)
    size, symbol = min(_FILLS_A_PAGE, limit - so_far), ("symbol", symbol_of(request.symbol))
    id = str(request.order_id) if isinstance(request.order_id, int) else request.order_id
    order = [] if id is None else which(None, id)
    return [_CATEGORY, symbol, *order, ("limit", str(size))]


def _fills(
    so_far: int, body: bytes, request: GetFills, received_time: int
) -> tuple[Fill, ...] | Page:
    """The newest, as many as are wanted, page by page."""
    content = bodies.read_executions(body).result
    fills, count = bodies.fills(body, request, received_time), so_far + len(content.list)
    cursor = content.next_page_cursor
    if not cursor or not content.list or count >= request.limit:
        return fills
    return Page(fills, (("cursor", unquote(cursor)),), _all_fills, _fills_row(count))


def _all_fills(pages: list[tuple[Fill, ...]]) -> tuple[Fill, ...]:
    """Each page is older than the one before, and begins with its oldest."""
    found = {(fill.trade_id, fill.order_id): fill for page in pages for fill in reversed(page)}
    return bodies.in_order(list(found.values()))


def _weight(request: object) -> int:
    return 1


def _row(
    path: str,
    lane: Lane,
    parameters: Callable[[Any], Parameters],
    decode: Callable[[bytes, Any, int], Any],
    *,
    method: str = "GET",
) -> Endpoint:
    path = f"/v5/{path}"
    is_json = method == "POST"
    return Endpoint(method, path, lane, _weight, parameters, decode, signed=True, is_json=is_json)


def _fills_row(so_far: int) -> Endpoint:
    query, decode = partial(_fills_query, so_far), partial(_fills, so_far)
    return _row("execution/list", Lane.ACCOUNT, query, decode)


_PAST_ORDER = _row("order/history", Lane.ACCOUNT, one_order, bodies.past_order)

ENDPOINTS: dict[type[Request[Any]], Endpoint] = {
    PlaceOrder: _row("order/create", Lane.ORDER, place, bodies.placed, method="POST"),
    ReplaceOrder: _row("order/create", Lane.ORDER, replace, bodies.placed, method="POST"),
    CancelOrder: _row("order/cancel", Lane.CANCEL, cancel, bodies.cancelled, method="POST"),
    CancelAll: _row(
        "order/cancel-all", Lane.CANCEL, cancel_all, bodies.all_cancelled, method="POST"
    ),
    GetOrder: _row("order/realtime", Lane.ACCOUNT, one_order, _order),
    GetOpenOrders: _row("order/realtime", Lane.ACCOUNT, open_orders, _open_orders),
    GetFills: _fills_row(0),
}
