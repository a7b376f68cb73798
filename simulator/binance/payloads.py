"""Stream payloads of the seeded market, field by field as documented.

Source: web-socket-streams.md, "Detailed Stream information"; the order of the fields is the
documentation's. Prices and quantities are texts, ids and times are integers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ..market.candles import Candle, close_time
from ..market.fixed import text
from ..market.market import AggregateTrade, TopOfBook, Trade
from ..market.statistics import DayStatistics

Writer = Callable[[], bytes]
_encoder = msgspec.json.Encoder()


def encode(value: Any) -> bytes:
    """Compact JSON."""
    return _encoder.encode(value)


def trade(trade: Trade, event_time: int) -> bytes:
    """`<symbol>@trade`."""
    return encode(
        {
            "e": "trade",
            "E": event_time,
            "s": trade.symbol,
            "t": trade.trade_id,
            "p": text(trade.price),
            "q": text(trade.quantity),
            "T": trade.time,
            "m": trade.buyer_is_maker,
            "M": True,
        }
    )


def aggregate_trade(trade: AggregateTrade, event_time: int) -> bytes:
    """`<symbol>@aggTrade`."""
    return encode(
        {
            "e": "aggTrade",
            "E": event_time,
            "s": trade.symbol,
            "a": trade.aggregate_id,
            "p": text(trade.price),
            "q": text(trade.quantity),
            "f": trade.first_id,
            "l": trade.last_id,
            "T": trade.time,
            "m": trade.buyer_is_maker,
            "M": True,
        }
    )


def book_ticker(top: TopOfBook) -> bytes:
    """`<symbol>@bookTicker`: it has neither event type nor time."""
    return encode(
        {
            "u": top.update_id,
            "s": top.symbol,
            "b": text(top.bid_price),
            "B": text(top.bid_quantity),
            "a": text(top.ask_price),
            "A": text(top.ask_quantity),
        }
    )


def depth_update(
    symbol: str,
    event_time: int,
    ids: tuple[int, int],
    bids: Mapping[int, int],
    asks: Mapping[int, int],
) -> bytes:
    """`<symbol>@depth`: first and last update id, and the levels that changed, absolute."""
    return encode(
        {
            "e": "depthUpdate",
            "E": event_time,
            "s": symbol,
            "U": ids[0],
            "u": ids[1],
            "b": [(text(price), text(bids[price])) for price in sorted(bids, reverse=True)],
            "a": [(text(price), text(asks[price])) for price in sorted(asks)],
        }
    )


def partial_depth(update_id: int, bids: Any, asks: Any) -> bytes:
    """`<symbol>@depth5` and the like, and the body of `GET /api/v3/depth`."""
    return encode({"lastUpdateId": update_id, "bids": bids, "asks": asks})


def kline(symbol: str, interval: str, candle: Candle, event_time: int, *, closed: bool) -> bytes:
    """`<symbol>@kline_<interval>`."""
    inner = {
        "t": candle.open_time,
        "T": close_time(candle.open_time, interval),
        "s": symbol,
        "i": interval,
        "f": candle.first_id,
        "L": candle.last_id,
        "o": text(candle.open),
        "c": text(candle.close),
        "h": text(candle.high),
        "l": text(candle.low),
        "v": text(candle.volume),
        "n": candle.count,
        "x": closed,
        "q": text(candle.quote_volume),
        "V": text(candle.taker_volume),
        "Q": text(candle.taker_quote_volume),
        "B": "0",
    }
    return encode({"e": "kline", "E": event_time, "s": symbol, "k": inner})


def ticker(day: DayStatistics, top: TopOfBook, event_time: int) -> bytes:
    """`<symbol>@ticker`."""
    return encode(
        {
            "e": "24hrTicker",
            "E": event_time,
            "s": day.symbol,
            "p": text(day.change),
            "P": day.change_percent,
            "w": text(day.average),
            "x": text(day.previous_close),
            "c": text(day.last.price),
            "Q": text(day.last.quantity),
            "b": text(top.bid_price),
            "B": text(top.bid_quantity),
            "a": text(top.ask_price),
            "A": text(top.ask_quantity),
            "o": text(day.sum.open),
            "h": text(day.sum.high),
            "l": text(day.sum.low),
            "v": text(day.sum.volume),
            "q": text(day.sum.quote_volume),
            "O": day.open_time,
            "C": day.close_time,
            "F": day.sum.first_id,
            "L": day.sum.last_id,
            "n": day.sum.count,
        }
    )


def mini_ticker(day: DayStatistics, event_time: int) -> bytes:
    """`<symbol>@miniTicker`."""
    return encode(
        {
            "e": "24hrMiniTicker",
            "E": event_time,
            "s": day.symbol,
            "c": text(day.last.price),
            "o": text(day.sum.open),
            "h": text(day.sum.high),
            "l": text(day.sum.low),
            "v": text(day.sum.volume),
            "q": text(day.sum.quote_volume),
        }
    )


def average_price(symbol: str, average: int, last_trade_time: int, event_time: int) -> bytes:
    """`<symbol>@avgPrice`."""
    return encode(
        {
            "e": "avgPrice",
            "E": event_time,
            "s": symbol,
            "i": "5m",
            "w": text(average),
            "T": last_trade_time,
        }
    )
