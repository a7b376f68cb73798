"""The way by which a test applies any fault, from any thread."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager

from ..box import Box
from ..server import Server
from .engine import ActiveFault
from .frames import FramePredicate
from .kinds import Fault


class FaultDoor:
    """Faults as data; each method may be called from any thread and has taken effect on return."""

    _box: Box
    _server: Server

    def apply(self, fault: Fault, when: FramePredicate | None = None) -> int:
        """Let a fault begin.

        Args:
            fault: what is to go wrong.
            when: called with stream and payload; only frames that it accepts are chosen.

        Returns:
            The fault's id, for `undo`; a fault that is over at once has one too.

        Raises:
            FaultError: a `ValueError` that names the fields which are out of their range.
        """
        return self._server.call(lambda: self._box.engine.apply(fault, when=when))

    def undo(self, number: int) -> bool:
        """End the fault with that id; whether it was at work."""
        return self._server.call(lambda: self._box.engine.undo(number))

    @property
    def faults(self) -> list[ActiveFault]:
        """The faults at work, oldest first."""
        return self._server.call(self._box.engine.active)

    @property
    def faults_applied(self) -> int:
        """How many faults have begun so far, by whatever way."""
        return self._box.engine.applied

    @contextmanager
    def fault(self, fault: Fault, when: FramePredicate | None = None) -> Generator[int]:
        """Let a fault be at work in a `with` block, which is given its id."""
        number = self.apply(fault, when)
        try:
            yield number
        finally:
            self.undo(number)

    def clear_faults(self) -> int:
        """End every fault; how many were at work."""
        return self._clear(lambda _: True)

    def _clear(self, chosen: Callable[[Fault], bool]) -> int:
        return self._server.call(lambda: self._box.engine.clear(chosen))

    def _clear_kinds(self, *kinds: type[Fault]) -> None:
        self._clear(lambda fault: isinstance(fault, kinds))
