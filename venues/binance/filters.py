"""The rules an order must keep, as `exchangeInfo` and `myFilters` list them.

Source: https://developers.binance.com/docs/binance-spot-api-docs/filters
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from ...messages.instruments import (
    Filter,
    LotSize,
    MarketLotSize,
    MaxAsset,
    MaxPosition,
    MinNotional,
    Notional,
    OrderCountLimit,
    OtherFilter,
    PercentPrice,
    PercentPriceBySide,
    PriceFilter,
    TrailingDelta,
)
from ..driver import MalformedError
from ..numbers import number, shortened

Fields = dict[str, Any]

_COUNTS = {
    "ICEBERG_PARTS": "limit",
    "MAX_NUM_ORDERS": "maxNumOrders",
    "MAX_NUM_ALGO_ORDERS": "maxNumAlgoOrders",
    "MAX_NUM_ICEBERG_ORDERS": "maxNumIcebergOrders",
    "MAX_NUM_ORDER_AMENDS": "maxNumOrderAmends",
    "MAX_NUM_ORDER_LISTS": "maxNumOrderLists",
    "EXCHANGE_MAX_NUM_ORDERS": "maxNumOrders",
    "EXCHANGE_MAX_NUM_ALGO_ORDERS": "maxNumAlgoOrders",
    "EXCHANGE_MAX_NUM_ICEBERG_ORDERS": "maxNumIcebergOrders",
    "EXCHANGE_MAX_NUM_ORDER_LISTS": "maxNumOrderLists",
}


def typed_filter(fields: Fields) -> Filter:
    """A filter by its `filterType`. Raises `MalformedError`."""
    name = _get(fields, "filterType", str)
    if name in _COUNTS:
        return OrderCountLimit(name, _count(fields, _COUNTS[name]))
    build = _BUILDERS.get(name)
    if build is not None:
        return build(fields)
    others = {key: _text(value) for key, value in fields.items() if key != "filterType"}
    return OtherFilter(name, others)


def _price(fields: Fields) -> Filter:
    return PriceFilter(
        _number(fields, "minPrice"), _number(fields, "maxPrice"), _number(fields, "tickSize")
    )


def _lot_size(fields: Fields) -> Filter:
    return LotSize(
        _number(fields, "minQty"), _number(fields, "maxQty"), _number(fields, "stepSize")
    )


def _market_lot_size(fields: Fields) -> Filter:
    return MarketLotSize(
        _number(fields, "minQty"), _number(fields, "maxQty"), _number(fields, "stepSize")
    )


def _min_notional(fields: Fields) -> Filter:
    return MinNotional(
        _number(fields, "minNotional"), _get(fields, "applyToMarket", bool), _minutes(fields)
    )


def _notional(fields: Fields) -> Filter:
    return Notional(
        _number(fields, "minNotional"),
        _get(fields, "applyMinToMarket", bool),
        _number(fields, "maxNotional"),
        _get(fields, "applyMaxToMarket", bool),
        _minutes(fields),
    )


def _percent_price(fields: Fields) -> Filter:
    return PercentPrice(
        _number(fields, "multiplierUp"), _number(fields, "multiplierDown"), _minutes(fields)
    )


def _percent_price_by_side(fields: Fields) -> Filter:
    return PercentPriceBySide(
        _number(fields, "bidMultiplierUp"),
        _number(fields, "bidMultiplierDown"),
        _number(fields, "askMultiplierUp"),
        _number(fields, "askMultiplierDown"),
        _minutes(fields),
    )


def _trailing_delta(fields: Fields) -> Filter:
    return TrailingDelta(
        _count(fields, "minTrailingAboveDelta"),
        _count(fields, "maxTrailingAboveDelta"),
        _count(fields, "minTrailingBelowDelta"),
        _count(fields, "maxTrailingBelowDelta"),
    )


def _max_position(fields: Fields) -> Filter:
    return MaxPosition(_number(fields, "maxPosition"))


def _max_asset(fields: Fields) -> Filter:
    return MaxAsset(_get(fields, "asset", str), _number(fields, "limit"))


_BUILDERS: dict[str, Callable[[Fields], Filter]] = {
    "PRICE_FILTER": _price,
    "LOT_SIZE": _lot_size,
    "MARKET_LOT_SIZE": _market_lot_size,
    "MIN_NOTIONAL": _min_notional,
    "NOTIONAL": _notional,
    "PERCENT_PRICE": _percent_price,
    "PERCENT_PRICE_BY_SIDE": _percent_price_by_side,
    "TRAILING_DELTA": _trailing_delta,
    "MAX_POSITION": _max_position,
    "MAX_ASSET": _max_asset,
}


def _get(fields: Fields, name: str, kind: type) -> Any:
    value = fields.get(name)
    if not isinstance(value, kind):
        raise MalformedError(f"a filter whose {name} is {shortened(repr(value))}")
    return value


def _number(fields: Fields, name: str) -> Decimal:
    return number(_get(fields, name, str))


def _count(fields: Fields, name: str) -> int:
    count: int = _get(fields, name, int)
    if isinstance(count, bool) or not 0 <= count < 2**63:
        raise MalformedError(f"a filter whose {name} is {shortened(repr(count))}")
    return count


def _minutes(fields: Fields) -> int | None:
    return _count(fields, "avgPriceMins") if "avgPriceMins" in fields else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
