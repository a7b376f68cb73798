"""The parts about order books: how fast they are kept, and what memory they take."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from .meter import Job
from .player import FEED
from .process import Failed, Process
from .rounds import Bench, Figures, counted, interleaved
from .server import Order
from .ways import table

MANY = (50, 100, 500)
"""How many books are kept at once, for their memory."""
KEPT_WITHIN_S = 60.0


def kept(bench: Bench, messages: int, rounds: int, ways: list[str]) -> Figures:
    """Every way, on the updates of one book."""

    def measure(name: str) -> Figures:
        count = max(1, messages // table.WAYS[name].slower)
        return bench.trial(name, Order(FEED, count), converse=converse)

    return interleaved(ways, rounds, measure)


def memory(bench: Bench, ways: list[str]) -> Figures:
    """Many books, for each way that keeps many."""

    def measure(label: str) -> Figures:
        name, _, count = label.partition(":")
        order = Order(FEED, 0, int(count))
        return bench.trial(name, order, converse=remembered) | {"books": int(count)}

    return interleaved([f"{name}:{count}" for name in ways for count in MANY], 1, measure)


def converse(server: Process, client: Process, task: Job) -> Figures:
    """Play slowly until the client has its book, then all at once; its book is compared."""
    client.tell(asdict(task))
    client.heard("ready")
    server.heard("subscribed", 30.0)
    server.tell({"play": True})
    client.heard("kept", KEPT_WITHIN_S)
    server.tell({"hold": True})
    client.tell({"begin": True, "last": server.heard("last")["last"]})
    client.heard("begun", 30.0)
    server.tell({"go": True})
    figures = client.heard("cpu")
    sent = server.heard("began")
    mine = figures.pop("book")
    if not is_same(mine, sent["book"], exact=table.WAYS[task.way].exact):
        raise Failed("its book is not the exchange's")
    return counted(figures, sent, task) | {"snapshots": sent["snapshots"]}


def is_same(mine: dict[str, Any], book: dict[str, Any], *, exact: bool) -> bool:
    """Whether both have the same levels: as exact numbers, or as floats."""
    number: Any = Decimal if exact else float

    def values(told: dict[str, Any]) -> list[Any]:
        return [
            [[number(each) for each in level] for level in told[side]] for side in ("bids", "asks")
        ]

    return bool(book["bids"] and book["asks"]) and values(mine) == values(book)


def remembered(server: Process, client: Process, task: Job) -> Figures:
    """What the client says of its memory, when it has all its books."""
    client.tell(asdict(task))
    server.heard("subscribed", KEPT_WITHIN_S)
    return client.heard("each")
