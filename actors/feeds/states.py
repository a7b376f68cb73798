"""Mailboxes of streams whose events are states, or changes of one, or have ids without an order."""

from __future__ import annotations

import time
from typing import Any

from ...core.sequence import NEXT, Missed, Next, Rule, Seen, States
from ...messages.enums import Channel, GapReason
from ...messages.kept_books import SnapshotLacking
from ...messages.market import BaseEvent, BookTicker, MarketEvent, OrderBookUpdate, Trade
from ...messages.streams import Stream
from .frame import Content, Rejected
from .mailbox import Look, Mailbox
from .repetition import is_soon_after

REMEMBERED = 8192
"""Ids of trades: far more than come while one connection takes the place of another."""
_FIRST = 1
"""The id of the snapshot with which an exchange counts anew."""
_PAUSE = 1.0
"""Seconds between two questions for a snapshot."""


class UniqueMailbox(Mailbox):
    """Trades whose ids say nothing of their order: none is delivered twice."""

    __slots__ = ("_seen",)

    def __init__(self, *args: Any, **more: Any) -> None:
        self._seen = Seen(REMEMBERED)
        super().__init__(*args, **more)

    def _quick_look(self, channel: Channel) -> Look:
        return self._is_new

    @property
    def _has_begun(self) -> bool:
        return self._seen.newest is not None

    def _is_new(self, event: Content) -> bool:
        return type(event) is Trade and self._seen.is_new(event.trade_id)

    def _looked_at(self, event: MarketEvent | Rejected, at: int) -> tuple[BaseEvent, ...]:
        if isinstance(event, Rejected):
            return super()._looked_at(event, at)
        if self._is_new(event):
            return (event,)
        self.stale += 1
        return ()


class StatesMailbox(Mailbox):
    """Book tickers, each a whole state with an id."""

    __slots__ = ("_before", "_states")

    def __init__(self, *args: Any, **more: Any) -> None:
        self._states = self._before = States()
        super().__init__(*args, **more)

    def _quick_look(self, channel: Channel) -> Look:
        return self._is_next

    @property
    def _has_begun(self) -> bool:
        return True  # the present state comes at once

    def _is_next(self, event: Content) -> bool:
        return (
            type(event) is BookTicker
            and self._states.check(event.update_id, event.event_time) is NEXT
        )

    def _looked_at(self, event: MarketEvent | Rejected, at: int) -> tuple[BaseEvent, ...]:
        if isinstance(event, Rejected):
            return super()._looked_at(event, at)
        if not self._is_of_before(event) and self._is_next(event):
            self._before = self._states
            self.follows = self._quick_look(Channel(self.subscription.channel))
            return (event,)
        self.stale += 1
        return ()

    def _is_of_before(self, event: Any) -> bool:
        """Whether a connection that has just taken over begins with what was delivered before."""
        before = self._before
        is_older = before.last is not None and event.update_id < before.last
        return is_older and event.event_time <= before.at and is_soon_after(event, self.moved_at)

    def _start_afresh(self) -> None:
        if self._states.last is not None:
            self._before, self._states = self._states, States()
        self.follows = self._is_to_be_looked_at


class DeltasMailbox(Mailbox):
    """Updates of an order book that begin with a snapshot; without one they are of no use.

    Where it lacks one (after a gap, or because it has come late to a stream that is there already),
    it has the stream begun anew, and delivers nothing until then.

    Args:
        stream: Its stream.
    """

    __slots__ = ("_asked_at", "_changed_at", "_stream")

    def __init__(self, *args: Any, stream: Stream, **more: Any) -> None:
        super().__init__(*args, **more)
        self._stream = stream
        self._changed_at = 0  # the exchange's time of the last change (ns)
        self._asked_at = 0.0

    def _quick_look(self, channel: Channel) -> Look:
        return self._follows_delta

    def _follows_delta(self, event: Content) -> bool:
        continuity = self._continuity
        if type(event) is not OrderBookUpdate or event.first_update_id - 1 != continuity.last:
            return False
        if event.event_time < self._changed_at:
            return False  # of before the exchange counted anew
        continuity.last, self._changed_at = event.last_update_id, event.event_time
        return True

    def _looked_at(self, event: MarketEvent | Rejected, at: int) -> tuple[BaseEvent, ...]:
        if not isinstance(event, OrderBookUpdate):
            return super()._looked_at(event, at)
        if event.is_snapshot:
            return self._begun(event, at)
        if self._continuity.last is None:
            self._ask()
            self.stale += 1
            return ()
        if event.event_time < self._changed_at:
            self.stale += 1
            return ()
        missing: tuple[int, ...]
        verdict = self._continuity.check(event.first_update_id, event.last_update_id)
        if isinstance(verdict, Next):
            self._changed_at = event.event_time
            return (event,)
        if isinstance(verdict, Missed):
            missing = (verdict.first_missed,)  # nobody knows yet where the snapshot will begin
        elif event.event_time > self._changed_at:
            missing = ()  # the exchange counts anew, and its snapshot was lost
        else:
            self.stale += 1
            return ()
        self._start_afresh()
        self._ask()
        return (self.gap(GapReason.MISSED, at, *missing),)

    def _begun(self, update: OrderBookUpdate, at: int) -> tuple[BaseEvent, ...]:
        """A snapshot replaces everything, unless it is an old one, as on a second connection."""
        known, id, time = self._continuity.last, update.last_update_id, update.event_time
        if known is not None and id <= known and not self._is_anew(id, known, time):
            if id == known and self.feed.is_own:
                return (update,)  # a book may have been lost though nothing is missing
            self.stale += 1
            return ()
        if known is None and time < self._changed_at and is_soon_after(update, self.moved_at):
            self._ask()  # of before the gap: with that a connection begins which has just taken over
            self.stale += 1
            return ()
        self._continuity.last, self._changed_at = id, time
        if known is None or id == known + 1:
            return (update,)
        missing = (known + 1, id - 1) if id > known else ()  # else the exchange counts anew
        return self.gap(GapReason.MISSED, at, *missing), update

    def _is_anew(self, id: int, known: int, time: int) -> bool:
        """Whether the exchange counts anew; it may do so twice, without anything in between."""
        return time > self._changed_at and (id < known or id == _FIRST)

    def _ask(self) -> None:
        now = time.monotonic()
        if now >= self._asked_at + _PAUSE:
            self._asked_at = now
            self.feed.registry.tell(SnapshotLacking(self._stream))


STATES: dict[Rule, type[Mailbox]] = {
    Rule.UNIQUE: UniqueMailbox,
    Rule.WHOLE: StatesMailbox,
    Rule.DELTAS: DeltasMailbox,
}
"""By rule."""
