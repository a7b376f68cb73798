"""Price levels, as values and as the exchange's own digits that become values when they are read."""

from __future__ import annotations

import contextlib
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


_decode_floats = msgspec.json.Decoder(tuple[tuple[float, float], ...], strict=False).decode


class Levels(Sequence[PriceLevel]):
    """An immutable sequence of price levels, equal to the tuple of the same levels.

    The digits are kept as they came and become `Decimal`s, all at once, when they are first read;
    `levels[0]` of unread levels makes only the best one.

    Args:
        source: `[["price","quantity"],…]`, JSON without white space, of numbers that were checked:
            reading must not fail. Or a list of what stands between the inner brackets, which
            nobody changes any more. Or the levels themselves.
    """

    __slots__ = ("_source",)

    def __init__(self, source: bytes | msgspec.Raw | list[bytes] | tuple[PriceLevel, ...]) -> None:
        self._source = source

    @property
    def is_read(self) -> bool:
        """Whether the digits have become values."""
        return isinstance(self._source, tuple)

    def _read(self) -> tuple[PriceLevel, ...]:
        source = self._source
        if not isinstance(source, tuple):  # two threads may do it twice, to the same effect
            source = self._source = _decode_levels(_joined(source))
        return source

    def pieces(self) -> list[bytes]:
        """The digits of each level, `"price","quantity"`: not to be changed."""
        source = self._source
        if isinstance(source, list):
            return source
        if isinstance(source, tuple):
            return [b'"%b","%b"' % (_digits(each.price), _digits(each.quantity)) for each in source]
        inner = bytes(source)[2:-2]
        return inner.split(b"],[") if inner else []

    def head(self, count: int) -> Levels:
        """The best `count` levels; of unread ones, unread."""
        source = self._source
        return Levels(source[:count] if isinstance(source, tuple) else self.pieces()[:count])

    def floats(self) -> tuple[tuple[float, float], ...]:
        """See `float_levels`."""
        source = self._source
        if not isinstance(source, tuple):
            with contextlib.suppress(msgspec.ValidationError):  # of a number such as ".5"
                return _decode_floats(_joined(source))
        return tuple((float(price), float(quantity)) for price, quantity in self._read())

    def __len__(self) -> int:
        source = self._source
        return len(source) if isinstance(source, tuple | list) else bytes(source).count(b'["')

    @overload
    def __getitem__(self, index: int) -> PriceLevel: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[PriceLevel, ...]: ...
    def __getitem__(self, index: int | slice) -> PriceLevel | tuple[PriceLevel, ...]:
        source = self._source
        if index == 0 and type(index) is int and not isinstance(source, tuple):
            digits = _joined(source[:1]) if isinstance(source, list) else bytes(source)
            end = digits.find(b"]")
            if end > 1:
                return _decode_level(digits[1 : end + 1])
        return self._read()[index]

    def __iter__(self) -> Iterator[PriceLevel]:
        return iter(self._read())

    def __reversed__(self) -> Iterator[PriceLevel]:
        return reversed(self._read())

    def __contains__(self, level: object) -> bool:
        return level in self._read()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Levels):
            return self._read() == other._read()
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
        source = self._source
        return Levels, (source if isinstance(source, tuple) else bytes(_joined(source)),)


def _joined(source: bytes | msgspec.Raw | list[bytes]) -> bytes | msgspec.Raw:
    if not isinstance(source, list):
        return source
    return b"[[%b]]" % b"],[".join(source) if source else b"[]"


def _digits(number: Decimal) -> bytes:
    return format(number, "f").encode()


def float_levels(levels: Sequence[PriceLevel]) -> tuple[tuple[float, float], ...]:
    """Prices and quantities as floats: `((price, quantity), …)`, the nearest to the exact values.

    For who computes with floats: of levels that nobody has read, no `Decimal`s are made.
    """
    if isinstance(levels, Levels):
        return levels.floats()
    return tuple((float(price), float(quantity)) for price, quantity in levels)
