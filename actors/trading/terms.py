"""What an order was to be, as it is written down; and what is told of orders to the room that sent them."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import msgspec

from ...core.intents import Fate
from ...messages.account import Order
from ...messages.enums import OrderStatus
from ...messages.errors import ConnectorError
from ...messages.orders import OrderTerms
from ...venues import account as venue
from ..base.reply import Reply

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[str, str, str, str, str]).decode

_FATES = {venue.Fate.UNKNOWN: Fate.UNKNOWN, venue.Fate.MISSING: Fate.MISSING}


class Written(msgspec.Struct, frozen=True):
    """To the account, by itself: intent `id` was written down, or could not be."""

    id: str
    error: ConnectorError | None


class Answered(msgspec.Struct, frozen=True):
    """To the account, by itself: what came of sending intent `id`."""

    id: str
    value: Any
    error: ConnectorError | None


class EndLost(msgspec.Struct, frozen=True):
    """To the account, by itself: the ending of intent `id` was not written.

    Attributes:
        is_due: Whether it is to be written again now.
    """

    id: str
    ending: str
    is_due: bool = False


class Looked(msgspec.Struct, frozen=True):
    """To the account, by itself: what the exchange says of intent `id` when asked."""

    id: str
    value: Any
    error: ConnectorError | None


def fate_of(trading: venue.AccountDriver, error: ConnectorError, request: Any) -> Fate:
    """What an error says of an order: all that is certain is one."""
    return _FATES.get(trading.fate(error, request), Fate.REFUSED)


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
