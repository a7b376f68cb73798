"""What a request must wait for before it may leave: its turn, a place, the pace, and weight."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...core.limiter import Lanes, Pacer
from ...core.weight import NotBefore
from ...messages.config import Config
from ...venues.driver import Lane
from .call import Call, Phase
from .ledger import HostLedger

_SPARED = 60
"""One part in so many of the request weight is for cancelling only."""
_LOOK_AGAIN = 0.5
"""Weight may come free earlier than foreseen: another connector of the process gave some back."""


@dataclass(frozen=True, slots=True)
class Go:
    """This call may leave; it holds a place, and its weight is reserved."""

    call: Call


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing may leave; ask again at this monotonic time."""

    at: float


@dataclass(frozen=True, slots=True)
class Expired:
    """This call's time is over; it takes nothing any more."""

    call: Call


@dataclass(frozen=True, slots=True)
class Silence:
    """The exchange wants silence for so many seconds: nobody waits for that."""

    call: Call
    seconds: float


class Gate:
    """The calls that wait, most urgent lane first; nothing overtakes the first.

    Attributes:
        not_before: When there may be weight again for what last found none; what a
            `RateLimitError` tells.

    Args:
        places: How many calls may be on their way at a time.
        budget: The most request weight within a period; `budget` may change.
    """

    def __init__(self, config: Config, ledger: HostLedger, places: int, budget: int) -> None:
        # With a key, a place and some weight are kept for what stops risk.
        self._is_sparing = bool(config.exchange.api_key) and places > 1
        self.budget = budget
        self.not_before = -math.inf
        self._is_limited = config.rate_limit.enabled
        self._ledger = ledger
        self._places = places
        self._lanes: Lanes[Call] = Lanes()
        self._pacer = Pacer(config.rate_limit.request_delay)

    def admits(self, weight: int) -> bool:
        """Whether a request of this weight can ever leave."""
        return not self._is_limited or (weight <= self.budget and self._ledger.admits(weight))

    def queue(self, call: Call) -> None:
        """Wait in the call's lane."""
        call.phase = Phase.WAITING
        self._lanes.push(call.endpoint.lane, call)

    def next(self, now: float) -> Go | Wait | Silence | Expired | None:
        """What may happen now; None where nothing waits, or only for a place."""
        call = self._lanes.peek()
        if call is None:
            return None
        if call.deadline <= now:
            return Expired(call)
        seconds = self._ledger.blocked(now)
        if seconds is not None:
            return Silence(call, seconds)
        is_spared = self._is_sparing and call.endpoint.lane != Lane.CANCEL
        if self._places <= is_spared:
            return None
        if (ready := self._pacer.ready_at(now)) > now:
            return Wait(ready)
        if self._is_limited:
            spared = min(self.budget // _SPARED, self.budget - call.weight) if is_spared else 0
            granted = self._ledger.reserve(call.weight, self.budget - spared, now)
            if isinstance(granted, NotBefore):
                self.not_before = granted.at
                return Wait(min(granted.at, now + _LOOK_AGAIN))
            call.reservation = granted
        self._lanes.pop_first()
        self._places -= 1
        self._pacer.departed(now)
        return Go(call)

    def leave_queue(self, call: Call) -> None:
        """It does not wait any more."""
        self._lanes.remove(call)

    def give_back(self, call: Call, now: float, *, has_left: bool) -> None:
        """Its place, and, if it never left, its weight."""
        self._places += 1
        if call.reservation is not None:
            if has_left:
                self._ledger.complete(call.reservation, now)
            else:
                self._ledger.cancel(call.reservation)
            call.reservation = None
