"""The book as the topic of one depth tells it: snapshots, deltas, and numbers of its own.

Source: websocket/public/orderbook.mdx. A topic knows the best levels only. A level that falls out
of them is taken back with size 0, and one that moves up into them is told as new (as recorded).
`u` counts what the topic has told, one by one, and each depth counts for itself.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import NamedTuple

from ..market.books import Book, BookView, Difference
from ..market.fixed import parse
from .instruments import Instrument
from .trading import TradedSymbol, cross_sequence

REMEMBERED = 20_000
Levels = dict[int, int]


class Told(NamedTuple):
    """What a topic says: the levels, their number, and the times in microseconds."""

    u: int
    seq: int
    bids: list[tuple[int, int]]
    asks: list[tuple[int, int]]
    matched_us: int
    told_us: int


class DepthBook:
    """The book of one symbol at one depth. It stands still until somebody looks at it.

    Attributes:
        u: The number of what was told last.
    """

    def __init__(self, traded: TradedSymbol, depth: int, seed: int) -> None:
        self.depth = depth
        self._traded = traded
        self._book: Book = traded.market.book
        self.u = _first_u(f"{seed} {traded.instrument.category} {self._book.symbol} {depth}")
        self._update_id = self._book.update_id
        self._bids, self._asks = self._best()
        self._matched_us = self._told_us = traded.matched_us
        self._states: OrderedDict[int, int] = OrderedDict({self.u: self._update_id})

    def look(self, now_us: int) -> Difference | None:
        """See what has changed since the last time; `None` if the topic has nothing to tell.

        Returns:
            The levels that differ, 0 for those that are gone; their number is `u`.
        """
        if self._book.update_id == self._update_id:
            return None
        bids, asks = self._best()
        changed = Difference(0, 0, _changes(self._bids, bids), _changes(self._asks, asks))
        self._update_id, self._bids, self._asks = self._book.update_id, bids, asks
        self._matched_us, self._told_us = self._traded.matched_us, now_us
        if not changed.bids and not changed.asks:
            return None
        self._number(self.u + 1)
        return changed

    def again(self, now_us: int) -> None:
        """The same is told once more, with the number that it had."""
        self._told_us = now_us

    def restart(self, now_us: int) -> None:
        """Count anew: what is told next has the number 1."""
        self.look(now_us)
        self.again(now_us)
        self._number(1)

    def snapshot(self) -> Told:
        """All that was told last, best first."""
        bids = [(price, self._bids[price]) for price in sorted(self._bids, reverse=True)]
        asks = [(price, self._asks[price]) for price in sorted(self._asks)]
        return self._told(bids, asks)

    def delta(self, changed: Difference) -> Told:
        """What was told last, as a delta."""
        bids = [(price, changed.bids[price]) for price in sorted(changed.bids, reverse=True)]
        asks = [(price, changed.asks[price]) for price in sorted(changed.asks)]
        return self._told(bids, asks)

    def view(self, update_id: int | None) -> BookView:
        """The book as it was told last, or with the number `update_id`.

        Raises:
            LookupError: if that number is not remembered, or not reached yet.
        """
        u = self.u if update_id is None else update_id
        if u not in self._states:
            raise LookupError(f"{self._book.symbol} has no book of {self.depth} at update id {u}")
        return _written(self._book.at(self._states[u]), u, self.depth, self._traded.instrument)

    def _told(self, bids: list[tuple[int, int]], asks: list[tuple[int, int]]) -> Told:
        seq = cross_sequence(self._update_id)
        return Told(self.u, seq, bids, asks, self._matched_us, self._told_us)

    def _number(self, u: int) -> None:
        self.u = u
        self._states.pop(u, None)
        self._states[u] = self._update_id
        if len(self._states) > REMEMBERED:
            self._states.popitem(last=False)

    def _best(self) -> tuple[Levels, Levels]:
        bids, asks = self._book.bids, self._book.asks
        return (
            {price: bids.levels[price] for price in bids.prices[-self.depth :]},
            {price: asks.levels[price] for price in asks.prices[: self.depth]},
        )


def _changes(before: Levels, now: Levels) -> Levels:
    changed = {price: held for price, held in now.items() if before.get(price) != held}
    return changed | dict.fromkeys(before.keys() - now.keys(), 0)


def _written(view: BookView, u: int, depth: int, instrument: Instrument) -> BookView:
    """A view with the digits of the wire."""
    bids, asks = (
        tuple(
            (instrument.price(parse(price)), instrument.size(parse(size)))
            for price, size in side[:depth]
        )
        for side in (view.bids, view.asks)
    )
    return BookView(view.symbol, u, bids, asks)


def _first_u(text: str) -> int:
    """Some millions, which follow from the seed."""
    return 1_000_000 + int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % 50_000_000
