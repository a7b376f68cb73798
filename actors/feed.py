"""Delivery: one thread for each subscriber, whatever it has subscribed to.

Putting never waits (but for `block` subscriptions, by their wish), so that a slow subscriber harms
no other; what it has not taken lies in its mailboxes, each with a bound and a policy.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from typing import Any

from ..messages.base import Address
from ..messages.enums import Channel, GapReason, Overflow
from ..messages.errors import ProtocolError, SubscriberError
from ..messages.lifecycle import ErrorOccurred
from ..messages.market import BaseEvent
from ..messages.rooms import SubscriberGone, Trouble
from .delivery import GoneError, Recipient, entered, left
from .frame import Frame
from .mailbox import Mailbox

_log = logging.getLogger("exchange_connector")

Item = Frame | BaseEvent


class Feed:
    """One subscriber's thread and mailboxes.

    Attributes:
        key: What its subscriber is known by.
        mailboxes: How many of its subscriptions are open; the registry's business.
        registry: Who is told that the subscriber is gone.

    Args:
        predecessor: The subscriber's feed until now: its last callback may still be running.
    """

    def __init__(
        self,
        name: str,
        key: Hashable,
        recipient: Recipient,
        root: Address[Any],
        registry: Address[Any],
        predecessor: Feed | None = None,
    ) -> None:
        self.key = key
        self.recipient = recipient
        self.mailboxes = 0
        self.registry = registry
        self._root = root
        self._lock = threading.Lock()
        self._filled = threading.Condition(self._lock)
        self._emptied = threading.Condition(self._lock)
        self._turns: deque[Mailbox] = deque()  # one entry for each slot of a mailbox
        self._closings: list[Any] = []  # replies due when the delivery under way is over
        self._delivering: Mailbox | None = None
        self._callback_waits = False
        self._finish_at: float | None = None  # monotonic; set when no more is to come
        self._predecessor = predecessor
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    # any thread

    def put(
        self,
        items: Iterable[tuple[Mailbox, Item]],
        live_on: int = 0,
        interrupted: Callable[[], bool] = lambda: False,
    ) -> None:
        """Leave events, in order; waits only for `block` mailboxes, until `interrupted`."""
        with self._lock:
            for mailbox, item in items:
                if mailbox.is_closed:
                    continue
                if mailbox.overflow is Overflow.BLOCK and mailbox.is_full:
                    self._wait_for_room(mailbox, interrupted)
                if live_on != mailbox.live_on and not self._carry(mailbox, live_on):
                    continue
                self._append(mailbox, item)
            self._filled.notify()

    def interrupt(self, mailbox: Mailbox, live_on: int, *, is_over: bool = True) -> None:
        """Tell of a lost connection, once: only if the stream was alive on it.

        Args:
            is_over: Whether the connection has ended; else it only stopped carrying the stream.
        """
        with self._lock:
            if is_over:
                mailbox.ended_on = max(mailbox.ended_on, live_on)
            if 0 < mailbox.live_on <= live_on and not mailbox.is_closed:
                mailbox.live_on = 0
                self._append(mailbox, mailbox.gap(GapReason.DISCONNECTED, time.time_ns()))
                self._filled.notify()

    def mark_live(self, mailbox: Mailbox, live_on: int) -> None:
        """The exchange has confirmed the stream on this connection."""
        with self._lock:
            if live_on != mailbox.live_on and self._carry(mailbox, live_on):
                self._filled.notify()

    def close(self, mailbox: Mailbox, reply: Any) -> None:
        """End a subscription; `reply` is told when nothing more is delivered."""
        with self._lock:
            mailbox.is_closed = True
            mailbox.pending.clear()
            self._emptied.notify_all()
            if self._delivering is mailbox and not self._callback_waits:
                self._closings.append(reply)
                return
        reply.tell(None)

    def callback_waits(self) -> None:
        """The callback under way is about to wait, so nobody may wait for it."""
        with self._lock:
            self._callback_waits = True
            closings, self._closings = self._closings, []
        for reply in closings:
            reply.tell(None)

    def finish(self, seconds: float) -> None:
        """Deliver what is there, for `seconds` at most, then end the thread."""
        with self._lock:
            self._finish_at = time.monotonic() + seconds
            self._filled.notify_all()
            self._emptied.notify_all()

    @property
    def has_ended(self) -> bool:
        """Whether its thread has."""
        return not self._thread.is_alive()

    def join(self, seconds: float) -> bool:
        """Wait for the thread to end; it is not waited for by itself, nor by its own callback."""
        with self._lock:
            if self._callback_waits or threading.current_thread() is self._thread:
                return True
        self._thread.join(max(0.0, seconds))
        return self.has_ended

    # under the lock

    def _carry(self, mailbox: Mailbox, live_on: int) -> bool:
        """Another connection carries the stream; False for one that a newer has replaced."""
        if not live_on:
            return True  # not a connection's doing
        if live_on < mailbox.live_on or live_on <= mailbox.ended_on:
            return False
        if mailbox.live_on:  # the old one's end has not been told
            self._append(mailbox, mailbox.gap(GapReason.DISCONNECTED, time.time_ns()))
        mailbox.live_on = live_on
        return True

    def _append(self, mailbox: Mailbox, item: Item) -> None:
        mailbox.put(item)
        if mailbox.slots < len(mailbox.pending):
            mailbox.slots += 1
            self._turns.append(mailbox)

    def _wait_for_room(self, mailbox: Mailbox, interrupted: Callable[[], bool]) -> None:
        self._filled.notify()
        while mailbox.is_full and not (mailbox.is_closed or self._finish_at or interrupted()):
            self._emptied.wait(0.1)

    def _next(self) -> tuple[Mailbox, BaseEvent | None, Item | None] | None:
        """The next turn: a mailbox, its notice of dropped events, and its oldest item."""
        while True:
            while not self._turns:
                if self._finish_at is not None:
                    return None
                self._filled.wait()
            if self._is_over():
                self._tell_what_is_left()
                return None
            mailbox = self._turns.popleft()
            mailbox.slots -= 1
            if not mailbox.pending:
                continue
            notice = mailbox.lagged()
            item = mailbox.pending.popleft()
            if mailbox.overflow is Overflow.BLOCK:
                self._emptied.notify_all()
            return mailbox, notice, item

    def _is_over(self) -> bool:
        """Whether the time for what is undelivered has passed."""
        return self._finish_at is not None and time.monotonic() > self._finish_at

    def _tell_what_is_left(self) -> None:
        left_over = sum(len(mailbox.pending) for mailbox in set(self._turns))
        if left_over:
            extra = {"exchange": self._turns[0].exchange, "component": "subscriber"}
            _log.warning(
                "stopped with %d events undelivered to a slow subscriber", left_over, extra=extra
            )

    # the feed's own thread

    def _run(self) -> None:
        if self._predecessor is not None:
            self._predecessor._thread.join()  # a subscriber never runs beside itself
            self._predecessor = None
        while True:
            with self._lock:
                turn = self._next()
                if turn is None:
                    return
                mailbox, notice, item = turn
                self._delivering = mailbox
            try:
                if notice is not None:
                    self._deliver(mailbox, notice)
                    if mailbox.subscription.channel != Channel.EVENTS:
                        self._root.tell(notice)
                if item is not None:
                    for event in self._events(mailbox, item):
                        self._deliver(mailbox, event)
            except GoneError:
                self.registry.tell(SubscriberGone(self))
                return
            finally:
                self._delivered()

    def _events(self, mailbox: Mailbox, item: Item) -> tuple[BaseEvent, ...]:
        """What is in an item; a fault of ours in reading it costs that item, not the feed."""
        try:
            return mailbox.events(item)
        except Exception as error:  # noqa: BLE001 - told, and a gap stands in its place
            _log.exception("an event could not be read", extra={"exchange": mailbox.exchange})
            fault = ProtocolError(_words(error), "", exchange=mailbox.exchange)
            self._root.tell(Trouble(fault))
            return (mailbox.gap(GapReason.REJECTED, time.time_ns()),)

    def _deliver(self, mailbox: Mailbox, event: BaseEvent) -> None:
        if mailbox.is_closed:
            return
        entered(self)
        try:
            self.recipient.take(event, lambda: not (mailbox.is_closed or self._is_over()))
        except GoneError:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever it raises, it keeps receiving
            self._tell_of(mailbox, error, event)
        finally:
            left()

    def _tell_of(self, mailbox: Mailbox, error: BaseException, event: BaseEvent) -> None:
        identity = mailbox.subscription.subscription_id
        _log.exception(
            "a subscriber raised",
            extra={"exchange": mailbox.exchange, "component": "subscriber", "id": identity},
        )
        if isinstance(event, ErrorOccurred) and isinstance(event.error, SubscriberError):
            return  # it would be told of that, and raise again
        fault = SubscriberError(identity, _words(error), exchange=mailbox.exchange)
        self._root.tell(Trouble(fault))

    def _delivered(self) -> None:
        with self._lock:
            self._delivering = None
            self._callback_waits = False
            closings, self._closings = self._closings, []
        for reply in closings:
            reply.tell(None)


def _words(error: BaseException) -> str:
    """An exception's type and words, if it can say any."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - its own fault
        return type(error).__name__
