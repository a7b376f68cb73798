"""The events of the user data stream, field by field as documented.

Source: user-data-stream.md, "Account Update", "Balance Update", "Order Update" and "Conditional
Fields in Execution Report". Times come in microseconds and are written in a unit.
"""

from __future__ import annotations

from typing import Any

from ..clock import TimeUnit
from ..market.fixed import product, text
from ..trading.orders import Balances, Execution, Moved, Notice, Order, Prevented

Event = dict[str, Any]
NOTHING = text(0)


def event_of(notice: Notice, now_us: int, unit: TimeUnit) -> Event:
    """The event that tells of it."""
    if isinstance(notice, Execution):
        return _execution(notice, now_us, unit)
    if isinstance(notice, Balances):
        return _position(notice, now_us, unit)
    return _moved(notice, now_us, unit)


def name_of(notice: Notice) -> str:
    """What the event calls itself."""
    if isinstance(notice, Execution):
        return "executionReport"
    return "outboundAccountPosition" if isinstance(notice, Balances) else "balanceUpdate"


def _position(notice: Balances, now_us: int, unit: TimeUnit) -> Event:
    return {
        "e": "outboundAccountPosition",
        "E": now_us // unit,
        "u": notice.time_us // unit,
        "B": [
            {"a": asset, "f": text(free), "l": text(locked)}
            for asset, (free, locked) in notice.held.items()
        ],
    }


def _moved(notice: Moved, now_us: int, unit: TimeUnit) -> Event:
    return {
        "e": "balanceUpdate",
        "E": now_us // unit,
        "a": notice.asset,
        "d": text(notice.delta),
        "T": notice.time_us // unit,
    }


def _execution(report: Execution, now_us: int, unit: TimeUnit) -> Event:
    order, wanted, fill = report.order, report.order.wanted, report.fill
    event = {
        "e": "executionReport",
        "E": now_us // unit,
        "s": order.symbol,
        "c": report.client_order_id,
        "S": wanted.side,
        "o": wanted.type,
        "f": wanted.time_in_force,
        "q": text(order.quantity),
        "p": text(wanted.price),
        "P": text(wanted.stop_price),
        "F": text(wanted.iceberg),
        "g": -1,
        "C": report.original,
        "x": report.kind,
        "X": report.status,
        "r": "NONE",
        "i": order.order_id,
        "l": text(fill.quantity) if fill else NOTHING,
        "z": text(report.executed),
        "L": text(fill.price) if fill else NOTHING,
        "n": text(fill.commission) if fill else "0",
        "N": fill.commission_asset if fill else None,
        "T": report.time_us // unit,
        "t": fill.trade_id if fill else -1,
        "I": report.execution_id,
        "w": report.on_book,
        "m": fill.is_maker if fill else False,
        "M": False,
        "O": order.created_us // unit,
        "Z": text(report.executed_quote),
        "Y": text(fill.quote) if fill else NOTHING,
        "Q": text(wanted.quote_quantity),
    }
    if report.working_us >= 0:
        event["W"] = report.working_us // unit
    event["V"] = wanted.prevention
    return event | _conditional(report, unit)


def _conditional(report: Execution, unit: TimeUnit) -> Event:
    """The fields that only some orders have."""
    wanted, event = report.order.wanted, Event()
    if wanted.trailing_delta:
        since_us = report.order.trailing_us
        event |= {"d": wanted.trailing_delta, "D": since_us // unit if since_us >= 0 else -1}
    if wanted.strategy_id is not None:
        event["j"] = wanted.strategy_id
    if wanted.strategy_type is not None:
        event["J"] = wanted.strategy_type
    if report.prevented is not None:
        event |= _prevention(report.order, report.prevented)
    if report.expiry:
        event["eR"] = report.expiry
    return event


def _prevention(order: Order, match: Prevented) -> Event:
    is_maker = order is match.maker
    other = match.taker if is_maker else match.maker
    expired = match.maker_quantity if is_maker else match.taker_quantity
    event: Event = {
        "v": match.match_id,
        "A": text(expired),
        "B": text(expired),
        "u": order.account.uid,
        "U": other.order_id,
        "Cs": other.symbol,
    }
    if not is_maker:
        return event
    return event | {
        "pl": text(expired),
        "pL": text(match.price),
        "pY": text(product(match.price, expired)),
    }
