"""A whole order book and the updates that follow from it: levels appear, change and go.

Everything comes from a seed. Each update adjoins the one before, and its levels are of the book as
it is then, so that who applies them all has the same book in the end.
"""

from __future__ import annotations

import json
import random
from bisect import insort
from collections.abc import Iterator
from typing import Any

from .frames import FIRST_UPDATE

LEVELS = 1_000
"""How many levels a side has, more or less."""
PER_SIDE = (5, 12)
"""How many changes of a side an update tells, at least and at most; some are of the same level."""
NEAR = 15.0
"""How far from the best level it happens, on the average, in levels."""
APART = (1, 8)
"""Cents between two levels."""
IDS = 10
"""Update ids to an update."""
_APPEARS, _GOES = 0.25, 0.25
_NOW_MS = 1_700_000_000_000
GONE = "0.00000000"

Sides = dict[str, list[list[str]]]


class Side:
    """Prices in cents, the best one first where they are multiplied by the sign; their quantities."""

    def __init__(self, sign: int, best: int, chance: random.Random) -> None:
        self.sign, self._chance = sign, chance
        self.keys: list[int] = []
        self.quantities: dict[int, str] = {}
        key = best * sign
        for _ in range(LEVELS):
            self._put(key)
            key += chance.randint(*APART)

    def changed(self, other: Side) -> list[list[str]]:
        """Change some levels; what an update says of it, the best level first."""
        touched = {self._one(other) for _ in range(self._chance.randint(*PER_SIDE))}
        return [[price(each * self.sign), self._quantity_of(each)] for each in sorted(touched)]

    def whole(self) -> list[list[str]]:
        """Every level, the best one first."""
        return [[price(key * self.sign), self.quantities[key]] for key in self.keys]

    def _one(self, other: Side) -> int:
        """Change one level that is not far from the best; its key."""
        chance = self._chance.random()
        at = min(int(self._chance.expovariate(1 / NEAR)), len(self.keys) - 1)
        key = self.keys[at]
        grows = (LEVELS - len(self.keys)) / LEVELS
        if chance < _GOES - grows:
            del self.keys[at], self.quantities[key]
            return key
        if chance > 1 - _APPEARS - grows:
            between = self._chance.randint(*APART) * self._chance.choice((1, -1))
            key = max(key + between, 1 - other.keys[0])  # not beyond the best of the other side
        self._put(key)
        return key

    def _put(self, key: int) -> None:
        if key not in self.quantities:
            insort(self.keys, key)
        self.quantities[key] = f"{self._chance.uniform(0.001, 5):.8f}"

    def _quantity_of(self, key: int) -> str:
        return self.quantities.get(key, GONE)


class Ladder:
    """A book at update id `FIRST_UPDATE - 1`, and what becomes of it."""

    def __init__(self, symbol: str, seed: int = 1) -> None:
        chance = random.Random(seed)
        self._symbol = symbol
        self.asks = Side(1, 65_000_01, chance)
        self.bids = Side(-1, 65_000_00, chance)

    def whole(self) -> Sides:
        """The book as it is now."""
        return {"bids": self.bids.whole(), "asks": self.asks.whole()}

    def updates(self, count: int) -> Iterator[bytes]:
        """So many updates, as the exchange sends them."""
        for number in range(count):
            first = FIRST_UPDATE + number * IDS
            ids = {"U": first, "u": first + IDS - 1}
            sides = {"b": self.bids.changed(self.asks), "a": self.asks.changed(self.bids)}
            event = {"e": "depthUpdate", "E": _NOW_MS, "s": self._symbol} | ids | sides
            yield json.dumps(event, separators=(",", ":")).encode()


class Replayed:
    """The book of who has applied so many of the updates, as the server tells it.

    Args:
        began: The book before the first of them.
        updates: All of them.
    """

    def __init__(self, began: Sides, updates: list[bytes]) -> None:
        self._updates = updates
        self.applied = 0
        self._bids = {level[0]: level[1] for level in began["bids"]}
        self._asks = {level[0]: level[1] for level in began["asks"]}

    def advance(self, applied: int) -> None:
        """Apply those up to this one."""
        for update in self._updates[self.applied : applied]:
            event: dict[str, Any] = json.loads(update)
            _apply(self._bids, event["b"])
            _apply(self._asks, event["a"])
        self.applied = max(self.applied, applied)

    @property
    def update_id(self) -> int:
        """The last update id that is in it."""
        return last_id(self.applied)

    def top(self, count: int) -> Sides:
        """The best levels, so many of a side."""
        bids = sorted(self._bids.items(), key=_price, reverse=True)
        asks = sorted(self._asks.items(), key=_price)
        return {"bids": [*map(list, bids[:count])], "asks": [*map(list, asks[:count])]}


def _apply(side: dict[str, str], levels: list[list[str]]) -> None:
    for price_, quantity in levels:
        if quantity != GONE:
            side[price_] = quantity
        else:
            side.pop(price_, None)


def _price(level: tuple[str, str]) -> float:
    return float(level[0])


def last_id(applied: int) -> int:
    """The update id of a book to which so many updates were applied."""
    return FIRST_UPDATE - 1 + applied * IDS


def price(cents: int) -> str:
    """As the exchange writes it."""
    return f"{cents // 100}.{cents % 100:02}000000"
