"""What a client made of a fault: when it told its user, when data was back, what was lost.

A pure machine. It is lenient, since clients tell in many ways and most do not say what is missing:
whatever a client tells between the fault and live data counts as the notice of all that is missing
in between. (The campaign's own account of the connector is stricter: there a notice has to stand
where the events are missing, and to name them rightly.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

GRACE_S = 1.0
"""A notice may come so much later than the first trade behind what it is the notice of."""

Stamped = Sequence[tuple[int, float]]
"""Ids of trades, each with its time."""


@dataclass(frozen=True)
class Ran:
    """What happened in a run; all times are of one monotonic clock, in seconds.

    Attributes:
        said: Every trade of the market, with the time at which it was published.
        handed: Every trade that the client handed to its user, in that order.
        told: What it told him beside them.
        began: Just before the fault.
        applied: When it was at work.
        ended: When it was undone; of a fault of an instant, just after it.
    """

    said: Stamped
    handed: Stamped
    told: Sequence[tuple[str, float]]
    began: float
    applied: float
    ended: float


@dataclass(frozen=True)
class Verdict:
    """What became of it.

    Attributes:
        told_after: Seconds from the fault to the first thing told, None if there was none.
        told: Its words.
        back_after: Seconds from the end of the fault until a trade was handed over that the market
            made after it; None if there was none.
        back_early: Seconds from the fault until a trade was handed over that the market made while
            it was at work; None if there was none before its end.
        silence: The longest time without a trade, in seconds, from the fault until data was back.
        lost: How many trades are missing without notice.
        told_missing: How many are missing, and there was a notice.
        doubled: How many were handed over again.
        late: How many were handed over after a later one.
    """

    told_after: float | None
    told: str
    back_after: float | None
    back_early: float | None
    silence: float
    lost: int
    told_missing: int
    doubled: int
    late: int


def judged(ran: Ran) -> Verdict:
    """Judge a run."""
    notices = [(words, at) for words, at in ran.told if at >= ran.began]
    back, early = _fresh_at(ran, ran.ended), _fresh_at(ran, ran.applied)
    firsts, doubled, late = _looked_through(ran.handed)
    lost = told_missing = 0
    for missing, before, after in _holes(ran, firsts):
        since = before if back is not None and before >= back else min(before, ran.began)
        until = float("inf") if after is None else after + GRACE_S
        if any(since <= at <= until for _, at in ran.told):
            told_missing += missing
        else:
            lost += missing
    return Verdict(
        told_after=notices[0][1] - ran.began if notices else None,
        told=notices[0][0] if notices else "",
        back_after=None if back is None else back - ran.ended,
        back_early=early - ran.began if early is not None and early < ran.ended else None,
        silence=_silence(ran, back),
        lost=lost,
        told_missing=told_missing,
        doubled=doubled,
        late=late,
    )


def _fresh_at(ran: Ran, since: float) -> float | None:
    """When the first trade that was made since then was handed over."""
    fresh = {number for number, at in ran.said if at >= since}
    return next((at for number, at in ran.handed if number in fresh), None)


def _looked_through(handed: Stamped) -> tuple[dict[int, float], int, int]:
    """When each trade was first handed over, how many were again, and how many too late."""
    firsts: dict[int, float] = {}
    doubled = late = highest = 0
    for number, at in handed:
        if number in firsts:
            doubled += 1
            continue
        late += number < highest
        highest = max(highest, number)
        firsts[number] = at
    return firsts, doubled, late


def _holes(ran: Ran, firsts: Mapping[int, float]) -> list[tuple[int, float, float | None]]:
    """What is missing behind the first trade handed over.

    Returns:
        Of each hole how many trades, when the one before it was handed over, and when the one
        behind it was, None where there is none.
    """
    found: list[tuple[int, float, float | None]] = []
    missing, before = 0, None
    for number, _ in ran.said:
        at = firsts.get(number)
        if at is None:
            missing += before is not None
            continue
        if missing and before is not None:
            found.append((missing, before, at))
        missing, before = 0, at
    if missing and before is not None:
        found.append((missing, before, None))
    return found


def _silence(ran: Ran, back: float | None) -> float:
    """The longest time without a trade from the fault until data was back, or to the end."""
    until = back if back is not None else max((at for _, at in ran.said), default=ran.ended)
    times = [at for _, at in ran.handed if ran.began <= at <= until]
    marks = [ran.began, *sorted(times), max(until, ran.began)]
    return max(later - earlier for earlier, later in pairwise(marks))
