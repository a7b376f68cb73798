"""`GET /api/v3/exchangeInfo`.

Source: rest-api.md "Exchange information", enums.md; limits of RAW_REQUESTS from
CHANGELOG.md (2026-03-27).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from ..market.symbols import Listing
from .errors import bad_combination, illegal
from .filter_rows import Row, usual_filters
from .parameters import Query
from .selection import Selection
from .source import Source

DEFAULT_PERMISSIONS = {"SPOT", "MARGIN", "LEVERAGED"}  # shown where none are asked for
PERMISSION_LIST = r'^\["[A-Z0-9_]+"(,"[A-Z0-9_]+"){0,}\]$'

ORDER_TYPES = [
    "LIMIT",
    "LIMIT_MAKER",
    "MARKET",
    "STOP_LOSS",
    "STOP_LOSS_LIMIT",
    "TAKE_PROFIT",
    "TAKE_PROFIT_LIMIT",
]
SELF_TRADE_PREVENTION = ["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"]


PREVENTION = "EXPIRE_MAKER"  # of self-trades, where an order says nothing of it


@dataclass(frozen=True)
class OrderLimits:
    """How many unfilled orders an account may have placed in ten seconds, and in a day."""

    ten_seconds: int = 100
    day: int = 200_000


@dataclass(frozen=True)
class Announced:
    """The limits that `exchangeInfo` tells, which are those enforced; 0 is not told."""

    max_weight: int
    max_requests: int
    max_dials: int
    orders: OrderLimits = OrderLimits()


def exchange_info(
    query: Query, now: int, source: Source, rate_limits: list[dict[str, Any]]
) -> dict[str, Any]:
    """The body for the symbols that were asked for.

    Raises:
        ApiError: -1128 for parameters that exclude each other, and as `Selection.some` does.
    """
    return {
        "timezone": "UTC",
        "serverTime": now,
        "rateLimits": rate_limits,
        "exchangeFilters": [],
        "symbols": [_entry(query, source.symbol_info(symbol)) for symbol in chosen(query, source)],
    }


def chosen(query: Query, source: Source) -> list[str]:
    """The symbols by name, or those that have one of the permissions and the status."""
    selection = Selection(source)
    by_name = "symbol" in query or "symbols" in query
    if by_name and ("permissions" in query or "symbolStatus" in query):
        raise bad_combination()
    symbols = selection.some(query)
    if by_name:
        return symbols
    wanted = permissions(query["permissions"]) if "permissions" in query else DEFAULT_PERMISSIONS
    return [one for one in symbols if wanted & selection.head(one).all_permissions]


def permissions(text: str) -> set[str]:
    """Read a `permissions` parameter, one name or a JSON array of names (-1100)."""
    if not text.startswith("["):
        return {text}
    try:
        return set(msgspec.json.decode(text, type=list[str]))
    except msgspec.DecodeError:
        raise illegal("permissions", PERMISSION_LIST) from None


def request_limits(announced: Announced) -> list[dict[str, Any]]:
    """The limits of REST: weight, orders and raw requests."""
    raw = limit_row("RAW_REQUESTS", "MINUTE", 5, announced.max_requests)
    return [*_common(announced), *([raw] if announced.max_requests else [])]


def connection_limits(announced: Announced) -> list[dict[str, Any]]:
    """The limits of the websocket API: weight, orders and connections."""
    dials = limit_row("CONNECTIONS", "MINUTE", 5, announced.max_dials)
    return [*_common(announced), *([dials] if announced.max_dials else [])]


def order_limits(limits: OrderLimits) -> list[dict[str, Any]]:
    """The limits of unfilled orders of an account."""
    return [
        limit_row("ORDERS", "SECOND", 10, limits.ten_seconds),
        limit_row("ORDERS", "DAY", 1, limits.day),
    ]


def limit_row(kind: str, interval: str, number: int, limit: int) -> dict[str, Any]:
    """One entry of `rateLimits`."""
    return {
        "rateLimitType": kind,
        "interval": interval,
        "intervalNum": number,
        "limit": limit,
    }


def symbol_info(listing: Listing, filters: list[Row] | None = None) -> dict[str, Any]:
    """The entry of one symbol, with every field that the documentation has, and usual filters."""
    return {
        "symbol": listing.symbol,
        "status": "TRADING",
        "baseAsset": listing.base,
        "baseAssetPrecision": 8,
        "quoteAsset": listing.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": ORDER_TYPES,
        "icebergAllowed": True,
        "ocoAllowed": False,
        "otoAllowed": False,
        "opoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": True,
        "cancelReplaceAllowed": True,
        "amendAllowed": False,
        "pegInstructionsAllowed": False,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": usual_filters(listing) if filters is None else filters,
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": PREVENTION,
        "allowedSelfTradePreventionModes": SELF_TRADE_PREVENTION,
    }


def _common(announced: Announced) -> list[dict[str, Any]]:
    return [
        limit_row("REQUEST_WEIGHT", "MINUTE", 1, announced.max_weight),
        *order_limits(announced.orders),
    ]


def _entry(query: Query, entry: Any) -> Any:
    """A symbol's entry, without its permission sets if they are not wanted."""
    if query.get("showPermissionSets") != "false":
        return entry
    fields = msgspec.json.decode(entry) if isinstance(entry, msgspec.Raw) else entry
    return {**fields, "permissionSets": []}
