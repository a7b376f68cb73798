"""The circuit breaker: may a request leave, and what do the answers say about the exchange?

pybreaker keeps the state, the counts and the thresholds. It knows only calls that begin and end
in one place, and the wall clock; requests here leave first and are reported later, perhaps after
the state has changed. So permits, generations, trials and the monotonic time are kept here, and
an outcome is reported by a call that does nothing or fails.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pybreaker

from ..messages.enums import CircuitState

_MOST_OUTSTANDING: Final = 4096
"""Permits remembered at once: a bound in case an owner forgets to report."""
_LOOK_AGAIN: Final = 1.0
"""Seconds after which asking again makes sense while all trials are taken."""


class _Failure(Exception):
    """Raised into pybreaker to report a failure."""


def _succeed() -> None:
    return None


def _fail() -> None:
    raise _Failure


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave for one request; to be reported exactly once.

    Attributes:
        generation: The state under which it was given; each change begins a new one.
        serial: Tells permits of one generation apart.
    """

    generation: int
    serial: int = 0


@dataclass(frozen=True, slots=True)
class Denied:
    """No leave for this request.

    Attributes:
        state: `OPEN`, or `HALF_OPEN` when all trials are taken.
        retry_after: Seconds after which asking again makes sense.
    """

    state: CircuitState
    retry_after: float


@dataclass(frozen=True, slots=True)
class Stats:
    """What the breaker has counted since it was made.

    Attributes:
        state: Its present state.
        total_requests: Permits given.
        total_successes: Permits reported as succeeded, late reports included.
        total_failures: Permits reported as failed, late reports included.
        consecutive_failures: Failures since the last success, as the state counts them.
        rejected: Requests that were denied.
        last_failure: Monotonic seconds of the last failure, `None` before the first.
        retry_after: Seconds until an open circuit admits trials; 0.0 otherwise.
    """

    state: CircuitState
    total_requests: int
    total_successes: int
    total_failures: int
    consecutive_failures: int
    rejected: int
    last_failure: float | None
    retry_after: float


class CircuitBreaker:
    """Permits first, reports later.

    `max_failures` failures in a row open the circuit. After `open_timeout` seconds it is
    half-open: at most `success_threshold` trials at a time, as many successes close it and one
    failure opens it again. A report that belongs to an earlier generation moves no state.

    Args:
        max_failures: Failures in a row that open the circuit.
        success_threshold: Trials at a time, and successes that close the circuit.
        open_timeout: Seconds that the circuit stays open.
        own_grace: Seconds without a request of a user's after which the connector's own requests
            may be trials.
        trial_lease: Seconds after which the place of a trial that nobody reported is given back.
    """

    def __init__(
        self,
        max_failures: int,
        success_threshold: int,
        open_timeout: float,
        *,
        own_grace: float = 1.0,
        trial_lease: float = 30.0,
    ) -> None:
        self._open_timeout = open_timeout
        self._own_grace = own_grace
        self._trial_lease = trial_lease
        self._success_threshold = success_threshold
        self._state = CircuitState.CLOSED
        self._generation = 0
        self._serial = 0
        self._now = 0.0
        self._opened_at = 0.0
        self._asked_at = 0.0
        self._trials: dict[int, float] = {}
        self._outstanding: dict[int, None] = {}
        self._changes: list[tuple[CircuitState, CircuitState]] = []
        self._successes = self._failures = self._rejected = 0
        self._last_failure: float | None = None
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=max_failures,
            success_threshold=success_threshold,
            listeners=[_Listener(self._changed)],
            throw_new_error_on_trip=False,
        )

    @property
    def state(self) -> CircuitState:
        """The state as the last permit or report left it; an open circuit waits for a permit."""
        return self._state

    def permit(self, now: float, own: bool = False) -> Permit | Denied:
        """Leave for one request, or how long to wait.

        Args:
            now: Monotonic seconds.
            own: One of the connector's own requests (clock, limits). While the circuit might
                admit a trial these wait for a user's request, so that they do not take its place.
        """
        state = self.state
        if state is not CircuitState.CLOSED and (wait := self._wait(state, now, own)) > 0.0:
            self._rejected += 1
            return Denied(state, wait)
        if state is CircuitState.OPEN:
            self._now = now
            self._breaker.half_open()
        self._serial += 1
        if state is not CircuitState.CLOSED:
            self._trials[self._serial] = now + self._trial_lease
        self._outstanding[self._serial] = None
        if len(self._outstanding) > _MOST_OUTSTANDING:
            del self._outstanding[next(iter(self._outstanding))]
        return Permit(self._generation, self._serial)

    def succeeded(self, permit: Permit, now: float) -> None:
        """The exchange answered as it should."""
        if self._settled(permit):
            return
        self._successes += 1
        if self._counts(permit):
            self._now = now
            self._breaker.call(_succeed)

    def failed(self, permit: Permit, now: float) -> None:
        """The exchange could not be reached or failed."""
        if self._settled(permit):
            return
        self._failures += 1
        self._last_failure = now
        if self._counts(permit):
            self._now = now
            with contextlib.suppress(_Failure):
                self._breaker.call(_fail)

    def excluded(self, permit: Permit, now: float) -> None:
        """The request says nothing about the exchange: a trial's place is given back."""
        del now
        if not self._settled(permit) and self._trials.pop(permit.serial, None) is not None:
            self._asked_at = -math.inf  # a user's trial that settles nothing keeps no own one back

    def reset(self, now: float) -> None:
        """Close the circuit and forget the failures; requests under way no longer count."""
        self._now = now
        self._breaker.close()

    def changes(self) -> list[tuple[CircuitState, CircuitState]]:
        """The changes of state, (from, to), since this was last asked, oldest first."""
        changes, self._changes = self._changes, []
        return changes

    def stats(self, now: float) -> Stats:
        """What has been counted so far."""
        state = self.state
        return Stats(
            state=state,
            total_requests=self._serial,
            total_successes=self._successes,
            total_failures=self._failures,
            consecutive_failures=self._breaker.fail_counter,
            rejected=self._rejected,
            last_failure=self._last_failure,
            retry_after=max(0.0, self._ends_at - now) if state is CircuitState.OPEN else 0.0,
        )

    @property
    def _ends_at(self) -> float:
        return self._opened_at + self._open_timeout

    def _wait(self, state: CircuitState, now: float, own: bool) -> float:
        """Seconds until a trial may leave; 0.0 if one may leave now."""
        if state is CircuitState.OPEN and now < self._ends_at:
            return self._ends_at - now + (self._own_grace if own else 0.0)
        if own:
            quiet_since = max(self._ends_at, self._asked_at)
            if (wait := quiet_since + self._own_grace - now) > 0.0:
                return wait
        else:
            self._asked_at = now
        for serial in [serial for serial, end in self._trials.items() if end <= now]:
            del self._trials[serial]
        if len(self._trials) < self._success_threshold:
            return 0.0
        return min(_LOOK_AGAIN, min(self._trials.values()) - now)

    def _settled(self, permit: Permit) -> bool:
        """Whether this permit was reported before."""
        if permit.serial not in self._outstanding:
            return True
        del self._outstanding[permit.serial]
        return False

    def _counts(self, permit: Permit) -> bool:
        """Whether a report still speaks of the present state; ends its trial."""
        if permit.generation != self._generation:
            return False
        if self.state is CircuitState.HALF_OPEN:
            # A trial whose lease has ended gave its place to another, and its vote with it.
            return self._trials.pop(permit.serial, None) is not None
        return True

    def _changed(self, new: CircuitState) -> None:
        """Every change, also a reset of a closed circuit, begins a generation."""
        old, self._state = self._state, new
        self._generation += 1
        self._trials.clear()
        if new is CircuitState.OPEN:
            self._opened_at = self._now
        if new is not old:
            self._changes.append((old, new))


class _Listener(pybreaker.CircuitBreakerListener):
    """Hears of pybreaker's changes. It is called under pybreaker's lock: it only takes note."""

    def __init__(self, changed: Callable[[CircuitState], None]) -> None:
        self._changed = changed

    def state_change(
        self,
        cb: pybreaker.CircuitBreaker,
        old_state: pybreaker.CircuitBreakerState | None,
        new_state: pybreaker.CircuitBreakerState,
    ) -> None:
        """Pass the change on."""
        del cb, old_state
        self._changed(CircuitState(new_state.name))
