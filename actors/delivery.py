"""Delivery to one subscriber: who takes an event, and which feed is delivering on this thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import pykka

from ..messages.market import BaseEvent

if TYPE_CHECKING:
    from .feed import Feed


class GoneError(Exception):
    """The subscriber's actor is dead."""


class Recipient(Protocol):
    """What a feed delivers to."""

    def take(self, event: BaseEvent, is_wanted: Callable[[], bool]) -> None:
        """Have the subscriber take one event; gives up where it is not wanted any more.

        Raises:
            GoneError: The subscriber is gone for good.
        """
        ...

    def is_gone(self) -> bool:
        """Whether it will never take anything again."""
        ...


class CallableRecipient:
    """A callable: takes an event by being called with it."""

    def __init__(self, callback: Callable[[Any], object]) -> None:
        self._callback = callback

    def take(self, event: BaseEvent, is_wanted: Callable[[], bool]) -> None:
        """Call it."""
        self._callback(event)

    def is_gone(self) -> bool:
        """A callable stays."""
        return False


class ActorRecipient:
    """A Pykka actor: is told events while its inbox is short; the rest waits on our side."""

    INBOX = 64
    """How many messages may wait in the actor's own inbox before it is fed on."""

    def __init__(self, ref: pykka.ActorRef[Any]) -> None:
        self._ref = ref
        self._size: Callable[[], int] | None = getattr(ref.actor_inbox, "qsize", None)

    def take(self, event: BaseEvent, is_wanted: Callable[[], bool]) -> None:
        """Tell it, once its inbox is short; looking is all that Pykka offers."""
        pause = 0.0005
        while self._size is not None and self._size() >= self.INBOX:
            if not is_wanted():
                return
            if self._ref.actor_stopped.wait(pause):
                break
            pause = min(2 * pause, 0.01)
        try:
            self._ref.tell(event)
        except pykka.ActorDeadError:
            raise GoneError from None

    def is_gone(self) -> bool:
        """Whether the actor is dead."""
        return not self._ref.is_alive()


class _Current(threading.local):
    feed: Feed | None = None


_current = _Current()


def entered(feed: Feed) -> None:
    """The current thread runs `feed`'s callback."""
    _current.feed = feed


def left() -> None:
    """The callback is over."""
    _current.feed = None


def current_feed() -> Feed | None:
    """The feed whose callback runs on the current thread."""
    return _current.feed
