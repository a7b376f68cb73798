"""From what is on the wire to what is said in messages; the only bridge between the two.

Every function raises `MalformedError` where a frame contradicts its stream or itself.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from ...messages.enums import Side
from ...messages.levels import Levels, PriceLevel
from ...messages.market import BookTicker, Kline, OrderBookUpdate, Ticker, Trade
from ...messages.streams import Stream
from ..driver import MalformedError
from ..exact import product
from ..instants import LATEST_MS, from_milliseconds
from ..numbers import pair, shortened
from . import wire, wire_statistics
from .names import EXCHANGE, INTERVALS

_Digits = msgspec.Raw | bytes | tuple[PriceLevel, ...]
"""The levels of a side: unread (and looked at), or read."""

_BUY, _SELL = Side.BUY, Side.SELL
_NOTHING = Decimal(0), Decimal(0)
"""The best level of a side without orders."""

_HUNDRED = Decimal(100)


def trades(frame: wire.Trades, stream: Stream, received_time: int) -> Trade | tuple[Trade, ...]:
    """Nearly always one."""
    event_time = from_milliseconds(frame.ts)
    executions = frame.data
    if len(executions) == 1:
        return _trade(executions[0], event_time, stream, received_time)
    return tuple(_trade(each, event_time, stream, received_time) for each in executions)


def _trade(execution: wire.Execution, event_time: int, stream: Stream, received_time: int) -> Trade:
    symbol, trade_time = execution.symbol, execution.trade_time
    if symbol != stream.symbol:
        raise _foreign(symbol, stream)
    price, quantity = pair(execution.price, execution.quantity)
    return Trade(
        EXCHANGE,
        symbol,
        event_time,
        received_time,
        execution.trade_id,
        price,
        quantity,
        _BUY if execution.taker_side == "Buy" else _SELL,
        trade_time * 1_000_000 if trade_time <= LATEST_MS else from_milliseconds(trade_time),
    )


def book_ticker(frame: wire.BookTicker[Decimal], stream: Stream, received_time: int) -> BookTicker:
    """At the time of the matching engine, where it is said; a side without orders is 0, 0."""
    top, time = frame.data, frame.ts if frame.cts is None else frame.cts
    if top.symbol != stream.symbol:
        raise _foreign(top.symbol, stream)
    bid_price, bid_quantity = top.bids[0] if top.bids else _NOTHING
    ask_price, ask_quantity = top.asks[0] if top.asks else _NOTHING
    return BookTicker(
        EXCHANGE,
        top.symbol,
        time * 1_000_000 if time <= LATEST_MS else from_milliseconds(time),
        received_time,
        top.update_id,
        bid_price,
        bid_quantity,
        ask_price,
        ask_quantity,
    )


def order_book_update(
    frame: wire.Book[_Digits], stream: Stream, received_time: int
) -> OrderBookUpdate:
    """Changed levels, or all; one id stands for the whole update."""
    sides, time = frame.data, frame.ts if frame.cts is None else frame.cts
    symbol, update_id = sides.symbol, sides.update_id
    if symbol != stream.symbol:
        raise _foreign(symbol, stream)
    return OrderBookUpdate(
        EXCHANGE,
        symbol,
        time * 1_000_000 if time <= LATEST_MS else from_milliseconds(time),
        received_time,
        update_id,
        update_id,
        Levels(sides.bids),
        Levels(sides.asks),
        frame.type == "snapshot",
    )


def spot_ticker(
    frame: wire_statistics.SpotTicker[Decimal, Decimal], stream: Stream, received_time: int
) -> Ticker:
    """Everything that is sent."""
    day = frame.data
    if day.symbol != stream.symbol:
        raise _foreign(day.symbol, stream)
    return Ticker(
        EXCHANGE,
        day.symbol,
        from_milliseconds(frame.ts),
        received_time,
        last_price=day.last_price,
        open_price=day.open_price,
        high_price=day.high_price,
        low_price=day.low_price,
        volume=day.volume,
        quote_volume=day.quote_volume,
        price_change_percent=percent(day.change),
    )


def klines(
    frame: wire_statistics.Klines[Decimal], stream: Stream, received_time: int
) -> Kline | tuple[Kline, ...]:
    """The candlestick as it is now, or the last of one and the first of the next."""
    interval = INTERVALS.get(stream.interval)
    if frame.topic != f"kline.{interval}.{stream.symbol}":
        raise _foreign(frame.topic, stream)
    if len(frame.data) == 1:
        return _kline(frame.data[0], stream, received_time)
    return tuple(_kline(candle, stream, received_time) for candle in frame.data)


def _kline(candle: wire_statistics.Candle[Decimal], stream: Stream, received_time: int) -> Kline:
    if candle.interval != INTERVALS[stream.interval]:
        raise MalformedError(f"a candle of {shortened(candle.interval)}, not {stream.interval}")
    open_time = from_milliseconds(candle.open_time)
    close_time = from_milliseconds(candle.close_time)
    if open_time > close_time:
        raise MalformedError(f"a candle that closes at {close_time} and opens at {open_time}")
    return Kline(
        EXCHANGE,
        stream.symbol,
        from_milliseconds(candle.time),
        received_time,
        stream.interval,
        open_time,
        close_time,
        candle.open_price,
        candle.high_price,
        candle.low_price,
        candle.close_price,
        candle.volume,
        candle.quote_volume,
        None,
        candle.is_closed,
    )


def percent(change: Decimal) -> Decimal:
    """0.0196 is 1.96 %, exactly."""
    return product(change, _HUNDRED)


def _foreign(symbol: str, stream: Stream) -> MalformedError:
    return MalformedError(f"a frame of {shortened(symbol)}, not {stream.symbol}")
