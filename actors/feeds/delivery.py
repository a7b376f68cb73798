"""Delivery to one subscriber: who takes an event, and which feed is delivering on this thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from ...messages.market import BaseEvent
from ..base.forks import in_child

if TYPE_CHECKING:
    from .feed import Feed


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


class _Current(threading.local):
    feed: Feed | None = None


_current = _Current()


def entered(feed: Feed) -> None:
    """The current thread runs `feed`'s callback."""
    _current.feed = feed


def left(outer: Feed | None = None) -> None:
    """The callback is over; `outer`'s, in which it ran, goes on."""
    _current.feed = outer


@in_child
def _leave_to_the_parent() -> None:
    """Forked by a callback: the child runs it to its end, and delivers nothing else."""
    feed = _current.feed
    if feed is not None:
        left()
        feed.forked()


def current_feed() -> Feed | None:
    """The feed whose callback runs on the current thread."""
    return _current.feed
