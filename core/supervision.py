"""What becomes of a part of the connector that died, or does not come back from its work."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..messages.health import Restart as RestartNote

FIRST_DELAY: Final = 0.05
"""Seconds before the second restart within the period; doubled for each further one."""
LONGEST_DELAY: Final = 2.0
"""No restart waits longer than this, in seconds."""
LEDGER: Final = 100
"""So many of the newest restarts are remembered."""


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """One part of the connector.

    Attributes:
        name: What it is called, in health reports too.
        busy_limit: Seconds that one message may take it; beyond that it counts as hung.
    """

    name: str
    busy_limit: float


@dataclass(frozen=True, slots=True)
class Restart:
    """Start it again.

    Attributes:
        after: Seconds to wait before.
    """

    after: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """It dies too often: starting it again will not mend it.

    Attributes:
        restarts: How often it was restarted within the period.
    """

    restarts: int


class RestartBudget:
    """How often one child may be restarted within any period.

    Args:
        max_restarts: The most restarts.
        period: Seconds.
    """

    def __init__(self, max_restarts: int, period: float) -> None:
        self._max_restarts = max_restarts
        self._period = period
        self._restarted: deque[float] = deque()
        self._total = 0

    @property
    def total(self) -> int:
        """Restarts so far, long past ones included."""
        return self._total

    def spend(self, now: float) -> int | None:
        """Take one restart: how many preceded it within the period, `None` if none is left."""
        recent = self.recent(now)
        if recent >= self._max_restarts:
            return None
        self._restarted.append(now)
        self._total += 1
        return recent

    def recent(self, now: float) -> int:
        """Restarts within the period that ends now."""
        while self._restarted and self._restarted[0] + self._period <= now:
            self._restarted.popleft()
        return len(self._restarted)


class RestartLedger:
    """What was replaced, when and why: the newest of all, and the last of each child."""

    def __init__(self) -> None:
        self._newest: deque[RestartNote] = deque(maxlen=LEDGER)
        self._last: dict[str, RestartNote] = {}

    def note(self, restart: RestartNote) -> None:
        """Remember one."""
        self._newest.append(restart)
        self._last[restart.component] = restart

    def last(self, name: str) -> RestartNote | None:
        """A child's last; None if it never was replaced."""
        return self._last.get(name)

    def newest(self) -> tuple[RestartNote, ...]:
        """The newest of all, oldest first."""
        return tuple(self._newest)


class Supervision:
    """Decides about each child by itself: one that keeps dying costs no other its restarts.

    The first restart within the period comes at once, for most faults are gone by then; each
    further one waits twice as long as the one before it.

    Args:
        max_restarts: Restarts of one child within `period` before it is given up.
        period: Seconds.
        random: Uniform between 0.0 and 1.0: shortens each wait by up to half, so that children
            that died together do not all come back together. `None` leaves the waits as they are.
    """

    def __init__(
        self, max_restarts: int, period: float, random: Callable[[], float] | None = None
    ) -> None:
        self._max_restarts = max_restarts
        self._period = period
        self._random = random
        self._budgets: dict[str, RestartBudget] = {}

    def died(self, name: str, now: float) -> Restart | GiveUp:
        """What to do about a child that died just now."""
        budget = self._budgets.get(name)
        if budget is None:
            budget = self._budgets[name] = RestartBudget(self._max_restarts, self._period)
        before = budget.spend(now)
        if before is None:
            return GiveUp(budget.recent(now))
        return Restart(self._delay(before))

    def restarts(self, name: str) -> int:
        """How often a child was restarted since the connector started."""
        budget = self._budgets.get(name)
        return budget.total if budget is not None else 0

    def left(self, name: str, now: float) -> int:
        """How often a child may still be restarted within the period that ends now."""
        budget = self._budgets.get(name)
        return self._max_restarts - (budget.recent(now) if budget is not None else 0)

    def _delay(self, before: int) -> float:
        if not before:
            return 0.0
        # 2**10 is far beyond the cap already, and a larger power might overflow.
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(before - 1, 10))
        return delay if self._random is None else delay * (1.0 - self._random() / 2.0)


def is_hung(busy_since: float | None, now: float, limit: float) -> bool:
    """Whether a child has been at one message for longer than `limit` seconds.

    Args:
        busy_since: When it began with the message, in monotonic seconds; `None` while it idles.
        now: Monotonic seconds.
        limit: Seconds.
    """
    return busy_since is not None and now - busy_since > limit
