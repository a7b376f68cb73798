"""What Bybit lists, page by page.

Source: https://bybit-exchange.github.io/docs/v5/market/instrument
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import unquote

import msgspec

from ...messages.enums import OrderType, SymbolStatus
from ...messages.instruments import ExchangeInfo, SymbolInfo
from ...messages.requests import GetExchangeInfo
from ..driver import MalformedError, Page
from ..instants import from_milliseconds
from ..questions import GetListing, Listing
from ..readers import BodyReader
from .bodies import Answer
from .filters import Fields, filters_of
from .names import LINEAR, SPOT, symbol_of

T = TypeVar("T")

_STATUSES: dict[str, SymbolStatus] = {"Trading": SymbolStatus.TRADING}
"""`PreLaunch`, `Delivering` and `Closed` are like nothing elsewhere."""
_ORDER_TYPES = {
    SPOT: (OrderType.LIMIT, OrderType.LIMIT_MAKER, OrderType.MARKET),
    LINEAR: (OrderType.LIMIT, OrderType.MARKET),
}
"""Of every symbol, by the documentation of orders; the list does not say."""


class _Name(msgspec.Struct):
    """As much of a symbol as its name."""

    symbol: str


class _Names(msgspec.Struct, rename="camel"):
    """As much of a list as says what there is; an empty cursor, or none, where it is all."""

    list: tuple[_Name, ...]
    next_page_cursor: str = ""


class _Symbol(msgspec.Struct, rename="camel"):
    """{"symbol":"BTCUSDT","baseCoin":"BTC","quoteCoin":"USDT","status":"Trading",
    "lotSizeFilter":{…},"priceFilter":{…},…}.
    """

    symbol: str
    status: str
    base_coin: str
    quote_coin: str
    price_filter: Fields
    lot_size_filter: Fields
    leverage_filter: Fields | None = None
    risk_parameters: Fields | None = None


class _Symbols(msgspec.Struct, rename="camel"):
    """{"category":"linear","list":[…],"nextPageCursor":"first%3D…"}."""

    list: tuple[_Symbol, ...]
    next_page_cursor: str = ""


_read_names = BodyReader(Answer[_Names])
_read_symbols = BodyReader(Answer[_Symbols])


def listing(body: bytes, request: GetListing, received_time: int) -> Listing | Page:
    """The names of all symbols that trade; it says nothing of limits."""
    content = _read_names(body).result
    symbols = frozenset(symbol.symbol for symbol in content.list)
    if not symbols:
        raise MalformedError("a list of no symbols")
    return _paged(Listing(symbols, None), content.next_page_cursor, _all_names)


def exchange_info_of(market: str) -> Callable[[bytes, GetExchangeInfo, int], ExchangeInfo | Page]:
    """What decodes a market's symbols."""

    def exchange_info(
        body: bytes, request: GetExchangeInfo, received_time: int
    ) -> ExchangeInfo | Page:
        """All symbols that trade, or those asked for, with their filters.

        Several cannot be asked for at once: they are picked out of all, and one that is not listed
        is not among them.
        """
        content = _read_symbols(body)
        wanted = {symbol_of(symbol) for symbol in request.symbols}
        symbols = tuple(
            _symbol_info(market, symbol)
            for symbol in content.result.list
            if not wanted or symbol.symbol in wanted
        )
        info = ExchangeInfo(symbols, (), from_milliseconds(content.time))
        return _paged(info, content.result.next_page_cursor, _all_symbols)

    return exchange_info


def _paged(reply: T, cursor: str, join: Callable[[Sequence[Any]], T]) -> T | Page:
    """The cursor comes percent-encoded, as it is to be sent: it is encoded again there."""
    return Page(reply, (("cursor", unquote(cursor)),), join) if cursor else reply


def _all_names(pages: Sequence[Listing]) -> Listing:
    return Listing(frozenset[str]().union(*(page.symbols for page in pages)), None)


def _all_symbols(pages: Sequence[ExchangeInfo]) -> ExchangeInfo:
    """At the time of the last."""
    symbols = tuple(symbol for page in pages for symbol in page.symbols)
    return ExchangeInfo(symbols, (), pages[-1].server_time)


def _symbol_info(market: str, symbol: _Symbol) -> SymbolInfo:
    others: dict[str, Fields | None] = {
        "leverageFilter": symbol.leverage_filter,
        "riskParameters": symbol.risk_parameters,
    }
    return SymbolInfo(
        symbol.symbol,
        _STATUSES.get(symbol.status, symbol.status),
        symbol.base_coin,
        symbol.quote_coin,
        _ORDER_TYPES[market],
        filters_of(market, symbol.price_filter, symbol.lot_size_filter, others),
    )
