"""What an order was to be, as it is written down; and what is made of what comes of it."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import msgspec

from ...core.intents import Fate
from ...messages.account import Order
from ...messages.enums import OrderStatus
from ...messages.errors import ConnectorError, NotRunningError, RateLimitError
from ...messages.orders import OrderTerms
from ...venues import account as venue
from ..base.reply import Reply

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[str, str, str, str, str]).decode

_FATES = {venue.Fate.UNKNOWN: Fate.UNKNOWN, venue.Fate.MISSING: Fate.MISSING}


def fate_of(trading: venue.AccountDriver, error: ConnectorError, request: Any) -> Fate:
    """What an error says of an order: all that is certain is one."""
    return _FATES.get(trading.fate(error, request), Fate.REFUSED)


def not_left(wait: float) -> ConnectorError:
    """Why an order whose time is over never left: `wait` seconds more it would have had to."""
    if wait > 0.0:
        return RateLimitError(wait)
    return NotRunningError("its time was over before it could be written down")


def only_the_order(reply: Reply[Any]) -> Reply[Any]:
    """For an `OrderAnswer`, of which the asker gets the order."""

    def answered(value: Any, error: Any) -> None:
        if error is not None:
            reply.fail(error)
        else:
            reply.tell(value.order)

    return Reply(answered)


def written_terms(request: OrderTerms) -> bytes:
    """Side, type, price, quantity and time in force; nothing of it is secret."""
    price, quantity = str(request.price or 0), str(request.quantity or 0)
    in_force = str(request.time_in_force or "")
    return _encode((str(request.side), str(request.type), price, quantity, in_force))


def never_placed(exchange: str, id: str, symbol: str, terms: bytes) -> Order:
    """The event that tells of an order that there never was."""
    try:
        side, kind, price, quantity, time_in_force = _decode(terms)
    except msgspec.MsgspecError:  # another version has written them: its id says enough
        side, kind, price, quantity, time_in_force = "", "", "0", "0", ""
    now, zero = time.time_ns(), Decimal(0)
    return Order(
        exchange,
        symbol,
        now,
        now,
        "",
        id,
        side,
        kind,
        OrderStatus.REJECTED,
        Decimal(price),
        Decimal(quantity),
        zero,
        zero,
        None,
        time_in_force,
        now,
        recovered=True,
    )
