"""An order book: sorted levels, and how deep they can be trusted."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal
from itertools import islice
from operator import lt
from typing import Any

from ..messages.levels import Levels, PriceLevel, float_levels
from ..messages.market import OrderBook, OrderBookUpdate

_LONG = 64
"""A level with more digits than this is looked at exactly, whatever the floats say."""


class BookSide:
    """The bids or the asks.

    A level is kept as the exchange's own digits (`"price","quantity"`), sorted by a key. The key is
    the price as a float, which is quick to sort by; should two prices ever have the same float,
    the keys become `Decimal`s. The best level is the last one: that is where a book changes.

    Args:
        sign: 1 for bids, -1 for asks.
        levels: What there is to begin with.
        limit: With so many levels, or more, there may be others behind them; 0: there are none.
    """

    __slots__ = ("_edge", "_edge_digits", "_is_exact", "_keys", "_levels", "_sign")

    def __init__(self, sign: int, levels: Sequence[PriceLevel] = (), limit: int = 0) -> None:
        self._sign = sign
        self._is_exact = False
        self._keys: list[Any] = []
        self._levels: list[bytes] = []
        self._edge: Any = None  # the key down to which everything is known; None: all of it
        self._edge_digits = b""
        self._load(levels, is_cut=0 < limit <= len(levels))

    def __len__(self) -> int:
        return len(self._keys)

    def top(self, count: int) -> list[bytes]:
        """The digits of the best `count` levels, best first."""
        return self._levels[: -count - 1 : -1]

    @property
    def best(self) -> float | None:
        """The best price, nearly; None where there is no level."""
        return float(self._keys[-1]) * self._sign if self._keys else None

    def knows(self, count: int) -> bool:
        """Whether the best `count` levels are known, or all that there are."""
        return self._edge is None or len(self._keys) >= count

    def apply(self, levels: Sequence[PriceLevel]) -> None:
        """Set each level to its quantity; 0 removes it. What lies beyond the edge is not kept."""
        keys, kept, sign, edge = self._keys, self._levels, self._sign, self._edge
        for (price, quantity), digits in zip(self._numbers(levels), _pieces(levels), strict=True):
            key = price if self._is_exact else price * sign
            if edge is not None and key < edge:
                continue
            at = bisect_left(keys, key)
            is_there = at < len(keys) and keys[at] == key
            if not self._is_exact and (
                (is_there and not _is_same(kept[at], digits))
                or (key == edge and not _is_same(self._edge_digits, digits))
            ):
                self._be_exact()
                self.apply(levels)  # from the start: to set a level twice is to set it
                return
            if quantity or (len(digits) > _LONG and _level(digits).quantity):
                if is_there:
                    kept[at] = digits
                else:
                    keys.insert(at, key)
                    kept.insert(at, digits)
            elif is_there:
                del keys[at], kept[at]

    def prune(self, most: int) -> None:
        """Let go of the worst levels beyond `most`: they are not known any more."""
        if len(self._keys) > most:
            del self._keys[:-most], self._levels[:-most]
            self._end_here()

    def agrees(self, other: BookSide) -> bool:
        """Whether both have the same levels, as far down as both are known."""
        if self._is_exact is not other._is_exact:
            self._be_exact()
            other._be_exact()
        edges = [side._edge for side in (self, other) if side._edge is not None]
        ours, theirs = (side._from(max(edges, default=None)) for side in (self, other))
        return ours == theirs or _values(ours) == _values(theirs)

    def _end_here(self) -> None:
        """Nothing is known of what is worse than the worst level that is here."""
        self._edge, self._edge_digits = self._keys[0], self._levels[0]

    def _from(self, edge: Any) -> list[bytes]:
        return self._levels[0 if edge is None else bisect_left(self._keys, edge) :]

    def _load(self, levels: Sequence[PriceLevel], is_cut: bool) -> None:
        """What an exchange sends is sorted; what is not is set one by one."""
        numbers = self._numbers(levels)
        keys = [price * self._sign for price, _ in numbers]
        keys.reverse()
        if all(map(lt, keys, islice(keys, 1, None))) and all(quantity for _, quantity in numbers):
            self._keys, self._levels = keys, _pieces(levels)[::-1]
            if is_cut:
                self._end_here()
            return
        self.apply(levels)
        if is_cut:
            key, self._edge_digits = min(zip(self._exact(levels), _pieces(levels), strict=True))
            self._edge = key if self._is_exact else float(key)

    def _exact(self, levels: Sequence[PriceLevel]) -> list[Decimal]:
        """The keys, without the rounding of `Decimal`'s arithmetic."""
        return [price if self._sign > 0 else price.copy_negate() for price, _ in levels]

    def _numbers(self, levels: Sequence[PriceLevel]) -> Sequence[tuple[Any, Any]]:
        """Prices and quantities; exact prices are keys already."""
        if not self._is_exact:
            return float_levels(levels)
        return [(key, each[1]) for key, each in zip(self._exact(levels), levels, strict=True)]

    def _be_exact(self) -> None:
        if not self._is_exact:
            self._is_exact = True
            self._keys = self._exact(Levels(self._levels.copy()))
            if self._edge is not None:
                self._edge = self._exact(Levels([self._edge_digits]))[0]


class Book:
    """Both sides, as they were at an update id.

    Args:
        snapshot: The state to begin with.
        limit: How many levels a side it was asked for: where it has fewer, there are no more.
    """

    __slots__ = ("asks", "bids", "limit", "update_id")

    def __init__(self, snapshot: OrderBook, limit: int) -> None:
        self.update_id = snapshot.update_id
        self.limit = limit
        self.bids = BookSide(1, snapshot.bids, limit)
        self.asks = BookSide(-1, snapshot.asks, limit)

    def apply(self, update: OrderBookUpdate) -> None:
        """Take an update in; that it is the next one is its caller's business."""
        self.bids.apply(update.bids)
        self.asks.apply(update.asks)
        self.update_id = update.last_update_id

    @property
    def is_crossed(self) -> bool:
        """Whether somebody would buy dearer than somebody sells, which no matching engine leaves."""
        bid, ask = self.bids.best, self.asks.best
        if bid is None or ask is None or bid < ask:
            return False
        return bid > ask or Levels(self.bids.top(1))[0].price >= Levels(self.asks.top(1))[0].price

    def knows(self, depth: int) -> bool:
        """Whether the best `depth` levels of both sides are known, or all that there are."""
        return self.bids.knows(depth) and self.asks.knows(depth)

    def prune(self, most: int) -> None:
        """Bound what is kept of each side."""
        self.bids.prune(most)
        self.asks.prune(most)

    def agrees(self, other: Book) -> bool:
        """Whether both are the same book, as far down as both are known."""
        return self.bids.agrees(other.bids) and self.asks.agrees(other.asks)


def _pieces(levels: Sequence[PriceLevel]) -> list[bytes]:
    return (levels if isinstance(levels, Levels) else Levels(tuple(levels))).pieces()


def _level(digits: bytes) -> PriceLevel:
    return Levels([digits])[0]


def _values(pieces: list[bytes]) -> tuple[PriceLevel, ...]:
    return tuple(Levels(pieces))


def _is_same(one: bytes, other: bytes) -> bool:
    """Whether two levels whose prices have the same float have the same price."""
    price = other[: other.index(b'",')]
    return one.startswith(price + b'",') or _level(one).price == _level(other).price
