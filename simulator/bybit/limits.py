"""What an address and an account may do.

Source: rate-limit/rate-limit.mdx: 600 requests in five seconds and 500 websockets in five minutes
of one address; of one account so many requests of each endpoint in a second that rolls on. Past the
first the address is refused with HTTP 403, and is free again after ten minutes. The documentation
does not say how an upgrade past the limit is refused: here with 403 too.
"""

from __future__ import annotations

import time
from collections import deque

from ..bans import Bans
from ..clock import Clock
from .errors import too_frequent

IP_WINDOW_S = 5.0
DIALS_WINDOW_S = 300.0
UID_WINDOW_S = 1.0
BAN_S = 600.0


class Rolling:
    """Counts what happened in the last `seconds`, by the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._times: deque[float] = deque()

    @property
    def count(self) -> int:
        """How much it was."""
        oldest = time.monotonic() - self._seconds
        while self._times and self._times[0] <= oldest:
            self._times.popleft()
        return len(self._times)

    def add(self) -> int:
        """Count one more, and return how much it is with that."""
        self._times.append(time.monotonic())
        return self.count

    def wait(self) -> float:
        """Seconds until the oldest is forgotten."""
        if not self.count:
            return 0.0
        return max(0.0, self._times[0] + self._seconds - time.monotonic())


class AddressLimits(Bans):
    """The limits of the one address that clients of a loopback port have; 0 dials allow all."""

    window = "five seconds"

    def __init__(self, clock: Clock, max_requests: int, max_dials: int) -> None:
        super().__init__(clock)
        self.max_requests = max_requests
        self.max_dials = max_dials
        self.peak = 0
        self._requests = Rolling(IP_WINDOW_S)
        self._dials = Rolling(DIALS_WINDOW_S)

    @property
    def used(self) -> int:
        """Requests of the last five seconds."""
        return self._requests.count

    def request(self) -> None:
        """Count a request; raises `Refused` 403 past the limit and during a ban."""
        used = self._requests.add()
        self.peak = max(self.peak, used)
        if self.until_ms is None and used > self.max_requests:
            self.ban(BAN_S)
        if self.until_ms is not None:
            raise too_frequent()

    def dial(self) -> None:
        """Count an upgrade; raises `Refused` 403 past the limit."""
        if 0 < self.max_dials < self._dials.add():
            raise too_frequent()

    def flooded(self) -> None:
        """Nothing limits the messages of a websocket."""


class AccountLimits:
    """Requests of each endpoint and account in the last second; `own` replaces every limit."""

    def __init__(self, clock: Clock, own: int | None) -> None:
        self._clock = clock
        self._own = own
        self._used: dict[tuple[int, str], Rolling] = {}

    def use(self, uid: int, path: str, documented: int) -> tuple[dict[str, str], bool]:
        """Count a request; the headers that tell of the limit, and whether it is within.

        A refused request does not count.
        """
        most = documented if self._own is None else self._own
        rolling = self._used.setdefault((uid, path), Rolling(UID_WINDOW_S))
        within = rolling.count < most
        wait_s = 0.0 if within else rolling.wait()
        left = most - rolling.add() if within else 0
        reset_ms = self._clock.milliseconds() + round(wait_s * 1_000)
        headers = {
            "X-Bapi-Limit": str(most),
            "X-Bapi-Limit-Status": str(left),
            "X-Bapi-Limit-Reset-Timestamp": str(reset_ms),
        }
        return headers, within
