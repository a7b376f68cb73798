"""What may come in floods, on its way to the root: all of it is counted, not all of it told."""

from __future__ import annotations

import threading
from typing import Any

import msgspec

from ...messages.base import Address

_MOST_WAITING = 100


class Heard(msgspec.Struct, frozen=True, eq=False):
    """To the root: a message, and by which way it came."""

    message: Any
    by: Hearsay


class Hearsay:
    """An address; while the root has many messages to read that came by it, others only count.

    What they say stands elsewhere too: a gap or a notice at the subscriber, an exception in the log.

    Attributes:
        count: How many there were, since the start.
    """

    def __init__(self, root: Address[Any]) -> None:
        self.count = 0
        self._root = root
        self._lock = threading.Lock()
        self._waiting = 0

    def tell(self, message: Any, /) -> None:
        """Count it, and pass it on if the root keeps up."""
        with self._lock:
            self.count += 1
            if self._waiting >= _MOST_WAITING:
                return
            self._waiting += 1
        self._root.tell(Heard(message, self))

    def taken(self) -> None:
        """The root has read one."""
        with self._lock:
            self._waiting -= 1
