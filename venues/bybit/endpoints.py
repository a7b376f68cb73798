"""The table of Bybit's REST requests; each counts as one.

Source: https://bybit-exchange.github.io/docs/v5/intro
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
from ..questions import GetListing, GetNewestTrades, GetPastKlines
from . import bodies, instruments, key_bodies, past, progress
from .names import symbol_of
from .progress import GetCandle, GetDay, GetLastTrade
from .streams import DEEPEST

Parameters = list[tuple[str, str]]
Query = Callable[[Any], Parameters]
Decode = Callable[[bytes, Any, int], Any]

_MOST_INSTRUMENTS = "1000"


def _weight(request: object) -> int:
    return 1


def _nothing(request: object) -> Parameters:
    return []


def _unified(request: object) -> Parameters:
    return [("accountType", "UNIFIED")]


def _book(request: GetOrderBook) -> Parameters:
    depth: Any = request.depth
    if not isinstance(depth, int) or isinstance(depth, bool) or not 1 <= depth <= DEEPEST:
        raise ValidationError("depth", depth, f"must be 1 to {DEEPEST}")
    return [("symbol", symbol_of(request.symbol)), ("limit", str(depth))]


def _all_instruments(request: object) -> Parameters:
    return [("limit", _MOST_INSTRUMENTS)]


def _instruments(request: GetExchangeInfo) -> Parameters:
    """All, save where one is asked for: several cannot be named."""
    if isinstance(request.symbols, str):
        raise ValidationError("symbols", request.symbols, "must be a tuple of symbols")
    symbols = [symbol_of(symbol) for symbol in request.symbols]
    return [("symbol", symbols[0])] if len(symbols) == 1 else _all_instruments(request)


def endpoints(market: str) -> dict[type[Request[Any]], Endpoint]:
    """The requests of a market, `spot` or `linear`."""

    def of_market(query: Query) -> Query:
        return lambda request: [("category", market), *query(request)]

    def public(path: str, lane: Lane, query: Query, decode: Decode) -> Endpoint:
        path = f"/v5/market/{path}"
        return Endpoint("GET", path, lane, _weight, of_market(query), decode)

    def private(path: str, query: Query, decode: Decode) -> Endpoint:
        return Endpoint("GET", f"/v5/{path}", Lane.ACCOUNT, _weight, query, decode, signed=True)

    info, market_lane = instruments.exchange_info_of(market), Lane.MARKET
    return {
        Ping: Endpoint("GET", "/v5/market/time", Lane.MARKET, _weight, _nothing, bodies.ping),
        GetServerTime: Endpoint(
            "GET", "/v5/market/time", Lane.CLOCK, _weight, _nothing, bodies.server_time
        ),
        GetListing: public("instruments-info", market_lane, _all_instruments, instruments.listing),
        GetExchangeInfo: public("instruments-info", market_lane, _instruments, info),
        GetOrderBook: public("orderbook", market_lane, _book, bodies.order_book),
        GetPastKlines: public("kline", Lane.HISTORY, past.klines_query, past.klines),
        GetNewestTrades: public("recent-trade", Lane.HISTORY, past.trades_query, past.trades),
        GetDay: public("tickers", market_lane, progress.day_query, progress.day),
        GetCandle: public("kline", market_lane, progress.candle_query, progress.candle),
        GetLastTrade: public(
            "recent-trade", market_lane, progress.last_trade_query, progress.last_trade
        ),
        GetBalances: private("account/wallet-balance", _unified, bodies.balances),
        GetKeyPermissions: private("user/query-api", _nothing, key_bodies.permissions_of(market)),
        GetKeyRestrictions: private("user/query-api", _nothing, key_bodies.restrictions_of(market)),
    }
