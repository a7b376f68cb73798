"""Instants from the wire."""

from __future__ import annotations

from .driver import MalformedError
from .numbers import shortened

# Nanoseconds must fit into 64 bits, which ends in the year 2262.
LATEST = 2**63 - 1
LATEST_MS = LATEST // 1_000_000


def from_milliseconds(time: int) -> int:
    """Nanoseconds since the epoch. Raises `MalformedError` where these are no milliseconds."""
    if 0 <= time <= LATEST_MS:
        return time * 1_000_000
    raise no_instant(time)


def no_instant(time: int) -> MalformedError:
    """What is raised for a number that is no instant."""
    return MalformedError(f"no instant: {shortened(str(time))}")
