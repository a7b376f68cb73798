"""What one IP address may do: request weight, requests, dials; and the message rate of a socket.

Source: rest-api.md "LIMITS", web-socket-api.md "Rate limits", web-socket-streams.md "WebSocket
Limits", errors.md. All windows are aligned to the exchange's clock. The documentation does not
say

- how many refused requests lead to a ban, nor that refused requests count as weight: here they
  do count, and `PATIENCE` refusals within a minute are answered 429 before the ban;
- how many disconnected floods lead to a ban: here `FLOODS` within five minutes;
- how an upgrade past the limit is refused: here with 429 and code -1034.
"""

from __future__ import annotations

import math

from ..bans import Bans
from ..clock import Clock
from .errors import banned, too_many_dials, too_many_requests, too_much_weight

MINUTE_MS = 60_000
FIVE_MINUTES_MS = 5 * MINUTE_MS
PATIENCE = 5
FLOODS = 5
FIRST_BAN_S = 120.0  # "IP bans scale in duration from 2 minutes to 3 days"
LONGEST_BAN_S = 3 * 86_400.0


class Window:
    """A count that begins anew with each calendar-aligned window of the exchange's clock."""

    def __init__(self, clock: Clock, width_ms: int) -> None:
        self._clock = clock
        self._width = width_ms
        self._number = -1
        self._count = 0

    @property
    def count(self) -> int:
        """What was counted in the present window."""
        number = self._clock.milliseconds() // self._width
        if number != self._number:
            self._number = number
            self._count = 0
        return self._count

    def add(self, amount: int) -> int:
        """Count `amount` and return the sum."""
        self._count = self.count + amount
        return self._count

    @property
    def end_ms(self) -> int:
        """When the next window begins."""
        now = self._clock.milliseconds()
        return now - now % self._width + self._width


class AddressLimits(Bans):
    """The limits of the one address that clients of a loopback port have.

    A limit of 0 for requests or dials allows all. Upgrades of market streams are refused only in a
    ban that `flooded` brought.
    """

    window = "this minute"

    def __init__(self, clock: Clock, max_weight: int, max_requests: int, max_dials: int) -> None:
        super().__init__(clock)
        self.max_weight = max_weight
        self.max_requests = max_requests
        self.max_dials = max_dials
        self.peak = 0
        self._weight = Window(clock, MINUTE_MS)
        self._refusals = Window(clock, MINUTE_MS)
        self._requests = Window(clock, FIVE_MINUTES_MS)
        self._dials = Window(clock, FIVE_MINUTES_MS)
        self._floods = Window(clock, FIVE_MINUTES_MS)
        self._earned = 0  # bans
        self._sockets_banned = False

    @property
    def used(self) -> int:
        """Weight used in the present minute."""
        return self._weight.count

    def request(self, weight: int) -> None:
        """Count one REST request of `weight`.

        Raises:
            ApiError: with status 429 past a limit, with 418 during a ban.
        """
        self.check_ban()
        if 0 < self.max_requests < self._requests.add(1):
            self._refused()
            raise too_many_requests(self.max_requests, *self._until(self._requests))
        self.spend(weight)

    def spend(self, weight: int) -> None:
        """Count `weight`; raises as `request` does."""
        self.check_ban()
        used = self._weight.add(weight)
        self.peak = max(self.peak, used)
        if used > self.max_weight:
            self._refused()
            raise too_much_weight(self.max_weight, *self._until(self._weight))

    def dial(self) -> None:
        """Count a websocket upgrade.

        Raises:
            ApiError: with status 429 past the limit, with 418 while sockets are banned.
        """
        if self._sockets_banned:
            self.check_ban()
            self._sockets_banned = False
        if 0 < self.max_dials < self._dials.add(1):
            raise too_many_dials(self.max_dials, *self._until(self._dials))

    def flooded(self) -> None:
        """A websocket was disconnected for its many messages; repeated, it bans the address."""
        if self._floods.add(1) >= FLOODS:
            self._floods.add(-FLOODS)
            self._ban_longer()
            self._sockets_banned = True

    def check_ban(self) -> None:
        """Raise `ApiError` 418 while the address is banned."""
        until = self.until_ms
        if until is not None:
            raise banned(until, _seconds(until - self._clock.milliseconds()))

    def _refused(self) -> None:
        """Count a refusal; one too many bans."""
        if self._refusals.add(1) > PATIENCE:
            self._refusals.add(-self._refusals.count)
            self._ban_longer()
            self.check_ban()

    def _ban_longer(self) -> None:
        self.ban(min(FIRST_BAN_S * 2**self._earned, LONGEST_BAN_S))
        self._earned += 1

    def _until(self, window: Window) -> tuple[int, int]:
        """Seconds until the next window, and when that is."""
        return _seconds(window.end_ms - self._clock.milliseconds()), window.end_ms


def _seconds(milliseconds: int) -> int:
    return max(1, math.ceil(milliseconds / 1_000))
