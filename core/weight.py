"""The request weight that one host and port has been sent, as the exchange may be counting it.

The exchange counts a request when it arrives there, which this side never sees: only that it
left, and when the answer came. So a request counts here from before it leaves until a whole
period after its answer. Two requests that can fall into one period of the exchange's, aligned or
sliding, therefore always count together.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge


@dataclass(frozen=True, slots=True)
class Reservation:
    """Weight set aside for one request: to be completed, or cancelled if it never left.

    Attributes:
        number: Tells reservations apart.
        weight: Its request weight.
        departed: Monotonic seconds at which it was reserved; it leaves at once.
    """

    number: int
    weight: int
    departed: float


@dataclass(frozen=True, slots=True)
class NotBefore:
    """It does not fit now.

    Attributes:
        at: Monotonic seconds at which it fits if nothing else is sent; infinite if it never does.
    """

    at: float


@dataclass(frozen=True, slots=True)
class _Sent:
    """A request that was answered, or given up."""

    weight: int
    departed: float
    expires: float


@dataclass(frozen=True, slots=True)
class _Foreign:
    """Weight that others sent from this address, and the end of the exchange's minute."""

    weight: int
    until: float


class WeightWindow:
    """What one host and port has been sent within the last period; shared by several connectors.

    Not locked: its owner is.

    Args:
        period: Seconds for which the exchange counts a request.
    """

    def __init__(self, period: float = 60.0) -> None:
        self._period = period
        self._number = 0
        self._in_flight: dict[int, Reservation] = {}
        self._in_flight_weight = 0
        self._sent: deque[_Sent] = deque()
        self._sent_weight = 0
        self._foreign: list[_Foreign] = []
        self._blocked_until = -math.inf

    def used(self, now: float) -> int:
        """The weight that counts now: ours, and what the exchange says that others sent."""
        self._expire(now)
        return self._in_flight_weight + self._sent_weight + self._foreign_at(now)

    def ready_at(self, weight: int, budget: int, now: float) -> float:
        """When a request fits if nothing else is sent: `now`, or later; infinite if it never does."""
        if weight > budget:
            return math.inf
        if self.used(now) + weight > budget:
            return max(self._blocked_until, self._fits_at(budget - weight, now))
        return max(self._blocked_until, now)

    def reserve(self, weight: int, budget: int, now: float) -> Reservation | NotBefore:
        """Set weight aside for a request that leaves at once, or say when it will fit.

        Args:
            weight: The request's weight.
            budget: The most that may count at once, this request included.
            now: Monotonic seconds.
        """
        if (at := self.ready_at(weight, budget, now)) > now:
            return NotBefore(at)
        self._number += 1
        reservation = Reservation(self._number, weight, now)
        self.count(reservation)
        return reservation

    def count(self, reservation: Reservation) -> None:
        """Count what another window has reserved, from now on as if it had been reserved here."""
        self._in_flight[reservation.number] = reservation
        self._in_flight_weight += reservation.weight

    def cancel(self, reservation: Reservation) -> None:
        """The request never left. Once completed or cancelled, a reservation stays so."""
        if self._in_flight.pop(reservation.number, None) is not None:
            self._in_flight_weight -= reservation.weight

    def complete(self, reservation: Reservation, now: float) -> None:
        """The answer came, or the deadline passed and none will be waited for."""
        if self._in_flight.pop(reservation.number, None) is None:
            return
        self._in_flight_weight -= reservation.weight
        expires = now + self._period
        if self._sent:
            # Owners on several threads may come in another order than they looked at the clock.
            expires = max(expires, self._sent[-1].expires)
        self._sent.append(_Sent(reservation.weight, reservation.departed, expires))
        self._sent_weight += reservation.weight

    def observe(self, used: int, now: float, minute_start: float, minute_end: float) -> None:
        """Take the exchange's own count into account, which only ever raises ours.

        What it counts beyond the requests that departed from here in its minute, others sent from
        this address. That counts until the minute ends; of several such observations in a minute
        the largest.

        Args:
            used: The weight that the exchange says was used in its calendar minute.
            now: Monotonic seconds.
            minute_start: When that minute began, in monotonic seconds.
            minute_end: When it ends.
        """
        if minute_end <= now or used <= self._foreign_at(now):
            return
        requests: list[_Sent | Reservation] = [*self._sent, *self._in_flight.values()]
        ours = sum(
            request.weight for request in requests if minute_start <= request.departed < minute_end
        )
        if used > ours:
            # Foreign weight that another outlasts or equals says nothing any more.
            new = _Foreign(used - ours, minute_end)
            self._foreign = [old for old in self._foreign if not _covers(new, old)]
            if not any(_covers(old, new) for old in self._foreign):
                self._foreign.append(new)

    def block_until(self, at: float) -> None:
        """The exchange refuses this address (429, 418) until then; never shortened."""
        self._blocked_until = max(self._blocked_until, at)

    def blocked(self, now: float) -> float | None:
        """For how many seconds the exchange still refuses; `None` if it does not."""
        return self._blocked_until - now if self._blocked_until > now else None

    def _expire(self, now: float) -> None:
        sent = self._sent
        while sent and sent[0].expires <= now:
            self._sent_weight -= sent.popleft().weight
        if self._foreign and any(foreign.until <= now for foreign in self._foreign):
            self._foreign = [foreign for foreign in self._foreign if foreign.until > now]

    def _foreign_at(self, at: float) -> int:
        return max((foreign.weight for foreign in self._foreign if foreign.until > at), default=0)

    def _fits_at(self, room: int, now: float) -> float:
        """The first time at which no more than `room` counts, if nothing else is sent."""
        self._expire(now)
        at = now
        ours = self._in_flight_weight + self._sent_weight
        leaving = self._leaving(now)
        while ours + self._foreign_at(at) > room:
            # At the last of these nothing is left, so that this ends.
            at, weight = next(leaving)
            ours -= weight
        return at

    def _leaving(self, now: float) -> Iterator[tuple[float, int]]:
        """When weight will stop counting, in order of time; foreign weight has its own times."""
        # Requests in flight are answered now at the earliest.
        others = [(now + self._period, self._in_flight_weight)]
        others += [(foreign.until, 0) for foreign in self._foreign]
        sent = ((sent.expires, sent.weight) for sent in self._sent)
        return merge(sent, sorted(others))


def _covers(one: _Foreign, other: _Foreign) -> bool:
    """Whether `other` adds nothing to `one`."""
    return one.weight >= other.weight and one.until >= other.until
