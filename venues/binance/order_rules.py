"""What orders are measured by, beside what `exchangeInfo` says: prices, and the account's own rules.

Sources: binance-spot-api-docs, filters.md; rest-api.md, "Current average price", "Query Reference
Price", "Symbol price ticker", "Query relevant filters"
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from ...messages.base import Request
from ...messages.instruments import Filter
from ..driver import Endpoint, Lane
from ..numbers import NumberText
from ..questions import (
    AveragePrice,
    GetAccountFilters,
    GetAveragePrice,
    GetLastPrice,
    GetReferencePrice,
)
from ..readers import BodyReader
from .filters import typed_filter
from .names import symbol_of
from .wire import Id

_PRICE_WEIGHT = 2
_FILTERS_WEIGHT = 40


class _Reference(msgspec.Struct, rename="camel"):
    """{"symbol":"BAZUSD","referencePrice":"10.00","timestamp":1770736694138}; the price or null."""

    reference_price: NumberText | None


class _Average(msgspec.Struct):
    """{"mins":5,"price":"9.35751834","closeTime":1694061154503}."""

    mins: Id
    price: NumberText


class _Last(msgspec.Struct):
    """{"symbol":"LTCBTC","price":"4.00000200"}."""

    price: NumberText


class _Filters(msgspec.Struct, rename="camel"):
    """{"exchangeFilters":[…],"symbolFilters":[…],"assetFilters":[…]}."""

    exchange_filters: tuple[dict[str, Any], ...]
    symbol_filters: tuple[dict[str, Any], ...]
    asset_filters: tuple[dict[str, Any], ...]


_read_reference = BodyReader(_Reference)
_read_average = BodyReader(_Average)
_read_last = BodyReader(_Last)
_read_filters = BodyReader(_Filters)


def reference(body: bytes, request: GetReferencePrice, received_time: int) -> Decimal | None:
    """The reference price, if there is one now."""
    price = _read_reference(body).reference_price
    return None if price is None else Decimal(price) or None


def average(body: bytes, request: GetAveragePrice, received_time: int) -> AveragePrice | None:
    """The average, and of which time it is."""
    content = _read_average(body)
    return _priced(content.mins, content.price)


def last(body: bytes, request: GetLastPrice, received_time: int) -> AveragePrice | None:
    """The last price."""
    return _priced(0, _read_last(body).price)


def filters(body: bytes, request: GetAccountFilters, received_time: int) -> tuple[Filter, ...]:
    """The account's rules: of all it trades, of the symbol, of assets."""
    content = _read_filters(body)
    rows = (*content.exchange_filters, *content.symbol_filters, *content.asset_filters)
    return tuple(typed_filter(row) for row in rows)


def _priced(minutes: int, price: str) -> AveragePrice | None:
    number = Decimal(price)
    return AveragePrice(minutes, number) if number else None


def _symbol(request: Any) -> list[tuple[str, str]]:
    return [("symbol", symbol_of(request.symbol))]


def _row(
    path: str, weight: int, decode: Callable[[bytes, Any, int], Any], *, signed: bool = False
) -> Endpoint:
    # An order may wait for it.
    path = f"/api/v3/{path}"
    return Endpoint("GET", path, Lane.ACCOUNT, lambda request: weight, _symbol, decode, signed)


ENDPOINTS: Mapping[type[Request[Any]], Endpoint] = {
    GetReferencePrice: _row("referencePrice", _PRICE_WEIGHT, reference),
    GetAveragePrice: _row("avgPrice", _PRICE_WEIGHT, average),
    GetLastPrice: _row("ticker/price", _PRICE_WEIGHT, last),
    GetAccountFilters: _row("myFilters", _FILTERS_WEIGHT, filters, signed=True),
}
