"""Trades and candles of the past, as Binance's REST tells them.

Source: https://developers.binance.com/docs/binance-spot-api-docs/rest-api ("Old trade lookup",
"Kline/Candlestick data")
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Generic, TypeVar

import msgspec

from ...messages.enums import Side
from ...messages.errors import ValidationError
from ...messages.market import Kline, Trade
from ..driver import MalformedError
from ..numbers import NumberText
from ..questions import GetPastKlines, GetPastTrades
from ..readers import BodyReader
from .names import EXCHANGE, nanoseconds, symbol_of
from .wire import Id, Time

N = TypeVar("N")
"""How numbers are read: as text that is looked at, or as `Decimal`."""

PAGE = 1000
"""The most trades, or candles, of one request."""
TRADES_WEIGHT = 25
KLINES_WEIGHT = 2
_MS = 1_000_000


class _PastTrade(msgspec.Struct, Generic[N], rename="camel"):
    """An entry of "Old trade lookup".

    {"id":28457,"price":"4.00000100","qty":"12.00000000","quoteQty":"48.000012",
    "time":1499865549590,"isBuyerMaker":true,"isBestMatch":true}
    """

    id: Id
    price: N
    qty: N
    time: Time
    is_buyer_maker: bool


class _PastKline(msgspec.Struct, Generic[N], array_like=True):
    """A row of "Kline/Candlestick data".

    [1499040000000,"0.01634790","0.80000000","0.01575800","0.01577100","148976.11427815",
    1499644799999,"2434.19055334",308,"1756.87402397","28.46694368","0"]
    """

    open_time: Time
    open_price: N
    high_price: N
    low_price: N
    close_price: N
    volume: N
    close_time: Time
    quote_volume: N
    trade_count: Id


def _readers(row: Any) -> tuple[BodyReader[Any], BodyReader[Any]]:
    """One that looks at every number, and one that reads them."""
    return BodyReader(tuple[row[NumberText], ...]), BodyReader(tuple[row[Decimal], ...])


_check_trades, _read_trades = _readers(_PastTrade)
_check_klines, _read_klines = _readers(_PastKline)


def trades_query(request: GetPastTrades) -> list[tuple[str, str]]:
    """`fromId` is included."""
    return [
        ("symbol", symbol_of(request.symbol)),
        ("fromId", str(request.first_id)),
        ("limit", str(_limit(request.limit))),
    ]


def klines_query(request: GetPastKlines) -> list[tuple[str, str]]:
    """Both times are included, and the oldest candles come where there are more than `limit`."""
    return [
        ("symbol", symbol_of(request.symbol)),
        ("interval", request.interval),
        ("startTime", str(-(-request.first // _MS))),
        ("endTime", str((request.end - 1) // _MS)),
        ("limit", str(_limit(request.limit))),
    ]


def trades(body: bytes, request: GetPastTrades, received_time: int) -> tuple[Trade, ...]:
    """Oldest first; the taker sold if the buyer was the maker."""
    _check_trades(body)
    return tuple(_trade(row, request.symbol, received_time) for row in _read_trades(body))


def klines(body: bytes, request: GetPastKlines, received_time: int) -> tuple[Kline, ...]:
    """Oldest first; all of them have closed, since one that is open is not asked for."""
    _check_klines(body)
    return tuple(_kline(row, request, received_time) for row in _read_klines(body))


def _trade(row: _PastTrade[Decimal], symbol: str, received_time: int) -> Trade:
    time = nanoseconds(row.time)
    return Trade(
        EXCHANGE,
        symbol,
        time,
        received_time,
        str(row.id),
        row.price,
        row.qty,
        Side.SELL if row.is_buyer_maker else Side.BUY,
        time,
        recovered=True,
    )


def _kline(row: _PastKline[Decimal], request: GetPastKlines, received_time: int) -> Kline:
    open_time, close_time = nanoseconds(row.open_time), nanoseconds(row.close_time)
    if open_time > close_time:
        raise MalformedError(f"a candle that closes at {close_time} and opens at {open_time}")
    return Kline(
        EXCHANGE,
        request.symbol,
        close_time,
        received_time,
        request.interval,
        open_time,
        close_time,
        row.open_price,
        row.high_price,
        row.low_price,
        row.close_price,
        row.volume,
        row.quote_volume,
        row.trade_count,
        is_closed=True,
        recovered=True,
    )


def _limit(limit: int) -> int:
    if not 1 <= limit <= PAGE:
        raise ValidationError("limit", limit, f"must be 1 to {PAGE}")
    return limit
