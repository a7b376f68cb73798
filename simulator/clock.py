"""The exchange's own clock, which a test can set wrong."""

from __future__ import annotations

import time


class Clock:
    """Wall clock of the exchange: this machine's clock plus an offset."""

    def __init__(self) -> None:
        self.offset = 0.0

    def seconds(self) -> float:
        """Seconds since the Unix epoch."""
        return time.time() + self.offset

    def milliseconds(self) -> int:
        """Milliseconds since the Unix epoch, the unit of every time field."""
        return int(self.seconds() * 1_000)

    def microseconds(self) -> int:
        """Microseconds since the Unix epoch, for `X-MBX-TIME-UNIT: MICROSECOND`."""
        return int(self.seconds() * 1_000_000)
