"""The newest of what has happened, bounded in time and in size."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Ring(Generic[T]):
    """Entries in the order they were added; the oldest make room.

    The newest entry stays, however large it is.

    Attributes:
        size: Of everything in it, together.
        began: Nothing that was added up to then need be in it any more.

    Args:
        span: How far an entry may be behind the newest.
        most: The most `size`.
        now: When it begins, in the unit of `span`.
    """

    def __init__(self, span: int, most: int, now: int) -> None:
        self.size = 0
        self.began = now
        self._span, self._most = span, most
        self._newest = now
        self._entries: deque[tuple[int, int, T]] = deque()

    def __len__(self) -> int:
        return len(self._entries)

    def entries(self) -> list[T]:
        """What is in it, oldest first."""
        return [entry for _, _, entry in self._entries]

    def add(self, at: int, size: int, entry: T) -> list[T]:
        """Add one; those that had to make room, oldest first.

        Args:
            at: When it happened; a clock that was set back makes nothing older than it is.
        """
        self._newest = max(self._newest, at)
        self._entries.append((self._newest, size, entry))
        self.size += size
        gone: list[T] = []
        oldest = self._newest - self._span
        while len(self._entries) > 1 and (self._entries[0][0] < oldest or self.size > self._most):
            began, freed, left = self._entries.popleft()
            self.began = max(self.began, began)
            self.size -= freed
            gone.append(left)
        return gone
