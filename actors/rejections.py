"""Frames that could not be trusted, on their way to the root: all counted, not all told."""

from __future__ import annotations

import threading
from typing import Any

from ..messages.base import Address
from ..messages.rooms import FrameRejected

_MOST_WAITING = 100


class Rejections:
    """An address for `FrameRejected`; while the root has many to read, further ones only count.

    Attributes:
        count: How many there were, since the start.
    """

    def __init__(self, root: Address[Any]) -> None:
        self.count = 0
        self._root = root
        self._lock = threading.Lock()
        self._waiting = 0

    def tell(self, message: FrameRejected, /) -> None:
        """Count it, and pass it on if the root keeps up."""
        with self._lock:
            self.count += 1
            if self._waiting >= _MOST_WAITING:
                return
            self._waiting += 1
        self._root.tell(message)

    def taken(self) -> None:
        """The root has read one."""
        with self._lock:
            self._waiting -= 1
