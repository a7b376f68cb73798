"""The true order book, with what it was at recent update ids."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass
from typing import Literal, NamedTuple

from .fixed import text

BookSide = Literal["bid", "ask"]
Level = tuple[str, str]
REMEMBERED = 100_000


@dataclass(frozen=True)
class BookView:
    """A book as it stood at `update_id`: `(price, quantity)` texts, best first."""

    symbol: str
    update_id: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


class Change(NamedTuple):
    """One update id: the level it set, and what the level was before."""

    side: BookSide
    price: int
    quantity: int
    before: int


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

    def __init__(self, symbol: str, update_id: int) -> None:
        self.symbol = symbol
        self.update_id = update_id
        self.bids = Side()
        self.asks = Side()
        self._history: deque[Change] = deque(maxlen=REMEMBERED)

    def side(self, side: BookSide) -> Side:
        """The side of that name."""
        return self.bids if side == "bid" else self.asks

    def set(self, side: BookSide, price: int, quantity: int) -> Change:
        """Set one level, which takes the next update id."""
        before = self.side(side).set(price, quantity)
        self.update_id += 1
        change = Change(side, price, quantity, before)
        self._history.append(change)
        return change

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
        if not 0 <= steps <= len(self._history):
            raise LookupError(f"{self.symbol} has no book at update id {update_id}")
        bids, asks = _copy(self.bids), _copy(self.asks)
        for age in range(1, steps + 1):
            change = self._history[-age]
            (bids if change.side == "bid" else asks).set(change.price, change.before)
        return _view(self.symbol, update_id, bids, asks, None)


def _copy(side: Side) -> Side:
    copy = Side()
    copy.levels = dict(side.levels)
    copy.prices = list(side.prices)
    return copy


def _view(symbol: str, update_id: int, bids: Side, asks: Side, limit: int | None) -> BookView:
    return BookView(
        symbol,
        update_id,
        tuple(_levels(bids, bids.prices[::-1], limit)),
        tuple(_levels(asks, asks.prices, limit)),
    )


def _levels(side: Side, prices: list[int], limit: int | None) -> list[Level]:
    return [(text(price), text(side.levels[price])) for price in prices[:limit]]
