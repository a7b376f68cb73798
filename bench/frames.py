"""What the feed sends: a lifelike market as Binance's market streams tell it.

Everything comes from a seed, so that each client is sent the same bytes.
"""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

SUFFIXES = {
    "depth": "depth@100ms",
    "trade": "trade",
    "aggTrade": "aggTrade",
    "bookTicker": "bookTicker",
    "ticker": "ticker",
}
"""How the name of a stream of each kind ends."""

MIXES = {
    "mix": {"depth": 60, "trade": 25, "bookTicker": 10, "ticker": 5},
    "mix-agg": {"depth": 60, "aggTrade": 25, "bookTicker": 10},
    "wide": {"depth": 60, "trade": 25, "bookTicker": 15},
    "depth": {"depth": 1},
    "trade": {"trade": 1},
    "bookTicker": {"bookTicker": 1},
    "book": {"depth": 1},
}
"""The kinds in each feed, and how often they come; `mix-agg` is for cryptofeed, which takes its
trades from another stream and has no ticker, `wide` has many symbols. The updates of `book` are of
one book, and made by `ladder`."""

FIRST_UPDATE = 1_001
"""The first update id: an order book as it is before has the one below."""
DELETED = 0.25
"""The part of an order book update's levels that are deleted."""
_NOW_MS = 1_700_000_000_000
_PRICES = "pPwxcQbBaAohlvq"


class Message(NamedTuple):
    """One message of a stream, without the frame and the envelope round it."""

    stream: str
    data: bytes


def symbols(count: int) -> list[str]:
    """Names for so many symbols."""
    return ["BTCUSDT", *(f"COIN{number}USDT" for number in range(1, count))][:count]


def streams(feed: str, names: Sequence[str]) -> list[str]:
    """The names of a feed's streams of these symbols."""
    return [f"{name.lower()}@{SUFFIXES[kind]}" for name in names for kind in MIXES[feed]]


class Market:
    """Makes messages; each symbol's ids follow each other without a gap."""

    def __init__(self, seed: int = 1) -> None:
        self._chance = random.Random(seed)
        self._updates: dict[str, int] = {}
        self._ids: dict[str, int] = {}

    def messages(self, feed: str, count: int, names: Sequence[str]) -> Iterator[Message]:
        """So many messages of a feed, spread over these symbols."""
        kinds, weights = list(MIXES[feed]), list(MIXES[feed].values())
        for _ in range(count):
            kind = self._chance.choices(kinds, weights)[0]
            name = names[self._chance.randrange(len(names))]
            data = getattr(self, f"_{kind}")(name)
            text = json.dumps(data, separators=(",", ":")).encode()
            yield Message(f"{name.lower()}@{SUFFIXES[kind]}", text)

    def _depth(self, name: str) -> dict[str, Any]:
        first = self._updates.get(name, FIRST_UPDATE)
        self._updates[name] = first + 10
        event = {"e": "depthUpdate", "E": _NOW_MS, "s": name, "U": first, "u": first + 9}
        return event | {side: self._levels() for side in "ba"}

    def _levels(self) -> list[list[str]]:
        chance = self._chance.random
        return [
            [self._price(), "0.00000000" if chance() < DELETED else self._quantity()]
            for _ in range(self._chance.randint(10, 20))
        ]

    def _trade(self, name: str) -> dict[str, Any]:
        event = {"e": "trade", "E": _NOW_MS, "s": name, "t": self._next(name, "t")}
        numbers = {"p": self._price(), "q": self._quantity()}
        return event | numbers | {"T": _NOW_MS, "m": self._chance.random() < 0.5, "M": True}

    def _aggTrade(self, name: str) -> dict[str, Any]:
        number = self._next(name, "a")
        event = {"e": "aggTrade", "E": _NOW_MS, "s": name, "a": number}
        numbers = {"p": self._price(), "q": self._quantity(), "f": number, "l": number}
        return event | numbers | {"T": _NOW_MS, "m": self._chance.random() < 0.5, "M": True}

    def _bookTicker(self, name: str) -> dict[str, Any]:
        event = {"u": self._next(name, "u"), "s": name}
        prices = {"b": self._price(), "B": self._quantity()}
        return event | prices | {"a": self._price(), "A": self._quantity()}

    def _ticker(self, name: str) -> dict[str, Any]:
        event = {"e": "24hrTicker", "E": _NOW_MS, "s": name}
        numbers = {key: self._price() for key in _PRICES}
        return event | numbers | {"O": _NOW_MS, "C": _NOW_MS, "F": 1, "L": 2, "n": 2}

    def _next(self, name: str, kind: str) -> int:
        number = self._ids[name + kind] = self._ids.get(name + kind, 0) + 1
        return number

    def _price(self) -> str:
        return f"{self._chance.uniform(60_000, 70_000):.8f}"

    def _quantity(self) -> str:
        return f"{self._chance.uniform(0.001, 5):.8f}"


def payload(message: Message, *, raw: bool) -> bytes:
    """A message as `/ws` sends it, or as `/stream` does, in an envelope that names its stream."""
    if raw:
        return message.data
    return b'{"stream":"%s","data":%s}' % (message.stream.encode(), message.data)


def framed(text: bytes, opcode: int = 1) -> bytes:
    """A payload as a server's frame (RFC 6455, 5.2)."""
    size = len(text)
    if size < 126:
        return bytes((0x80 | opcode, size)) + text
    if size < 1 << 16:
        return bytes((0x80 | opcode, 126)) + struct.pack("!H", size) + text
    return bytes((0x80 | opcode, 127)) + struct.pack("!Q", size) + text


def listing(names: Sequence[str]) -> dict[str, Any]:
    """What `GET /api/v3/exchangeInfo` tells of these symbols."""
    limits = [("REQUEST_WEIGHT", 6_000), ("RAW_REQUESTS", 61_000)]
    return {
        "timezone": "UTC",
        "serverTime": _NOW_MS,
        "rateLimits": [
            {"rateLimitType": kind, "interval": "MINUTE", "intervalNum": 1, "limit": limit}
            for kind, limit in limits
        ],
        "exchangeFilters": [],
        "symbols": [_instrument(name) for name in names],
    }


def _instrument(name: str) -> dict[str, Any]:
    step, large = "0.00000001", "9000000.00000000"
    return {
        "symbol": name,
        "status": "TRADING",
        "baseAsset": name.removesuffix("USDT"),
        "baseAssetPrecision": 8,
        "quoteAsset": "USDT",
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "orderTypes": ["LIMIT", "MARKET"],
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": step, "maxPrice": large, "tickSize": step},
            {"filterType": "LOT_SIZE", "minQty": step, "maxQty": large, "stepSize": step},
        ],
        "permissions": [],
        "permissionSets": [["SPOT"]],
    }
