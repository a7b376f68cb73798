"""The circuit breaker: gives permits, hears outcomes, tells of its changes."""

from __future__ import annotations

import time
from typing import Any

from ..core.breaker import CircuitBreaker, Denied
from ..messages.base import Address
from ..messages.config import CircuitBreakerConfig
from ..messages.health import CircuitBreakerStats
from ..messages.lifecycle import CircuitBreakerStateChanged
from ..messages.rooms import OutcomeReported, PermitDenied, PermitGiven, PermitWanted, StatsWanted
from .base.room import Lifeline, Room


class BreakerActor(Room):
    """A shell round `core.breaker.CircuitBreaker`."""

    def __init__(
        self,
        lifeline: Lifeline,
        root: Address[Any],
        *,
        exchange: str,
        config: CircuitBreakerConfig,
        lease: float,
        rest: Address[Any],
    ) -> None:
        super().__init__(lifeline, root)
        self._exchange = exchange
        self._rest = rest
        self._breaker = CircuitBreaker(
            config.max_failures, config.success_threshold, config.open_timeout, trial_lease=lease
        )

    def receive(self, message: Any) -> None:
        """Handle one message."""
        now = time.monotonic()
        match message:
            case PermitWanted():
                self._permit(message, now)
            case OutcomeReported():
                self._report(message, now)
            case StatsWanted():
                if message.reset:
                    self._breaker.reset(now)
                message.reply.tell(self._stats(now))
            case _:
                self.not_understood(message)
        for old, new in self._breaker.changes():
            self.report(CircuitBreakerStateChanged(self._exchange, old, new))

    def _permit(self, message: PermitWanted, now: float) -> None:
        permit = self._breaker.permit(now, message.own)
        if isinstance(permit, Denied):
            denied = PermitDenied(message.number, permit.state, permit.retry_after)
            self.send(self._rest, denied)
        else:
            self.send(self._rest, PermitGiven(message.number, permit))

    def _report(self, message: OutcomeReported, now: float) -> None:
        if message.outcome == "success":
            self._breaker.succeeded(message.permit, now)
        elif message.outcome == "failure":
            self._breaker.failed(message.permit, now)
        else:
            self._breaker.excluded(message.permit, now)

    def _stats(self, now: float) -> CircuitBreakerStats:
        stats = self._breaker.stats(now)
        last = stats.last_failure
        return CircuitBreakerStats(
            exchange=self._exchange,
            state=stats.state,
            total_requests=stats.total_requests,
            total_successes=stats.total_successes,
            total_failures=stats.total_failures,
            consecutive_failures=stats.consecutive_failures,
            rejected=stats.rejected,
            last_failure=None if last is None else time.time_ns() - int((now - last) * 1e9),
            retry_after=stats.retry_after,
        )
