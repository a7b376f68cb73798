"""Price levels, as values and as the exchange's own digits that become values when they are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, overload

import msgspec


class PriceLevel(NamedTuple):
    """A price, and the quantity quoted there."""

    price: Decimal
    quantity: Decimal


_decode_levels = msgspec.json.Decoder(tuple[PriceLevel, ...]).decode
_decode_level = msgspec.json.Decoder(PriceLevel).decode


class Levels(Sequence[PriceLevel]):
    """An immutable sequence of price levels, equal to the tuple of the same levels.

    The digits are kept as they came and become `Decimal`s, all at once, when they are first read;
    `levels[0]` of unread levels makes only the best one.

    Args:
        digits: `[["price","quantity"],…]`, JSON without white space, of numbers that were checked:
            reading must not fail.
    """

    __slots__ = ("_digits", "_levels")

    def __init__(self, digits: bytes) -> None:
        self._digits = digits
        self._levels: tuple[PriceLevel, ...] | None = None

    def _read(self) -> tuple[PriceLevel, ...]:
        levels = self._levels
        if levels is None:  # two threads may do it twice, to the same effect
            levels = self._levels = _decode_levels(self._digits)
        return levels

    def __len__(self) -> int:
        return len(self._levels) if self._levels is not None else self._digits.count(b'["')

    @overload
    def __getitem__(self, index: int) -> PriceLevel: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[PriceLevel, ...]: ...
    def __getitem__(self, index: int | slice) -> PriceLevel | tuple[PriceLevel, ...]:
        if index == 0 and self._levels is None and type(index) is int:
            end = self._digits.find(b"]")
            if end > 1:
                return _decode_level(self._digits[1 : end + 1])
        return self._read()[index]

    def __iter__(self) -> Iterator[PriceLevel]:
        return iter(self._read())

    def __reversed__(self) -> Iterator[PriceLevel]:
        return reversed(self._read())

    def __contains__(self, level: object) -> bool:
        return level in self._read()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Levels):
            return self._digits == other._digits or self._read() == other._read()
        return self._read() == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._read())

    def __add__(self, other: Sequence[PriceLevel]) -> tuple[PriceLevel, ...]:
        return self._read() + tuple(other)

    def __radd__(self, other: tuple[PriceLevel, ...]) -> tuple[PriceLevel, ...]:
        return other + self._read()

    def __repr__(self) -> str:
        return repr(self._read())

    def __reduce__(self) -> tuple[Any, ...]:
        return Levels, (self._digits,)
