"""When the next snapshot of an order book is to be asked for."""

from __future__ import annotations

import math

PACE = 1.0
"""Seconds between two snapshots of one book, at least."""
_SLOWEST = 60.0
"""Seconds between two attempts to get a snapshot, at most."""
_DOUBLINGS = 6  # until the slowest is reached


class SnapshotPace:
    """One is wanted from some instant on, but not too soon after the last one."""

    __slots__ = ("_due", "_failures", "_not_before")

    def __init__(self) -> None:
        self._due = math.inf
        self._not_before = -math.inf
        self._failures = 0

    @property
    def at(self) -> float:
        """When to ask; infinite while none is wanted."""
        return self.later(self._due)

    def later(self, at: float) -> float:
        """The same instant, or the first one after it that is not too soon."""
        return max(at, self._not_before)

    def want(self, at: float) -> None:
        """One is wanted then, if not sooner."""
        self._due = min(self._due, at)

    def begin(self, at: float) -> None:
        """One is wanted then, whatever was wanted before."""
        self._failures, self._due = 0, at

    def asked(self, now: float) -> None:
        """One is asked for."""
        self._not_before = now + PACE

    def answered(self) -> None:
        """It came; another is not wanted yet."""
        self._failures, self._due = 0, math.inf

    def failed(self, now: float, wait: float) -> None:
        """It will not come, and is still wanted: after `wait` seconds, or longer each time."""
        self.want(now)
        slower = PACE * 2 ** min(self._failures, _DOUBLINGS)
        self._not_before = now + max(wait, min(slower, _SLOWEST))
        self._failures += 1


def tier_for(depth: int, tiers: tuple[int, ...]) -> int:
    """The least snapshot within which the book can move for a while."""
    return next((at for at, levels in enumerate(tiers) if levels >= 2 * depth), len(tiers) - 1)
