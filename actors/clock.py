"""The clock: measures the exchange's time, again and again, by requests of our own.

A measurement is a burst of samples, of which the one with the least round trip counts. It is made
at the start, every `sync_interval`, when this machine's clock was stepped, and when the exchange
found a timestamp wrong. A failed sample is tried again; nothing ends the measuring.
"""

from __future__ import annotations

import random
import time
from typing import Any

import msgspec

from ..core.backoff import ReconnectBackoff
from ..core.clock import ClockEstimator, WallClockWatch, sample
from ..messages.base import Address
from ..messages.config import ClockSyncConfig
from ..messages.errors import CircuitBreakerError, ConnectorError, NotRunningError, RateLimitError
from ..messages.health import ServerTime
from ..messages.lifecycle import ClockStatus
from ..messages.requests import GetServerTime
from ..messages.rooms import ClockDoubted, ClockUpdated, Fetch, SyncWanted, Tick, Timed
from .base.exchange_clock import ExchangeClock
from .base.reply import Reply
from .base.room import Lifeline, Room

_SAMPLES = 8
_LOOK = 1.0
"""Seconds between two looks at this machine's clock."""


class Sampled(msgspec.Struct, frozen=True):
    """A sample of measurement `burst` came, or failed."""

    burst: int
    timed: Timed | None
    error: Exception | None


class SampleDue(msgspec.Struct, frozen=True):
    """Time for the next sample of measurement `burst`."""

    burst: int


class ClockActor(Room):
    """Tells the root and `rest` of each new estimate (`ClockUpdated`)."""

    def __init__(
        self,
        lifeline: Lifeline,
        root: Address[Any],
        *,
        config: ClockSyncConfig,
        retry: tuple[float, float],
        rest: Address[Any],
    ) -> None:
        super().__init__(lifeline, root)
        self._config = config
        self._rest = rest
        self._time = ExchangeClock(config)
        self._estimator = ClockEstimator(_SAMPLES)
        self._watch = WallClockWatch(time.time_ns(), time.monotonic_ns())
        self._backoff = ReconnectBackoff(*retry, random.random)
        self._burst = 0
        self._missing = 0
        self._is_failing = False
        self._is_from_scratch = False
        self._measured_ns = 0
        self._waiting: list[Reply[ClockStatus]] = []

    def open(self) -> None:
        """Measure at once."""
        self._measure()
        self.after(_LOOK, Tick())

    def receive(self, message: Any) -> None:
        """Handle one message."""
        match message:
            case Sampled() if message.burst == self._burst:
                self._sampled(message)
            case SampleDue() if message.burst == self._burst:
                self._sample()
            case SyncWanted():
                self._waiting.append(message.reply)
                self._measure_unless_under_way()
            case ClockDoubted():
                self._doubted(message.sent_ns)
            case Tick():
                self.after(_LOOK, Tick())
                self._look()
            case Sampled() | SampleDue():
                pass  # of a measurement that a newer one replaced
            case _:
                self.not_understood(message)

    def close(self) -> None:
        """Answer who waits for a measurement."""
        self.cut()

    def cut(self) -> None:
        """The same, from any thread."""
        for reply in tuple(self._waiting):
            reply.fail(NotRunningError("stopped before the clock was measured"))

    # measuring

    def _measure(self) -> None:
        self._burst += 1
        self._missing = _SAMPLES
        self._sample()

    def _measure_unless_under_way(self) -> None:
        if not self._missing or self._is_failing:
            self._measure()

    def _sample(self) -> None:
        if not self._missing:  # the interval is over
            self._measure()
            return
        address, burst = self.address, self._burst

        def answered(value: Timed | None, error: BaseException | None) -> None:
            failure = error if isinstance(error, Exception) else None
            address.tell(Sampled(burst, value, failure))

        fetch = Fetch(GetServerTime(), Reply(answered), own=True, timed=True)
        self.send(self._rest, fetch)

    def _sampled(self, message: Sampled) -> None:
        timed = message.timed
        if timed is None or not isinstance(timed.value, ServerTime):
            self._sample_failed(message.error)
            return
        self._is_failing = False
        self._backoff.connected(-1e9)  # a success: the next failure is retried at once
        self._estimator.add(sample(timed.sent_ns, timed.received_ns, timed.value.server_time))
        self._missing -= 1
        if self._missing:
            self._sample()
        else:
            self._measured()

    def _sample_failed(self, error: Exception | None) -> None:
        """Try again, not sooner than it makes sense."""
        self._is_failing = True
        wait = self._backoff.delay(time.monotonic())
        if isinstance(error, CircuitBreakerError | RateLimitError):
            wait = min(max(wait, error.retry_after), self._config.sync_interval)
        self.after(wait, SampleDue(self._burst))
        waiting, self._waiting = self._waiting, []
        for reply in waiting:
            reply.fail(error if error is not None else ConnectorError())

    def _measured(self) -> None:
        estimate = self._estimator.estimate
        assert estimate is not None
        update = ClockUpdated(
            estimate.offset_ns, estimate.round_trip_ns, estimate.uncertainty_ns, estimate.taken_ns
        )
        self._time.update = update
        self._is_from_scratch, self._measured_ns = False, time.monotonic_ns()
        self.send(self._rest, update)
        self.report(update)
        waiting, self._waiting = self._waiting, []
        for reply in waiting:
            reply.tell(self._time.status())
        self.after(self._config.sync_interval, SampleDue(self._burst))

    # doubts

    def _doubted(self, sent_ns: int) -> None:
        """What was measured before is worth nothing, unless it was measured since."""
        if self._is_from_scratch or sent_ns <= self._measured_ns:
            return
        self._is_from_scratch = True
        self._estimator.clear()
        self._measure()

    def _look(self) -> None:
        """A step of this machine's clock changes no signature, but may mean that it slept."""
        if self._watch.step(time.time_ns(), time.monotonic_ns()):
            self._estimator.clear()
            self._measure()
