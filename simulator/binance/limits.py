"""The request weight of an IP address, and the message rate of a websocket.

Source: rest-api.md "LIMITS", web-socket-streams.md "WebSocket Limits". The documentation does
not say how many refused requests lead to a ban, nor that refused requests count as weight; here
they do count, and `PATIENCE` refusals within a minute are answered 429 before the ban.
"""

from __future__ import annotations

import math
from collections import deque

from ..clock import Clock
from .errors import ApiError, banned, too_much_weight

MINUTE_MS = 60_000
PATIENCE = 5
FIRST_BAN_S = 120.0  # "IP bans scale in duration from 2 minutes to 3 days"
LONGEST_BAN_S = 3 * 86_400.0


class WeightMeter:
    """Counts request weight in calendar-aligned minutes of the exchange's clock."""

    def __init__(self, clock: Clock, limit: int) -> None:
        self.limit = limit
        self.peak = 0
        self._clock = clock
        self._minute = -1
        self._used = 0
        self._refused = 0
        self._bans = 0
        self._banned_until_ms = 0

    @property
    def used(self) -> int:
        """Weight used in the present minute."""
        self._turn()
        return self._used

    def spend(self, weight: int) -> None:
        """Count `weight`.

        Raises:
            ApiError: with status 429 past the limit, with 418 during a ban.
        """
        self._turn()
        self.check_ban()
        self._used += weight
        self.peak = max(self.peak, self._used)
        if self._used > self.limit:
            raise self._refusal()

    def check_ban(self) -> None:
        """Raise `ApiError` 418 while the address is banned."""
        now = self._clock.milliseconds()
        if now < self._banned_until_ms:
            raise banned(self._banned_until_ms, _seconds(self._banned_until_ms - now))

    def ban(self, seconds: float) -> None:
        """Ban the address from now on for `seconds`; 0 lifts a ban."""
        self._banned_until_ms = self._clock.milliseconds() + int(seconds * 1_000)

    def _turn(self) -> None:
        minute = self._clock.milliseconds() // MINUTE_MS
        if minute != self._minute:
            self._minute = minute
            self._used = self._refused = 0

    def _refusal(self) -> ApiError:
        self._refused += 1
        if self._refused > PATIENCE:
            self._refused = 0
            self.ban(min(FIRST_BAN_S * 2**self._bans, LONGEST_BAN_S))
            self._bans += 1
            self.check_ban()
        remaining = MINUTE_MS - self._clock.milliseconds() % MINUTE_MS
        return too_much_weight(self.limit, _seconds(remaining))


class MessageRate:
    """At most `limit` incoming websocket messages in any second; 0 allows all."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._times: deque[float] = deque(maxlen=limit + 1)

    def exceeded(self, now: float) -> bool:
        """Count a message at monotonic time `now` and say whether it was one too many."""
        self._times.append(now)
        return 0 < self._limit < len(self._times) and now - self._times[0] < 1.0


def _seconds(milliseconds: int) -> int:
    return max(1, math.ceil(milliseconds / 1_000))
