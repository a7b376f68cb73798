"""One typed pass over a frame: the structs with exact numbers that msgspec makes of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Generic, TypeVar

import msgspec

P = TypeVar("P")
Level = tuple[Decimal, Decimal]


class Depth(msgspec.Struct, gc=False):
    """An order book update."""

    E: int
    s: str
    U: int
    u: int
    b: list[Level]
    a: list[Level]


class Trade(msgspec.Struct, gc=False):
    """A trade."""

    E: int
    s: str
    t: int
    p: Decimal
    q: Decimal
    T: int
    m: bool


class AggTrade(msgspec.Struct, gc=False):
    """Trades of one order at one price."""

    E: int
    s: str
    a: int
    p: Decimal
    q: Decimal
    T: int
    m: bool


class BookTicker(msgspec.Struct, gc=False):
    """The best bid and ask."""

    u: int
    s: str
    b: Decimal
    B: Decimal
    a: Decimal
    A: Decimal


class Ticker(msgspec.Struct, gc=False):
    """The statistics of 24 hours."""

    E: int
    s: str
    p: Decimal
    P: Decimal
    w: Decimal
    x: Decimal
    c: Decimal
    Q: Decimal
    b: Decimal
    B: Decimal
    a: Decimal
    A: Decimal
    o: Decimal
    h: Decimal
    l: Decimal
    v: Decimal
    q: Decimal
    O: int
    C: int
    F: int
    L: int
    n: int


class Envelope(msgspec.Struct, Generic[P], gc=False):
    """What is round a message of a combined stream."""

    stream: str
    data: P


KINDS: dict[str, type[msgspec.Struct]] = {
    "depth@100ms": Depth,
    "trade": Trade,
    "aggTrade": AggTrade,
    "bookTicker": BookTicker,
    "ticker": Ticker,
}
"""What a stream carries, by how its name ends."""

PREFIX = len(b'{"stream":"')
"""Where the name of a frame's stream begins; it ends at the next quotation mark."""


def kind(stream: str) -> type[msgspec.Struct]:
    """What a stream carries."""
    return KINDS[stream.partition("@")[2]]


def decoders(streams: list[str]) -> dict[bytes, Any]:
    """A decoder's method for the whole frames of each stream, by the stream's name."""
    made: dict[bytes, Any] = {}
    for stream in streams:
        envelope: Any = Envelope[kind(stream)]  # type: ignore[misc]
        made[stream.encode()] = msgspec.json.Decoder(envelope).decode
    return made
