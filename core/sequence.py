"""Is anything missing? The check of the ids that an exchange numbers its events with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, final


class Rule(StrEnum):
    """How the ids of a stream follow each other."""

    CONSECUTIVE = "consecutive"
    """Each event begins where the last one ended: trade ids, the first and last id of a diff."""
    INCREASING = "increasing"
    """Ids only grow, and skip: book tickers, partial books."""
    UNIQUE = "unique"
    """Each event has an id of its own, a text, which says nothing of the order."""
    WHOLE = "whole"
    """Each event is a whole state; ids grow, and begin anew where the exchange counts anew."""
    DELTAS = "deltas"
    """Consecutive from a snapshot on; a snapshot begins anew, at any time."""
    NONE = "none"
    """The stream carries no ids."""


@final
class Next:
    """The event follows what came before: deliver it. There is one, `NEXT`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NEXT"


@final
class Stale:
    """The event was seen before, or is older than one that was: drop it. There is one, `STALE`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "STALE"


NEXT: Final = Next()
STALE: Final = Stale()


@dataclass(frozen=True, slots=True)
class Missed:
    """Something is missing before the event: tell that first, then deliver the event.

    Attributes:
        first_missed: The first id that never came.
        last_missed: The last one.
    """

    first_missed: int
    last_missed: int


class Continuity:
    """Watches the ids of one stream.

    Attributes:
        last: The last id seen; None before the first, and after a restart.

    Args:
        rule: How they follow each other.
    """

    __slots__ = ("_consecutive", "_numbered", "last")

    def __init__(self, rule: Rule) -> None:
        self._numbered = rule is not Rule.NONE
        self._consecutive = rule is Rule.CONSECUTIVE
        self.last: int | None = None

    def check(self, first: int, last: int) -> Next | Stale | Missed:
        """What an event with these ids is, after those before it.

        A diff that begins within what is known and ends beyond it is the next one: the exchange's
        own rule is to apply an update whose last id is greater than the book's.

        Source: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
        ("How to manage a local order book correctly")

        Args:
            first: The first id that the event covers.
            last: The last one; the same for an event with a single id.
        """
        previous = self.last
        if previous is None:
            if self._numbered:
                self.last = last
            return NEXT
        if last <= previous:
            return STALE
        self.last = last
        if self._consecutive and first > previous + 1:
            return Missed(previous + 1, first - 1)
        return NEXT

    @property
    def following(self) -> int | None:
        """The id of the next event; None where it is not known, or ids skip."""
        return self.last + 1 if self._consecutive and self.last is not None else None

    def restart(self) -> None:
        """The next event starts afresh: that something is missing was told already."""
        self.last = None
