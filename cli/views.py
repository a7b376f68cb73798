"""What a board is shown on: a terminal's screen, or lines of text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .board import Board


@dataclass(frozen=True, slots=True)
class Moment:
    """What there is to show at one moment.

    Attributes:
        now: Nanoseconds since the epoch.
        note: What is going on, or going to happen.
    """

    board: Board
    now: int
    note: str = ""

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return (self.now - self.board.started) / 1e9

    @property
    def rate(self) -> float:
        """Events a second."""
        pace = self.board.pace
        return pace.rate(self.now) if pace is not None else 0.0


class View(Protocol):
    """Where moments are shown."""

    def show(self, moment: Moment) -> None:
        """Show one; several times a second."""
        ...


class NoView:
    """Shows nothing."""

    def show(self, moment: Moment) -> None:
        """Do nothing."""
