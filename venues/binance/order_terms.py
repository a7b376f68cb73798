"""What an order must say at Binance, and how it is said; the same by REST and by websocket.

Only what the exchange would refuse in any case is refused here. The rules of a symbol are
`check_filters`.

Source: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints
("New order": the parameters that a type needs)
"""

from __future__ import annotations

import re
from typing import Any

from ...messages.enums import OrderType, Side, TimeInForce
from ...messages.errors import ValidationError
from ...messages.orders import OrderTerms
from ..order_terms import (
    Parameters,
    check_amount,
    check_fields,
    check_member,
    decimal_of,
    new_id,
    written,
)
from .names import symbol_of

_NEEDED: dict[str, tuple[str, ...]] = {
    OrderType.LIMIT: ("time_in_force", "quantity", "price"),
    OrderType.LIMIT_MAKER: ("quantity", "price"),
    OrderType.MARKET: (),
    OrderType.STOP_LOSS: ("quantity",),
    OrderType.STOP_LOSS_LIMIT: ("time_in_force", "quantity", "price"),
    OrderType.TAKE_PROFIT: ("quantity",),
    OrderType.TAKE_PROFIT_LIMIT: ("time_in_force", "quantity", "price"),
}
_TRIGGERED = {
    OrderType.STOP_LOSS,
    OrderType.STOP_LOSS_LIMIT,
    OrderType.TAKE_PROFIT,
    OrderType.TAKE_PROFIT_LIMIT,
}
_TRIGGERS = ("stop_price", "trailing_delta")
_OPTIONAL: dict[str, tuple[str, ...]] = {
    OrderType.LIMIT: ("iceberg_quantity",),
    OrderType.LIMIT_MAKER: ("iceberg_quantity",),
    OrderType.MARKET: ("quantity", "quote_quantity"),
    OrderType.STOP_LOSS: _TRIGGERS,
    OrderType.STOP_LOSS_LIMIT: (*_TRIGGERS, "iceberg_quantity"),
    OrderType.TAKE_PROFIT: _TRIGGERS,
    OrderType.TAKE_PROFIT_LIMIT: (*_TRIGGERS, "iceberg_quantity"),
}
_FIELDS = {
    "time_in_force": "timeInForce",
    "quantity": "quantity",
    "quote_quantity": "quoteOrderQty",
    "price": "price",
    "stop_price": "stopPrice",
    "trailing_delta": "trailingDelta",
    "iceberg_quantity": "icebergQty",
}
_LARGEST_LONG = 2**63 - 1

_is_digits = re.compile(r"[0-9]{1,19}").fullmatch


def terms(request: OrderTerms) -> Parameters:
    """What an order is to be, each number exactly as it was given and without an exponent.

    The client order id has to be there: an order without one could not be found again if its
    answer were lost.

    Raises:
        ValidationError: Naming the field that is missing, wrong, or not meant for the type.
    """
    symbol = symbol_of(request.symbol)
    check_member("side", request.side, Side)
    check_member("type", request.type, OrderType)
    _check_fields(request)
    fields = [(_FIELDS[name], _written(request, name)) for name in _FIELDS]
    return [
        ("symbol", symbol),
        ("side", str(request.side)),
        ("type", str(request.type)),
        *((name, text) for name, text in fields if text),
        ("newClientOrderId", new_id("client_order_id", request.client_order_id)),
        ("newOrderRespType", "FULL"),
    ]


def number_id(field: str, value: object) -> str:
    """An id that the exchange gave: digits. Raises `ValidationError`."""
    if not isinstance(value, str) or not _is_digits(value) or int(value) > _LARGEST_LONG:
        raise ValidationError(field, value, "must be text of digits, as the exchange gave it")
    return value


def _check_fields(request: OrderTerms) -> None:
    """Each field that the type needs, and none that is not meant for it."""
    kind = OrderType(request.type)
    check_fields(request, _NEEDED, _OPTIONAL)
    if kind in _TRIGGERED and request.stop_price is None and request.trailing_delta is None:
        raise ValidationError("stop_price", None, f"it or trailing_delta must be given for {kind}")
    if kind is OrderType.MARKET:
        check_amount(request)
    if request.iceberg_quantity is not None:
        _check_iceberg(request)


def _check_iceberg(request: OrderTerms) -> None:
    """How much shows can be no more than there is, and such an order has to stay."""
    iceberg = decimal_of("iceberg_quantity", request.iceberg_quantity)
    if iceberg > decimal_of("quantity", request.quantity):
        raise ValidationError("iceberg_quantity", str(iceberg), "must be no more than quantity")
    if request.time_in_force not in (None, TimeInForce.GTC):
        reason = "must be GTC where iceberg_quantity is given"
        raise ValidationError("time_in_force", request.time_in_force, reason)


def _written(request: OrderTerms, name: str) -> str:
    """A field as it is sent; "" where it is not."""
    value: Any = getattr(request, name)
    if value is None:
        return ""
    match name:
        case "time_in_force":
            check_member(name, value, TimeInForce)
            return str(value)
        case "trailing_delta":
            if not isinstance(value, int) or isinstance(value, bool):
                raise ValidationError(name, value, "must be a whole number of basis points")
            if not 0 < value <= _LARGEST_LONG:
                raise ValidationError(name, value, "must be more than 0")
            return str(value)
        case _:
            return written(name, value)
