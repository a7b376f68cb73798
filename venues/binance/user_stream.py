"""Binance's events of the account, and what they become.

Source: https://developers.binance.com/docs/binance-spot-api-docs/user-data-stream
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from ...messages.account import Balance, Fill, Order
from ...messages.enums import OrderStatus, OrderType, Side, TimeInForce, known
from ..account import AccountChanged, AccountControl, AccountEnded, AccountEvents
from ..driver import MalformedError
from ..readers import BodyReader
from . import user_wire as wire
from .names import EXCHANGE, nanoseconds
from .orders_bodies import average, shown, trade_id

T = TypeVar("T")

_TERMINATED = "eventStreamTerminated"
_SHUTDOWN = "serverShutdown"
_EXECUTIONS = {
    "NEW",
    "CANCELED",
    "REPLACED",
    "REJECTED",
    "TRADE",
    "EXPIRED",
    "TRADE_PREVENTION",
}


class _Kind(msgspec.Struct):
    """As much of an event as says what it is."""

    e: str


_read_kind = BodyReader(_Kind)


def event(payload: bytes, received_time: int) -> AccountControl:
    """What an event says. Raises `MalformedError`."""
    kind = _read_kind(payload).e
    read = _READERS.get(kind)
    if read is not None:
        return read(payload, received_time)
    if kind == _TERMINATED:
        return AccountEnded(_TERMINATED)
    if kind == _SHUTDOWN:
        return AccountEnded(_SHUTDOWN, is_ending=True)
    # Lists of orders tell nothing that their orders do not; the rest is new.
    return AccountEvents((), has_drifted=kind != "listStatus")


def _report(payload: bytes, received_time: int) -> AccountEvents:
    """An order has changed; if it was executed, that too."""
    report, has_drifted = _read(payload, _read_report, _read_report_tolerantly)
    kinds: tuple[tuple[type[StrEnum], str], ...] = (
        (Side, report.side),
        (OrderType, report.type),
        (OrderStatus, report.status),
        (TimeInForce, report.time_in_force),
    )
    is_known = all(isinstance(known(kind, text), kind) for kind, text in kinds)
    has_drifted = has_drifted or not is_known or report.execution not in _EXECUTIONS
    order = _order(report, received_time)
    if report.execution != "TRADE":
        return AccountEvents((order,), has_drifted)
    return AccountEvents((order, _fill(report, order)), has_drifted)


def _order(report: wire.Report, received_time: int) -> Order:
    executed, quote = Decimal(report.executed_quantity), Decimal(report.executed_quote_quantity)
    return Order(
        EXCHANGE,
        report.symbol,
        nanoseconds(report.event_time),
        received_time,
        str(report.order_id),
        _own_id(report),
        known(Side, report.side),
        known(OrderType, report.type),
        known(OrderStatus, report.status),
        Decimal(report.price),
        Decimal(report.quantity),
        executed,
        quote,
        average(executed, quote),
        known(TimeInForce, report.time_in_force),
        nanoseconds(report.time),
        iceberg_quantity=shown(report.iceberg_quantity),
    )


def _own_id(report: wire.Report) -> str:
    """The order's client order id; a cancellation has one of its own in that place."""
    if report.execution == "CANCELED" and report.original_client_order_id:
        return report.original_client_order_id
    return report.client_order_id


def _fill(report: wire.Report, order: Order) -> Fill:
    if not report.commission_asset and Decimal(report.commission):
        raise MalformedError("a commission of no asset")
    return Fill(
        EXCHANGE,
        order.symbol,
        order.event_time,
        order.received_time,
        trade_id(report.trade_id, report.allocation_id),
        order.order_id,
        order.client_order_id,
        order.side,
        Decimal(report.last_price),
        Decimal(report.last_quantity),
        Decimal(report.commission),
        report.commission_asset or "",
        report.is_maker,
        order.update_time,
    )


def _position(payload: bytes, received_time: int) -> AccountEvents:
    """What there is now of the assets that may have changed."""
    position, has_drifted = _read(payload, _read_position, _read_position_tolerantly)
    at, changed = nanoseconds(position.event_time), nanoseconds(position.time)
    balances = tuple(
        Balance(
            EXCHANGE,
            at,
            received_time,
            holding.asset,
            Decimal(holding.free),
            Decimal(holding.locked),
            changed,
        )
        for holding in position.balances
    )
    return AccountEvents(balances, has_drifted)


def _change(payload: bytes, received_time: int) -> AccountChanged:
    """By how much an asset has become more or less, which is not how much there is."""
    change, has_drifted = _read(payload, _read_change, _read_change_tolerantly)
    return AccountChanged(change.asset, nanoseconds(change.event_time), has_drifted)


def _read(
    payload: bytes, strict: Callable[[bytes], Any], tolerant: Callable[[bytes], T]
) -> tuple[T, bool]:
    """An event, and whether it has fields that are not listed. Raises `MalformedError`."""
    try:
        content: T = strict(payload)
    except MalformedError:
        return tolerant(payload), True
    return content, False


_read_report = BodyReader(wire.StrictReport)
_read_report_tolerantly = BodyReader(wire.Report)
_read_position = BodyReader(wire.StrictPosition)
_read_position_tolerantly = BodyReader(wire.Position)
_read_change = BodyReader(wire.StrictChange)
_read_change_tolerantly = BodyReader(wire.Change)

_READERS: dict[str, Callable[[bytes, int], AccountControl]] = {
    "executionReport": _report,
    "outboundAccountPosition": _position,
    "balanceUpdate": _change,
    "externalLockUpdate": _change,
}
