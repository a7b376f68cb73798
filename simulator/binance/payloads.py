"""Stream payloads of the seeded market, field by field as documented.

Source: web-socket-streams.md, "Detailed Stream information"; the order of the fields is the
documentation's. Prices and quantities are texts, ids and times are integers; times come in
microseconds and are written in a unit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from ..clock import TimeUnit
from ..market.books import Difference
from ..market.candles import Candle
from ..market.events import AggregateTrade, BlockTrade, TopOfBook, Trade
from ..market.fixed import text
from ..market.statistics import Statistics

Writer = Callable[[TimeUnit], bytes]
_encoder = msgspec.json.Encoder()


def encode(value: Any) -> bytes:
    """Compact JSON."""
    return _encoder.encode(value)


def trade(trade: Trade, event_us: int, unit: TimeUnit) -> bytes:
    """`<symbol>@trade`."""
    return encode(
        {
            "e": "trade",
            "E": event_us // unit,
            "s": trade.symbol,
            "t": trade.trade_id,
            "p": text(trade.price),
            "q": text(trade.quantity),
            "T": trade.time_us // unit,
            "m": trade.buyer_is_maker,
            "M": True,
        }
    )


def aggregate_trade(trade: AggregateTrade, event_us: int, unit: TimeUnit) -> bytes:
    """`<symbol>@aggTrade`."""
    return encode(
        {
            "e": "aggTrade",
            "E": event_us // unit,
            "s": trade.symbol,
            "a": trade.aggregate_id,
            "p": text(trade.price),
            "q": text(trade.quantity),
            "f": trade.first_id,
            "l": trade.last_id,
            "T": trade.time_us // unit,
            "m": trade.buyer_is_maker,
            "M": True,
        }
    )


def block_trade(trade: BlockTrade, event_us: int, unit: TimeUnit) -> bytes:
    """`<symbol>@blockTrade`."""
    return encode(
        {
            "e": "blockTrade",
            "E": event_us // unit,
            "s": trade.symbol,
            "t": trade.block_id,
            "p": text(trade.price),
            "q": text(trade.quantity),
            "T": trade.time_us // unit,
            "m": trade.buyer_is_maker,
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


def depth_update(symbol: str, changed: Difference, event_us: int, unit: TimeUnit) -> bytes:
    """`<symbol>@depth`: first and last update id, and the levels that changed, absolute."""
    bids, asks = changed.bids, changed.asks
    return encode(
        {
            "e": "depthUpdate",
            "E": event_us // unit,
            "s": symbol,
            "U": changed.first,
            "u": changed.last,
            "b": [(text(price), text(bids[price])) for price in sorted(bids, reverse=True)],
            "a": [(text(price), text(asks[price])) for price in sorted(asks)],
        }
    )


def partial_depth(
    update_id: int, bids: Sequence[tuple[str, str]], asks: Sequence[tuple[str, str]]
) -> bytes:
    """`<symbol>@depth5` and the like, and the body of `GET /api/v3/depth`."""
    return encode({"lastUpdateId": update_id, "bids": bids, "asks": asks})


def kline(
    names: tuple[str, str],
    candle: Candle,
    closes_us: int,
    event_us: int,
    unit: TimeUnit,
    *,
    closed: bool,
) -> bytes:
    """`<symbol>@kline_<interval>`; `names` are symbol and interval."""
    symbol, interval = names
    inner = {
        "t": candle.opened_us // unit,
        "T": closes_us // unit,
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
    return encode({"e": "kline", "E": event_us // unit, "s": symbol, "k": inner})


def ticker(day: Statistics, top: TopOfBook, event_us: int, unit: TimeUnit) -> bytes:
    """`<symbol>@ticker`."""
    return encode(
        {
            "e": "24hrTicker",
            "E": event_us // unit,
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
            "O": day.open_us // unit,
            "C": day.close_us // unit,
            "F": day.sum.first_id,
            "L": day.sum.last_id,
            "n": day.sum.count,
        }
    )


def mini_ticker(day: Statistics, event_us: int, unit: TimeUnit) -> bytes:
    """`<symbol>@miniTicker`."""
    return encode(
        {
            "e": "24hrMiniTicker",
            "E": event_us // unit,
            "s": day.symbol,
            "c": text(day.last.price),
            "o": text(day.sum.open),
            "h": text(day.sum.high),
            "l": text(day.sum.low),
            "v": text(day.sum.volume),
            "q": text(day.sum.quote_volume),
        }
    )


def window_ticker(size: str, window: Statistics, event_us: int, unit: TimeUnit) -> bytes:
    """`<symbol>@ticker_<size>`."""
    return encode(
        {
            "e": f"{size}Ticker",
            "E": event_us // unit,
            "s": window.symbol,
            "p": text(window.change),
            "P": window.change_percent,
            "o": text(window.sum.open),
            "h": text(window.sum.high),
            "l": text(window.sum.low),
            "c": text(window.last.price),
            "w": text(window.average),
            "v": text(window.sum.volume),
            "q": text(window.sum.quote_volume),
            "O": window.open_us // unit,
            "C": window.close_us // unit,
            "F": window.sum.first_id,
            "L": window.sum.last_id,
            "n": window.sum.count,
        }
    )


def average_price(
    symbol: str, average: int, last_trade_us: int, event_us: int, unit: TimeUnit
) -> bytes:
    """`<symbol>@avgPrice`."""
    return encode(
        {
            "e": "avgPrice",
            "E": event_us // unit,
            "s": symbol,
            "i": "5m",
            "w": text(average),
            "T": last_trade_us // unit,
        }
    )


def reference_price(symbol: str, price: int | None, valid_us: int, unit: TimeUnit) -> bytes:
    """`<symbol>@referencePrice`: null where there is none now; it has no event time."""
    told = None if price is None else text(price)
    return encode({"e": "referencePrice", "s": symbol, "r": told, "t": valid_us // unit})
