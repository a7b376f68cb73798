"""What goes wrong in a soak, and when: all of it follows from a seed.

A plan is endless. A fault that swallows data without a word lasts long enough to be noticed: the
streams without ids (tickers, candles) cannot show what is missing otherwise, and nobody could.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random

from ...simulator.faults import (
    AnnounceShutdown,
    Answer,
    Ban,
    Close,
    Corrupt,
    Cut,
    Delay,
    DelayFrames,
    Drip,
    Duplicate,
    Forget,
    Freeze,
    IgnoreControls,
    Inject,
    Lose,
    LoseAnswer,
    RefuseUpgrades,
    Reorder,
    ResendSnapshots,
    ResetRest,
    RestartBooks,
    Split,
    Stall,
    StepClock,
)
from ..faults import Action, StepWall, Swallow, Unresolve
from ..markets import Market

ROOMS = ("breaker", "rest", "clock", "recovery", "registry", "books")
SESSIONS = 3
WAYS = ("error", "exit", "stop", "hang")
PAUSES_S = 0.2, 2.4
"""Between two incidents, the least and the most."""
NOTICED_S = 12.0
"""Within which silence is noticed, with the timings of the soak (`patient.config_of`)."""
CORRUPTIONS = ("digits", "missing", "truncated", "not_utf8", "garbled")


@dataclass(frozen=True)
class Harm:
    """Something goes wrong at the exchange, on the way, or at the clock; for so many seconds."""

    name: str
    actions: tuple[Action, ...]
    lasts: float = 0.0


@dataclass(frozen=True)
class Kill:
    """A part of the connector dies in some way."""

    room: str
    way: str


@dataclass(frozen=True)
class Roll:
    """The user asks for a rollover."""


@dataclass(frozen=True)
class Turn:
    """So many subscriptions end, and so many begin; `draw` chooses them."""

    leave: int
    join: int
    draw: int


Incident = Harm | Kill | Roll | Turn


def incidents(seed: int, market: Market) -> Iterator[tuple[float, Incident]]:
    """Incidents without an end, each with the seconds since the one before."""
    chance, harms = Random(f"soak {seed}"), harms_of(market)
    while True:
        pause = chance.uniform(*PAUSES_S)
        match chance.choices(("harm", "kill", "turn", "roll"), (50, 23, 17, 10))[0]:
            case "harm":
                yield pause, chance.choice(harms)(chance, market)
            case "kill":
                yield pause, _kill(chance)
            case "turn":
                leave, join = chance.randint(0, 12), chance.randint(0, 12)
                yield pause, Turn(leave, join, chance.getrandbits(32))
            case _:
                yield pause, Roll()


def _kill(chance: Random) -> Kill:
    sessions = [f"session-{number}" for number in range(SESSIONS)]
    return Kill(chance.choice((*ROOMS, *sessions)), chance.choice(WAYS))


def _cut(chance: Random, market: Market) -> Harm:
    return Harm("cut", (Cut(),))


def _close(chance: Random, market: Market) -> Harm:
    return Harm("close", (Close(code=chance.choice((1000, 1001, 1011, 1012))),))


def _announce(chance: Random, market: Market) -> Harm:
    return Harm("announced shutdown", (AnnounceShutdown(),))


def _forget(chance: Random, market: Market) -> Harm:
    return Harm("forgotten streams", (Forget(stream=_some_streams(chance, market)),))


def _stall(chance: Random, market: Market) -> Harm:
    return Harm("stall", (Stall(),), NOTICED_S + chance.uniform(0, 4))


def _freeze(chance: Random, market: Market) -> Harm:
    return Harm("freeze", (Freeze(),), chance.uniform(0.5, 6))


def _swallow(chance: Random, market: Market) -> Harm:
    return Harm("half-open", (Swallow(),))


def _refuse_upgrades(chance: Random, market: Market) -> Harm:
    refusal = RefuseUpgrades(status=chance.choice((403, 429, 500, 503)))
    return Harm(f"upgrades refused ({refusal.status})", (refusal, Cut()), chance.uniform(1, 5))


def _no_name(chance: Random, market: Market) -> Harm:
    return Harm("no name", (Unresolve(), Cut()), chance.uniform(1, 5))


def _ignore_controls(chance: Random, market: Market) -> Harm:
    return Harm("ignored controls", (IgnoreControls(method="*", count=2), Cut()), 8.0)


def _lose(chance: Random, market: Market) -> Harm:
    lost = Lose(stream=_consecutive(chance, market), count=chance.randint(1, 60))
    return Harm("lost frames", (lost,), 5.0)


def _duplicate(chance: Random, market: Market) -> Harm:
    twice = Duplicate(stream=_numbered(chance, market), count=chance.randint(1, 60))
    return Harm("doubled frames", (twice,), 5.0)


def _reorder(chance: Random, market: Market) -> Harm:
    turned = Reorder(stream=_consecutive(chance, market), count=chance.randint(1, 60))
    return Harm("reordered frames", (turned,), 5.0)


def _corrupt(chance: Random, market: Market) -> Harm:
    how = chance.choice(CORRUPTIONS)
    stream = "*"
    # where not even the name of the stream can be read, only ids show what was lost
    if how in ("garbled", "not_utf8") or (how == "truncated" and market.is_name_late):
        stream = _consecutive(chance, market)
    spoilt = Corrupt(stream=stream, count=chance.randint(1, 40), how=how)  # type: ignore[arg-type]
    return Harm(f"corrupt frames ({how})", (spoilt,), 5.0)


def _delay_frames(chance: Random, market: Market) -> Harm:
    late = DelayFrames(
        stream=_consecutive(chance, market),
        count=chance.randint(1, 60),
        seconds=chance.uniform(0, 3),
    )
    return Harm("late frames", (late,), 5.0)


def _split(chance: Random, market: Market) -> Harm:
    pieces = Split(
        count=chance.randint(1, 40),
        pieces=chance.randint(2, 6),
        pause=0.01,
        as_fragments=(fragments := chance.random() < 0.5),
        ping_between=fragments,
    )
    return Harm("split frames", (pieces,), 5.0)


def _inject(chance: Random, market: Market) -> Harm:
    text = chance.choice(("", "{}", "[]", "nonsense", '{"e":"news"}', '{"stream":"x","data":{}}'))
    return Harm("injected frames", (Inject(payload=text, binary=chance.random() < 0.3),))


def _answer(chance: Random, market: Market) -> Harm:
    status = chance.choice((200, 403, 429, 500, 503))
    headers = {"Retry-After": "2"} if status == 429 else {}
    answer = Answer(path="*", status=status, headers=headers, count=chance.randint(1, 10))
    return Harm(f"REST answers {status}", (answer,), 5.0)


def _delay(chance: Random, market: Market) -> Harm:
    return Harm("slow REST", (Delay(path="*", seconds=chance.uniform(0.5, 8)),), 4.0)


def _drip(chance: Random, market: Market) -> Harm:
    return Harm("dripping REST", (Drip(path="*", bytes_per_second=chance.uniform(50, 5_000)),), 4.0)


def _reset_rest(chance: Random, market: Market) -> Harm:
    return Harm("REST reset", (ResetRest(path="*", count=chance.randint(1, 8)),), 5.0)


def _lose_answer(chance: Random, market: Market) -> Harm:
    return Harm("REST answers lost", (LoseAnswer(path="*", count=chance.randint(1, 8)),), 5.0)


def _ban(chance: Random, market: Market) -> Harm:
    seconds = chance.uniform(1, 5)
    return Harm("ban", (Ban(seconds=seconds),), seconds)


def _exchange_clock(chance: Random, market: Market) -> Harm:
    """For good, and forwards: what happens twice at one instant could not be told apart."""
    return Harm("the exchange's clock", (StepClock(seconds=chance.uniform(0.2, 5)),), FOR_GOOD)


def _local_clock(chance: Random, market: Market) -> Harm:
    return Harm("the local clock", (StepWall(chance.uniform(-4_000, 4_000)),), chance.uniform(1, 8))


def _resend(chance: Random, market: Market) -> Harm:
    return Harm("unasked snapshots", (ResendSnapshots(stream=_some_books(chance, market)),))


def _restart(chance: Random, market: Market) -> Harm:
    return Harm("restarted books", (RestartBooks(stream=_some_books(chance, market)),))


def _some_streams(chance: Random, market: Market) -> str:
    channels = "trades", "ticker", "book_ticker", "order_book_updates", "klines"
    return chance.choice(("*", *(market.pattern(channel) for channel in channels)))


def _some_books(chance: Random, market: Market) -> str:
    return market.pattern(chance.choice(("book_ticker", "order_book_updates", "order_book")))


def _consecutive(chance: Random, market: Market) -> str:
    return market.pattern(chance.choice(market.consecutive))


def _numbered(chance: Random, market: Market) -> str:
    return market.pattern(chance.choice((*market.consecutive, *market.unordered)))


FOR_GOOD = float("inf")
Hurt = Callable[[Random, Market], Harm]
HARMS: tuple[Hurt, ...] = (
    _cut,
    _close,
    _forget,
    _stall,
    _freeze,
    _swallow,
    _refuse_upgrades,
    _no_name,
    _ignore_controls,
    _lose,
    _duplicate,
    _reorder,
    _corrupt,
    _delay_frames,
    _split,
    _inject,
    _answer,
    _delay,
    _drip,
    _reset_rest,
    _lose_answer,
    _ban,
    _exchange_clock,
    _local_clock,
)
"""That every exchange can do or suffer."""
OWN: Mapping[str, tuple[Hurt, ...]] = {"binance": (_announce,), "bybit": (_resend, _restart)}


def harms_of(market: Market) -> tuple[Hurt, ...]:
    """What can happen on a market."""
    return (*HARMS[:2], *OWN[market.exchange], *HARMS[2:])
