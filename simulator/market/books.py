"""The true order book, with what it was at recent update ids."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from .changes import BookSide, Changes
from .fixed import text

Level = tuple[str, str]
REMEMBERED = 100_000


@dataclass(frozen=True)
class BookView:
    """A book as it stood at `update_id`: `(price, quantity)` texts, best first."""

    symbol: str
    update_id: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


class Difference(NamedTuple):
    """The levels that the update ids `first` to `last` set, by price; 0 removes a level."""

    first: int
    last: int
    bids: Mapping[int, int]
    asks: Mapping[int, int]


class Side:
    """One side of a book: quantity at each price, prices kept in ascending order."""

    def __init__(self) -> None:
        self.levels: dict[int, int] = {}
        self.prices: list[int] = []

    def set(self, price: int, quantity: int) -> int:
        """Give `price` its new quantity (0 removes it) and return the one before."""
        before = self.levels.get(price, 0)
        if quantity:
            if not before:
                insort(self.prices, price)
            self.levels[price] = quantity
        elif before:
            del self.levels[price]
            del self.prices[bisect_left(self.prices, price)]
        return before


class Book:
    """One symbol's book. Each update id changes exactly one level."""

    def __init__(self, symbol: str, update_id: int, remembered: int = REMEMBERED) -> None:
        self.symbol = symbol
        self.update_id = update_id
        self.bids = Side()
        self.asks = Side()
        self._changes = Changes(remembered)

    def side(self, side: BookSide) -> Side:
        """The side of that name."""
        return self.bids if side == "bid" else self.asks

    def set(self, side: BookSide, price: int, quantity: int) -> int:
        """Set one level, which takes the next update id; return the quantity before."""
        before = self.side(side).set(price, quantity)
        self.update_id += 1
        self._changes.append(side, price, quantity, before)
        return before

    def best(self, side: BookSide) -> int:
        """The best price of a side."""
        return self.bids.prices[-1] if side == "bid" else self.asks.prices[0]

    def view(self, limit: int | None = None) -> BookView:
        """The book now, at most `limit` levels a side."""
        return _view(self.symbol, self.update_id, self.bids, self.asks, limit)

    def at(self, update_id: int) -> BookView:
        """The book as it was at `update_id`.

        Raises:
            LookupError: if that id is in the future or too far back.
        """
        steps = self.update_id - update_id
        if not 0 <= steps <= len(self._changes):
            raise LookupError(f"{self.symbol} has no book at update id {update_id}")
        then: dict[BookSide, dict[int, int]] = {"bid": {}, "ask": {}}
        for change in self._changes.newest(steps):
            then[change.side][change.price] = change.before  # the oldest is the last to be kept
        bids, asks = _rewound(self.bids, then["bid"]), _rewound(self.asks, then["ask"])
        return _view(self.symbol, update_id, bids, asks, None)

    def since(self, update_id: int) -> Difference | None:
        """What changed after `update_id`; `None` if nothing did."""
        steps = self.update_id - update_id
        if not steps:
            return None
        now: dict[BookSide, dict[int, int]] = {"bid": {}, "ask": {}}
        for change in self._changes.newest(steps):
            now[change.side].setdefault(change.price, change.quantity)
        return Difference(update_id + 1, self.update_id, now["bid"], now["ask"])


def _rewound(side: Side, then: dict[int, int]) -> Side:
    rewound = Side()
    rewound.levels = {price: held for price, held in (side.levels | then).items() if held}
    rewound.prices = sorted(rewound.levels)
    return rewound


def _view(symbol: str, update_id: int, bids: Side, asks: Side, limit: int | None) -> BookView:
    best_bids = bids.prices[::-1] if limit is None else bids.prices[: -limit - 1 : -1]
    return BookView(
        symbol,
        update_id,
        tuple((text(price), text(bids.levels[price])) for price in best_bids),
        tuple((text(price), text(asks.levels[price])) for price in asks.prices[:limit]),
    )
