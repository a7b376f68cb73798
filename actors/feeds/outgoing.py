"""The delivering side of a feed: from what came to what the subscriber gets."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Collection
from itertools import takewhile
from typing import Any

from ...messages.base import Address
from ...messages.enums import GapReason
from ...messages.events import EventBatch
from ...messages.lifecycle import SubscriberLagged
from ...messages.market import BaseEvent
from . import complaints
from .backlog import Backlog, Item, Parcel
from .delivery import GoneError, Recipient
from .frame import Frame
from .mailbox import Mailbox

Events = list[tuple[Mailbox, Any]]
"""What a parcel has turned into, each event with the mailbox that it came through."""
EVERYONE = "everyone"
"""What is being delivered to while events of several subscriptions are handed over."""


class Outgoing:
    """Delivers parcels, on one thread at a time; any thread may close a mailbox meanwhile.

    Attributes:
        takes_batches: Whether some mailbox of it wants, or wanted, what comes together as one.
    """

    takes_batches = False

    def __init__(self, recipient: Recipient, root: Address[Any]) -> None:
        self.recipient = recipient
        self._root = root
        self._lock = threading.Lock()
        self._backlog = Backlog()
        self._closings: list[Any] = []  # replies due when the delivery under way is over
        self._delivering: object = None  # a mailbox, or `EVERYONE`
        self._callback_waits = False
        self._is_disturbed = False  # whether one of these, or the next, has to be looked at
        self._is_elsewhere = False  # whether this is a copy of it, in a forked child
        self._finish_at: float | None = None  # monotonic; set when no more is to come

    def _is_over(self) -> bool:
        """Whether the time for what is undelivered has passed."""
        return self._finish_at is not None and time.monotonic() > self._finish_at

    def _deliver(self, parcel: Parcel) -> None:
        """Deliver what was taken. Raises `GoneError`."""
        call = self.recipient.call
        try:
            if call is None:
                self._hand(parcel)
            elif self.takes_batches and any(mailbox.batch for mailbox, _ in parcel):
                self._call_with_batches(parcel, call)
            else:
                self._call_with_each(parcel, call)
        finally:
            self._delivering = None  # before the look; whoever closes a mailbox does the reverse
            if self._is_disturbed:
                self._delivered()

    def _raised(self, mailbox: Mailbox, event: object, error: BaseException) -> None:
        """A callable has raised: told, and it keeps receiving, whatever it was."""
        complaints.raised(self._root, mailbox, event, error)

    def _call_with_each(self, parcel: Parcel, call: Callable[[Any], object]) -> None:
        """Call the subscriber with each event; what it raises costs that event only."""
        parcel.reverse()
        while parcel:  # what was delivered is let go of
            mailbox, item = parcel.pop()
            self._delivering = mailbox  # before the look: whoever closes it sets first, then looks
            if type(item) is Frame and not mailbox.is_closed:
                event = item.event or item.source.read(item)
                if mailbox.follows(event):  # nearly always
                    try:
                        call(event)
                    except BaseException as error:  # noqa: BLE001 - whatever, it keeps receiving
                        self._raised(mailbox, event, error)
                else:
                    self._call_carefully(mailbox, item, call)
            else:
                self._call_carefully(mailbox, item, call)
            self._delivering = None
            if self._is_disturbed:
                self._delivered()
                if self._is_over():
                    self._leave(parcel)
                    return

    def _call_carefully(self, mailbox: Mailbox, item: Item, call: Callable[[Any], object]) -> None:
        """What is no simple event: a notice, or an event with a gap before it, or a stale one."""
        for event in self._events(mailbox, item):
            if mailbox.is_closed or self._is_over():  # there may be thousands
                return
            try:
                call(event)
            except BaseException as error:  # noqa: BLE001 - whatever it is, it keeps receiving
                self._raised(mailbox, event, error)

    def _call_with_batches(self, parcel: Parcel, call: Callable[[Any], object]) -> None:
        """Call it with what came together, where it wants that, and with each of the others."""
        waiting = deque(self._resolved(parcel))
        while waiting and not self._is_over():
            self._delivering = EVERYONE  # before the look at who is closed, as above
            run = _next_run(waiting)
            if run:
                message = _message(run)
                try:
                    call(message)
                except BaseException as error:  # noqa: BLE001 - whatever it is, it keeps receiving
                    self._raised(run[0][0], message, error)
            self._delivered()
        self._leave(waiting)

    def _hand(self, parcel: Parcel) -> None:
        """Hand events to the subscriber's own queue, as many as it has room for at a time."""
        events = self._resolved(parcel)
        while events and not self._is_over():
            if self._closings:
                self._delivered()
                self._delivering = EVERYONE  # before the look at who is closed, as above
                events = [each for each in events if not each[0].is_closed]
            else:
                del events[: self._handed(events)]
        self._leave(events)

    def _leave(self, events: Collection[tuple[Mailbox, Item]]) -> None:
        """There was no time for these, nor is there for what is behind them."""
        if events:
            with self._lock:
                self._abandon(events)

    def _abandon(self, events: Collection[tuple[Mailbox, Item]]) -> None:
        """The same, under the lock."""
        complaints.undelivered(events, self._backlog.left_over())
        self._backlog = Backlog()

    def _handed(self, events: Events) -> int:
        """How many of the events the subscriber has taken; those it chokes on are told of."""
        is_batch, run = False, events
        if self.takes_batches:
            is_batch = events[0][0].batch
            run = list(takewhile(lambda each: each[0].batch is is_batch, events))
        messages = [_message(run)] if is_batch else [event for _, event in run]
        try:
            taken = self.recipient.take(messages)
        except GoneError:
            raise
        except BaseException as error:  # noqa: BLE001 - an inbox of another make
            complaints.raised(self._root, events[0][0], messages[0], error)
            taken = 1
        return len(run) if is_batch and taken else taken

    def _resolved(self, parcel: Parcel) -> Events:
        """The events of a parcel, decoded and looked at, with their mailboxes."""
        self._delivering = EVERYONE
        events: Events = []
        for mailbox, item in parcel:
            if type(item) is Frame and not mailbox.is_closed:
                event = item.event or item.source.read(item)
                if mailbox.follows(event):
                    events.append((mailbox, event))
                    continue
            events.extend((mailbox, event) for event in self._events(mailbox, item))
        return events

    def _events(self, mailbox: Mailbox, item: Item) -> tuple[BaseEvent, ...]:
        """What is in an item; a fault of ours in reading it costs that item, not the feed."""
        if mailbox.is_closed:
            return ()
        try:
            events = mailbox.events(item)
        except Exception as error:  # noqa: BLE001 - told, and a gap stands in its place
            complaints.unreadable(self._root, mailbox, error)
            return (mailbox.gap(GapReason.REJECTED, time.time_ns()),)
        if mailbox.is_told_to_all:
            for event in events:
                if isinstance(event, SubscriberLagged):
                    self._root.tell(event)
        return events

    def forked(self) -> None:
        """In a child, on the thread that delivers: see `_delivered`; the lock may be held."""
        self._lock = threading.Lock()
        self._is_disturbed = self._is_elsewhere = True

    def _delivered(self) -> None:
        if self._is_elsewhere:
            raise SystemExit  # ends this thread: everything else is the parent's to deliver
        with self._lock:
            self._delivering = None
            self._callback_waits = False
            self._is_disturbed = self._finish_at is not None
            closings, self._closings = self._closings, []
        for reply in closings:
            reply.tell(None)


def _next_run(waiting: deque[tuple[Mailbox, Any]]) -> Events:
    """The next event, or all that come together, taken; without those nobody wants any more."""
    run = [waiting.popleft()]
    while run[0][0].batch and waiting and waiting[0][0].batch:
        run.append(waiting.popleft())
    return [each for each in run if not each[0].is_closed]


def _message(run: Events) -> Any:
    """What the subscriber gets for events that go out together."""
    mailbox, event = run[0]
    if not mailbox.batch:
        return event
    made: tuple[Any, ...] = tuple(event for _, event in run)
    return EventBatch(mailbox.exchange, made)
