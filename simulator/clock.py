"""The exchange's own clock, which a test can set wrong."""

from __future__ import annotations

import time
from enum import IntEnum


class TimeUnit(IntEnum):
    """The unit of the time fields on the wire; its value is how many microseconds it has."""

    MILLISECOND = 1_000
    MICROSECOND = 1


class Clock:
    """Wall clock of the exchange: this machine's clock plus an offset.

    With a `start_time` (seconds since the Unix epoch) it begins there and waits for the market:
    it does not pass the market's next step, so that the time of each step follows from the number
    of steps alone. `offset`, in seconds, comes on top in either case.
    """

    def __init__(self, start_time: float | None = None) -> None:
        self.offset = 0.0
        self.waits = start_time is not None
        self.begin_us = _machine_us() if start_time is None else round(start_time * 1_000_000)
        self._moved_us = self.begin_us - _machine_us() if self.waits else 0
        self._latest_us: int | None = None

    def seconds(self) -> float:
        """Seconds since the Unix epoch."""
        return self.microseconds() / 1_000_000

    def milliseconds(self) -> int:
        """Milliseconds since the Unix epoch, the unit of every time field."""
        return self.microseconds() // 1_000

    def microseconds(self) -> int:
        """Microseconds since the Unix epoch, for `X-MBX-TIME-UNIT: MICROSECOND`."""
        true_us = self.true_us()
        if self._latest_us is not None:
            true_us = min(true_us, self._latest_us)
        return self.skewed(true_us)

    def true_us(self) -> int:
        """What the clock would show without an offset, did it wait for nobody."""
        return _machine_us() + self._moved_us

    def skewed(self, true_us: int) -> int:
        """What the clock shows at `true_us`."""
        return true_us + round(self.offset * 1_000_000)

    def move(self, microseconds: int) -> None:
        """Move on, or back."""
        self._moved_us += microseconds

    def wait_at(self, true_us: int) -> None:
        """Stand still there until told otherwise; only a clock that waits does."""
        if self.waits:
            self._latest_us = true_us


def _machine_us() -> int:
    return time.time_ns() // 1_000
