"""What an order was to be, as it is written down; and what is made of what comes of it."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import msgspec

from ...core.intents import Fate
from ...messages.account import Order
from ...messages.base import Address
from ...messages.enums import OrderStatus
from ...messages.errors import ConnectorError, NotRunningError, RateLimitError
from ...messages.orders import OrderTerms
from ...messages.trading import EndIntent
from ...venues import account as venue
from ..base.exchange_clock import ExchangeClock
from ..base.reply import Reply
from .own_messages import EndLost

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[str, str, str, str, str]).decode

_EARLIER_NS = 60 * 10**9
"""What was changed last so long before an order left is another order; less may be the clocks'."""
_FATES = {venue.Fate.UNKNOWN: Fate.UNKNOWN, venue.Fate.MISSING: Fate.MISSING}


def fate_of(trading: venue.AccountDriver, error: ConnectorError, request: Any) -> Fate:
    """What an error says of an order: all that is certain is one."""
    return _FATES.get(trading.fate(error, request), Fate.REFUSED)


def not_left(wait: float) -> ConnectorError:
    """Why an order whose time is over never left: `wait` seconds more it would have had to."""
    if wait > 0.0:
        return RateLimitError(wait)
    return NotRunningError("no order leaves: its time was over before it was written down")


def end_of(id: str, ending: str, address: Address[Any]) -> EndIntent:
    """For the journal: what has come of one; where that cannot be written, `address` hears of it."""

    def written(_: Any, error: Any) -> None:
        if error is not None:
            address.tell(EndLost(id, ending))

    return EndIntent(id, ending, Reply(written))


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


class Wanted(msgspec.Struct):
    """An order whose fate is not known yet.

    Attributes:
        terms: As they are written down.
        left_ns: When it left, monotonic nanoseconds; 0 where that is not known.
    """

    symbol: str
    terms: bytes
    left_ns: int = 0

    def may_be(self, order: Order, clock: ExchangeClock) -> bool:
        """Whether an order that has its client order id can be it, and is none of another time or
        of somebody else: at the exchange an id is only unique among orders that are open.
        """
        if order.symbol != self.symbol.upper():
            return False
        if self.left_ns and clock.is_known:  # by what is known of the clock now
            since = clock.now_ns() - (time.monotonic_ns() - self.left_ns)
            if 0 < order.update_time < since - _EARLIER_NS:
                return False
        side, kind, *_ = self._read()
        return (order.side, order.type) == (side, kind) or not side

    def never_placed(self, exchange: str, id: str) -> Order:
        """The event that tells of an order that there never was."""
        side, kind, price, quantity, time_in_force = self._read()
        now, zero = time.time_ns(), Decimal(0)
        return Order(
            exchange,
            self.symbol.upper(),
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

    def _read(self) -> tuple[str, str, str, str, str]:
        try:
            return _decode(self.terms)
        except msgspec.MsgspecError:  # another version has written them: its id says enough
            return "", "", "0", "0", ""
