"""What the replaying connector decides, while it does."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

import pykka

from ...actors.base.office import NOBODY
from ...actors.base.room import Lifeline
from ...actors.books import BooksActor
from ...actors.kept.snapshots import SnapshotTurns
from ...messages.base import Address
from ...messages.notes import FrameRead, Note
from ...messages.sessions import RollOverWanted
from ...runtime import ConnectorActor
from .decisions import Decisions

_QUIET = 0.3
"""Seconds without a decision, after which none is expected any more."""
_MOST_QUIET = 20


class _Books(BooksActor):
    """A snapshot that waits until the recording has come to it takes nobody else's turn."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._turns = SnapshotTurns(sys.maxsize)


class Watch:
    """Hears a connector's notes, on its threads; the replay waits for them on its own.

    Attributes:
        decisions: All so far.
        office: Where each room of the connector is told something, by its name.
    """

    def __init__(self) -> None:
        self.decisions = Decisions()
        self.decisions.take(FrameRead(0, 0))  # nothing from before stands in its way
        self.office: Callable[[str], Address[Any]] = lambda _: NOBODY
        self._changed = threading.Condition()
        self._count = 0

    def hear(self, note: Note) -> None:
        """One note more."""
        with self._changed:
            self._count += bool(self.decisions.take(note))
            self._changed.notify_all()

    def wait(self, is_so: Callable[[Decisions], bool], seconds: float) -> bool:
        """Wait until something is so; False where it does not come to be."""
        with self._changed:
            return self._changed.wait_for(lambda: is_so(self.decisions), seconds)

    def roll_over(self, session: str) -> None:
        """Have another connection take the place of a session's; not, if one is about to."""
        self.office(session).tell(RollOverWanted("as it was recorded"))

    def settle(self) -> None:
        """Wait until nothing more is decided."""
        with self._changed:
            for _ in range(_MOST_QUIET):
                count = self._count
                if not self._changed.wait_for(lambda: self._count > count, _QUIET):  # noqa: B023
                    return

    def counts(self) -> dict[str, int]:
        """How many decisions there are, by what they are about."""
        with self._changed:
            return {about: len(made) for about, made in self.decisions.made.items()}


def watched(watch: Watch) -> type[ConnectorActor]:
    """A connector, whose notes are heard."""

    class Watched(ConnectorActor):
        def _start_books(self, lifeline: Lifeline) -> pykka.ActorRef[Any]:
            return _Books.start(
                lifeline,
                self._address,
                driver=self._driver,
                rest=self._offices.of("rest"),
                registry=self._offices.of("registry"),
            )

        def on_start(self) -> None:
            watch.office = self._offices.of
            super().on_start()

        def _noted(self, note: Note) -> None:
            super()._noted(note)
            watch.hear(note)

    return Watched
