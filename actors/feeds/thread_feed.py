"""A feed with a thread of its own: for callables, handlers, and actors of any make."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable
from typing import Any

from ...messages.base import Address
from ...messages.rooms import SubscriberGone
from .backlog import Parcel
from .delivery import GoneError, Recipient, entered
from .feed import Feed


class ThreadFeed(Feed):
    """One subscriber's thread.

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
        super().__init__(key, recipient, root, registry)
        self._bell = threading.Lock()  # cheaper than a condition: rung once for each sleep
        self._bell.acquire()
        self._sleeps = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        if predecessor is None:
            self._thread.start()
        else:
            predecessor.when_ended(self._thread.start)  # a subscriber never runs beside itself

    def join(self, seconds: float) -> bool:
        """Wait for the thread to end; it is not waited for by itself, nor by its own callback."""
        with self._lock:
            if self._callback_waits or threading.current_thread() is self._thread:
                return True
        deadline = time.monotonic() + seconds
        if not self._ended.wait(max(0.0, seconds)):  # it may not even have begun
            return False
        self._thread.join(max(0.0, deadline - time.monotonic()))
        return not self._thread.is_alive()

    def _wake(self) -> None:
        if self._sleeps:
            self._sleeps = False
            self._bell.release()

    def _run(self) -> None:
        entered(self)
        try:
            while parcel := self._wait():
                self._deliver(parcel)
                parcel = []  # not held while waiting for the next
        except GoneError:
            self.registry.tell(SubscriberGone(self))
        finally:
            self._end()

    def _wait(self) -> Parcel:
        """The next parcel; nothing when the feed ends."""
        while True:
            with self._lock:
                if (parcel := self._next()) or self._finish_at is not None:
                    return parcel
                self._sleeps = True
            self._bell.acquire()
