"""What Binance's REST answers carry, and what they become.

Source: https://developers.binance.com/docs/binance-spot-api-docs/rest-api
"""

from __future__ import annotations

from typing import Any

import msgspec

from ...messages.account import Balance
from ...messages.enums import OrderType, SymbolStatus, known
from ...messages.health import Pong, ServerTime
from ...messages.instruments import ExchangeInfo, RateLimit, SymbolInfo
from ...messages.levels import Levels
from ...messages.market import OrderBook
from ...messages.requests import GetBalances, GetExchangeInfo, GetOrderBook, GetServerTime, Ping
from ..driver import MalformedError
from ..numbers import pair, price_levels
from ..questions import GetListing, GetSnapshot, Listing
from ..readers import BodyReader
from .filters import typed_filter
from .names import EXCHANGE, nanoseconds
from .rate_limits import SECONDS
from .wire import Id, Time

_WEIGHT_PERIOD = 60.0
_LONGEST_PERIOD = 300.0


class _ServerTime(msgspec.Struct, rename="camel"):
    """{"serverTime":1499827319559}."""

    server_time: Time


class _RateLimit(msgspec.Struct, rename="camel"):
    """{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000}."""

    rate_limit_type: str = ""
    interval: str = ""
    interval_num: Id = 0
    limit: Id = 0


class _Name(msgspec.Struct):
    """As much of a symbol as its name."""

    symbol: str


class _Listing(msgspec.Struct, rename="camel"):
    """As much of `exchangeInfo` as says what there is."""

    symbols: tuple[_Name, ...]
    rate_limits: tuple[_RateLimit, ...] = ()


class _Symbol(msgspec.Struct, rename="camel"):
    """{"symbol":"ETHBTC","status":"TRADING","baseAsset":"ETH","quoteAsset":"BTC",…}."""

    symbol: str
    status: str
    base_asset: str
    quote_asset: str
    order_types: tuple[str, ...] = ()
    filters: tuple[dict[str, Any], ...] = ()


class _ExchangeInfo(msgspec.Struct, rename="camel"):
    """{"timezone":"UTC","serverTime":1565246363776,"rateLimits":[…],"symbols":[…]}."""

    server_time: Time
    symbols: tuple[_Symbol, ...]
    rate_limits: tuple[_RateLimit, ...] = ()


class _Depth(msgspec.Struct, rename={"update_id": "lastUpdateId"}):
    """{"lastUpdateId":160,"bids":[["0.0024","10"]],"asks":[["0.0026","100"]]}."""

    update_id: Id
    bids: msgspec.Raw
    asks: msgspec.Raw


class _Holding(msgspec.Struct):
    """{"asset":"BTC","free":"4723846.89208129","locked":"0.00000000"}."""

    asset: str
    free: str
    locked: str


class _Account(msgspec.Struct, rename="camel"):
    """{"updateTime":123456789,"balances":[…],…}."""

    balances: tuple[_Holding, ...]
    update_time: Time = 0


_read_ping = BodyReader(dict[str, Any])
_read_time = BodyReader(_ServerTime)
_read_listing = BodyReader(_Listing)
_read_exchange_info = BodyReader(_ExchangeInfo)
_read_depth = BodyReader(_Depth)
_read_account = BodyReader(_Account)


def ping(body: bytes, request: Ping, received_time: int) -> Pong:
    """`{}`: that it came is all that it says; who sent it knows how long it took."""
    _read_ping(body)
    return Pong(0.0)


def server_time(body: bytes, request: GetServerTime, received_time: int) -> ServerTime:
    """The exchange's clock."""
    return ServerTime(nanoseconds(_read_time(body).server_time))


def listing(body: bytes, request: GetListing, received_time: int) -> Listing:
    """The names of all symbols, the request weight allowed a minute, and the limits of orders.

    A limit for so long a time that a minute's share says nothing is left out.
    """
    content = _read_listing(body)
    limits = _rate_limits(content.rate_limits)
    allowed = [
        int(limit.limit * _WEIGHT_PERIOD / limit.period)
        for limit in limits
        if limit.kind == "REQUEST_WEIGHT" and limit.limit and limit.period <= _LONGEST_PERIOD
    ]
    symbols = frozenset(symbol.symbol for symbol in content.symbols)
    if not symbols:
        raise MalformedError("a list of no symbols")
    orders = tuple(limit for limit in limits if limit.kind == "ORDERS")
    return Listing(symbols, min(allowed, default=None), orders)


def exchange_info(body: bytes, request: GetExchangeInfo, received_time: int) -> ExchangeInfo:
    """All symbols, or those asked for, with their filters."""
    content = _read_exchange_info(body)
    return ExchangeInfo(
        tuple(_symbol_info(symbol) for symbol in content.symbols),
        _rate_limits(content.rate_limits),
        nanoseconds(content.server_time),
    )


def order_book(body: bytes, request: GetOrderBook | GetSnapshot, received_time: int) -> OrderBook:
    """It carries neither symbol nor time: the request's and the time of receipt stand for them."""
    content = _read_depth(body)
    return OrderBook(
        EXCHANGE,
        request.symbol.upper(),
        received_time,
        received_time,
        content.update_id,
        Levels(price_levels(content.bids)),
        Levels(price_levels(content.asks)),
    )


def balances(body: bytes, request: GetBalances, received_time: int) -> tuple[Balance, ...]:
    """What the account holds, as of its last change."""
    content = _read_account(body)
    changed = nanoseconds(content.update_time)
    return tuple(
        Balance(
            EXCHANGE,
            changed or received_time,
            received_time,
            holding.asset,
            *pair(holding.free, holding.locked),
            changed,
        )
        for holding in content.balances
    )


def _symbol_info(symbol: _Symbol) -> SymbolInfo:
    return SymbolInfo(
        symbol.symbol,
        known(SymbolStatus, symbol.status),
        symbol.base_asset,
        symbol.quote_asset,
        tuple(known(OrderType, text) for text in symbol.order_types),
        tuple(typed_filter(fields) for fields in symbol.filters),
    )


def _rate_limits(limits: tuple[_RateLimit, ...]) -> tuple[RateLimit, ...]:
    """Those whose period is understood."""
    return tuple(
        RateLimit(limit.rate_limit_type, limit.interval_num * SECONDS[limit.interval], limit.limit)
        for limit in limits
        if limit.interval in SECONDS and limit.interval_num
    )
