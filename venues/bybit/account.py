"""Bybit's trading on spot, as a table.

An order that is on its way cannot arrive later than its window, which goes with each request
(`RECV_WINDOW`: 5 seconds); what the exchange then still takes for it is not documented.

Sources: https://bybit-exchange.github.io/docs/v5/error
https://bybit-exchange.github.io/docs/v5/rate-limit
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...messages.base import Request
from ...messages.errors import (
    CircuitBreakerError,
    ClockSyncError,
    ConnectorError,
    ExchangeError,
    RateLimitError,
    ValidationError,
)
from ...messages.orders import PlaceOrder
from ..account import AccountDriver, Fate, LimitCount
from .errors import NO_SUCH_ORDER, OVERLOADED, TIMESTAMP
from .order_events import FINAL
from .private import PATH, command, control, opening
from .signing import frame_signer
from .streams import ping_command

_MOST_ORDERS = ((1.0, 20),)
"""The usual account's new spot orders: what is more would be refused (10006)."""
_UNKNOWN = {
    *(OVERLOADED, 10000, 10014, 10016, 10019, 3400214),
    *(170001, 170007, 170032, 170035, 170146, 170147, 170149, 170150, 170212, 170234),
}
"""Timeouts, the exchange's own trouble, and a request that it has had already."""
_MISSING = {NO_SUCH_ORDER, 110001, 170143}
_OVER = {110008, 110010, 170139, 170142, 170190}
"""Of an order that is to be cancelled: it was executed, or is cancelled."""
_DUPLICATE = {110072, 170141}
_TOO_MANY = {110020, 170005, 170222, 170810}
_REQUEST_TIMEOUT = 408
_HERE = ValidationError, CircuitBreakerError, ClockSyncError
"""Refused before it left."""


def fate(error: ConnectorError, request: Request[Any]) -> Fate:
    """What an error means for a request; where it is not certain, it is unknown."""
    match error:
        case RateLimitError(code=code):
            return _limited(code)
        case ExchangeError():
            return _refused(error, request)
        case _ if isinstance(error, _HERE):
            return Fate.REFUSED
        case _:
            return Fate.UNKNOWN


def is_final(status: str) -> bool:
    """Whether an order of this status will never change again."""
    return status in FINAL


def limits(headers: Mapping[str, str]) -> tuple[LimitCount, ...]:
    """What is left of an endpoint's requests says nothing of others', nor of which one it is."""
    return ()


def _limited(code: int | None) -> Fate:
    """Overloaded, it does not say that it has not done it."""
    if code is None:
        return Fate.REFUSED  # it waited here, until its time was over
    return Fate.UNKNOWN if code == OVERLOADED else Fate.THROTTLED


def _refused(error: ExchangeError, request: Request[Any]) -> Fate:
    code, status = error.code, error.http_status
    if status >= 500 or code in _UNKNOWN or (not code and not _is_refusal(status)):
        return Fate.UNKNOWN
    if code in _MISSING or code in _OVER:
        return Fate.MISSING
    if code in _DUPLICATE and isinstance(request, PlaceOrder):
        return Fate.DUPLICATE
    if code in _TOO_MANY:
        return Fate.TOO_MANY
    return Fate.CLOCK if code in TIMESTAMP else Fate.REFUSED


def _is_refusal(status: int) -> bool:
    """Whether the status by itself says that nothing was done."""
    return 300 <= status < 500 and status != _REQUEST_TIMEOUT


ACCOUNT = AccountDriver(
    path=PATH,
    signer=frame_signer,
    opening=opening,
    opening_weight=0,
    command=command,
    control=control,
    fate=fate,
    limits=limits,
    is_final=is_final,
    most_orders=_MOST_ORDERS,
    trade_ids_grow=False,
    ping_command=ping_command,
)
