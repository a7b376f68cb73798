"""What the rooms tell each other of what was missed, and fetched afterwards.

Where a field is `Any`, it is a live object of the process, as in `rooms`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from .market import Trade
from .streams import Stream


class Recover(msgspec.Struct, frozen=True):
    """To the recovery: fetch what was missed of a stream.

    Attributes:
        first: The first key that was missed: a trade's id, the time at which a candle opened (ns).
        end: The key of the event before which they belong.
        deadline: When the asker waits no longer (monotonic seconds).
        reply: A `Reply` for events and `Missing`s, in order.
    """

    stream: Stream
    first: int
    end: int
    deadline: float
    reply: Any


class RecoverNewest(msgspec.Struct, frozen=True):
    """To the recovery: fetch what was missed of trades whose ids have no order.

    Attributes:
        after: The ids of those that were delivered last, the newest first.
        before: The one before which they belong.
        deadline: When the asker waits no longer (monotonic seconds).
        reply: A `Reply` for trades and `Missing`s, in order.
    """

    stream: Stream
    after: tuple[str, ...]
    before: Trade
    deadline: float
    reply: Any


class Recovered(msgspec.Struct, frozen=True):
    """To a mailbox, through its feed: the answer to its question `number`.

    Attributes:
        parts: Events, and a `Missing` wherever there are none.
    """

    number: int
    parts: tuple[Any, ...]
