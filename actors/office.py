"""Stable addresses: a restarted actor is another object, but keeps its office."""

from __future__ import annotations

from typing import Any

import pykka

from ..messages.base import Address


class Office:
    """An address whose occupant may change; while vacant, what comes is a dead letter, counted."""

    def __init__(self, occupant: Address[Any] | None = None) -> None:
        self._occupant = occupant
        self.dead_letters = 0

    def move_in(self, occupant: Address[Any] | None) -> None:
        """From now on messages go to `occupant`."""
        self._occupant = occupant

    def tell(self, message: Any, /) -> None:
        """Pass a message on; never raises."""
        occupant = self._occupant
        try:
            if occupant is not None:
                occupant.tell(message)
                return
        except pykka.ActorDeadError:
            pass
        self.dead_letters += 1


class Offices:
    """Offices by name, made when first asked for; from any thread."""

    def __init__(self) -> None:
        self._offices: dict[str, Office] = {}

    def of(self, name: str) -> Office:
        """The office of that name, which may be vacant still."""
        return self._offices.setdefault(name, Office())

    @property
    def dead_letters(self) -> int:
        """Of all offices together."""
        return sum(office.dead_letters for office in tuple(self._offices.values()))


NOBODY = Office()
"""Where nobody listens."""
