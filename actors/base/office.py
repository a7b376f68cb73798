"""Stable addresses: a restarted actor is another object, but keeps its office."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from typing import Any

import pykka

from ...messages.base import Address
from ...messages.errors import NotRunningError

_MOST_WAITING = 1000


class Office:
    """An address whose occupant may change.

    While a successor is awaited, what comes waits for it, up to a bound; beyond that, and when the
    office is closed, it is a dead letter, counted.

    Attributes:
        dead_letters: How many messages found nobody.
    """

    def __init__(self, occupant: Address[Any] | None = None) -> None:
        self._lock = threading.RLock()  # what is dropped in passing may answer through here
        self._occupant = occupant
        self._waiting: deque[Any] = deque()
        self._is_closed = False
        self.dead_letters = 0

    def move_in(self, occupant: Address[Any], first: Sequence[Any] = ()) -> None:
        """From now on messages go to `occupant`: `first`, then those that waited for it."""
        with self._lock:
            self._occupant, self._is_closed = occupant, False
            self._hand_out(first)

    def vacate(self) -> None:
        """The occupant is gone; a successor will come."""
        with self._lock:
            self._occupant = None

    def close(self) -> None:
        """Nobody will come."""
        with self._lock:
            self._occupant, self._is_closed = None, True
            waiting, self._waiting = self._waiting, deque()
            self.dead_letters += len(waiting)
        waiting.clear()  # not under the lock: forgotten replies answer by themselves

    def take_back(self, unread: Sequence[Any]) -> None:
        """What an occupant that is no more has not read, before all that came later."""
        with self._lock:
            self._hand_out(unread)

    def tell(self, message: Any, /) -> None:
        """Pass a message on; never raises."""
        with self._lock:
            self._pass_on(message)

    def _hand_out(self, first: Sequence[Any]) -> None:
        waiting, self._waiting = self._waiting, deque()
        for message in (*first, *waiting):  # an occupant that is dead already leaves them waiting
            self._pass_on(message)

    def _pass_on(self, message: Any) -> None:
        try:
            if self._occupant is not None:
                self._occupant.tell(message)
                return
        except (pykka.ActorDeadError, NotRunningError):  # the latter: it lives in another process
            self._occupant = None
        if self._is_closed or len(self._waiting) >= _MOST_WAITING:
            self.dead_letters += 1
        else:
            self._waiting.append(message)


class Notebook:
    """An address that keeps what it is told, in order."""

    def __init__(self) -> None:
        self.messages: list[Any] = []

    def tell(self, message: Any, /) -> None:
        """Note it."""
        self.messages.append(message)


class Offices:
    """Offices by name, made when first asked for; from any thread."""

    def __init__(self) -> None:
        self._offices: dict[str, Office] = {}

    def of(self, name: str) -> Office:
        """The office of that name, which may be vacant still."""
        return self._offices.setdefault(name, Office())

    def close(self) -> None:
        """Close every office."""
        for office in tuple(self._offices.values()):
            office.close()

    @property
    def dead_letters(self) -> int:
        """Of all offices together."""
        return sum(office.dead_letters for office in tuple(self._offices.values()))


NOBODY = Office()
"""Where nobody listens."""
NOBODY.close()
