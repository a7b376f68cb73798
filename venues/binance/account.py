"""Binance's trading, as a table.

Sources: binance-spot-api-docs, web-socket-api.md, user-data-stream.md, errors.md
"""

from __future__ import annotations

from typing import Any

from ...messages.base import Request
from ...messages.enums import OrderStatus
from ...messages.errors import (
    CircuitBreakerError,
    ClockSyncError,
    ConnectorError,
    ExchangeError,
    RateLimitError,
    ValidationError,
)
from ..account import AccountDriver, Fate
from ..questions import GetReferencePrice
from .errors import TIMESTAMP, TOO_MANY_ORDERS
from .rate_limits import order_counts
from .signing import frame_signer
from .ws_api import OPENING_WEIGHT, PATH, command, control, opening

FINAL = {
    OrderStatus.FILLED,
    OrderStatus.CANCELED,
    OrderStatus.REJECTED,
    OrderStatus.EXPIRED,
    OrderStatus.EXPIRED_IN_MATCH,
}
_UNKNOWN = {-1000, -1001, -1006, -1007, -1008, -2021}
"""The exchange's own trouble, after which it may have been done; and half a replacement of which
is not said which half."""
_ENGINE = {-1010, -2010, -2011}
"""Refusals by the matching engine, whose words say which."""
_MISSING = -2013
_NO_REFERENCE_PRICE = -2043
_NO_SUCH_PATH = 404
_UNKNOWN_ORDER = "Unknown order sent."
_DUPLICATE_ORDER = "Duplicate order sent."
_REQUEST_TIMEOUT = 408
_HERE = ValidationError, CircuitBreakerError, ClockSyncError
"""Refused before it left."""


def fate(error: ConnectorError, request: Request[Any]) -> Fate:
    """What an error means for a request; where it is not certain, it is unknown.

    For a `ReplaceOrder` it is about the new order: that one was not placed does not say that the
    other was not cancelled.
    """
    match error:
        case RateLimitError(code=code):
            return _limited(code)
        case ExchangeError() if isinstance(request, GetReferencePrice) and _has_none(error):
            return Fate.MISSING
        case ExchangeError():
            return _refused(error)
        case _ if isinstance(error, _HERE):
            return Fate.REFUSED
        case _:
            return Fate.UNKNOWN


def is_final(status: str) -> bool:
    """Whether an order of this status will never change again."""
    return status in FINAL


def _limited(code: int | None) -> Fate:
    if code is None:
        return Fate.REFUSED  # it waited here, until its time was over
    return Fate.TOO_MANY if code == TOO_MANY_ORDERS else Fate.THROTTLED


def _refused(error: ExchangeError) -> Fate:
    code, status = error.code, error.http_status
    if status >= 500 or code in _UNKNOWN or (not code and not _is_refusal(status)):
        return Fate.UNKNOWN
    if code == _MISSING or (code in _ENGINE and _UNKNOWN_ORDER in error.message):
        return Fate.MISSING
    if code in _ENGINE and _DUPLICATE_ORDER in error.message:
        return Fate.DUPLICATE
    if code == TOO_MANY_ORDERS:
        return Fate.TOO_MANY
    return Fate.CLOCK if code == TIMESTAMP else Fate.REFUSED


def _has_none(error: ExchangeError) -> bool:
    """Whether the symbol never had a reference price, or the exchange knows of none at all."""
    return error.code == _NO_REFERENCE_PRICE or error.http_status == _NO_SUCH_PATH


def _is_refusal(status: int) -> bool:
    """Whether the status by itself says that nothing was done."""
    return 300 <= status < 500 and status != _REQUEST_TIMEOUT


ACCOUNT = AccountDriver(
    path=PATH,
    signer=frame_signer,
    opening=opening,
    opening_weight=OPENING_WEIGHT,
    command=command,
    control=control,
    fate=fate,
    limits=order_counts,
    is_final=is_final,
)
