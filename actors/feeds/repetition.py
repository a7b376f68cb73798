"""Is it news? Of events without ids, each of which says how something is now."""

from __future__ import annotations

from typing import Any

import msgspec

from ...messages.market import Kline

_TAIL = 15_000_000_000
"""For so long after one connection took another's place older states may come (ns)."""


def repeats(event: Any, other: Any) -> bool:
    """Whether an event without ids has come again: the same, of the same time."""
    return event.event_time == other.event_time and _says_the_same(event, other)


def is_same_candle(event: Any, other: Any) -> bool:
    """Whether a candle is as it was, so that no trade lies between the two.

    Of a ticker that is no proof: what it says besides, and nobody reads, may have changed.
    """
    return isinstance(event, Kline) and _says_the_same(event, other)


def _says_the_same(event: Any, other: Any) -> bool:
    times = {"event_time": other.event_time, "received_time": other.received_time}
    same: bool = msgspec.structs.replace(event, **times) == other
    return same


def is_old(event: Any, newest: Any, moved_at: int) -> bool:
    """Whether an event has come before, or is a state of before the newest one.

    With such a state a connection may begin that takes another one's place: the other has brought
    more in the meantime. At any other time the exchange's clock was set back.

    Args:
        event: One that is not of a later time than the newest.
        newest: That came last.
        moved_at: When the connection took over (ns); 0 if none has.
    """
    if repeats(event, newest):
        return True
    age: int = newest.event_time - event.event_time
    return 0 < age < _TAIL and is_soon_after(event, moved_at)


def is_soon_after(event: Any, moved_at: int) -> bool:
    """Whether an event came so soon after a connection took over that it may be an older one."""
    received: int = event.received_time
    return received < moved_at + _TAIL
