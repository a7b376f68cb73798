"""Whose turn it is to ask for a snapshot: a few at a time, those first that have no book."""

from __future__ import annotations

from collections import deque

from .kept_book import KeptBook

AT_ONCE = 8
"""How many are under way at a time: the others wait here, where no deadline runs."""


class SnapshotTurns:
    """Books that wait for a snapshot.

    Args:
        at_once: How many may be under way at a time.
    """

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._urgent: deque[KeptBook] = deque()
        self._others: deque[KeptBook] = deque()
        self._under_way = 0

    def queue(self, kept: KeptBook) -> None:
        """It wants one; to say so twice makes no difference."""
        queue = self._urgent if kept.machine.book is None else self._others
        if kept.queue is not queue:  # it may have lost its book while it waited
            kept.queue = queue
            queue.append(kept)

    def next(self, now: float) -> KeptBook | None:
        """The next that may ask, now; `over` is to follow. None where none may."""
        while self._under_way < self._at_once and (queue := self._urgent or self._others):
            kept = queue.popleft()
            if kept.queue is not queue:
                continue
            kept.queue = None
            if kept.readers and kept.ask_at <= now:
                self._under_way += 1
                return kept
        return None

    def over(self) -> None:
        """One has its snapshot, or will not get it."""
        self._under_way -= 1
