"""The rules an order must keep, as `instruments-info` lists them.

What is there and no longer checked is left out: a spot symbol's `minOrderQty`, `maxOrderQty` and
`maxOrderAmt`, a linear one's `postOnlyMaxOrderQty`.

Source: https://bybit-exchange.github.io/docs/v5/market/instrument
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from ...messages.instruments import (
    Filter,
    LotSize,
    MarketLotSize,
    MinNotional,
    OtherFilter,
    PriceFilter,
)
from ..driver import MalformedError
from ..numbers import number, shortened
from .names import LINEAR

Fields = dict[str, Any]

_NONE = Decimal(0)
_OTHERS = ("leverageFilter", "riskParameters")
_MORE_OF_SPOT = ("quotePrecision", "postOnlyMaxLimitOrderSize")


def filters_of(
    market: str, price: Fields, lot: Fields, others: dict[str, Fields | None]
) -> tuple[Filter, ...]:
    """A symbol's rules; of a bound that the exchange does not set there is none.

    Args:
        market: `spot` or `linear`, whose fields have other names.
        price: `priceFilter`.
        lot: `lotSizeFilter`.
        others: What else there is, by name; `None` where a symbol has none.

    Raises:
        MalformedError: One of them is no number.
    """
    build = _linear if market == LINEAR else _spot
    more = tuple(
        OtherFilter(name, {key: _text(value) for key, value in fields.items()})
        for name in _OTHERS
        if (fields := others.get(name)) is not None
    )
    return (_price(price), *build(lot), *more)


def _price(fields: Fields) -> PriceFilter:
    """Spot sets no bounds."""
    return PriceFilter(
        _bound(fields, "minPrice"), _bound(fields, "maxPrice"), _number(fields, "tickSize")
    )


def _linear(lot: Fields) -> tuple[Filter, ...]:
    """Quantities are in the base coin."""
    least, step = _number(lot, "minOrderQty"), _number(lot, "qtyStep")
    return (
        LotSize(least, _number(lot, "maxOrderQty"), step),
        MarketLotSize(least, _bound(lot, "maxMktOrderQty"), step),
        *_min_notional(lot, "minNotionalValue"),
    )


def _spot(lot: Fields) -> tuple[Filter, ...]:
    """The least quantity is one step: what counts is the least value."""
    step = _number(lot, "basePrecision")
    more = {name: _text(lot[name]) for name in _MORE_OF_SPOT if name in lot}
    return (
        LotSize(_NONE, _bound(lot, "maxLimitOrderQty"), step),
        MarketLotSize(_NONE, _bound(lot, "maxMarketOrderQty"), step),
        *_min_notional(lot, "minOrderAmt"),
        *([OtherFilter("lotSizeFilter", more)] if more else []),
    )


def _min_notional(lot: Fields, name: str) -> tuple[MinNotional, ...]:
    least = _bound(lot, name)
    return (MinNotional(least, apply_to_market=True),) if least else ()


def _number(fields: Fields, name: str) -> Decimal:
    value = fields.get(name)
    if not isinstance(value, str):
        raise MalformedError(f"a symbol whose {name} is {shortened(repr(value))}")
    return number(value)


def _bound(fields: Fields, name: str) -> Decimal:
    """0, which is none, where it is not said."""
    return _number(fields, name) if fields.get(name) not in (None, "") else _NONE


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
