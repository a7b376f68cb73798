"""When the demo cuts the link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Weather(NamedTuple):
    """How the link is at one moment.

    Attributes:
        is_out: Whether it is cut.
        next_cut: Seconds until it is cut next; None where that will not happen, or it is out.
    """

    is_out: bool
    next_cut: float | None


@dataclass(frozen=True, slots=True)
class OutagePlan:
    """A cut now and then, and time enough in between to recover.

    Attributes:
        first: When the first one is, in seconds since the start, as all times here.
        every: From one to the next.
        length: How long new connections are refused afterwards.
        calm: Before the end, none begins for so long.
        end: When the demo ends; None while nobody knows.
    """

    first: float = 2.0
    every: float = 8.0
    length: float = 1.0
    calm: float = 3.0
    end: float | None = None

    def at(self, elapsed: float) -> Weather:
        """How the link is, `elapsed` seconds after the start."""
        cut, since = divmod(max(0.0, elapsed - self.first), self.every)
        if elapsed >= self.first and since < self.length and self._has_room(cut):
            return Weather(is_out=True, next_cut=None)
        coming = 0.0 if elapsed < self.first else cut + 1
        if not self._has_room(coming):
            return Weather(is_out=False, next_cut=None)
        return Weather(is_out=False, next_cut=self.first + coming * self.every - elapsed)

    def _has_room(self, cut: float) -> bool:
        return self.end is None or self.first + cut * self.every + self.calm <= self.end
