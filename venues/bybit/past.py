"""Candles of the past, and the newest trades, as Bybit's REST tells them.

Trades of the past it does not tell by id. That its `execId` is the stream's `i` is not documented,
but for the same form of both; who puts them together sees whether they share any.

Source: https://bybit-exchange.github.io/docs/v5/market/kline, …/market/recent-trade
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Generic, Literal, TypeVar

import msgspec

from ...messages.enums import Side
from ...messages.errors import ValidationError
from ...messages.market import Kline, Trade
from ..driver import MalformedError
from ..instants import LATEST, from_milliseconds, no_instant
from ..numbers import NumberText, shortened
from ..questions import GetNewestTrades, GetPastKlines
from ..readers import BodyReader
from .bodies import Answer, IntegerText
from .names import EXCHANGE, LINEAR, SPOT, interval_of, symbol_of
from .wire import TradeId

N = TypeVar("N")
"""How numbers are read: as text that is looked at, or as `Decimal`."""

PAGE = 1000
"""The most candles of one request."""
NEWEST = {SPOT: 60, LINEAR: 1000}
"""The most trades of one request, by market."""

_MS = 1_000_000
_MINUTE = 60_000 * _MS
_DAY = 1440 * _MINUTE
_DAYS = {"D": 1, "W": 7}
_LATEST_YEAR = 2200


class Row(msgspec.Struct, Generic[N], array_like=True):
    """A candle.

    ["1670608800000","17071","17073","17027","17055.5","268611","15.74462667"]
    """

    open_time: IntegerText
    open_price: N
    high_price: N
    low_price: N
    close_price: N
    volume: N
    quote_volume: N


class Rows(msgspec.Struct, Generic[N]):
    """{"symbol":"BTCUSD","category":"inverse","list":[…]}, the newest first."""

    symbol: str
    list: tuple[Row[N], ...]


class Execution(msgspec.Struct, Generic[N], rename="camel"):
    """{"execId":"2100000000007764263","symbol":"BTCUSDT","price":"16618.49","size":"0.00012",
    "side":"Buy","time":"1672052955758","isBlockTrade":false,"isRPITrade":true,"seq":"123456"}.
    """

    exec_id: TradeId
    symbol: str
    price: N
    size: N
    side: Literal["Buy", "Sell"]
    time: IntegerText


class Executions(msgspec.Struct, Generic[N]):
    """{"category":"spot","list":[…]}, the newest first, as seen: that is not documented."""

    list: tuple[Execution[N], ...]


_check_trades = BodyReader(Answer[Executions[NumberText]])
_read_trades = BodyReader(Answer[Executions[Decimal]])
check_rows, read_rows = BodyReader(Answer[Rows[NumberText]]), BodyReader(Answer[Rows[Decimal]])


def klines_query(request: GetPastKlines) -> list[tuple[str, str]]:
    """Those that opened from `start` to `end`, both included.

    Of more than the limit the newest would come; so no more than that are asked for.
    """
    if not 1 <= request.limit <= PAGE:
        raise ValidationError("limit", request.limit, f"must be 1 to {PAGE}")
    name = interval_of(request.interval)
    end = min(request.end, _after(request.first, name, request.limit))
    return [
        ("symbol", symbol_of(request.symbol)),
        ("interval", name),
        ("start", str(-(-request.first // _MS))),
        ("end", str((end - 1) // _MS)),
        ("limit", str(request.limit)),
    ]


def klines(body: bytes, request: GetPastKlines, received_time: int) -> tuple[Kline, ...]:
    """Oldest first; all of them have closed, since one that is open is not asked for."""
    check_rows(body)
    content = read_rows(body).result
    if content.symbol != symbol_of(request.symbol):
        raise MalformedError(f"candles of {shortened(content.symbol)}, not {request.symbol}")
    found = (_kline(row, request, received_time) for row in reversed(content.list))
    return tuple(each for each in found if request.first <= each.open_time < request.end)


def trades_query(request: GetNewestTrades) -> list[tuple[str, str]]:
    """So many of the newest, of every kind: block and RPI trades as well."""
    if not 1 <= request.limit <= max(NEWEST.values()):
        raise ValidationError("limit", request.limit, f"must be 1 to {max(NEWEST.values())}")
    return [("symbol", symbol_of(request.symbol)), ("limit", str(request.limit))]


def trades(body: bytes, request: GetNewestTrades, received_time: int) -> tuple[Trade, ...]:
    """Oldest first."""
    _check_trades(body)
    rows = _read_trades(body).result.list
    return tuple(_trade(row, request.symbol, received_time) for row in reversed(rows))


def _trade(row: Execution[Decimal], symbol: str, received_time: int) -> Trade:
    if row.symbol != symbol_of(symbol):
        raise MalformedError(f"a trade of {shortened(row.symbol)}, not {symbol}")
    time = from_milliseconds(int(row.time))
    return Trade(
        EXCHANGE,
        symbol,
        time,
        received_time,
        row.exec_id,
        row.price,
        row.size,
        Side.BUY if row.side == "Buy" else Side.SELL,
        time,
        recovered=True,
    )


def following(open_time: int, interval: str) -> int:
    """When the candle after one opens (ns).

    A week begins on Monday, and a month on its first day, at midnight UTC.

    Args:
        open_time: Of the one; nanoseconds since the epoch.
        interval: As Bybit calls it.
    """
    return _after(open_time, interval, 1)


def _after(open_time: int, interval: str, count: int) -> int:
    """When the candle opens that comes `count` candles after one (ns)."""
    if interval != "M":
        length = _DAYS[interval] * _DAY if interval in _DAYS else int(interval) * _MINUTE
        return min(open_time + count * length, LATEST)
    begin = datetime.fromtimestamp(open_time // 1_000_000_000, UTC)
    years, month = divmod(begin.month - 1 + count, 12)
    year = min(begin.year + years, _LATEST_YEAR)
    return int(datetime(year, month + 1, 1, tzinfo=UTC).timestamp()) * 1_000_000_000


def _kline(row: Row[Decimal], request: GetPastKlines, received_time: int) -> Kline:
    open_time = from_milliseconds(int(row.open_time))
    close_time = following(open_time, interval_of(request.interval)) - _MS
    if open_time > close_time:
        raise no_instant(int(row.open_time))
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
        None,
        is_closed=True,
        recovered=True,
    )
