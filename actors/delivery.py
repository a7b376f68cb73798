"""Delivery to one subscriber: who takes an event, and which feed is delivering on this thread."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import pykka
from pykka._envelope import Envelope

from ..messages.market import BaseEvent

if TYPE_CHECKING:
    from .feed import Feed


_SHORTEST, _LONGEST = 0.0005, 0.01
_AHEAD = 0.01
FEWEST, MOST = 16, 1024
"""How many events may wait in the inbox of the slowest and of the quickest actor."""


class GoneError(Exception):
    """The subscriber's actor is dead."""


class Recipient(Protocol):
    """What a feed delivers to.

    Attributes:
        call: Takes one event by being called with it; None for what takes several at once.
    """

    call: Callable[[Any], object] | None

    def take(self, events: Sequence[BaseEvent]) -> int:
        """Take as many of the events, from the first on, as there is room for; waits a little.

        Raises:
            GoneError: The subscriber is gone for good.
        """
        ...

    def is_gone(self) -> bool:
        """Whether it will never take anything again."""
        ...


class CallableRecipient:
    """A callable."""

    def __init__(self, callback: Callable[[Any], object]) -> None:
        self.call: Callable[[Any], object] | None = callback

    def take(self, events: Sequence[BaseEvent]) -> int:
        """It is called instead."""
        raise NotImplementedError

    def is_gone(self) -> bool:
        """A callable stays."""
        return False


class ActorRecipient:
    """A Pykka actor: gets events while its inbox is short; the rest waits on our side.

    What may wait in its inbox is what it takes within `_AHEAD` seconds: many events for a quick
    actor, few for a slow one, so that what it gets next is never old.
    """

    call: Callable[[Any], object] | None = None

    def __init__(self, ref: pykka.ActorRef[Any]) -> None:
        self._ref = ref
        inbox: Any = ref.actor_inbox
        self._inbox, self._takes_many = inbox, type(inbox) is queue.Queue
        self._size: Callable[[], int] | None = getattr(inbox, "qsize", None)
        self._pause = _SHORTEST
        self._limit = FEWEST
        self._fed = (0, 0.0)  # how many there were when it was last fed, and when that was

    def take(self, events: Sequence[BaseEvent]) -> int:
        """Put as many into its inbox as may wait there; looking is all that Pykka offers."""
        room = self._room()
        if room <= 0:
            self._ref.actor_stopped.wait(self._pause)
            self._pause = min(2 * self._pause, _LONGEST)
            if self._ref.is_alive():
                return 0
            room = 1
        self._pause = _SHORTEST
        if not self._ref.is_alive():
            raise GoneError
        taken = events[:room]
        if self._takes_many:
            put_all(self._inbox, list(map(Envelope, taken)))
            self._fed = (self._inbox.qsize(), time.perf_counter())
            return len(taken)
        try:
            self._ref.tell(events[0])  # one at a time: an inbox of another make may choke on it
        except pykka.ActorDeadError:
            raise GoneError from None
        return 1

    def _room(self) -> int:
        """How many more may wait in its inbox; none before half of it is free."""
        if self._size is None:
            return 1
        size, (fed, at) = self._size(), self._fed
        if not size and fed >= self._limit:
            self._limit = min(2 * self._limit, MOST)
        elif 0 < size < fed:
            rate = (fed - size) / (time.perf_counter() - at)
            self._limit = max(FEWEST, min(int(rate * _AHEAD), MOST))
        return self._limit - size if 2 * size <= self._limit else 0

    def is_gone(self) -> bool:
        """Whether the actor is dead."""
        return not self._ref.is_alive()


def put_all(inbox: queue.Queue[Any], items: Sequence[Any]) -> None:
    """Put several items into a queue without a bound, under one lock instead of one each.

    What `Queue.put` does, with its public attributes.
    """
    with inbox.mutex:
        inbox.queue.extend(items)
        inbox.unfinished_tasks += len(items)
        inbox.not_empty.notify()


class _Current(threading.local):
    feed: Feed | None = None


_current = _Current()


def entered(feed: Feed) -> None:
    """The current thread runs `feed`'s callback."""
    _current.feed = feed


def left(outer: Feed | None = None) -> None:
    """The callback is over; `outer`'s, in which it ran, goes on."""
    _current.feed = outer


def current_feed() -> Feed | None:
    """The feed whose callback runs on the current thread."""
    return _current.feed
