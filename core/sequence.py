"""Is anything missing? The check of the ids that an exchange numbers its events with."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice, takewhile
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
        self._consecutive = rule in (Rule.CONSECUTIVE, Rule.DELTAS)
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


class States:
    """Watches events of which each is a whole state: the ids grow until the exchange counts anew.

    A lower id is an old state that comes again (on a second connection), unless it is of a newer
    time: then whatever numbers them at the exchange has begun anew.

    Source: https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook ("if you receive a
    new snapshot message", "u = 1")

    Attributes:
        last: The last id; None before the first.
        at: The exchange's time of it, in nanoseconds.
    """

    __slots__ = ("at", "last")

    def __init__(self) -> None:
        self.last: int | None = None
        self.at = 0

    def check(self, id: int, at: int) -> Next | Stale:
        """What a state with this id, of this time, is after those before it."""
        previous = self.last
        if previous is not None and (id == previous or (id < previous and at <= self.at)):
            return STALE
        self.last, self.at = id, at
        return NEXT


class Seen:
    """Remembers the latest ids of a stream whose ids say nothing of the order.

    Args:
        most: How many: as many as may come between an event and its repetition.
    """

    __slots__ = ("_ids", "_most", "_order")

    def __init__(self, most: int) -> None:
        self._most = most
        self._ids = set[str]()
        self._order = deque[str]()

    @property
    def newest(self) -> str | None:
        """The id that was new last."""
        return self._order[-1] if self._order else None

    def __contains__(self, id: str) -> bool:
        return id in self._ids

    def latest(self, most: int, since: str | None) -> tuple[str, ...]:
        """The latest ids, the newest first; at most so many, and none up to `since`."""
        newer = takewhile(lambda id: id != since, reversed(self._order))
        return tuple(islice(newer, most))

    def is_new(self, id: str) -> bool:
        """Whether it has not been seen; from now on it has."""
        ids = self._ids
        if id in ids:
            return False
        ids.add(id)
        self._order.append(id)
        if len(ids) > self._most:
            ids.discard(self._order.popleft())
        return True
