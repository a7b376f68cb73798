"""Bans of the one address that clients of a loopback port have."""

from __future__ import annotations

from itertools import count

from .clock import Clock


class Bans:
    """Bans by their numbers; the longest of several counts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until_ms: dict[int, int] = {}
        self._numbers = count(1)

    @property
    def until_ms(self) -> int | None:
        """When the address is free again, by the exchange's clock; `None` if it is free."""
        self._forget()
        return max(self._until_ms.values(), default=None)

    def ban(self, seconds: float) -> int:
        """Ban the address from now on for `seconds`; the ban's number."""
        number = next(self._numbers)
        self._until_ms[number] = self._clock.milliseconds() + int(seconds * 1_000)
        return number

    def lift(self, number: int) -> None:
        """End one ban."""
        self._until_ms.pop(number, None)

    def lift_all(self) -> None:
        """End every ban."""
        self._until_ms.clear()

    def is_over(self, number: int) -> bool:
        """Whether a ban has ended."""
        self._forget()
        return number not in self._until_ms

    def _forget(self) -> None:
        """What has ended has ended for good, whatever the clock does."""
        now = self._clock.milliseconds()
        self._until_ms = {one: until for one, until in self._until_ms.items() if until > now}
