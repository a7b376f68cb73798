"""How a new connection takes the place of a session's old one, without a gap.

The heir is dialled while the carrier delivers, and holds what comes. Once it carries everything
that is wanted, the carrier is asked its last question; its answer says that all which it was sent
before has arrived. The carrier ends, and the heir delivers. Where it may still be shown that the
carrier has carried every stream, it is asked once more, a little later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ...venues.driver import Driver
from .link import Link
from .overlap import Overlap


class Succession:
    """The heir of a session's connection, while there is one.

    Args:
        driver: The exchange's.

    Attributes:
        heir: The new connection.
        reason: Why there is one, or was the last time.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self.heir: Link | None = None
        self.reason = ""
        self._overlap: Overlap | None = None
        self._last_question = 0
        self._lacking: set[str] = set()

    @property
    def is_open(self) -> bool:
        """Whether the carrier has ended, and the heir is about to deliver."""
        return self._overlap is not None and self._overlap.is_open

    def begin(self, carrier: Link, reason: str, connect: Callable[[Overlap], Link]) -> None:
        """Have an heir connected."""
        self.reason = reason
        self._lacking = set()
        self._overlap = carrier.pump.successor = Overlap(carrier.epoch, self._driver)
        self.heir = connect(self._overlap)

    def look(self, carrier: Link) -> None:
        """Ask the carrier its last question, if it is time to."""
        heir = self.heir
        if heir is not None and not self._last_question and heir.convergence.is_settled:
            self._last_question = carrier.ask_what_is_carried()

    def lacks(self, names: Iterable[str]) -> None:
        """The carrier has not carried these, though it should have: its answer proves nothing."""
        self._lacking.update(names)

    def is_answered(self, carrier: Link, question: int, now: float) -> bool:
        """Whether this answer of the carrier's was its last: it ends, and tells nobody."""
        overlap = self._overlap
        if not self._last_question or question != self._last_question or overlap is None:
            return False
        if overlap.is_worth_waiting(carrier.pump.routes, now):
            self._last_question = 0  # to be asked again at the next look
            return False
        overlap.is_proven = overlap.is_retired = True
        carrier.pump.look()
        return True

    def inherit(self) -> bool:
        """The carrier has ended: whether the heir can deliver, which it is told to then."""
        overlap, heir = self._overlap, self.heir
        if overlap is None or heir is None or not heir.is_up:
            return False
        overlap.carried = frozenset(name.encode() for name in heir.convergence.carried)
        overlap.lacking = frozenset(name.encode() for name in self._lacking)
        overlap.is_open = True
        heir.pump.look()
        return True

    def hurry(self) -> None:
        """The carrier is not to be kept for anything."""
        if self._overlap is not None:
            self._overlap.hurry()

    def end(self, carrier: Link | None = None) -> Link | None:
        """There is no heir any more, whatever has become of it; the one there was.

        Args:
            carrier: The connection that goes on, if it does.
        """
        heir, self.heir, self._overlap, self._last_question = self.heir, None, None, 0
        if carrier is not None:
            carrier.pump.successor = None
        return heir
