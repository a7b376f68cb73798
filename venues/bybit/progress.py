"""How far the exchange is, by REST, beside what a silent stream has shown.

Sources: https://bybit-exchange.github.io/docs/v5/market/tickers, …/market/recent-trade,
…/market/kline, …/market/orderbook
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from ...messages.base import Request
from ...messages.enums import Channel
from ...messages.levels import PriceLevel
from ...messages.market import BookTicker, Kline, OrderBook, OrderBookUpdate, Ticker, Trade
from ...messages.requests import GetOrderBook
from ...messages.streams import Stream
from ..driver import MalformedError, Mark, Probe
from ..instants import from_milliseconds
from ..numbers import number, shortened
from ..readers import BodyReader
from .bodies import Answer, IntegerText
from .names import interval_of, symbol_of
from .past import check_rows, read_rows
from .wire import TradeId

_LEVELS = 50
"""As deep as the least deep stream of updates is."""
_MS = 1_000_000


class Day(msgspec.Struct, frozen=True):
    """The last price of a symbol, and its volume within 24 hours."""

    last_price: Decimal
    volume: Decimal


class GetDay(Request[Day], frozen=True):
    """The statistics of a symbol's last 24 hours."""

    symbol: str


class GetCandle(Request[Mark], frozen=True):
    """The candle that is under way: when it began (ns), and its volume."""

    symbol: str
    interval: str


class GetLastTrade(Request[Mark], frozen=True):
    """The last trade: when it was (ns), and its id; 0 and nothing where there was none."""

    symbol: str


class _Day(msgspec.Struct, rename={"last_price": "lastPrice", "volume": "volume24h"}):
    """{"symbol":"BTCUSDT","lastPrice":"20533.13","volume24h":"1234.5",…}."""

    symbol: str
    last_price: str
    volume: str


class _Days(msgspec.Struct):
    """{"category":"spot","list":[…]}."""

    list: tuple[_Day, ...]


class _Execution(msgspec.Struct, rename="camel"):
    """{"execId":"2100000000007764263","symbol":"BTCUSDT","price":"16618.49","size":"0.00012",
    "side":"Buy","time":"1672052955758","isBlockTrade":false,"isRPITrade":true,"seq":"123456"}.
    """

    exec_id: TradeId
    symbol: str
    time: IntegerText


class _Executions(msgspec.Struct):
    """{"category":"spot","list":[…]}."""

    list: tuple[_Execution, ...]


_read_days = BodyReader(Answer[_Days])
_read_executions = BodyReader(Answer[_Executions])


def day(body: bytes, request: GetDay, received: int) -> Day:
    """A symbol's day."""
    for each in _read_days(body).result.list:
        _check_symbol(each.symbol, request.symbol)
        return Day(number(each.last_price), number(each.volume))
    raise MalformedError("a list of no symbols")


def last_trade(body: bytes, request: GetLastTrade, received: int) -> Mark:
    """Only one was asked for."""
    for each in _read_executions(body).result.list:
        _check_symbol(each.symbol, request.symbol)
        return from_milliseconds(int(each.time)), each.exec_id
    return 0, ""


def candle(body: bytes, request: GetCandle, received: int) -> Mark:
    """The newest comes first."""
    check_rows(body)
    content = read_rows(body).result
    _check_symbol(content.symbol, request.symbol)
    for row in content.list:
        return from_milliseconds(int(row.open_time)), row.volume
    return 0, Decimal(0)


def day_query(request: GetDay) -> list[tuple[str, str]]:
    """One symbol."""
    return [("symbol", symbol_of(request.symbol))]


def last_trade_query(request: GetLastTrade) -> list[tuple[str, str]]:
    """The last one."""
    return [("symbol", symbol_of(request.symbol)), ("limit", "1")]


def candle_query(request: GetCandle) -> list[tuple[str, str]]:
    """The newest one."""
    symbol, interval = symbol_of(request.symbol), interval_of(request.interval)
    return [("symbol", symbol), ("interval", interval), ("limit", "1")]


def _check_symbol(symbol: str, wanted: str) -> None:
    if symbol != wanted.upper():
        raise MalformedError(f"an answer of {shortened(symbol)}, not {wanted}")


_NO_LEVEL = PriceLevel(Decimal(0), Decimal(0))
"""What a book ticker says of a side without orders."""


def _best(event: BookTicker) -> Mark:
    bid = event.bid_price, event.bid_quantity
    return event.event_time, bid, (event.ask_price, event.ask_quantity)


def _top(book: OrderBook) -> Mark:
    """As a book ticker has it; by its time, for its update id is another stream's."""
    bid, ask = (next(iter(side), _NO_LEVEL) for side in (book.bids, book.asks))
    return book.event_time, tuple(bid), tuple(ask)


def _is_top_behind(seen: tuple[int, Any, Any], present: tuple[int, Any, Any]) -> bool:
    """Most changes of a book leave its top as it is."""
    return present[0] > seen[0] and present[1:] != seen[1:]


def _sides(event: OrderBook | OrderBookUpdate) -> Mark:
    return event.event_time, tuple(event.bids), tuple(event.asks)


def _is_book_behind(seen: tuple[int, Any, Any], present: tuple[int, Any, Any]) -> bool:
    """Whether a level that was seen is another in a later book: that a stream would have told.

    A level that stands behind those of the book is no proof, nor is a time that is later: deeper
    levels may have changed. A book with fewer levels than were asked for has no others.
    """
    if present[0] <= seen[0]:
        return False
    return _has_changed(seen[1], present[1], -1) or _has_changed(seen[2], present[2], 1)


def _has_changed(seen: tuple[PriceLevel, ...], book: tuple[PriceLevel, ...], sign: int) -> bool:
    quantities = dict(book)
    worst = book[-1][0] if len(book) >= _LEVELS else None
    for price, quantity in seen:
        is_behind_all = worst is not None and (price > worst if sign > 0 else price < worst)
        if not is_behind_all and quantities.get(price, 0) != quantity:
            return True
    return False


def _day_of(stream: Stream) -> GetDay:
    return GetDay(stream.symbol)


def _candle_of(stream: Stream) -> GetCandle:
    return GetCandle(stream.symbol, stream.interval)


def _trade_of(stream: Stream) -> GetLastTrade:
    return GetLastTrade(stream.symbol)


def _top_of(stream: Stream) -> GetOrderBook:
    return GetOrderBook(stream.symbol, 1)


def _book_of(stream: Stream) -> GetOrderBook:
    return GetOrderBook(stream.symbol, _LEVELS)


def _trade(event: Trade) -> Mark:
    return event.trade_time, event.trade_id


def _is_trade_behind(seen: tuple[int, str], present: tuple[int, str]) -> bool:
    """Ids have no order; several trades of one moment may be told in any."""
    return present[0] > seen[0] and present[1] != seen[1]


def _price_and_volume(statistics: Ticker | Day) -> Mark:
    return statistics.last_price, statistics.volume


def _is_day_behind(seen: tuple[Decimal, Any], present: tuple[Decimal, Decimal]) -> bool:
    """The day's volume grows with trades only; it shrinks by itself, where old ones leave the day."""
    return present[0] != seen[0] or (seen[1] is not None and present[1] > seen[1])


def _opening_and_volume(event: Kline) -> Mark:
    """Of one that has closed, all that it still had to say was said."""
    if event.is_closed:
        return event.close_time + _MS, Decimal(0)
    return event.open_time, event.volume


def _is_candle_behind(seen: tuple[int, Decimal], present: tuple[int, Decimal]) -> bool:
    """A candle that has no trade proves nothing."""
    return present > seen and present[1] > 0


def _as_it_is(mark: Mark) -> Mark:
    return mark


PROBES: Mapping[Channel, Probe] = {
    Channel.TRADES: Probe(_trade_of, _as_it_is, _trade, is_behind=_is_trade_behind),
    Channel.TICKER: Probe(_day_of, _price_and_volume, _price_and_volume, is_behind=_is_day_behind),
    Channel.KLINES: Probe(_candle_of, _as_it_is, _opening_and_volume, is_behind=_is_candle_behind),
    # "If 3 seconds have elapsed without a change", it comes once more.
    Channel.BOOK_TICKER: Probe(_top_of, _top, _best, ticks=True, is_behind=_is_top_behind),
    Channel.ORDER_BOOK_UPDATES: Probe(_book_of, _sides, _sides, is_behind=_is_book_behind),
}
