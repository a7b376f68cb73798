"""The filters that are told, which are those that are checked.

Source: filters.md
"""

from __future__ import annotations

from typing import Any

from ..market.fixed import parse, text
from ..market.symbols import Listing

Row = dict[str, Any]

BOUNDS = "multiplierUp", "multiplierDown", "avgPriceMins"
SIDES = "bidMultiplierUp", "bidMultiplierDown", "askMultiplierUp", "askMultiplierDown"
FIELDS: dict[str, tuple[str, ...]] = {
    "PRICE_FILTER": ("minPrice", "maxPrice", "tickSize"),
    "PERCENT_PRICE": BOUNDS,
    "PERCENT_PRICE_BY_SIDE": (*SIDES, "avgPriceMins"),
    "LOT_SIZE": ("minQty", "maxQty", "stepSize"),
    "MARKET_LOT_SIZE": ("minQty", "maxQty", "stepSize"),
    "MIN_NOTIONAL": ("minNotional", "applyToMarket", "avgPriceMins"),
    "NOTIONAL": (
        *("minNotional", "applyMinToMarket", "maxNotional", "applyMaxToMarket"),
        "avgPriceMins",
    ),
    "ICEBERG_PARTS": ("limit",),
    "TRAILING_DELTA": (
        *("minTrailingAboveDelta", "maxTrailingAboveDelta"),
        *("minTrailingBelowDelta", "maxTrailingBelowDelta"),
    ),
    "MAX_NUM_ORDERS": ("maxNumOrders",),
    "MAX_NUM_ALGO_ORDERS": ("maxNumAlgoOrders",),
    "MAX_NUM_ICEBERG_ORDERS": ("maxNumIcebergOrders",),
    "MAX_POSITION": ("maxPosition",),
}
"""The filters of a symbol that may be set, and all their fields."""


class FilterRows:
    """The filters of all symbols: the usual ones, but for those that were set."""

    def __init__(self) -> None:
        self._set: dict[str, dict[str, Row]] = {}

    def of(self, listing: Listing) -> list[Row]:
        """Those of a symbol."""
        rows = {row["filterType"]: row for row in usual_filters(listing)}
        return list((rows | self._set.get(listing.symbol, {})).values())

    def set(self, listing: Listing, name: str, fields: Row) -> None:
        """Change fields of a filter of a symbol, or let it have one.

        Raises:
            ValueError: if there is no such filter, or it would not have all its fields, or others.
        """
        if name not in FIELDS:
            raise ValueError(f"name: {name!r} is none of {', '.join(FIELDS)}")
        before = {row["filterType"]: row for row in self.of(listing)}.get(name, {})
        row = {"filterType": name, **before, **fields}
        if set(row) - {"filterType"} != set(FIELDS[name]):
            raise ValueError(f"fields: {name} has {', '.join(FIELDS[name])}")
        for value in fields.values():
            if isinstance(value, str):
                parse(value)
        self._set.setdefault(listing.symbol, {})[name] = row


def usual_filters(listing: Listing) -> list[Row]:
    """The filters of one symbol."""
    tick, step = text(listing.tick), text(listing.step)
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": tick,
            "maxPrice": "1000000.00000000",
            "tickSize": tick,
        },
        {"filterType": "LOT_SIZE", "minQty": step, "maxQty": "9000.00000000", "stepSize": step},
        {"filterType": "ICEBERG_PARTS", "limit": 100},
        {
            "filterType": "MARKET_LOT_SIZE",
            "minQty": "0.00000000",
            "maxQty": "120.00000000",
            "stepSize": "0.00000000",
        },
        {
            "filterType": "TRAILING_DELTA",
            "minTrailingAboveDelta": 10,
            "maxTrailingAboveDelta": 2000,
            "minTrailingBelowDelta": 10,
            "maxTrailingBelowDelta": 2000,
        },
        {
            "filterType": "PERCENT_PRICE_BY_SIDE",
            "bidMultiplierUp": "5",
            "bidMultiplierDown": "0.2",
            "askMultiplierUp": "5",
            "askMultiplierDown": "0.2",
            "avgPriceMins": 5,
        },
        {
            "filterType": "NOTIONAL",
            "minNotional": "5.00000000",
            "applyMinToMarket": True,
            "maxNotional": "9000000.00000000",
            "applyMaxToMarket": False,
            "avgPriceMins": 5,
        },
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
        {"filterType": "MAX_NUM_ORDER_LISTS", "maxNumOrderLists": 20},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": 5},
        {"filterType": "MAX_NUM_ORDER_AMENDS", "maxNumOrderAmends": 10},
    ]


def account_filters() -> list[Row]:
    """The filters of an account that `myFilters` alone tells, of the exchange and of assets."""
    return [
        {"filterType": "EXCHANGE_MAX_NUM_ORDERS", "maxNumOrders": 1_000},
        {"filterType": "MAX_ASSET", "asset": "USDT", "limit": "1000000.00000000"},
    ]
