"""What was missed of events that can be had only as the newest so many, by ids without an order.

An answer has the newest events of some moment, without a hole, and that moment may be a little while
ago. So answers are put together by the events that they share: with each other, with those that
were delivered last, and with the one that came next. Where they share none, nobody knows how many
are missing; one that shares none at all may be of before everything that was delivered. Of events of
one millisecond the order is not known for certain: those that stand in the
same one as the last delivered, or as the next, are had as well, and who gets them knows them again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from operator import attrgetter
from typing import Final, Generic, NamedTuple

from .recovery import Attempts, E, Missing, Page

UNKNOWN: Final = Missing(0, 0)
"""Here some are missing, or may be; their keys have no order."""


class Told(NamedTuple, Generic[E]):
    """One event of an answer.

    Attributes:
        at: When it happened; nanoseconds since the epoch.
    """

    id: str
    at: int
    event: E


class Newest(Attempts, Generic[E]):
    """The events between those that were delivered last and the one that came next.

    Args:
        after: The ids of those that were delivered last; one of them in an answer is enough.
        before: The id of the one that came next.
        at: When that happened.
        page: How many events an answer has at most.
        most: How many are had at most: the newest.
    """

    def __init__(
        self, after: Collection[str], before: str, at: int, *, page: int, most: int
    ) -> None:
        super().__init__()
        self._after, self._before, self._at = frozenset(after), before, at
        self._page, self._most = page, most
        self._known = set(after)  # and what was found
        self._parts: list[E | Missing] = []
        self._loose: list[Told[E]] = []  # of the last answer, if it shared nothing
        self._is_shared = False  # whether an answer has had something that the stream has
        self._is_whole = False  # whether one has reached the event that came next

    def next_page(self) -> Page:
        """What to ask for: always the newest."""
        return Page(0, self._page)

    def take(self, rows: Iterable[Told[E]], now: float) -> None:
        """An answer has come, oldest first."""
        told = self._joined(sorted(rows, key=attrgetter("at")))  # stable
        ids = {row.id for row in told}
        has_next = self._before in ids
        self._is_shared |= has_next or not self._after.isdisjoint(ids)
        is_joined = has_next or not self._known.isdisjoint(ids)
        if is_joined:
            self._add([row for row in told if row.at <= self._at])
        else:
            self._loose = told
        is_past = bool(told) and told[-1].at > self._at
        if has_next or is_past:
            self._is_whole, self.is_over = is_joined, True
        else:
            self.failed(now)  # it is of before that one: there is more in a moment

    def outcome(self) -> tuple[E | Missing, ...]:
        """All that could be had, oldest first, and in its place what could not, or perhaps."""
        if not self._is_shared:
            return (UNKNOWN,)  # not even the ids need be those of the stream
        parts = list(self._parts)
        if not self._is_whole:
            _leave_a_hole(parts)
        found = [place for place, part in enumerate(parts) if part is not UNKNOWN]
        if len(found) > self._most:
            parts = [UNKNOWN, *parts[found[-self._most] :]]
        return tuple(parts)

    def _joined(self, told: list[Told[E]]) -> list[Told[E]]:
        """An answer, behind the one before it that shared nothing, if they share something."""
        loose, self._loose = self._loose, []
        ids = {row.id for row in told}
        older = [row for row in loose if row.id not in ids]
        return told if len(older) == len(loose) else older + told

    def _add(self, told: list[Told[E]]) -> None:
        """What of it is new goes behind what was found; behind a hole, where it shares nothing."""
        begin = max((row.at for row in told if row.id in self._known), default=None)
        if begin is None:
            _leave_a_hole(self._parts)
        for row in told:
            is_wanted = row.id != self._before and (begin is None or row.at >= begin)
            if is_wanted and row.id not in self._known:
                self._known.add(row.id)
                self._parts.append(row.event)


def _leave_a_hole(parts: list[E | Missing]) -> None:
    if not parts or parts[-1] is not UNKNOWN:
        parts.append(UNKNOWN)
