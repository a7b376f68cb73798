"""Which feed, if any, is running its subscriber's callback on the current thread."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .feed import Feed


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
