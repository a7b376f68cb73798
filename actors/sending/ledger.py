"""What the connectors of this process have sent to one host: shared, so that none exceeds it.

The only state that rooms of different connectors share. Each call is one step under a lock.
"""

from __future__ import annotations

import math
import threading
import time
from urllib.parse import urlsplit

from ...core.limiter import DialBudget
from ...core.weight import NotBefore, Reservation
from ...core.weight_limits import WeightLimits
from ...venues.driver import Limits
from ..base.forks import in_child


class HostLedger:
    """Request weight and connection attempts of one host and port; times are monotonic seconds.

    Attributes:
        users: How many connectors hold it.
    """

    def __init__(self, limits: Limits) -> None:
        self._lock = threading.Lock()
        self._weights = WeightLimits(limits.weight_period, limits.burst, limits.burst_period)
        self._dials = DialBudget(limits.dials, limits.dial_period)
        self._dial_period = limits.dial_period
        self.users = 0
        self._dialled_at = -math.inf

    def admits(self, weight: int) -> bool:
        """Whether a request of this weight can ever leave, whatever else is sent."""
        return self._weights.admits(weight)

    def reserve(self, weight: int, budget: int, now: float) -> Reservation | NotBefore:
        """Take weight for a request about to leave, or learn when there may be room."""
        with self._lock:
            return self._weights.reserve(weight, budget, now)

    def cancel(self, reservation: Reservation) -> None:
        """The request never left."""
        with self._lock:
            self._weights.cancel(reservation)

    def complete(self, reservation: Reservation, now: float) -> None:
        """The request's answer came, or is not waited for any longer."""
        with self._lock:
            self._weights.complete(reservation, now)

    def observe(self, used: int, now: float, minute_start: float, minute_end: float) -> None:
        """The exchange's own count for its current minute."""
        with self._lock:
            self._weights.observe(used, now, minute_start, minute_end)

    def used(self, now: float) -> int:
        """The weight that counts now."""
        with self._lock:
            return self._weights.used(now)

    def block_until(self, at: float) -> None:
        """The exchange wants silence until then."""
        with self._lock:
            self._weights.block_until(at)

    def blocked(self, now: float) -> float | None:
        """For how many seconds the exchange still wants silence; None where it does not."""
        with self._lock:
            return self._weights.blocked(now)

    def dial(self, now: float) -> float:
        """Take a connection attempt: 0.0, or the seconds until there is one."""
        with self._lock:
            wait = max(self._dials.ready_at(now) - now, self._weights.blocked(now) or 0.0)
            if wait > 0:
                return wait
            self._dials.dialled(now)
            self._dialled_at = now
            return 0.0

    def is_idle(self, now: float) -> bool:
        """Whether nothing that was sent counts any more."""
        with self._lock:
            is_silent = self._weights.blocked(now) is None and not self._weights.used(now)
            return is_silent and now - self._dialled_at > self._dial_period


_ledgers: dict[tuple[str, int], HostLedger] = {}
_lock = threading.Lock()
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


def ledger_of(url: str, limits: Limits) -> HostLedger:
    """The ledger of a URL's host and port, the same for every connector in the process.

    So it is for the markets of one exchange, whose limits are one budget.
    What was sent counts on when its connector has stopped (and has given the ledger back).
    """
    parts = urlsplit(url)
    key = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    now = time.monotonic()
    with _lock:
        for other, ledger in tuple(_ledgers.items()):
            if not ledger.users and ledger.is_idle(now):
                del _ledgers[other]
        found = _ledgers.setdefault(key, HostLedger(limits))
        found.users += 1
        return found


@in_child
def _renew() -> None:
    """Another thread may have held the locks; what was sent counts in the parent's ledgers."""
    global _lock
    _lock = threading.Lock()
    _ledgers.clear()


def give_back(ledger: HostLedger) -> None:
    """A connector does not use it any more."""
    with _lock:
        ledger.users -= 1
