"""How often a recording is written by itself."""

from __future__ import annotations

import math

PERIOD = 60.0
"""Seconds between two files for the same cause, at least."""


class SavePace:
    """One file for each cause and period: the next ones would hold much the same."""

    def __init__(self, period: float = PERIOD) -> None:
        self._period = period
        self._last: dict[str, float] = {}

    def admits(self, cause: str, now: float) -> bool:
        """Whether a file is due; if so, it counts as written."""
        if now - self._last.get(cause, -math.inf) < self._period:
            return False
        self._last[cause] = now
        return True
