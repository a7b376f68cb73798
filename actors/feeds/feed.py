"""Delivery: one feed for each subscriber, whatever it has subscribed to.

Putting never waits (but for `block` subscriptions, by their wish), so that a slow subscriber harms
no other; what it has not taken lies in its backlog, with a bound and a policy for each mailbox.
On which thread a feed delivers is the business of its kind: `feed_kinds`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterable
from typing import Any

from ...messages.base import Address
from ...messages.enums import GapReason, Overflow
from .backlog import Item, Parcel
from .delivery import Recipient
from .frame import DOUBT
from .mailbox import Mailbox
from .outgoing import EVERYONE, Outgoing

LOOK = 0.1
"""Seconds between two looks of who waits for room at whether it still should."""


class Feed(Outgoing):
    """One subscriber's backlog, and the delivering of it.

    Attributes:
        key: What its subscriber is known by.
        mailboxes: How many of its subscriptions are open; the registry's business.
        registry: Who is told that the subscriber is gone.
        may_wait: Whether its callback may wait for the connector's answers.
        is_own: Whether the subscriber is a room of the connector's.
        is_held_back: Whether a mailbox waits for what was missed, and has no room for more.
    """

    may_wait = True
    is_own = False
    is_held_back = False

    def __init__(
        self, key: Hashable, recipient: Recipient, root: Address[Any], registry: Address[Any]
    ) -> None:
        super().__init__(recipient, root)
        self.key = key
        self.mailboxes = 0
        self.registry = registry
        self._emptied = threading.Condition(self._lock)
        self._held_up = 0  # how many wait for it
        self._ended = threading.Event()
        self._at_end: list[Callable[[], object]] = []

    # what a kind of feed does in its own way

    def _wake(self) -> None:
        """Something is there to be delivered, or the feed is to end; under the lock."""
        raise NotImplementedError  # pragma: no cover

    def _go(self) -> None:
        """The same, once the lock is free again."""

    def _let_it_take(self) -> None:
        """Wait a little for the subscriber to take something; under the lock."""
        self._wake()
        self._held_up += 1
        self._emptied.wait(LOOK)
        self._held_up -= 1

    def join(self, seconds: float) -> bool:
        """Wait for its end; it is not waited for by itself, nor by its own callback."""
        raise NotImplementedError  # pragma: no cover

    def forked(self) -> None:
        """In a child: nobody there has waited for the end."""
        super().forked()
        self._emptied = threading.Condition(self._lock)
        self._ended = threading.Event()
        self._at_end = []

    # any thread

    @property
    def has_ended(self) -> bool:
        """Whether it has been finished, and delivers no more."""
        return self._ended.is_set()

    def when_ended(self, callback: Callable[[], object]) -> None:
        """Have `callback` called once nothing is delivered any more; at once if that is so."""
        with self._lock:
            if not self.has_ended:
                self._at_end.append(callback)
                return
        callback()

    def hand_over(
        self, parcel: Parcel, live_on: int, interrupted: Callable[[], bool] = lambda: False
    ) -> None:
        """Leave what came on a connection, in order; waits as `put` does."""
        with self._lock:
            while not self._backlog.take_up(parcel, live_on):
                if not self._backlog.is_held_up(parcel) or self._finish_at or interrupted():
                    break
                self._let_it_take()
            else:
                self._wake()
                parcel = []
                self._let_the_next_look()
        if parcel:
            self.put(parcel, live_on, interrupted)
        else:
            self._go()

    def put(
        self,
        items: Iterable[tuple[Mailbox, Item]],
        live_on: int = 0,
        interrupted: Callable[[], bool] = lambda: False,
    ) -> None:
        """Leave events, in order; waits only for `block` mailboxes, until `interrupted`."""
        with self._lock:
            for mailbox, item in items:
                if mailbox.overflow is Overflow.BLOCK and mailbox.is_full:
                    self._wait_for_room(mailbox, interrupted)
                if mailbox.is_closed:
                    continue
                if live_on != mailbox.live_on and not self._backlog.carry(mailbox, live_on):
                    continue
                self._backlog.add(mailbox, item)
            self._wake()
        self._go()

    def answer(self, mailbox: Mailbox, item: Item) -> None:
        """Leave what a mailbox waits for: it is next."""
        with self._lock:
            if not mailbox.is_closed:
                self._backlog.add_first(mailbox, item)
                self._wake()
        self._go()

    def room(self, mailbox: Mailbox) -> int:
        """How many events of a mailbox are within its bound, at least."""
        with self._lock:
            return self._backlog.room(mailbox)

    def interrupt(
        self,
        mailbox: Mailbox,
        live_on: int,
        *,
        is_over: bool = True,
        reason: GapReason = GapReason.DISCONNECTED,
    ) -> None:
        """Tell of a lost connection, once: only if the stream was alive on it.

        Args:
            is_over: Whether the connection has ended; else it only stopped carrying the stream.
        """
        with self._lock:
            if is_over:
                mailbox.ended_on = max(mailbox.ended_on, live_on)
            if 0 < mailbox.live_on <= live_on and not mailbox.is_closed:
                mailbox.live_on = 0
                self._backlog.add(mailbox, mailbox.interruption(reason))
                self._wake()
        self._go()

    def move(
        self,
        mailbox: Mailbox,
        old: int,
        new: int,
        at: int,
        *,
        is_whole: bool,
        is_sure: bool = True,
    ) -> None:
        """Another connection carries the stream on from where an old one has ended.

        Args:
            at: When; not before anything that the new one has brought (ns).
            is_whole: Whether nothing can be missing, or the stream's ids would show it, as long as
                the old one has carried it to its end.
            is_sure: Whether it has, as far as that matters.
        """
        with self._lock:
            mailbox.ended_on = max(mailbox.ended_on, old)
            mailbox.moved_at = at
            if mailbox.live_on != old or mailbox.is_closed:
                return  # it is interrupted, or was never alive
            mailbox.live_on = new
            if is_whole and is_sure:
                return
            gap = mailbox.interruption(GapReason.DISCONNECTED)
            self._backlog.add(mailbox, DOUBT if is_whole else gap)
            self._wake()
        self._go()

    def mark_live(self, mailbox: Mailbox, live_on: int) -> None:
        """The exchange has confirmed the stream on this connection."""
        with self._lock:
            if live_on != mailbox.live_on and self._backlog.carry(mailbox, live_on):
                self._wake()
        self._go()

    def close(self, mailbox: Mailbox, reply: Any) -> None:
        """End a subscription; `reply` is told when nothing more is delivered."""
        with self._lock:
            mailbox.is_closed = True
            mailbox.clear()
            self._emptied.notify_all()
            if self._is_under_way(mailbox):
                self._closings.append(reply)
                self._is_disturbed = True
                if self._is_under_way(mailbox):  # still: it will look
                    return
                self._closings.remove(reply)
        reply.tell(None)

    def callback_waits(self) -> None:
        """The callback under way is about to wait, so nobody may wait for it."""
        with self._lock:
            self._callback_waits = self._is_disturbed = True
            closings, self._closings = self._closings, []
        for reply in closings:
            reply.tell(None)

    def callback_goes_on(self) -> None:
        """It has its answer: who ends a subscription from now on waits for it again."""
        with self._lock:
            self._callback_waits = False

    def finish(self, seconds: float) -> None:
        """Deliver what is there, for `seconds` at most, and no more."""
        with self._lock:
            self._finish_at = time.monotonic() + seconds
            self._is_disturbed = True
            self._wake()
            self._emptied.notify_all()
        self._go()

    # under the lock

    def _is_under_way(self, mailbox: Mailbox) -> bool:
        return self._delivering in (mailbox, EVERYONE) and not self._callback_waits

    def _wait_for_room(self, mailbox: Mailbox, interrupted: Callable[[], bool]) -> None:
        while mailbox.is_full and not (mailbox.is_closed or self._finish_at or interrupted()):
            self._let_it_take()

    def _next(self, most: int | None = None) -> Parcel:
        """What is to be delivered next; nothing when there is nothing, or no time for it."""
        parcel = self._backlog.take(most)
        if parcel and self._is_over():
            self._abandon(parcel)
            return []
        self._let_the_next_look()
        return parcel

    def _let_the_next_look(self) -> None:
        """Wake one that is held up, who wakes the next if there is room for more."""
        if self._held_up and self._backlog.has_much_room:
            self._emptied.notify(self._held_up if self._backlog.is_in_turns else 1)

    # not under the lock

    def _end(self) -> None:
        """Nothing is delivered from now on."""
        with self._lock:
            self._ended.set()
            callbacks, self._at_end = self._at_end, []
        for callback in callbacks:
            callback()
