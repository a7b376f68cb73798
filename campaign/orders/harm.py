"""What the exchange, the way to it and the bot suffer meanwhile: drawn, one after the other.

Everything that can come between an order and its answer is here: the answer lost once the order was
accepted, or before; late answers; 503 with "execution status unknown"; timestamps refused; the
account's stream late, early, doubled; connections lost one by one and all at once; REST gone; parts
of the connector that die, and its process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from ...simulator.faults import (
    AnnounceShutdown,
    Close,
    Cut,
    Delay,
    DelayFrames,
    Duplicate,
    Fault,
    Freeze,
    LoseAnswer,
    RefuseTimestamps,
    RefuseUpgrades,
    ResetRest,
)
from .venue import BINANCE, Venue

PAUSE_S = 0.2, 1.4
"""Between two of them."""
KILL_PAUSE_S = 20.0, 40.0
"""Between two deaths of the process."""
ROOMS = "account", "account-session", "order-journal", "rest", "registry", "clock", "breaker"
WAYS = "stop", "raise"
LONGEST_S = 4.0
SHUTDOWN = "shutdown announced"


@dataclass(frozen=True)
class Harm:
    """Faults that are put in force together, for so many seconds; 0 where they end by themselves."""

    name: str
    faults: tuple[Fault, ...]
    lasts: float = 0.0


@dataclass(frozen=True)
class Death:
    """A part of the connector dies."""

    room: str
    way: str


@dataclass(frozen=True)
class Murder:
    """The bot's process is killed, and started again."""


Incident = Harm | Death | Murder


def incidents(seed: int, venue: Venue = BINANCE) -> Iterator[tuple[float, Incident]]:
    """Pauses, and what happens after each; without end."""
    draw = Random(f"{seed} harm")
    until_murder = draw.uniform(*KILL_PAUSE_S)
    kinds = [name for name in KINDS if name != SHUTDOWN or venue.announces_ends]
    weights = [KINDS[name][0] for name in kinds]
    while True:
        pause = draw.uniform(*PAUSE_S)
        until_murder -= pause
        if until_murder <= 0:
            until_murder = draw.uniform(*KILL_PAUSE_S)
            yield pause, Murder()
            continue
        name = draw.choices(kinds, weights)[0]
        yield pause, KINDS[name][1](name, draw, venue)


def _lost(name: str, draw: Random, venue: Venue, **how: object) -> Incident:
    count = draw.randint(1, 4)
    paths = draw.sample(venue.paths, 3)
    return Harm(name, tuple(LoseAnswer(path=path, count=count, **how) for path in paths))  # type: ignore[arg-type]


def _lost_after(name: str, draw: Random, venue: Venue) -> Incident:
    return _lost(name, draw, venue, done=True, silent=draw.random() < 0.5)


def _lost_before(name: str, draw: Random, venue: Venue) -> Incident:
    return _lost(name, draw, venue, done=False, silent=draw.random() < 0.5)


def _unknown(name: str, draw: Random, venue: Venue) -> Incident:
    return _lost(name, draw, venue, done=draw.random() < 0.5, status=503)


def _questions_lost(name: str, draw: Random, venue: Venue) -> Incident:
    how = {"done": True, "status": draw.choice((None, 503)), "count": draw.randint(1, 3)}
    return Harm(name, tuple(LoseAnswer(path=path, **how) for path in venue.asking))  # type: ignore[arg-type]


def _late(name: str, draw: Random, venue: Venue) -> Incident:
    seconds, path = draw.choice((0.3, 1.0, 3.0, 7.0)), draw.choice(venue.paths)
    count = draw.randint(1, 5)
    if draw.random() < 0.5:
        return Harm(name, (Delay(path=path, seconds=seconds, where="before", count=count),))
    return Harm(name, (Delay(path=path, seconds=seconds, where="after", count=count),))


def _timestamps(name: str, draw: Random, venue: Venue) -> Incident:
    count, ahead = draw.randint(1, 3), draw.random() < 0.5
    paths = draw.sample(venue.paths, 3)
    return Harm(name, tuple(RefuseTimestamps(path=p, count=count, ahead=ahead) for p in paths))


def _stream_late(name: str, draw: Random, venue: Venue) -> Incident:
    stream, seconds = draw.choice(venue.events), draw.choice((0.2, 1.0, 4.0))
    return Harm(name, (DelayFrames(stream=stream, seconds=seconds, count=draw.randint(1, 30)),))


def _stream_doubled(name: str, draw: Random, venue: Venue) -> Incident:
    return Harm(name, (Duplicate(stream=draw.choice(venue.events), count=draw.randint(1, 60)),))


def _stream_early(name: str, draw: Random, venue: Venue) -> Incident:
    path = draw.choice(venue.placing)
    return Harm(name, (Delay(path=path, seconds=1.0, where="after", count=draw.randint(1, 8)),))


def _cut(name: str, draw: Random, venue: Venue) -> Incident:
    return Harm(name, (draw.choice((Cut(), Close())),))


def _away(name: str, draw: Random, venue: Venue) -> Incident:
    lasts = draw.uniform(0.5, LONGEST_S)
    return Harm(name, (RefuseUpgrades(status=503), Cut()), lasts)


def _shutdown(name: str, draw: Random, venue: Venue) -> Incident:
    return Harm(name, (AnnounceShutdown(),))


def _rest_gone(name: str, draw: Random, venue: Venue) -> Incident:
    return Harm(name, (ResetRest(path="*", count=None),), draw.uniform(0.3, LONGEST_S))


def _all_gone(name: str, draw: Random, venue: Venue) -> Incident:
    faults = ResetRest(path="*", count=None), RefuseUpgrades(status=503), Cut()
    return Harm(name, faults, draw.uniform(0.3, LONGEST_S))


def _frozen(name: str, draw: Random, venue: Venue) -> Incident:
    return Harm(name, (Freeze(),), draw.uniform(0.3, 3.0))


def _death(name: str, draw: Random, venue: Venue) -> Incident:
    return Death(draw.choice(ROOMS), draw.choice(WAYS))


KINDS: dict[str, tuple[int, Callable[[str, Random, Venue], Incident]]] = {
    "answers lost, done": (12, _lost_after),
    "answers lost, not done": (12, _lost_before),
    "answers unknown (503)": (10, _unknown),
    "questions lost": (5, _questions_lost),
    "answers late": (10, _late),
    "timestamps refused": (6, _timestamps),
    "events late": (8, _stream_late),
    "events doubled": (8, _stream_doubled),
    "events before the answer": (6, _stream_early),
    "sockets cut": (6, _cut),
    "websockets away": (4, _away),
    SHUTDOWN: (3, _shutdown),
    "REST away": (4, _rest_gone),
    "all away": (3, _all_gone),
    "frozen": (3, _frozen),
    "a part dies": (12, _death),
}
"""By name: how often, and how it is drawn."""
