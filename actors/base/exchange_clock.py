"""The exchange's time by the newest estimate; each room that needs it keeps one."""

from __future__ import annotations

import time

from ...messages.config import ClockSyncConfig
from ...messages.errors import ClockSyncError
from ...messages.lifecycle import ClockStatus
from ...messages.rooms import ClockUpdated


class ExchangeClock:
    """Reads the exchange's time off this machine's monotonic clock, so that no step of the wall
    clock changes it. While it is not known, and where it is not to be synchronised, this machine's
    wall clock stands for it.
    """

    def __init__(self, config: ClockSyncConfig) -> None:
        self._config = config
        self.update: ClockUpdated | None = None
        self._is_off = False

    @property
    def is_known(self) -> bool:
        """Whether there is an estimate, or none is needed."""
        return self.update is not None or not self._config.enabled

    def now_ns(self) -> int:
        """Nanoseconds since the epoch."""
        update = self.update
        return time.time_ns() if update is None else time.monotonic_ns() + update.offset_ns

    def status(self) -> ClockStatus:
        """How well it is known."""
        update = self.update
        if update is None:
            return ClockStatus(0.0, 0.0, 0.0, None, synchronized=not self._config.enabled)
        wall, monotonic = time.time_ns(), time.monotonic_ns()
        uncertainty = update.uncertainty_ns / 1e9
        return ClockStatus(
            offset=(monotonic + update.offset_ns - wall) / 1e9,
            round_trip=update.round_trip_ns / 1e9,
            uncertainty=uncertainty,
            last_sync=wall - (monotonic - update.taken_ns),
            synchronized=uncertainty <= self._config.max_offset,
        )

    def gone_off(self) -> ClockSyncError | None:
        """That this machine's clock is off by more than it may be, if it was not the last time."""
        status, was_off = self.status(), self._is_off
        self._is_off = abs(status.offset) > self._config.max_offset
        if was_off or not self._is_off:
            return None
        return ClockSyncError(status.offset, status.uncertainty, self._config.max_offset)

    def error(self) -> ClockSyncError | None:
        """Why nothing may be signed by it, if so."""
        if not self.is_known:
            return ClockSyncError(None, None, self._config.max_offset)
        status = self.status()
        if status.synchronized:
            return None
        return ClockSyncError(status.offset, status.uncertainty, self._config.max_offset)
