"""The rows of each exchange: those that all have, and its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..simulator.faults import (
    Answer,
    Cut,
    Duplicate,
    IgnoreControls,
    Lose,
    RefuseUpgrades,
    Reorder,
    ResendSnapshots,
    RestartBooks,
)
from .faults import BACKOFF, QUICK_PING, ROWS, Row
from .markets import BINANCE, Market

FORBIDDEN = "403, access too frequent"
BOOKS = "*orderbook.200.*", "*orderbook.50.*"
"""Streams of which deltas come, and deltas alone have consecutive ids."""
VISITS: dict[str, Any] = {
    "retCode": 10006,
    "retMsg": "Too many visits. Exceeded the API Rate Limit.",
    "result": {},
}
BANNED = "then nobody asks for ten minutes, as is documented"

BYBITS: Mapping[str, Mapping[str, Any]] = {
    "frames-lost": {
        "title": "frames are lost on the way: 2 updates of each depth",
        "actions": tuple(Lose(stream=stream, count=2) for stream in BOOKS),
    },
    "frames-doubled": {
        "actions": tuple(
            Duplicate(stream=stream, count=20)
            for stream in ("*publicTrade.*", "*orderbook.1.*", *BOOKS)
        ),
    },
    "frames-reordered": {
        "title": "updates of each depth change places with the next",
        "actions": tuple(Reorder(stream=stream, count=2) for stream in BOOKS),
        "note": "of streams whose ids are consecutive; what comes too late is missing",
    },
    "ban": {
        "title": f"REST answers {FORBIDDEN}, the streams go on",
        "answers": False,
        "note": BANNED,
    },
    "ban-and-reset": {"title": f"REST answers {FORBIDDEN}, and TCP is reset", "note": BANNED},
}
"""What differs in the rows that all have."""

BYBITS_OWN = (
    Row(
        "upgrade-403",
        "reset, and the upgrade is refused with 403",
        (RefuseUpgrades(status=403), Cut()),
        lasts=20.0,
        patience=60.0,
        quick={"lasts": 2.0, "patience": 12.0},
        note=BACKOFF,
    ),
    Row(
        "service-restart",
        "the service restarts: books begin anew with u = 1",
        (RestartBooks(),),
        note="the books of all depths, at once",
    ),
    Row(
        "unasked-snapshots",
        "a snapshot of every book that nobody asked for",
        (ResendSnapshots(),),
        tells=False,
    ),
    Row(
        "pings-unanswered",
        "pings are not answered, though data comes",
        (IgnoreControls(method="ping", count=None),),
        lasts=45.0,
        patience=60.0,
        told_within=35.0,
        quick={"lasts": 3.0, "patience": 12.0, "told_within": 2.9} | QUICK_PING,
    ),
    Row(
        "idle-cut",
        "who sends no ping for 15 s is cut off",
        (),
        lasts=35.0,
        told_within=16.0,
        exchange={"idle_timeout": 15.0},
        quick={
            "title": "who sends no ping for 6 s is cut off",
            "lasts": 7.0,
            "told_within": 6.5,
            "exchange": {"idle_timeout": 6.0},
        },
        note="the exchange allows ten minutes; here less than lies between two pings",
    ),
    Row(
        "too-many-visits",
        "REST answers 10006, too many visits",
        (Answer(path="*", body=VISITS, count=None),),
        lasts=15.0,
        order={"rest_every_s": 1.0},
        answers=True,
        quick={"lasts": 3.0},
    ),
)


def rows_of(market: Market) -> tuple[Row, ...]:
    """All rows of a market."""
    return ROWS if market.exchange == BINANCE.exchange else (*_bybits(), *BYBITS_OWN)


def rows(
    names: tuple[str, ...] = (), *, quick: bool = False, market: Market = BINANCE
) -> list[Row]:
    """The rows of those names, or all.

    Raises:
        LookupError: Naming what is no row.
    """
    known = {row.name: row for row in rows_of(market)}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise LookupError(f"no such row: {', '.join(unknown)}; see --list")
    chosen = [known[name] for name in names] if names else [*known.values()]
    return [row.short() for row in chosen] if quick else chosen


def _bybits() -> Iterator[Row]:
    for row in ROWS:
        yield replace(row, **BYBITS.get(row.name, {}))
