"""What happens to what a subscriber has no room for, by channel, or as it wishes."""

from __future__ import annotations

from ...messages.enums import Channel, Overflow
from ...messages.errors import ValidationError

_DEFAULTS = {
    Channel.TICKER: Overflow.CONFLATE,
    Channel.BOOK_TICKER: Overflow.CONFLATE,
    Channel.KLINES: Overflow.CONFLATE,
    Channel.ORDER_BOOK: Overflow.CONFLATE,
    Channel.TRADES: Overflow.DROP_OLDEST,
    Channel.ORDER_BOOK_UPDATES: Overflow.DROP_OLDEST,
    Channel.EVENTS: Overflow.DROP_OLDEST,
    Channel.ORDERS: Overflow.DROP_OLDEST,
    Channel.BALANCES: Overflow.DROP_OLDEST,
}


def checked_policy(channel: Channel, max_pending: object, overflow: str | None) -> Overflow:
    """The policy for what finds no room, the channel's default where none is named.

    Raises:
        ValidationError: Naming the field that is wrong.
    """
    if isinstance(max_pending, bool) or not isinstance(max_pending, int) or max_pending < 1:
        raise ValidationError("max_pending", max_pending, "a whole number of 1 or more is needed")
    if overflow is None:
        return _DEFAULTS[channel]
    if overflow not in list(Overflow):
        raise ValidationError("overflow", overflow, f"one of {', '.join(Overflow)} is needed")
    if channel is Channel.EVENTS and overflow == Overflow.BLOCK:
        raise ValidationError("overflow", overflow, "the connector's own life cannot be held up")
    return Overflow(overflow)
