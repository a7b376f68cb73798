"""What Bybit's answers about orders become.

Placing and cancelling are only accepted at first: how the order is, the account's events say, or a
question for it.

Sources: https://bybit-exchange.github.io/docs/v5/order/create-order, …/cancel-order, …/cancel-all,
…/open-order, …/order-list, …/execution
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ...messages.account import Fill, Order
from ...messages.enums import OrderType, Side, TimeInForce, known
from ...messages.errors import ExchangeError
from ...messages.orders import CancelAll, CancelOrder, GetFills, GetOpenOrders, GetOrder, PlaceOrder
from ..account import OrderAnswer
from ..driver import MalformedError
from ..instants import from_milliseconds
from ..readers import BodyReader
from . import orders_wire as wire
from .bodies import Answer
from .errors import NO_SUCH_ORDER
from .names import EXCHANGE, symbol_of
from .order_events import fill_of, order_of

_ZERO = Decimal(0)
_OK = 200

_read_accepted = BodyReader(Answer[wire.Accepted])
_read_all_accepted = BodyReader(Answer[wire.AllAccepted])
read_orders = BodyReader(Answer[wire.Orders])
read_executions = BodyReader(Answer[wire.Executions])


def placed(body: bytes, request: PlaceOrder, received_time: int) -> OrderAnswer:
    """That it was accepted, and the exchange's id of it; no status."""
    content = _read_accepted(body)
    accepted = content.result
    if accepted.order_link_id not in ("", request.client_order_id):
        raise MalformedError("the answer to another order")
    return OrderAnswer(
        Order(
            EXCHANGE,
            symbol_of(request.symbol),
            received_time,
            received_time,
            accepted.order_id,
            request.client_order_id,
            known(Side, request.side),
            known(OrderType, request.type),
            "",
            request.price or _ZERO,
            request.quantity or _ZERO,
            _ZERO,
            _ZERO,
            None,
            known(TimeInForce, request.time_in_force or ""),
            from_milliseconds(content.time) or received_time,
        )
    )


def cancelled(body: bytes, request: CancelOrder, received_time: int) -> Order:
    """That cancelling was accepted: no more of the order than its ids."""
    return _only_ids(_read_accepted(body).result, request.symbol, received_time)


def all_cancelled(body: bytes, request: CancelAll, received_time: int) -> tuple[Order, ...]:
    """The same of each that was open."""
    content = _read_all_accepted(body).result
    if content.success != "1":
        raise MalformedError("not all orders are cancelled")
    return tuple(_only_ids(each, request.symbol, received_time) for each in content.list)


def found(body: bytes, request: GetOrder, received_time: int) -> Order | None:
    """The order that was asked for, if it is there: both its ids have to be right."""
    wanted = symbol_of(request.symbol), request.order_id, request.client_order_id
    for each in read_orders(body).result.list:
        ids = each.symbol, each.order_id, each.order_link_id
        if all(want in (None, id) for want, id in zip(wanted, ids, strict=True)):
            return order_of(each, None, received_time)
    return None


def past_order(body: bytes, request: GetOrder, received_time: int) -> Order:
    """The order among those that are over; a refusal where it is not there either."""
    order = found(body, request, received_time)
    if order is None:
        reason = "there is no such order, neither open nor past"
        raise ExchangeError(NO_SUCH_ORDER, reason, _OK, exchange=EXCHANGE)
    return order


def orders(body: bytes, request: GetOpenOrders, received_time: int) -> tuple[Order, ...]:
    """Those of a page."""
    return tuple(order_of(each, None, received_time) for each in read_orders(body).result.list)


def fills(body: bytes, request: GetFills, received_time: int) -> tuple[Fill, ...]:
    """Those of a page, oldest first; of the symbol, whatever the order is of that is named."""
    symbol, rows = symbol_of(request.symbol), read_executions(body).result.list
    told = (fill_of(each, None, received_time) for each in rows if each.symbol == symbol)
    return in_order([fill for fill in told if fill is not None])


def in_order(newest_first: Sequence[Fill]) -> tuple[Fill, ...]:
    """Oldest first; those of one millisecond as they came, turned round."""
    oldest_first = newest_first[::-1]
    return tuple(sorted(oldest_first, key=lambda fill: fill.trade_time))


def _only_ids(accepted: wire.Accepted, symbol: Any, received_time: int) -> Order:
    return Order(
        EXCHANGE,
        symbol_of(symbol),
        received_time,
        received_time,
        accepted.order_id,
        accepted.order_link_id,
        "",
        "",
        "",
        _ZERO,
        _ZERO,
        _ZERO,
        _ZERO,
        None,
        "",
        received_time,
    )
