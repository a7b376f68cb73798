"""What tells the events of a stream apart: the same of what the market said, and of what came.

`<symbol>@trade`: the trade's id. `@depth…`: the last update id. `@bookTicker`: the update id.
`@kline_…`: the open time of a candle that has closed, as `["closed", t]`, else the event's time.
Tickers: the event's time. Times are in milliseconds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Iterable
from typing import Any

from ..simulator.wire.record import Published
from .accounting import Said

DEPTH = 20
"""Levels a side of the order books that are compared."""


def said(published: Iterable[Published]) -> list[Said]:
    """What the market said on a stream, as the account wants it."""
    return [_said(json.loads(each.payload)) for each in published]


def key_of(payload: dict[str, Any]) -> Hashable:
    """The key of an event, from its JSON."""
    key: Hashable
    match payload.get("e"):
        case "trade":
            key = payload["t"]
        case "depthUpdate" | None:  # a book ticker has no type
            key = payload["u"]
        case "kline" if payload["k"]["x"]:
            key = "closed", payload["k"]["t"]
        case _:
            key = payload["E"]
    return key


def digest(update_id: int, bids: Iterable[tuple[str, str]], asks: Iterable[tuple[str, str]]) -> str:
    """A short text that is the same for equal books only: update id, and levels best first."""
    levels = [[f"{price}:{quantity}" for price, quantity in side] for side in (bids, asks)]
    return hashlib.sha256(f"{update_id} {levels}".encode()).hexdigest()[:20]


def _said(payload: dict[str, Any]) -> Said:
    key = key_of(payload)
    match payload.get("e"):
        case "trade":
            return Said(key, payload["t"], payload["t"])
        case "depthUpdate":
            return Said(key, payload["U"], payload["u"])
        case _:
            return Said(key)
