"""What was missed of a stream, had afterwards: which page to ask for, and what is still missing.

Events are known by keys: a trade's id, the time at which a candle opened. What follows a key is
known only once the event is there (a trade's next id; a candle ends where the next one begins).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

E = TypeVar("E")

TRIES = 4
"""So often in a row a page may bring nothing new before the rest is given up."""
FIRST_PAUSE = 0.2
"""Seconds before the second try, doubled for each further one: a database may be behind."""


class Missing(NamedTuple):
    """These keys, both included, could not be had."""

    first: int
    last: int


class Row(NamedTuple, Generic[E]):
    """One event of a page.

    Attributes:
        following: The key of the event after it.
    """

    key: int
    following: int
    event: E


@dataclass(frozen=True, slots=True)
class Page:
    """What to ask for next.

    Attributes:
        first: The key of the first event that is wanted.
        limit: How many events, at most.
    """

    first: int
    limit: int


class Attempts:
    """How often a page is asked for that does not come, or brings nothing new.

    Attributes:
        not_before: When the next page should be asked for (monotonic seconds).
        is_over: Whether nothing more is to be asked for.
    """

    def __init__(self) -> None:
        self.not_before = -math.inf
        self.is_over = False
        self._tries = 0

    def failed(self, now: float, wait: float = 0.0) -> None:
        """A page did not come, or not all of it; to be asked for again, after `wait` at least."""
        pause = FIRST_PAUSE * 2.0**self._tries
        self._tries += 1
        self.not_before = now + max(pause, wait)
        self.is_over |= self._tries >= TRIES

    def give_up(self) -> None:
        """Ask for nothing more."""
        self.is_over = True


class Recovery(Attempts, Generic[E]):
    """The events from one key up to another, fetched from the oldest on.

    Of more than `most` events the newest are had where they can be counted by their keys, else the
    oldest.

    Args:
        first: The first key that was missed.
        end: The key of the event before which they belong; greater than `first`.
        page: How many events a page has at most.
        most: How many events are had at most.
        is_counted: Whether keys are consecutive.
    """

    def __init__(self, first: int, end: int, *, page: int, most: int, is_counted: bool) -> None:
        super().__init__()
        self._cursor, self._end = first, end
        self._page, self._room, self._is_counted = page, most, is_counted
        self._parts: list[E | Missing] = []
        if is_counted and end - first > most:
            self._pass_over(end - most)

    def next_page(self) -> Page:
        """What to ask for; only while it is not over."""
        limit = min(self._page, self._room)
        if self._is_counted:
            limit = min(limit, self._end - self._cursor)
        return Page(self._cursor, limit)

    def take(self, page: Page, rows: Iterable[Row[E]], now: float) -> None:
        """A page has come; of what it holds only that counts which is wanted."""
        count, before = 0, self._cursor
        for row in rows:
            count += 1
            if self.is_over or row.key < self._cursor:
                continue
            if row.key >= self._end:  # so what is before it does not exist
                self._pass_over(self._end)
                break
            self._pass_over(row.key)
            self._parts.append(row.event)
            self._cursor = max(row.following, row.key + 1)
            self._room -= 1
            self.is_over = not self._room
        self.is_over |= self._cursor >= self._end
        if self._cursor > before:
            self._tries = 0
        if not self.is_over and (count < page.limit or self._cursor == before):
            self.failed(now)  # there may be more in a moment

    def outcome(self) -> tuple[E | Missing, ...]:
        """All that could be had, oldest first, and in its place what could not."""
        rest = (Missing(self._cursor, self._end - 1),) if self._cursor < self._end else ()
        return (*self._parts, *rest)

    def _pass_over(self, key: int) -> None:
        """Whatever is before `key` does not come any more."""
        if key > self._cursor:
            self._parts.append(Missing(self._cursor, key - 1))
            self._cursor = key


class Allowance:
    """How much request weight may be spent within any period of a given length.

    Args:
        most: The most weight.
        period: Seconds.
    """

    def __init__(self, most: int, period: float = 60.0) -> None:
        self._most, self._period = most, period
        self._spent: deque[tuple[float, int]] = deque()
        self._sum = 0

    def ready_at(self, weight: int, now: float) -> float:
        """When so much may be spent: `now`, a later time, or never (infinity)."""
        while self._spent and self._spent[0][0] + self._period <= now:
            self._sum -= self._spent.popleft()[1]
        if weight > self._most:
            return math.inf
        excess = self._sum + weight - self._most
        at = now
        for spent_at, spent in self._spent:
            if excess <= 0:
                break
            excess -= spent
            at = spent_at + self._period
        return at

    def spend(self, weight: int, now: float) -> None:
        """So much was spent."""
        self._spent.append((now, weight))
        self._sum += weight
