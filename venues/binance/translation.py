"""From what is on the wire to what is said in messages; the only bridge between the two.

Every function raises `MalformedError` where a payload contradicts its stream or itself.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from ...messages.enums import Side
from ...messages.levels import Levels, PriceLevel
from ...messages.market import BookTicker, Kline, OrderBookUpdate, Ticker, Trade
from ...messages.streams import Stream
from ..driver import MalformedError
from ..instants import LATEST_MS
from ..numbers import shortened
from . import wire, wire_statistics
from .names import EXCHANGE, nanoseconds

_Digits = msgspec.Raw | bytes | tuple[PriceLevel, ...]
"""The levels of a side: unread (and looked at), or read."""

_BUY, _SELL = Side.BUY, Side.SELL


def trade(frame: wire.Frame[wire.Trade[Decimal]], stream: Stream, received_time: int) -> Trade:
    """The taker sold if the buyer was the maker."""
    payload = frame.data
    symbol, event_time, trade_time = payload.symbol, payload.event_time, payload.trade_time
    if symbol != stream.symbol:
        raise _foreign(symbol, stream)
    return Trade(
        EXCHANGE,
        symbol,
        event_time * 1_000_000 if event_time <= LATEST_MS else nanoseconds(event_time),
        received_time,
        str(payload.trade_id),
        payload.price,
        payload.quantity,
        _SELL if payload.is_buyer_maker else _BUY,
        trade_time * 1_000_000 if trade_time <= LATEST_MS else nanoseconds(trade_time),
    )


def book_ticker(
    frame: wire.Frame[wire.BookTicker[Decimal]], stream: Stream, received_time: int
) -> BookTicker:
    """It carries no time: the time of receipt stands for it."""
    payload = frame.data
    if payload.symbol != stream.symbol:
        raise _foreign(payload.symbol, stream)
    return BookTicker(
        EXCHANGE,
        payload.symbol,
        received_time,
        received_time,
        payload.update_id,
        payload.bid_price,
        payload.bid_quantity,
        payload.ask_price,
        payload.ask_quantity,
    )


def order_book_update(
    frame: wire.Frame[wire.DepthUpdate[_Digits]], stream: Stream, received_time: int
) -> OrderBookUpdate:
    """Changed levels, with the first and the last id of what changed them."""
    payload = frame.data
    if payload.symbol != stream.symbol:
        raise _foreign(payload.symbol, stream)
    first, last = payload.first_update_id, payload.last_update_id
    if first > last:
        raise MalformedError(f"its first update id is {first}, its last one {last}")
    event_time = payload.event_time
    return OrderBookUpdate(
        EXCHANGE,
        payload.symbol,
        event_time * 1_000_000 if event_time <= LATEST_MS else nanoseconds(event_time),
        received_time,
        first,
        last,
        Levels(payload.bids),
        Levels(payload.asks),
    )


def ticker(
    frame: wire.Frame[wire_statistics.Ticker[Decimal, Decimal]], stream: Stream, received_time: int
) -> Ticker:
    """Everything that is sent, save what follows from the rest."""
    payload = frame.data
    if payload.symbol != stream.symbol:
        raise _foreign(payload.symbol, stream)
    return Ticker(
        EXCHANGE,
        payload.symbol,
        nanoseconds(payload.event_time),
        received_time,
        last_price=payload.last_price,
        last_quantity=payload.last_quantity,
        bid_price=payload.bid_price,
        bid_quantity=payload.bid_quantity,
        ask_price=payload.ask_price,
        ask_quantity=payload.ask_quantity,
        open_price=payload.open_price,
        high_price=payload.high_price,
        low_price=payload.low_price,
        volume=payload.volume,
        quote_volume=payload.quote_volume,
        price_change=payload.price_change,
        price_change_percent=payload.price_change_percent,
    )


def kline(
    frame: wire.Frame[wire_statistics.Kline[Decimal]], stream: Stream, received_time: int
) -> Kline:
    """The candlestick as it is now."""
    payload = frame.data
    candle = payload.candle
    if payload.symbol != stream.symbol or candle.symbol != stream.symbol:
        raise _foreign(f"{payload.symbol}, {candle.symbol}", stream)
    if candle.interval != stream.interval:
        raise MalformedError(f"a candle of {shortened(candle.interval)}, not {stream.interval}")
    open_time, close_time = nanoseconds(candle.open_time), nanoseconds(candle.close_time)
    if open_time > close_time:
        raise MalformedError(f"a candle that closes at {close_time} and opens at {open_time}")
    return Kline(
        EXCHANGE,
        payload.symbol,
        nanoseconds(payload.event_time),
        received_time,
        candle.interval,
        open_time,
        close_time,
        candle.open_price,
        candle.high_price,
        candle.low_price,
        candle.close_price,
        candle.volume,
        candle.quote_volume,
        candle.trade_count,
        candle.is_closed,
    )


def _foreign(symbol: str, stream: Stream) -> MalformedError:
    return MalformedError(f"a payload of {shortened(symbol)}, not {stream.symbol}")
