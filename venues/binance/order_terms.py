"""What an order must say at Binance, and how it is said; the same by REST and by websocket.

Only what the exchange would refuse in any case is refused here. The rules of a symbol are
`check_filters`.

Source: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints
("New order": the parameters that a type needs)
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from typing import Any

from ...messages.enums import OrderType, Side, TimeInForce
from ...messages.errors import ValidationError
from ...messages.orders import OrderTerms
from .names import symbol_of

Parameters = list[tuple[str, str]]

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
_MOST = Decimal(10) ** 60
_MOST_DIGITS = 120
_LEAST_EXPONENT = -60
_LARGEST_LONG = 2**63 - 1
_MOST_CHARACTERS = 64

_is_new_id = re.compile(r"[a-zA-Z0-9_-]{1,36}").fullmatch
_is_digits = re.compile(r"[0-9]{1,19}").fullmatch


def terms(request: OrderTerms) -> Parameters:
    """What an order is to be, each number exactly as it was given and without an exponent.

    The client order id has to be there: an order without one could not be found again if its
    answer were lost.

    Raises:
        ValidationError: Naming the field that is missing, wrong, or not meant for the type.
    """
    symbol = symbol_of(request.symbol)
    _check_member("side", request.side, Side)
    _check_member("type", request.type, OrderType)
    _check_fields(request)
    written = [(_FIELDS[name], _written(request, name)) for name in _FIELDS]
    return [
        ("symbol", symbol),
        ("side", str(request.side)),
        ("type", str(request.type)),
        *((name, text) for name, text in written if text),
        ("newClientOrderId", new_id("client_order_id", request.client_order_id)),
        ("newOrderRespType", "FULL"),
    ]


def new_id(field: str, value: object) -> str:
    """A client order id of one's own.

    Source: binance-spot-api-docs, fix-api.md (the charset of `ClOrdID`)

    Raises:
        ValidationError: It cannot be one.
    """
    if not isinstance(value, str) or not _is_new_id(value):
        raise ValidationError(field, value, "must be 1 to 36 of a-z, A-Z, 0-9, - and _")
    return value


def known_id(field: str, value: object) -> str:
    """A client order id that an order has, whoever placed it. Raises `ValidationError`."""
    if not isinstance(value, str) or not 1 <= len(value) <= _MOST_CHARACTERS:
        raise ValidationError(field, value, f"must be text of 1 to {_MOST_CHARACTERS} characters")
    if not value.isprintable() or " " in value:
        raise ValidationError(field, value, "must have no spaces or the like")
    return value


def number_id(field: str, value: object) -> str:
    """An id that the exchange gave: digits. Raises `ValidationError`."""
    if not isinstance(value, str) or not _is_digits(value) or int(value) > _LARGEST_LONG:
        raise ValidationError(field, value, "must be text of digits, as the exchange gave it")
    return value


def _check_fields(request: OrderTerms) -> None:
    """Each field that the type needs, and none that is not meant for it."""
    kind = OrderType(request.type)
    for name in _NEEDED[kind]:
        if getattr(request, name) is None:
            raise ValidationError(name, None, f"must be given for {kind}")
    meant = _NEEDED[kind] + _OPTIONAL[kind]
    for name in _FIELDS:
        value = getattr(request, name)
        if value is not None and name not in meant:
            raise ValidationError(name, value, f"is not meant for {kind}")
    if kind in _TRIGGERED and request.stop_price is None and request.trailing_delta is None:
        raise ValidationError("stop_price", None, f"it or trailing_delta must be given for {kind}")
    if kind is OrderType.MARKET:
        _check_amount(request)
    if request.iceberg_quantity is not None:
        _check_iceberg(request)


def _check_amount(request: OrderTerms) -> None:
    if request.quantity is None and request.quote_quantity is None:
        raise ValidationError("quantity", None, "it or quote_quantity must be given for MARKET")
    if request.quantity is not None and request.quote_quantity is not None:
        reason = "must not be given where quantity is"
        raise ValidationError("quote_quantity", request.quote_quantity, reason)


def _check_iceberg(request: OrderTerms) -> None:
    """How much shows can be no more than there is, and such an order has to stay."""
    iceberg = _decimal("iceberg_quantity", request.iceberg_quantity)
    if iceberg > _decimal("quantity", request.quantity):
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
            _check_member(name, value, TimeInForce)
            return str(value)
        case "trailing_delta":
            if not isinstance(value, int) or isinstance(value, bool):
                raise ValidationError(name, value, "must be a whole number of basis points")
            if not 0 < value <= _LARGEST_LONG:
                raise ValidationError(name, value, "must be more than 0")
            return str(value)
        case _:
            return f"{_decimal(name, value):f}"


def _decimal(field: str, value: object) -> Decimal:
    if not isinstance(value, Decimal):
        raise ValidationError(field, value, "must be a Decimal")
    if not value.is_finite() or not 0 < value < _MOST:
        raise ValidationError(field, str(value), "must be finite and more than 0")
    _, digits, exponent = value.as_tuple()
    if len(digits) > _MOST_DIGITS or not isinstance(exponent, int) or exponent < _LEAST_EXPONENT:
        raise ValidationError(field, str(value), "has too many digits")
    return value


def _check_member(field: str, value: object, kind: type[StrEnum]) -> None:
    members = tuple(kind)
    if not isinstance(value, str) or value not in members:
        raise ValidationError(field, value, f"must be one of {', '.join(members)}")
