"""What Binance's answers about orders become.

Source: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from ...messages.account import Fill, Order
from ...messages.enums import OrderStatus, OrderType, Side, TimeInForce, known
from ...messages.orders import (
    CancelAll,
    CancelOrder,
    GetFills,
    GetOpenOrders,
    GetOrder,
    OrderTerms,
    PlaceOrder,
    ReplaceOrder,
)
from ..account import OrderAnswer
from ..driver import MalformedError
from ..exact import quotient
from ..readers import BodyReader
from . import orders_wire as wire
from .names import EXCHANGE, nanoseconds

_SUCCESS = "SUCCESS"
_ZERO = Decimal(0)


_read_placed = BodyReader(wire.Placed)
_read_order = BodyReader(wire.Order)
_read_orders = BodyReader(tuple[wire.Order, ...])
_read_cancelled = BodyReader(wire.Cancelled)
_read_all_cancelled = BodyReader(tuple[msgspec.Raw, ...])
_read_replaced = BodyReader(wire.Replaced)
_read_trades = BodyReader(tuple[wire.OwnTrade, ...])
_read_test = BodyReader(dict[str, Any])


def placed(body: bytes, request: PlaceOrder, received_time: int) -> OrderAnswer:
    """The order that was placed, and what was executed at once; the terms, if only checked."""
    if request.test:
        _read_test(body)
        return OrderAnswer(_as_asked(request, request.client_order_id, "", received_time, None))
    return _placed(body, request, received_time)


def replaced(body: bytes, request: ReplaceOrder, received_time: int) -> OrderAnswer:
    """The same of the order that took another's place, and the other."""
    content = _read_replaced(body)
    if (content.cancel_result, content.new_order_result) != (_SUCCESS, _SUCCESS):
        raise MalformedError("a replacement that is no success, answered as one")
    answer = _placed(bytes(content.new_order_response), request, received_time)
    cancelled = _order(_read_order(bytes(content.cancel_response)), received_time)
    return msgspec.structs.replace(answer, cancelled=cancelled)


def cancelled(body: bytes, request: CancelOrder, received_time: int) -> Order:
    """The order that was cancelled; with it went those that it had in a list with it."""
    reports = _read_cancelled(body).order_reports
    if reports is None:
        return _order(_read_order(body), received_time)
    for report in reports:
        if request.order_id == str(report.order_id) or request.client_order_id == report.own_id:
            return _order(report, received_time)
    raise MalformedError("a list of cancelled orders without the one that was asked for")


def all_cancelled(body: bytes, request: CancelAll, received_time: int) -> tuple[Order, ...]:
    """Each order that was cancelled, those of lists too."""
    reports = list[wire.Order]()
    for each in _read_all_cancelled(body):
        one = bytes(each)
        of_list = _read_cancelled(one).order_reports
        reports += (_read_order(one),) if of_list is None else of_list
    return tuple(_order(report, received_time) for report in reports)


def order(body: bytes, request: GetOrder, received_time: int) -> Order:
    """How an order is."""
    return _order(_read_order(body), received_time)


def open_orders(body: bytes, request: GetOpenOrders, received_time: int) -> tuple[Order, ...]:
    """All that are open."""
    return tuple(_order(content, received_time) for content in _read_orders(body))


def fills(body: bytes, request: GetFills, received_time: int) -> tuple[Fill, ...]:
    """Executions, oldest first; by which client order id is not said."""
    trades = sorted(_read_trades(body), key=lambda trade: trade.id)
    return tuple(_own_trade(trade, received_time) for trade in trades)


def trade_id(id: int, allocation: int | None) -> str:
    """What an execution is called; what smart order routing allocated has no trade.

    Raises:
        MalformedError: It is neither.
    """
    if id >= 0:
        return str(id)
    if allocation is not None and allocation >= 0:
        return f"allocation-{allocation}"
    raise MalformedError(f"no trade id: {id}")


def average(executed: Decimal, quote: Decimal) -> Decimal | None:
    """The average price of what was executed; None while nothing was, or where it is not known."""
    return quotient(quote, executed) if executed and quote >= 0 else None


def shown(iceberg: str) -> Decimal | None:
    """How much of an iceberg shows; None where it is 0, of an order that is none."""
    return Decimal(iceberg) or None


def _placed(body: bytes, request: OrderTerms, received_time: int) -> OrderAnswer:
    placed = _read_placed(body)
    if not placed.status:  # ACK: that it was accepted is all that is known
        number, name = str(placed.order_id), placed.client_order_id
        return OrderAnswer(_as_asked(request, name, number, received_time, _changed(placed)))
    content = _read_order(body)
    order = _order(content, received_time)
    return OrderAnswer(order, tuple(_fill(fill, order) for fill in content.fills))


def _order(content: wire.Order, received_time: int) -> Order:
    changed = _changed(content)
    executed, quote = Decimal(content.executed_qty), Decimal(content.cummulative_quote_qty)
    return Order(
        EXCHANGE,
        content.symbol,
        received_time if changed is None else changed,
        received_time,
        str(content.order_id),
        content.own_id,
        known(Side, content.side),
        known(OrderType, content.type),
        known(OrderStatus, content.status),
        Decimal(content.price),
        Decimal(content.orig_qty),
        executed,
        quote,
        average(executed, quote),
        known(TimeInForce, content.time_in_force),
        received_time if changed is None else changed,
        iceberg_quantity=shown(content.iceberg_qty),
    )


def _as_asked(
    request: OrderTerms,
    client_order_id: str,
    order_id: str,
    received_time: int,
    changed: int | None,
) -> Order:
    """An order of which no more is known than what was asked for."""
    time = received_time if changed is None else changed
    return Order(
        EXCHANGE,
        request.symbol.upper(),
        time,
        received_time,
        order_id,
        client_order_id,
        known(Side, request.side),
        known(OrderType, request.type),
        "",
        request.price or _ZERO,
        request.quantity or _ZERO,
        _ZERO,
        _ZERO,
        None,
        known(TimeInForce, request.time_in_force or ""),
        time,
        iceberg_quantity=request.iceberg_quantity,
    )


def _changed(content: wire.Named) -> int | None:
    times = content.transact_time, content.update_time, content.time
    return next((nanoseconds(time) for time in times if time is not None), None)


def _fill(fill: wire.Fill, order: Order) -> Fill:
    """What is executed at once took liquidity; it has the time of the order."""
    return Fill(
        EXCHANGE,
        order.symbol,
        order.event_time,
        order.received_time,
        trade_id(fill.trade_id, fill.alloc_id),
        order.order_id,
        order.client_order_id,
        order.side,
        Decimal(fill.price),
        Decimal(fill.qty),
        Decimal(fill.commission),
        fill.commission_asset,
        False,
        order.update_time,
    )


def _own_trade(trade: wire.OwnTrade, received_time: int) -> Fill:
    time = nanoseconds(trade.time)
    return Fill(
        EXCHANGE,
        trade.symbol,
        time,
        received_time,
        str(trade.id),
        str(trade.order_id),
        "",
        Side.BUY if trade.is_buyer else Side.SELL,
        Decimal(trade.price),
        Decimal(trade.qty),
        Decimal(trade.commission),
        trade.commission_asset,
        trade.is_maker,
        time,
    )
