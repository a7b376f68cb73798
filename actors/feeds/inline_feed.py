"""A feed without a thread: its callable runs where the events come from, for who counts microseconds.

That is the thread that reads the socket, and what the callable takes, all streams of the session
wait; so its time is watched. A notice may come on the thread of one of our rooms: a reader that
brings more relieves it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Any

from ...messages.base import Address
from ...messages.enums import Delivery
from ...messages.errors import ValidationError
from . import complaints
from .backlog import Parcel
from .delivery import Recipient, current_feed, entered, left
from .feed import LOOK, Feed
from .mailbox import Mailbox

BUDGET = 0.001
"""Seconds that a callable may take for an event, on the average of what came together."""
_QUIET = 10.0
"""Seconds between two warnings."""


class InlineFeed(Feed):
    """One callable, run by whoever brings events; never beside itself.

    Args:
        predecessor: The callable's feed until now: its last call may still be running.
    """

    may_wait = False

    def __init__(
        self,
        key: Hashable,
        recipient: Recipient,
        root: Address[Any],
        registry: Address[Any],
        predecessor: Feed | None = None,
    ) -> None:
        super().__init__(key, recipient, root, registry)
        self._runner: int | None = None
        self._idle = threading.Condition(self._lock)
        self._warn_at = 0.0
        self._heirs = self._joiners = 0
        self._is_held = predecessor is not None
        if predecessor is not None:
            predecessor.when_ended(self._begin)

    def hand_over(
        self, parcel: Parcel, live_on: int, interrupted: Callable[[], bool] = lambda: False
    ) -> None:
        """Leave what came, and see to it that it is delivered: a reader brings what is taken."""
        if self._may_run_at_once(parcel, live_on):
            self._run(parcel)
            return
        super().hand_over(parcel, live_on, interrupted)
        if self._runner is not None:
            self._take_over(interrupted)

    def forked(self) -> None:
        """In a child."""
        super().forked()
        self._idle = threading.Condition(self._lock)

    def join(self, seconds: float) -> bool:
        """Wait for the callable to return; it is not waited for by itself."""
        with self._lock:
            if self._runner == threading.get_ident():
                return True
            self._joiners += 1
            try:
                return self._idle.wait_for(lambda: self._runner is None, max(0.0, seconds))
            finally:
                self._joiners -= 1

    def callback_waits(self) -> None:
        """It must not: who would answer may be waiting for this thread.

        Raises:
            ValidationError: Always.
        """
        reason = "an inline subscriber must not wait for the connector: its thread is the reader's"
        raise ValidationError("delivery", Delivery.INLINE.value, reason)

    def _wake(self) -> None:
        pass

    def _let_it_take(self) -> None:
        if self._runner is not None or self._is_held or not self._backlog:
            super()._let_it_take()
            return
        self._lock.release()  # nobody else will do it
        try:
            self._go()
        finally:
            self._lock.acquire()

    def _take_over(self, interrupted: Callable[[], bool]) -> None:
        """Wait for another's call to end, and go on in its stead."""
        with self._lock:
            self._heirs += 1
            while self._runner is not None and self._finish_at is None and not interrupted():
                self._idle.wait(LOOK)
            self._heirs -= 1
        self._go()

    def _begin(self) -> None:
        """What ran the callable until now has ended."""
        with self._lock:
            self._is_held = False
        self._go()

    def _go(self) -> None:
        """Deliver what is there, unless somebody does already: that one goes on, or its heir."""
        with self._lock:
            if self._runner is not None or self._is_held or self.has_ended:
                return
            self._runner = threading.get_ident()
        self._run(self._take())

    def _may_run_at_once(self, parcel: Parcel, live_on: int) -> bool:
        """Claim the run if nothing waits, nobody runs, and a parcel needs no second look."""
        with self._lock:
            if self._runner is not None or self._is_held or self._finish_at is not None:
                return False
            if (
                self._backlog
                or self.is_held_back
                or any(mailbox.live_on != live_on for mailbox, _ in parcel)
            ):
                return False
            self._runner = threading.get_ident()
            return True

    def _run(self, parcel: Parcel) -> None:
        outer = current_feed()
        entered(self)
        try:
            while parcel:
                count, (mailbox, _) = len(parcel), parcel[0]
                began = time.perf_counter()
                self._deliver(parcel)
                self._watch(mailbox, count, time.perf_counter() - began)
                parcel = self._take()
        except BaseException:
            with self._lock:
                self._rest()
            raise
        finally:
            left(outer)
        if self.has_ended:
            self._end()

    def _take(self) -> Parcel:
        """The next parcel; nothing when it is time to go."""
        with self._lock:
            parcel = [] if self._heirs and self._finish_at is None else self._next()
            if not parcel:
                self._rest()
                if self._finish_at is not None:
                    self._ended.set()
            return parcel

    def _rest(self) -> None:
        """The next who brings something runs the callable; under the lock."""
        self._runner = None
        if self._joiners:
            self._idle.notify_all()
        elif self._heirs:
            self._idle.notify()

    def _watch(self, mailbox: Mailbox, count: int, seconds: float) -> None:
        if seconds > BUDGET * count and (now := time.monotonic()) >= self._warn_at:
            self._warn_at = now + _QUIET
            complaints.overrun(mailbox, count, seconds)
