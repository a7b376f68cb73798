"""How often a stream's events come, and when the last one did."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

_SECOND = 1_000_000_000
_SPAN = 3.0
"""Seconds in which what has been counted fades to about a third."""


@dataclass(frozen=True, slots=True)
class Pace:
    """A stream's events, the recent ones counting most.

    Attributes:
        first: When the first one came, nanoseconds since the epoch.
        last: When the last one came.
        weight: How many came since the first, each fading with its age.
    """

    first: int
    last: int
    weight: float = 0.0

    def after(self, now: int) -> Pace:
        """The pace after another event, which came at `now`."""
        weight = self.weight * _faded(self.last, now) + 1.0
        return replace(self, last=max(self.last, now), weight=weight)

    def age(self, now: int) -> float:
        """Seconds since the last event."""
        return max(0.0, (now - self.last) / 1e9)

    def rate(self, now: int) -> float:
        """Events a second, lately."""
        # What has not been watched for long has had less time to count; one second is the least.
        since = min(self.first, now - _SECOND)
        return self.weight * _faded(self.last, now) / (_SPAN * (1.0 - _faded(since, now)))


def paced(pace: Pace | None, now: int) -> Pace:
    """The pace after an event that came at `now`, whether or not it is the first."""
    return Pace(now, now) if pace is None else pace.after(now)


def _faded(since: int, now: int) -> float:
    return math.exp(-max(0, now - since) / 1e9 / _SPAN)
