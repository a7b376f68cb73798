"""The rows of the campaign, as data: what goes wrong, for how long, and what must be seen of it.

A row acts on the rig only, so that it is the same for every client. `rows` has those of each
exchange.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..simulator.faults import (
    Ban,
    Close,
    Cut,
    Delay,
    Duplicate,
    Fault,
    Freeze,
    Lose,
    RefuseUpgrades,
    Reorder,
    Stall,
    StepClock,
)


@dataclass(frozen=True)
class Swallow:
    """Every connection that is open becomes half-open: nothing passes, both ways, and no end."""


@dataclass(frozen=True)
class Unresolve:
    """The exchange's name stops resolving; who dials all the same is turned away."""


@dataclass(frozen=True)
class StepWall:
    """The wall clock of the client's machine steps by so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Burst:
    """So many trades at once, and whatever else the market says meanwhile."""

    trades: int


Action = Fault | Swallow | Unresolve | StepWall | Burst


@dataclass(frozen=True)
class Row:
    """A fault of the campaign.

    Attributes:
        name: As `--only` has it.
        title: What goes wrong, in words.
        actions: What is done to the rig, in this order, all at once.
        lasts: Seconds until it is undone; 0 for what is done in an instant.
        patience: Seconds from its end (from itself, of an instant) within which live data is back.
        order: Fields of the client's `Order` that differ.
        tells: Whether the subscriber has to be told of it, since something is missing.
        told_within: Seconds within which it has to be.
        answers: Whether requests have to be answered again after it.
        exchange: Options of the simulated exchange that differ.
        warm_up: Seconds of good weather before; our connector redials at once after 5 s of it.
        quick: What differs in the short form.
        note: What else a reader of the figures has to know.
    """

    name: str
    title: str
    actions: tuple[Action, ...]
    lasts: float = 0.0
    patience: float = 15.0
    order: Mapping[str, Any] = field(default_factory=dict[str, Any])
    tells: bool = True
    told_within: float | None = None
    answers: bool = False
    exchange: Mapping[str, Any] = field(default_factory=dict[str, Any])
    warm_up: float = 6.0
    quick: Mapping[str, Any] = field(default_factory=dict[str, Any])
    note: str = ""

    def short(self) -> Row:
        """The row as `--quick` has it."""
        return replace(self, **({"warm_up": 0.0} | dict(self.quick)))


NUMBERED = ("trade", "bookTicker", "depth@100ms")
"""Streams whose events have ids."""
QUICK_PING = {"order": {"ping_interval": 1.0}}
BACKOFF = "patience is twice the longest wait between two dials that this outage leads to"

ROWS: tuple[Row, ...] = (
    Row("tcp-reset", "the TCP connection is reset", (Cut(),)),
    Row("clean-close", "the exchange closes the websocket (1001)", (Close(),)),
    Row(
        "upgrade-503",
        "reset, and the upgrade is refused with 503",
        (RefuseUpgrades(status=503), Cut()),
        lasts=20.0,
        patience=60.0,
        quick={"lasts": 2.0, "patience": 12.0},
        note=BACKOFF,
    ),
    Row(
        "upgrade-429",
        "reset, and the upgrade is refused with 429",
        (RefuseUpgrades(status=429), Cut()),
        lasts=20.0,
        patience=60.0,
        quick={"lasts": 2.0, "patience": 12.0},
        note=BACKOFF,
    ),
    Row(
        "stalled",
        "no data, though pings are answered",
        (Stall(),),
        lasts=45.0,
        told_within=35.0,
        quick={"lasts": 6.0, "told_within": 5.0, "order": {"silence": 2.0}},
    ),
    Row(
        "frozen",
        "the exchange answers nothing, sockets stay open",
        (Freeze(),),
        lasts=50.0,
        patience=60.0,
        told_within=45.0,
        quick={"lasts": 4.0, "patience": 15.0, "told_within": 3.5} | QUICK_PING,
        note="nothing happens at the exchange meanwhile",
    ),
    Row(
        "half-open",
        "the connection swallows everything, both ways",
        (Swallow(),),
        patience=60.0,
        told_within=45.0,
        quick={"patience": 20.0, "told_within": 5.0} | QUICK_PING,
        note="of REST too; a new connection works",
    ),
    Row(
        "burst",
        "3,000 trades at once, and 5 ms for each",
        (Burst(3_000),),
        patience=60.0,
        order={"consume_s": 0.005},
        tells=False,
        quick={
            "title": "3,000 trades at once, and 1 ms for each",
            "patience": 15.0,
            "order": {"consume_s": 0.001},
        },
    ),
    Row(
        "burst-bounded",
        "3,000 trades at once, 1 ms for each, and 500 may wait",
        (Burst(3_000),),
        order={"consume_s": 0.001, "max_pending": 500},
        note="where a client has such a bound",
    ),
    Row(
        "frames-lost",
        "frames are lost on the way: 7 trades, 2 depth updates",
        (Lose(stream="*@trade", count=7), Lose(stream="*@depth@100ms", count=2)),
        note="of streams whose ids are consecutive; no other can show it",
    ),
    Row(
        "frames-doubled",
        "frames come twice: 20 trades, book tickers and depth updates",
        tuple(Duplicate(stream=f"*@{name}", count=20) for name in NUMBERED),
        tells=False,
        note="of streams that have ids; a ticker or a candle that comes twice says the same again",
    ),
    Row(
        "frames-reordered",
        "trades and depth updates change places with the next",
        (Reorder(stream="*@trade", count=7), Reorder(stream="*@depth@100ms", count=2)),
        note="what comes too late is missing, or in its place again",
    ),
    Row(
        "ban",
        "REST answers 418, the streams go on",
        (Ban(seconds=15),),
        lasts=15.0,
        order={"rest_every_s": 1.0},
        answers=True,
        quick={"lasts": 2.0, "actions": (Ban(seconds=2),)},
    ),
    Row(
        "ban-and-reset",
        "REST answers 418, and the TCP connection is reset",
        (Ban(seconds=15), Cut()),
        lasts=15.0,
        quick={"lasts": 2.0, "actions": (Ban(seconds=2), Cut())},
    ),
    Row(
        "rest-slow",
        "REST answers 8 s late",
        (Delay(path="*", seconds=8.0),),
        lasts=20.0,
        order={"rest_every_s": 1.0},
        tells=False,
        answers=True,
        quick={
            "title": "REST answers 2 s late",
            "lasts": 3.0,
            "actions": (Delay(path="*", seconds=2.0),),
        },
    ),
    Row(
        "no-name",
        "reset, and the exchange's name does not resolve",
        (Unresolve(), Cut()),
        lasts=20.0,
        patience=60.0,
        quick={"lasts": 2.0, "patience": 12.0},
        note="the resolver is that of the client's own process (hooks)",
    ),
    Row(
        "exchange-clock",
        "the exchange's clock steps by an hour",
        (StepClock(seconds=3_600),),
        tells=False,
    ),
    Row(
        "local-clock",
        "this machine's clock steps by an hour, and back",
        (StepWall(3_600),),
        lasts=10.0,
        tells=False,
        quick={"lasts": 2.0},
        note="the wall clock that Python shows the client (hooks)",
    ),
)
