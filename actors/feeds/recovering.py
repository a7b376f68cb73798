"""Mailboxes of channels whose missed events can be had afterwards: trades and candles.

After an interruption, or where ids skip, such a mailbox asks the recovery for what is missing
before the first live event, and holds that and what follows back until it is answered. An answer
always comes: a `Reply` that nobody answers fails by itself.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from functools import partial
from itertools import chain
from typing import Any, ClassVar

import msgspec

from ...core.recovery import Missing
from ...core.sequence import Next, Stale
from ...messages.base import Address
from ...messages.enums import Channel, GapReason, Overflow
from ...messages.lifecycle import SubscriberLagged
from ...messages.market import BaseEvent, StreamGap
from ...messages.recovery import Recover, Recovered
from ...messages.streams import Stream
from ..base.reply import Reply
from .frame import Doubt, Frame, Item, Rejected, Several, parts
from .mailbox import Mailbox

Verdict = Next | Stale | Missing


class Way(msgspec.Struct, frozen=True):
    """How what was missed is asked for.

    Attributes:
        address: The recovery's.
        timeout: Seconds that live events wait for it.
    """

    address: Address[Any]
    timeout: float


class RecoveringMailbox(Mailbox):
    """What they have in common; all of it is for the feed's delivering thread.

    Attributes:
        is_certain: Whether something is missing for certain where it is asked for.

    Args:
        way: How it asks.
    """

    __slots__ = (
        *("_way", "_bound", "_held", "_lost", "_number", "_is_waiting"),
        *("_interrupted_at", "_is_spoilt"),
    )

    is_certain: ClassVar[bool] = True

    def __init__(self, *args: Any, way: Way, **more: Any) -> None:
        super().__init__(*args, **more)
        self._way = way
        self._bound = self.max_pending
        self._held: deque[Item] = deque()
        self._lost = 0  # of what was held: what found no room
        self._number = 0  # of the last question
        self._is_waiting = False
        self._interrupted_at: int | None = None  # until an event shows what was missed (ns)
        self._is_spoilt = False  # what was missed cannot be told from what was dropped

    # what a channel knows

    @property
    def _knows(self) -> bool:
        """Whether there is an event that the next one can be compared with."""
        raise NotImplementedError  # pragma: no cover

    def _judge(self, event: Any) -> Verdict:
        """What an event is, after the newest one."""
        raise NotImplementedError  # pragma: no cover

    def _note(self, event: Any) -> None:
        """This is the newest event."""
        raise NotImplementedError  # pragma: no cover

    def _gap_of(self, missing: Missing, at: int, reason: GapReason) -> StreamGap:
        """The notice that stands where something is missing."""
        raise NotImplementedError  # pragma: no cover

    # what came

    def clear(self) -> None:
        """Let go of what is undelivered."""
        super().clear()
        self._held = deque()

    def lagged(self) -> SubscriberLagged | None:
        """The notice of dropped events; what follows from it is seen when it comes by."""
        dropped, self.dropped = self.dropped, 0
        return self._notice(dropped) if dropped else None

    def events(self, item: Item) -> tuple[BaseEvent, ...]:
        """What the subscriber gets for an item: nothing yet while what was before it is fetched."""
        if isinstance(item, Recovered):
            return self._go_on(item) if self._is_waiting and item.number == self._number else ()
        if self._is_waiting:
            self._hold(item)
            return ()
        if isinstance(item, Frame):
            return self._look(item)
        if isinstance(item, Doubt):
            self._doubt()
            return ()
        if isinstance(item, StreamGap):
            item = self._named(item)
            self._interrupted(item.received_time)
        elif isinstance(item, SubscriberLagged) and self._interrupted_at is not None:
            self._is_spoilt = True
        else:
            self._start_afresh()
        return (item,)

    def _look(self, frame: Frame) -> tuple[BaseEvent, ...]:
        event = frame.event or frame.source.read(frame)
        if isinstance(event, Several):
            return tuple(chain.from_iterable(map(self.events, parts(frame, event))))
        if isinstance(event, Rejected):
            self._interrupted(frame.received_time)
            return (self.gap(GapReason.REJECTED, frame.received_time),)
        verdict = self._judge(event)
        if isinstance(verdict, Stale):
            self.stale += 1
            if self._is_doubted:  # it is no more: the two connections have overlapped
                self._go_quick()
            return ()
        if isinstance(verdict, Next):
            gaps = self._gaps_before(event, frame.received_time) if self._is_doubted else ()
            self._settle(event)
            return (*gaps, event)
        if self._is_spoilt:
            self._settle(event)
            return self._gap_of(verdict, frame.received_time, GapReason.UNRECOVERED), event
        was_told = self._interrupted_at is not None and not self._is_doubted
        self._ask(frame.source.stream, verdict, event)
        self._hold(frame)
        is_told_later = was_told or not self.is_certain
        return (
            () if is_told_later else (self._gap_of(verdict, frame.received_time, GapReason.MISSED),)
        )

    def _doubt(self) -> None:
        if self._interrupted_at is None and self._knows:
            super()._doubt()
            self._interrupted_at = time.time_ns()  # perhaps

    def _gaps_before(self, event: Any, at: int) -> tuple[StreamGap, ...]:
        """What stands before an event that follows, as it seems, of a stream in doubt."""
        return ()

    def _interrupted(self, at: int) -> None:
        self._is_doubted = False
        if self._interrupted_at is None and self._knows:
            self._interrupted_at = at
        self.follows = self._is_to_be_looked_at  # so that the next event settles it

    def _settle(self, event: Any) -> None:
        """From here on one event follows the other again."""
        self._note(event)
        self._go_quick()

    def _go_quick(self) -> None:
        self._interrupted_at, self._is_spoilt, self._is_doubted = None, False, False
        self.follows = self._quick_look(Channel(self.subscription.channel))

    # what is fetched

    def _question(
        self, stream: Stream, missing: Missing, event: Any, deadline: float, reply: Reply[Any]
    ) -> Any:
        """What the recovery is asked, of what was missed before an event."""
        return Recover(stream, missing.first, missing.last + 1, deadline, reply)

    def _of_use(self, parts: tuple[Any, ...], held: Iterable[Item]) -> Iterable[Any]:
        """Of what was fetched, what is to be delivered, before what was held."""
        return parts

    def _ask(self, stream: Stream, missing: Missing, event: Any) -> None:
        self._number += 1
        self._is_waiting = True
        self.follows = self._is_to_be_looked_at
        reply: Reply[Any] = Reply(partial(self._answered, self._number, missing))
        deadline = time.monotonic() + self._way.timeout
        self._way.address.tell(self._question(stream, missing, event, deadline, reply))

    def _answered(self, number: int, missing: Missing, parts: Any, error: object) -> None:
        """On any thread."""
        self.feed.answer(self, Recovered(number, parts if error is None else (missing,)))

    def _hold(self, item: Item) -> None:
        """It waits as well, within the bound."""
        if self.overflow is Overflow.BLOCK:
            self.max_pending -= 1  # so that who brings more waits, too
            self.feed.is_held_back = self.max_pending < 1
        elif len(self._held) >= self._bound:
            self._make_room()
        self._held.append(item)

    def _make_room(self) -> None:
        count = len(self._held) if self.overflow is Overflow.CONFLATE else 1
        for _ in range(count):
            dropped = self._held.popleft()
            if isinstance(dropped, SubscriberLagged):
                self._lost += dropped.dropped
            else:
                self._lost += self._count((dropped,))

    def _go_on(self, answer: Recovered) -> tuple[BaseEvent, ...]:
        """What was fetched, then what has waited; up to the next question, if that raises one."""
        self._is_waiting = self._is_doubted = False
        self._interrupted_at = None
        self.max_pending = self._bound
        self.feed.is_held_back = False
        held, self._held = self._held, deque()
        lost, self._lost = self._lost, 0
        self._start_afresh()  # what comes next is what was asked for
        at = time.time_ns()
        events: list[BaseEvent] = [
            self._gap_of(part, at, GapReason.UNRECOVERED) if isinstance(part, Missing) else part
            for part in self._of_use(answer.parts, held)
        ]
        if lost:
            events.append(self._notice(lost))
        for item in held:
            events += self.events(item)
        return tuple(events)
