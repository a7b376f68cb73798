"""Delivery to Pykka actors of any make, through their own inboxes."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import pykka
from pykka._envelope import Envelope

from ...messages.events import EventBatch
from ...messages.market import BaseEvent
from .delivery import GoneError

FEWEST, MOST = 16, 1024
"""How many events may wait in the inbox of the slowest and of the quickest actor."""
_AHEAD = 0.01
_LOOK = 0.01
"""How long to wait for an actor that says when it has handled something; to be sure, one looks."""
_PAUSE = 0.0005
"""How long to wait for one with an inbox of another make, which says nothing."""


class ActorRecipient:
    """A Pykka actor: gets events while few of them wait in its inbox; the rest stays on our side.

    What may wait there is what it takes within `_AHEAD` seconds: many events for a quick actor, few
    for a slow one, so that what it gets next is never old.
    """

    call: Callable[[Any], object] | None = None

    def __init__(self, ref: pykka.ActorRef[Any]) -> None:
        self._ref = ref
        inbox: Any = ref.actor_inbox
        self._inbox, self._takes_many = inbox, type(inbox) is queue.Queue
        self._size: Callable[[], int] = getattr(inbox, "qsize", lambda: 0)
        self._limit = FEWEST
        self._holds_batches = False
        self._put = 0  # events in all; the feed's thread counts
        self._handled, self._handled_at = 0, 0.0  # the actor's thread counts
        self._progress = threading.Event()

    def take(self, events: Sequence[BaseEvent]) -> int:
        """Put as many into its inbox as may wait there; wait a little where that is none."""
        room = self._room()
        if room <= 0:
            self._progress.clear()
            if self._room() <= 0:
                self._progress.wait(_LOOK if self._takes_many else _PAUSE)
            if self._ref.is_alive():
                return 0
        if not self._ref.is_alive():
            raise GoneError
        if self._takes_many:
            taken = list(map(Envelope, events[:room]))
            weight = sum(map(_weight, taken))
            self._holds_batches |= weight > len(taken)
            self._put += weight
            taken[-1] = _Last(taken[-1].message, self, self._put)
            put_all(self._inbox, taken)
            return len(taken)
        try:
            self._ref.tell(events[0])  # one at a time: an inbox of another make may choke on it
        except pykka.ActorDeadError:
            raise GoneError from None
        return 1

    def is_gone(self) -> bool:
        """Whether the actor is dead."""
        return not self._ref.is_alive()

    def has_handled(self, count: int, since: float) -> None:
        """On the actor's thread: so many of the events in all; the last ones waited `since` then."""
        now = time.perf_counter()
        seconds = now - max(since, self._handled_at)
        took = count - self._handled
        self._limit = max(FEWEST, min(int(_AHEAD * took / max(seconds, 1e-6)), MOST))
        self._handled, self._handled_at = count, now
        self._progress.set()

    def _room(self) -> int:
        """How many more may wait in its inbox; none before half of them have been handled."""
        if not self._takes_many:
            return FEWEST - self._size()
        # its own messages lie there too; and whoever empties its inbox by hand handles nothing
        waiting, size = self._put - self._handled, self._size()
        if not size or not self._holds_batches:  # a batch is one message, and many events
            waiting = min(waiting, size)
        return self._limit - waiting if 2 * waiting <= self._limit else 0


class _Last(Envelope[Any]):
    """The last of several events: says when the actor has handled it.

    Once a message is handled, or its actor has died of it, Pykka asks its envelope who waits for a
    reply; nobody does.
    """

    __slots__ = ("_count", "_put_at", "_recipient")

    def __init__(self, message: Any, recipient: ActorRecipient, count: int) -> None:
        self.message = message
        self._recipient, self._count = recipient, count
        self._put_at = time.perf_counter()

    @property
    def reply_to(self) -> None:  # type: ignore[override]
        """Nobody."""
        self._recipient.has_handled(self._count, self._put_at)


def _weight(envelope: Envelope[Any]) -> int:
    """How many events it holds."""
    message = envelope.message
    return len(message.events) if type(message) is EventBatch else 1


def put_all(inbox: queue.Queue[Any], items: Sequence[Any]) -> None:
    """Put several items into a queue without a bound, under one lock instead of one each.

    What `Queue.put` does, with its public attributes.
    """
    with inbox.mutex:
        inbox.queue.extend(items)
        inbox.unfinished_tasks += len(items)
        inbox.not_empty.notify()
