"""Which faults are at work: they are applied, listed, undone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from ..journal import Journal
from .effects import Effect, Effects
from .frames import FramePredicate
from .kinds import Fault
from .reading import checked


@dataclass(frozen=True)
class ActiveFault:
    """A fault at work.

    Attributes:
        id: By which it is undone.
        fault: What it is.
        left: How many it concerns still; `None` for all, or where nothing is counted.
        ends_in: Seconds after which it ends by itself; `None` if it does not.
    """

    id: int
    fault: Fault
    left: int | None = None
    ends_in: float | None = None


@dataclass
class _Begun:
    fault: Fault
    effect: Effect
    ending: asyncio.TimerHandle | None = None

    def told(self, number: int) -> ActiveFault:
        left = self.effect.quota.count if self.effect.quota is not None else None
        if self.ending is None:
            return ActiveFault(number, self.fault, left)
        ends_in = (
            self.ending.when() - time.monotonic()
        )  # the clock of the event loop, also after it
        return ActiveFault(number, self.fault, left, max(0.0, ends_in))


class FaultEngine:
    """Applies faults; used on the exchange's own event loop once that runs."""

    def __init__(self, effects: Effects, journal: Journal) -> None:
        self.applied = 0
        self._effects = effects
        self._journal = journal
        self._begun: dict[int, _Begun] = {}

    def apply(
        self, fault: Fault, *, when: FramePredicate | None = None, lasts: float | None = None
    ) -> int:
        """Let a fault begin, and end by itself after `lasts` seconds.

        Returns:
            The fault's id, for `undo`; a fault that is over at once has one too.

        Raises:
            FaultError: Naming the fields that are out of their range.
        """
        effect = self._effects.begin(checked(fault), when)
        self.applied += 1
        number = self.applied
        if effect is not None:
            begun = _Begun(fault, effect)
            if lasts is not None:
                begun.ending = asyncio.get_running_loop().call_later(lasts, self.undo, number)
            self._begun[number] = begun
        self._forget()
        self._journal.notify()
        return number

    def active(self) -> list[ActiveFault]:
        """The faults at work, oldest first."""
        self._forget()
        return [begun.told(number) for number, begun in self._begun.items()]

    def undo(self, number: int) -> bool:
        """End a fault; whether it was at work."""
        begun = self._begun.pop(number, None)
        if begun is None:
            return False
        over = begun.effect.is_over()
        if begun.ending is not None:
            begun.ending.cancel()
        if not over:
            begun.effect.undo()
        self._journal.notify()
        return not over

    def clear(self, chosen: Callable[[Fault], bool] = lambda _: True) -> int:
        """End all faults, or those that are chosen; how many were at work."""
        numbers = [number for number, begun in self._begun.items() if chosen(begun.fault)]
        return sum(self.undo(number) for number in numbers)

    def _forget(self) -> None:
        """Faults that are over by themselves are not listed."""
        for number, begun in list(self._begun.items()):
            if begun.effect.is_over():
                self.undo(number)
