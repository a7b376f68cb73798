"""Delivery to one subscriber: who takes an event, and which feed is delivering on this thread."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import pykka
from pykka._envelope import Envelope

from ..messages.market import BaseEvent

if TYPE_CHECKING:
    from .feed import Feed


_SHORTEST, _LONGEST = 0.0005, 0.01


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
    """A Pykka actor: gets events while its inbox is short; the rest waits on our side."""

    INBOX = 64
    """How many messages may wait in the actor's own inbox before it is fed on."""
    call: Callable[[Any], object] | None = None

    def __init__(self, ref: pykka.ActorRef[Any]) -> None:
        self._ref = ref
        inbox: Any = ref.actor_inbox
        self._inbox, self._takes_many = inbox, type(inbox) is queue.Queue
        self._size: Callable[[], int] | None = getattr(inbox, "qsize", None)
        self._pause = _SHORTEST

    def take(self, events: Sequence[BaseEvent]) -> int:
        """Put as many into its inbox as may wait there; looking is all that Pykka offers."""
        room = self.INBOX - self._size() if self._size is not None else 1
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
            put_all(self._inbox, [Envelope(event) for event in taken])
            return len(taken)
        try:
            self._ref.tell(events[0])  # one at a time: an inbox of another make may choke on it
        except pykka.ActorDeadError:
            raise GoneError from None
        return 1

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
