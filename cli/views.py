"""What the demo shows its board on: a terminal's screen, or lines of text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .board import Board


@dataclass(frozen=True, slots=True)
class Moment:
    """What there is to show at one moment.

    Attributes:
        elapsed: Seconds since the start.
        rate: Events a second.
        note: What is going to happen.
    """

    board: Board
    elapsed: float
    rate: float
    note: str


class View(Protocol):
    """Where moments are shown."""

    def show(self, moment: Moment) -> None:
        """Show one; several times a second."""
        ...
