"""Two limits of request weight at a time: a minute's, and that of a burst within it.

Some exchanges count a second, shorter period beside the long one. A request leaves when it fits
into both, and counts in both: each as `core.weight` has it.
"""

from __future__ import annotations

import math

from .weight import NotBefore, Reservation, WeightWindow


class WeightLimits:
    """What one host and port has been sent within the last period, and within the last burst's.

    Not locked: its owner is.

    Args:
        period: Seconds for which the exchange counts a request.
        burst: The most weight within `burst_period` seconds, whatever the budget of who asks; None
            where there is no such limit.
    """

    def __init__(
        self, period: float = 60.0, burst: int | None = None, burst_period: float = 0.0
    ) -> None:
        self._long = WeightWindow(period)
        self._short = None if burst is None else WeightWindow(burst_period)
        self._burst = math.inf if burst is None else burst

    def admits(self, weight: int) -> bool:
        """Whether a request of this weight can ever leave, by the burst's limit."""
        return weight <= self._burst

    def used(self, now: float) -> int:
        """The weight that counts now in the long period."""
        return self._long.used(now)

    def reserve(self, weight: int, budget: int, now: float) -> Reservation | NotBefore:
        """Set weight aside for a request that leaves at once, or say when it will fit.

        Args:
            weight: The request's weight.
            budget: The most that may count at once in the long period, this request included.
            now: Monotonic seconds.
        """
        short = self._short
        if short is None:
            return self._long.reserve(weight, budget, now)
        if (at := short.ready_at(weight, int(self._burst), now)) > now:
            return NotBefore(max(at, self._long.ready_at(weight, budget, now)))
        reservation = self._long.reserve(weight, budget, now)
        if isinstance(reservation, Reservation):
            short.count(reservation)
        return reservation

    def cancel(self, reservation: Reservation) -> None:
        """The request never left. Once completed or cancelled, a reservation stays so."""
        self._long.cancel(reservation)
        if self._short is not None:
            self._short.cancel(reservation)

    def complete(self, reservation: Reservation, now: float) -> None:
        """The answer came, or the deadline passed and none will be waited for."""
        self._long.complete(reservation, now)
        if self._short is not None:
            self._short.complete(reservation, now)

    def observe(self, used: int, now: float, minute_start: float, minute_end: float) -> None:
        """The exchange's own count of the long period; see `WeightWindow.observe`."""
        self._long.observe(used, now, minute_start, minute_end)

    def block_until(self, at: float) -> None:
        """The exchange refuses this address (429, 418) until then; never shortened."""
        self._long.block_until(at)

    def blocked(self, now: float) -> float | None:
        """For how many seconds the exchange still refuses; `None` if it does not."""
        return self._long.blocked(now)
