"""An inbox with timers, that answers whoever asks too late.

Pykka takes any object with `put`, `get` and `empty` for an inbox. Ours adds five things:

* timers: a room's own messages, due later, come out of `get` among the others;
* `asked`: whether somebody waits for the outcome of the message taken last;
* no keeping: a message is let go once it was handled, though Pykka's loop holds its envelope until
  the next one comes (a forgotten `Reply` in it answers by itself, but only when it is dropped);
* no silence: an ask that slips in while its actor is torn down is answered. (Pykka calls `empty`
  only then.)
* `leave`: what was told and not read when its actor is torn down goes there.
"""

from __future__ import annotations

import heapq
import itertools
import queue
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import pykka


class Due(NamedTuple):
    """A message that nobody sent: a timer's. It looks like one of Pykka's envelopes."""

    message: Any
    reply_to: None = None


class Inbox:
    """First in, first out, without a bound: what its owner lets in is bounded by the owner.

    Attributes:
        leave: Takes what was told and not read, oldest first, and whether it came after the end.
    """

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._timers: list[tuple[float, int, Any]] = []
        self._numbers = itertools.count()
        self._closed = False
        self._last: Any = None
        self._wake = SimpleNamespace(message=None, reply_to=None)
        self.asked = False
        self.leave: Callable[[list[Any], bool], object] = _drop

    def put(self, envelope: Any, /) -> None:
        """Leave an envelope."""
        if envelope.reply_to is not None and _is_stop(envelope):
            envelope.reply_to.is_of_stop = True
        self._queue.put(envelope)
        if self._closed:
            self._refuse(is_late=True)

    def after(self, delay: float, message: Any) -> None:
        """Let `message` come out after `delay` seconds; only for the inbox's own actor."""
        due = time.monotonic() + delay
        heapq.heappush(self._timers, (due, next(self._numbers), message))

    def get(self) -> Any:
        """Wait for the next envelope, or the next timer."""
        self._let_go()
        while self._timers:
            wait = self._timers[0][0] - time.monotonic()
            if wait <= 0:
                self.asked = False
                return Due(heapq.heappop(self._timers)[2])
            try:
                return self._taken(self._queue.get(timeout=wait))
            except queue.Empty:
                pass
        return self._taken(self._queue.get())

    def empty(self) -> bool:
        """Asked by Pykka only while the actor is torn down: from then on who puts is refused."""
        self._closed = True
        self._let_go()
        self._refuse(is_late=False)
        return True

    def take_all(self, kinds: tuple[type, ...]) -> list[Any]:
        """What was told of these kinds and waits; everything else goes on waiting."""
        taken: list[Any] = []
        for _ in range(self._queue.qsize()):
            try:
                envelope = self._queue.get_nowait()
            except queue.Empty:
                break
            if isinstance(envelope.message, kinds):
                taken.append(envelope.message)
            else:
                self._queue.put(envelope)
        return taken

    def shut(self) -> None:
        """Refuse what waits and what will come, from any thread, and wake who waits in `get`."""
        self.empty()
        self._queue.put(self._wake)

    def qsize(self) -> int:
        """How many envelopes wait."""
        return self._queue.qsize()

    def timers(self) -> list[tuple[float, Any]]:
        """What is due when, soonest first."""
        return [(due, message) for due, _, message in sorted(self._timers, key=lambda t: t[:2])]

    def _taken(self, envelope: Any) -> Any:
        self._last = envelope
        self.asked = envelope.reply_to is not None
        return envelope

    def _let_go(self) -> None:
        last, self._last = self._last, None
        if last is not None:
            last.message = None

    def _refuse(self, *, is_late: bool) -> None:
        is_for_getter, unread = False, list[Any]()
        while True:
            try:
                envelope = self._queue.get_nowait()
            except queue.Empty:
                break
            if envelope.reply_to is None:
                if envelope is self._wake:
                    is_for_getter = True
                else:
                    unread.append(envelope.message)
                continue
            if _is_stop(envelope):  # stopping twice is no error
                envelope.reply_to.set(None)
            else:
                error = pykka.ActorDeadError("stopped before handling the message")
                envelope.reply_to.set_exception((type(error), error, None))
        if is_for_getter:
            self._queue.put(self._wake)
        if unread:
            self.leave(unread, is_late)


def _drop(_unread: list[Any], _is_late: bool) -> None:
    """Let go of it: a forgotten `Reply` in it answers by itself."""


def _is_stop(envelope: Any) -> bool:
    """Whether it is Pykka's own message for stopping."""
    return type(envelope.message).__name__ == "_ActorStop"
