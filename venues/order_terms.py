"""What an order must say at any exchange, and how its numbers are written.

Only what an exchange would refuse in any case is refused here. The rules of a symbol are
`check_filters`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from ..messages.errors import ValidationError
from ..messages.orders import OrderTerms

Parameters = list[tuple[str, str]]
Names = Mapping[str, tuple[str, ...]]
"""Fields of `OrderTerms` by the type of an order."""

TERMS = (
    "time_in_force",
    "quantity",
    "quote_quantity",
    "price",
    "stop_price",
    "trailing_delta",
    "iceberg_quantity",
)
"""The fields that not every type of order has."""

_MOST = Decimal(10) ** 60
_MOST_DIGITS = 120
_LEAST_EXPONENT = -60
_MOST_CHARACTERS = 64

_is_new_id = re.compile(r"[a-zA-Z0-9_-]{1,36}").fullmatch


def check_fields(request: OrderTerms, needed: Names, optional: Names) -> None:
    """Each field that the type needs, and none that is not meant for it. Raises `ValidationError`.

    Args:
        needed: By the types that there are.
        optional: Likewise.
    """
    kind = request.type
    for name in needed[kind]:
        if getattr(request, name) is None:
            raise ValidationError(name, None, f"must be given for {kind}")
    meant = needed[kind] + optional[kind]
    for name in TERMS:
        value = getattr(request, name)
        if value is not None and name not in meant:
            raise ValidationError(name, value, f"is not meant for {kind}")


def check_amount(request: OrderTerms) -> None:
    """A market order is of a quantity of the one asset or of the other. Raises `ValidationError`."""
    if request.quantity is None and request.quote_quantity is None:
        raise ValidationError("quantity", None, "it or quote_quantity must be given for MARKET")
    if request.quantity is not None and request.quote_quantity is not None:
        reason = "must not be given where quantity is"
        raise ValidationError("quote_quantity", request.quote_quantity, reason)


def check_member(field: str, value: object, members: type[StrEnum] | Iterable[StrEnum]) -> None:
    """Raise `ValidationError` unless it is one of these."""
    known = tuple(members)
    if not isinstance(value, str) or value not in known:
        raise ValidationError(field, value, f"must be one of {', '.join(known)}")


def decimal_of(field: str, value: object) -> Decimal:
    """A number that an order may have. Raises `ValidationError`."""
    if not isinstance(value, Decimal):
        raise ValidationError(field, value, "must be a Decimal")
    if not value.is_finite() or not 0 < value < _MOST:
        raise ValidationError(field, str(value), "must be finite and more than 0")
    _, digits, exponent = value.as_tuple()
    if len(digits) > _MOST_DIGITS or not isinstance(exponent, int) or exponent < _LEAST_EXPONENT:
        raise ValidationError(field, str(value), "has too many digits")
    return value


def written(field: str, value: object) -> str:
    """A number exactly as it was given, and without an exponent. Raises `ValidationError`."""
    return f"{decimal_of(field, value):f}"


def new_id(field: str, value: object) -> str:
    """A client order id of one's own, as every exchange takes it.

    Sources: binance-spot-api-docs, fix-api.md (the charset of `ClOrdID`);
    https://bybit-exchange.github.io/docs/v5/order/create-order (`orderLinkId`)

    Raises:
        ValidationError: It cannot be one.
    """
    if not isinstance(value, str) or not _is_new_id(value):
        raise ValidationError(field, value, "must be 1 to 36 of a-z, A-Z, 0-9, - and _")
    return value


def known_id(field: str, value: object) -> str:
    """An id that an order has, whoever placed it. Raises `ValidationError`."""
    if not isinstance(value, str) or not 1 <= len(value) <= _MOST_CHARACTERS:
        raise ValidationError(field, value, f"must be text of 1 to {_MOST_CHARACTERS} characters")
    if not value.isprintable() or " " in value:
        raise ValidationError(field, value, "must have no spaces or the like")
    return value


def whole_limit(value: Any, most: int) -> int:
    """How many are asked for. Raises `ValidationError`."""
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise ValidationError("limit", value, f"must be 1 to {most}")
    return value
