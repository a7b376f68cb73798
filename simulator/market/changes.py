"""The newest changes of a book, packed: 24 bytes each, since there are a hundred thousand."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Literal, NamedTuple

BookSide = Literal["bid", "ask"]


class Change(NamedTuple):
    """One update id: the level it set, and what the level was before."""

    side: BookSide
    price: int
    quantity: int
    before: int


class Changes:
    """A ring of the newest `kept` changes; bids are kept as negative prices."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._next = 0
        self._prices = array("q")
        self._quantities = array("q")
        self._befores = array("q")

    def __len__(self) -> int:
        return len(self._prices)

    def append(self, side: BookSide, price: int, quantity: int, before: int) -> None:
        """Add the newest, which may push the oldest out."""
        signed = -price if side == "bid" else price
        if len(self._prices) < self._kept:
            self._prices.append(signed)
            self._quantities.append(quantity)
            self._befores.append(before)
            return
        at = self._next
        self._prices[at], self._quantities[at], self._befores[at] = signed, quantity, before
        self._next = (at + 1) % self._kept

    def newest(self, count: int) -> Iterator[Change]:
        """The newest `count` changes, the very newest first."""
        size = len(self._prices)
        for age in range(1, min(count, size) + 1):
            at = (self._next - age) % size
            signed = self._prices[at]
            side: BookSide = "bid" if signed < 0 else "ask"
            yield Change(side, abs(signed), self._quantities[at], self._befores[at])
