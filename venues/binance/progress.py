"""How far the exchange is, by REST, beside what a silent stream has shown.

Each question is the lightest that answers it: a request weight of 2, or 5 for a book.

Source: https://developers.binance.com/docs/binance-spot-api-docs/rest-api
("24hr ticker price change statistics", "Kline/Candlestick data", "Order book")
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
from ..driver import Endpoint, Lane, MalformedError, Mark, Probe
from ..readers import check_utf8
from .names import nanoseconds, symbol_of

_LEVELS = 5
_MS = 1_000_000


class Day(msgspec.Struct, frozen=True):
    """{"symbol":"BNBBTC","lastPrice":"4.00000200","volume":"8913.30000000","lastId":28460,...}.

    `lastId` is -1 where there was no trade.
    """

    last_price: Decimal = msgspec.field(name="lastPrice")
    volume: Decimal
    last_id: int = msgspec.field(name="lastId")


class GetDay(Request[Day], frozen=True):
    """The statistics of a symbol's last 24 hours."""

    symbol: str


class GetCandle(Request[Mark], frozen=True):
    """The candle that is under way: when it began (ns), and its number of trades."""

    symbol: str
    interval: str


_decode_day = msgspec.json.Decoder(Day).decode
_decode_rows = msgspec.json.Decoder(list[list[int | str]]).decode


def _day(body: bytes, request: GetDay, received: int) -> Day:
    check_utf8(body)
    try:
        return _decode_day(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise MalformedError(str(error)) from None


def _candle(body: bytes, request: GetCandle, received: int) -> Mark:
    """[[1499040000000,"0.01634790",...,1499644799999,"2434.19055334",308,...]]."""
    check_utf8(body)
    try:
        row = _decode_rows(body)[-1]
        return nanoseconds(int(row[0])), int(row[8])
    except (msgspec.MsgspecError, ValueError, IndexError, RecursionError) as error:
        raise MalformedError(str(error)) from None


def _day_query(request: GetDay) -> list[tuple[str, str]]:
    return [("symbol", symbol_of(request.symbol))]


def _candle_query(request: GetCandle) -> list[tuple[str, str]]:
    symbol = symbol_of(request.symbol)
    return [("symbol", symbol), ("interval", request.interval), ("limit", "1")]


def _endpoint(path: str, parameters: Any, decode: Any) -> Endpoint:
    return Endpoint("GET", f"/api/v3/{path}", Lane.MARKET, lambda request: 2, parameters, decode)


ENDPOINTS: Mapping[type[Request[Any]], Endpoint] = {
    GetDay: _endpoint("ticker/24hr", _day_query, _day),
    GetCandle: _endpoint("klines", _candle_query, _candle),
}


_NO_LEVEL = PriceLevel(Decimal(0), Decimal(0))
"""What a book ticker says of a side without orders."""


def _best(event: BookTicker) -> Mark:
    bid = event.bid_price, event.bid_quantity
    return event.update_id, bid, (event.ask_price, event.ask_quantity)


def _top(book: OrderBook) -> Mark:
    """As a book ticker has it."""
    bid, ask = (next(iter(side), _NO_LEVEL) for side in (book.bids, book.asks))
    return book.update_id, tuple(bid), tuple(ask)


def _is_top_behind(seen: tuple[int, Any, Any], present: tuple[int, Any, Any]) -> bool:
    """Most updates leave the top as it is."""
    return present[0] > seen[0] and present[1:] != seen[1:]


def _day_of(stream: Stream) -> GetDay:
    return GetDay(stream.symbol)


def _candle_of(stream: Stream) -> GetCandle:
    return GetCandle(stream.symbol, stream.interval)


def _book_of(stream: Stream) -> GetOrderBook:
    return GetOrderBook(stream.symbol, _LEVELS)


def _trade_id(event: Trade) -> Mark:
    return int(event.trade_id)


def _last_trade_id(day: Day) -> Mark:
    return day.last_id


def _price_and_volume(statistics: Ticker | Day) -> Mark:
    return statistics.last_price, statistics.volume


def _is_day_behind(seen: tuple[Decimal, Decimal], present: tuple[Decimal, Decimal]) -> bool:
    """The day's volume grows with trades only; it shrinks by itself, where old ones leave the day."""
    return present[0] != seen[0] or present[1] > seen[1]


def _opening_and_trades(event: Kline) -> Mark:
    """Of one that has closed, all that it still had to say was said."""
    if event.is_closed:
        return event.close_time + _MS, 0
    return event.open_time, event.trade_count


def _is_candle_behind(seen: tuple[int, int], present: tuple[int, int]) -> bool:
    """A candle that has no trade proves nothing."""
    return present > seen and present[1] > 0


def _as_it_is(mark: Mark) -> Mark:
    return mark


def _last_update(event: OrderBookUpdate) -> Mark:
    return event.last_update_id


def _book_id(book: OrderBook) -> Mark:
    return book.update_id


PROBES: Mapping[Channel, Probe] = {
    Channel.TRADES: Probe(_day_of, _last_trade_id, _trade_id),
    Channel.TICKER: Probe(
        _day_of, _price_and_volume, _price_and_volume, ticks=True, is_behind=_is_day_behind
    ),
    Channel.KLINES: Probe(
        _candle_of, _as_it_is, _opening_and_trades, ticks=True, is_behind=_is_candle_behind
    ),
    Channel.BOOK_TICKER: Probe(_book_of, _top, _best, is_behind=_is_top_behind),
    Channel.ORDER_BOOK_UPDATES: Probe(_book_of, _book_id, _last_update),
}
