"""The loop that draws what the spectator sees, for the demo and for `watch` alike."""

from __future__ import annotations

import time
from collections.abc import Callable

import pykka

from .board import Board
from .interrupts import Interrupt
from .spectator import CheckHealth, Spectator, look
from .views import Moment, View

_FRAME_TIME = 0.1


class Show:
    """Draws until the time is over.

    Attributes:
        last: The board as it was drawn last.
    """

    def __init__(
        self,
        spectator: pykka.ActorRef[Spectator],
        interrupt: Interrupt,
        note: Callable[[Board, float], str],
    ) -> None:
        """Take who looks, who interrupts, and who says what is going on at a time, in seconds."""
        self._spectator, self._interrupt, self._note = spectator, interrupt, note
        self.last: Board = look(spectator)

    def play(self, view: View, seconds: float | None) -> None:
        """Go on until the time is over, the user has enough, or nothing more will come."""
        began = time.monotonic()
        while not (self._interrupt.is_wanted or self.last.is_over):
            note = self._note(self.last, time.monotonic() - began)
            self._spectator.tell(CheckHealth())
            self.last = look(self._spectator)
            view.show(Moment(self.last, time.time_ns(), note))
            if seconds is not None and time.monotonic() - began >= seconds:
                return
            time.sleep(_FRAME_TIME)
