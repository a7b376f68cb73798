"""What may leave, and when: request weight, order of service, pacing and dials.

Every limiter answers "now" or "not before"; none ever sleeps.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

from .weight import NotBefore, Reservation, WeightWindow

__all__ = ["DialBudget", "Lanes", "NotBefore", "Pacer", "Reservation", "WeightWindow"]

T = TypeVar("T")


class Lanes(Generic[T]):
    """Waiting requests: the most urgent lane first, and first come, first served within it.

    Nothing overtakes the head of a more urgent lane, however light it is: else a heavy request
    would starve behind light ones.
    """

    def __init__(self) -> None:
        self._lanes: dict[int, deque[T]] = {}

    def push(self, lane: int, item: T) -> None:
        """Queue an item; a lower lane number is served first."""
        if lane not in self._lanes:
            self._lanes[lane] = deque()
            self._lanes = dict(sorted(self._lanes.items()))
        self._lanes[lane].append(item)

    def peek(self) -> T | None:
        """The item that is served next, `None` if nothing waits."""
        return next(iter(self), None)

    def pop_first(self) -> T:
        """Take out the item that is served next.

        Raises:
            IndexError: Nothing waits.
        """
        for waiting in self._lanes.values():
            if waiting:
                return waiting.popleft()
        raise IndexError("nothing waits")

    def remove(self, item: T) -> bool:
        """Take out this very item (not an equal one); False if it does not wait here."""
        for waiting in self._lanes.values():
            for index, other in enumerate(waiting):
                if other is item:
                    del waiting[index]
                    return True
        return False

    def __len__(self) -> int:
        """How many items wait."""
        return sum(map(len, self._lanes.values()))

    def __iter__(self) -> Iterator[T]:
        """The items in the order of service."""
        for waiting in self._lanes.values():
            yield from waiting


class Pacer:
    """Keeps a least time between departures.

    Args:
        delay: That time in seconds; 0.0 for none.
    """

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._next = -math.inf

    def ready_at(self, now: float) -> float:
        """When the next may depart: `now`, or a later time."""
        return max(now, self._next)

    def departed(self, now: float) -> None:
        """One departed."""
        self._next = max(self._next, now + self._delay)


class DialBudget:
    """How often a host may be dialled within any period of a given length.

    Args:
        limit: The most dials.
        period: Seconds.
    """

    def __init__(self, limit: int, period: float) -> None:
        self._period = period
        self._dials: deque[float] = deque(maxlen=limit)

    def ready_at(self, now: float, count: int = 1) -> float:
        """When the next dial fits, or so many at once: `now`, or a later time."""
        dials, limit = self._dials, self._dials.maxlen or 0
        if count > limit:
            return math.inf
        many = len(dials) + count - limit  # so many have to be over
        return max(now, dials[many - 1] + self._period) if many > 0 else now

    def dialled(self, now: float) -> None:
        """The host was dialled, whatever came of it."""
        self._dials.append(now)
