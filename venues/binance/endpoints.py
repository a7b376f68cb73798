"""The table of Binance's REST requests.

Sources: https://developers.binance.com/docs/binance-spot-api-docs/rest-api
https://developers.binance.com/docs/wallet/account/api-key-permission
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ...messages.base import Request
from ...messages.errors import ValidationError
from ...messages.requests import (
    GetBalances,
    GetExchangeInfo,
    GetKeyPermissions,
    GetKeyRestrictions,
    GetOrderBook,
    GetServerTime,
    Ping,
)
from ..driver import Endpoint, Lane
from ..questions import GetListing, GetPastKlines, GetPastTrades, GetSnapshot
from . import bodies, key_bodies, past
from .names import symbol_of

Parameters = list[tuple[str, str]]

_BOOK_WEIGHTS = ((100, 5), (500, 25), (1000, 50), (5000, 250))
"""The most levels that have a weight, and that weight."""
_LEAN = ("showPermissionSets", "false")


def _weighs(weight: int) -> Callable[[Any], int]:
    return lambda request: weight


def _book_weight(request: GetOrderBook | GetSnapshot) -> int:
    most = _BOOK_WEIGHTS[-1][1]
    return next((weight for levels, weight in _BOOK_WEIGHTS if request.depth <= levels), most)


def _nothing(request: object) -> Parameters:
    return []


def _book(request: GetOrderBook | GetSnapshot) -> Parameters:
    depth: Any = request.depth
    if not isinstance(depth, int) or isinstance(depth, bool) or not 1 <= depth <= 5000:
        raise ValidationError("depth", depth, "must be 1 to 5000")
    return [("symbol", symbol_of(request.symbol)), ("limit", str(depth))]


def _exchange_info(request: GetExchangeInfo) -> Parameters:
    if isinstance(request.symbols, str):
        raise ValidationError("symbols", request.symbols, "must be a tuple of symbols")
    symbols = [symbol_of(symbol) for symbol in request.symbols]
    if not symbols:
        return [_LEAN]
    if len(symbols) == 1:
        return [("symbol", symbols[0]), _LEAN]
    return [("symbols", msgspec.json.encode(symbols).decode()), _LEAN]


def _listing(request: GetListing) -> Parameters:
    return [_LEAN]


def _account(request: object) -> Parameters:
    return [("omitZeroBalances", "true")]


def _get(
    path: str,
    lane: Lane,
    weight: Callable[[Any], int],
    parameters: Callable[[Any], Parameters],
    decode: Callable[[bytes, Any, int], Any],
    *,
    signed: bool = False,
) -> Endpoint:
    return Endpoint("GET", f"/api/v3/{path}", lane, weight, parameters, decode, signed)


ENDPOINTS: Mapping[type[Request[Any]], Endpoint] = {
    Ping: _get("ping", Lane.MARKET, _weighs(1), _nothing, bodies.ping),
    GetServerTime: _get("time", Lane.CLOCK, _weighs(1), _nothing, bodies.server_time),
    GetListing: _get("exchangeInfo", Lane.MARKET, _weighs(20), _listing, bodies.listing),
    GetExchangeInfo: _get(
        "exchangeInfo", Lane.MARKET, _weighs(20), _exchange_info, bodies.exchange_info
    ),
    GetSnapshot: _get("depth", Lane.BOOK, _book_weight, _book, bodies.order_book),
    GetOrderBook: _get("depth", Lane.MARKET, _book_weight, _book, bodies.order_book),
    GetPastTrades: _get(
        "historicalTrades",
        Lane.HISTORY,
        _weighs(past.TRADES_WEIGHT),
        past.trades_query,
        past.trades,
    ),
    GetPastKlines: _get(
        "klines", Lane.HISTORY, _weighs(past.KLINES_WEIGHT), past.klines_query, past.klines
    ),
    GetBalances: _get("account", Lane.ACCOUNT, _weighs(20), _account, bodies.balances, signed=True),
    GetKeyPermissions: _get(
        "account", Lane.ACCOUNT, _weighs(20), _account, key_bodies.permissions, signed=True
    ),
    # Counted apart from the rest of the requests' weight: 1 too much is no harm.
    GetKeyRestrictions: Endpoint(
        "GET",
        "/sapi/v1/account/apiRestrictions",
        Lane.ACCOUNT,
        _weighs(1),
        _nothing,
        key_bodies.restrictions,
        signed=True,
    ),
}
