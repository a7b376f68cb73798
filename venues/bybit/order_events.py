"""What Bybit's orders and executions become, wherever they are told.

Sources: https://bybit-exchange.github.io/docs/v5/enum ("orderStatus", "timeInForce", "execType",
"stopOrderType"); https://bybit-exchange.github.io/docs/v5/order/open-order
"""

from __future__ import annotations

from decimal import Decimal

from ...messages.account import Fill, Order
from ...messages.enums import OrderStatus, OrderType, Side, TimeInForce, known
from ..instants import from_milliseconds
from ..numbers import number, signed_number
from . import orders_wire as wire
from .names import EXCHANGE

STATUSES: dict[str, OrderStatus] = {
    "New": OrderStatus.NEW,
    "PartiallyFilled": OrderStatus.PARTIALLY_FILLED,
    "Untriggered": OrderStatus.NEW,
    "Triggered": OrderStatus.NEW,
    "Rejected": OrderStatus.REJECTED,
    "PartiallyFilledCanceled": OrderStatus.CANCELED,
    "Filled": OrderStatus.FILLED,
    "Cancelled": OrderStatus.CANCELED,
    "Deactivated": OrderStatus.CANCELED,
}
"""Those of spot. A stop that waits for its price is an order that is open; `Triggered` is what it is
for an instant on its way into the book; `Deactivated`, that it was cancelled before."""

FINAL = {
    OrderStatus.FILLED,
    OrderStatus.CANCELED,
    OrderStatus.REJECTED,
}

_ZERO = Decimal(0)
_TYPES: dict[str, OrderType] = {"Limit": OrderType.LIMIT, "Market": OrderType.MARKET}
_POST_ONLY = "PostOnly"
_NO_STOP = {"", "UNKNOWN"}
_QUOTE = "quoteCoin"
_FILLS = {"Trade", "BlockTrade", "FutureSpread"}
_NO_FILLS = {
    "AdlTrade",
    "BustTrade",
    "CorporateAction",
    "Delivery",
    "Funding",
    "MovePosition",
    "Settle",
}


def order_of(content: wire.Order, event_time: int | None, received_time: int) -> Order:
    """An order; one that waits for a price has the exchange's text for a type.

    Of a market order that was to spend so much money, the quantity is what was bought.

    Args:
        event_time: When it was told, nanoseconds; None for when it changed.

    Raises:
        MalformedError: A number or an instant is none.
    """
    changed = from_milliseconds(int(content.updated_time))
    executed, average = _amount(content.cum_exec_qty), _amount(content.avg_price)
    is_market = content.order_type == "Market"
    return Order(
        EXCHANGE,
        content.symbol,
        changed if event_time is None else event_time,
        received_time,
        content.order_id,
        content.order_link_id,
        known(Side, content.side.upper()),
        _type(content),
        STATUSES.get(content.order_status, content.order_status),
        _ZERO if is_market else _amount(content.price),
        executed if is_market and _counts_money(content) else _amount(content.qty),
        executed,
        _amount(content.cum_exec_value),
        average if executed and average else None,
        _time_in_force(content),
        changed,
    )


def fill_of(content: wire.Execution, event_time: int | None, received_time: int) -> Fill | None:
    """An execution; None for what changes the account without one.

    Raises:
        MalformedError: A number or an instant is none.
    """
    if content.exec_type not in _FILLS:
        return None
    executed = from_milliseconds(int(content.exec_time))
    return Fill(
        EXCHANGE,
        content.symbol,
        executed if event_time is None else event_time,
        received_time,
        content.exec_id,
        content.order_id,
        content.order_link_id,
        known(Side, content.side.upper()),
        number(content.exec_price),
        number(content.exec_qty),
        signed_number(content.exec_fee) if content.exec_fee else _ZERO,
        content.fee_currency,
        content.is_maker,
        executed,
    )


def is_known_order(content: wire.Order) -> bool:
    """Whether all that it says is something that this version knows."""
    in_force = content.time_in_force
    return (
        content.order_status in STATUSES
        and content.order_type in _TYPES
        and (in_force == _POST_ONLY or in_force in tuple(TimeInForce))
        and content.side in ("Buy", "Sell")
    )


def is_known_execution(content: wire.Execution) -> bool:
    """Likewise."""
    return content.exec_type in _FILLS | _NO_FILLS and content.side in ("Buy", "Sell")


def _type(content: wire.Order) -> str:
    if content.stop_order_type not in _NO_STOP:
        return content.stop_order_type
    if content.order_type == "Limit" and content.time_in_force == _POST_ONLY:
        return OrderType.LIMIT_MAKER
    return _TYPES.get(content.order_type, content.order_type)


def _time_in_force(content: wire.Order) -> str:
    """What must not take liquidity stays until it is cancelled."""
    if content.time_in_force == _POST_ONLY:
        return TimeInForce.GTC
    return known(TimeInForce, content.time_in_force)


def _counts_money(content: wire.Order) -> bool:
    """Where it is not said, a purchase does."""
    return content.market_unit == _QUOTE or (not content.market_unit and content.side == "Buy")


def _amount(text: str) -> Decimal:
    """A number; 0 where there is none."""
    return number(text) if text else _ZERO
