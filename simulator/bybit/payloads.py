"""Frames of the public streams, field by field and in the order in which they were recorded.

Source: websocket/public/orderbook.mdx (with its note on the place of `ts`), trade.mdx, kline.mdx,
ticker.mdx. Spot and contracts order the same fields in different ways. Times come in microseconds
and are written in milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from ..market.candles import Candle, close_time
from .books import Told
from .instruments import Instrument
from .numbers import stripped
from .topics import INTERVALS, Topic
from .trading import Printed

_encoder = msgspec.json.Encoder()


def encode(value: Any) -> bytes:
    """Compact JSON."""
    return _encoder.encode(value)


def order_book(topic: Topic, instrument: Instrument, told: Told, kind: str) -> bytes:
    """`orderbook.<depth>.<symbol>`, a `snapshot` or a `delta`."""
    ts = told.told_us // 1_000
    data = {"s": topic.symbol, **levels(instrument, told), "u": told.u, "seq": told.seq}
    if topic.category == "spot" or topic.depth == 1:
        head = {"topic": topic.name, "ts": ts, "type": kind}
    else:
        head = {"topic": topic.name, "type": kind, "ts": ts}
    return encode({**head, "data": data, "cts": told.matched_us // 1_000})


def levels(instrument: Instrument, told: Told) -> dict[str, list[tuple[str, str]]]:
    """Bids and asks; the size 0 of a level that is gone has no decimals."""
    price, size = instrument.price, instrument.size
    bids, asks = (
        [(price(one), size(held) if held else "0") for one, held in side]
        for side in (told.bids, told.asks)
    )
    return {"b": bids, "a": asks}


def trades(topic: Topic, instrument: Instrument, printed: Sequence[Printed], now_us: int) -> bytes:
    """`publicTrade.<symbol>`."""
    ts = now_us // 1_000
    if topic.category == "spot":
        rows = [_spot_trade(instrument, one) for one in printed]
        return encode({"topic": topic.name, "ts": ts, "type": "snapshot", "data": rows})
    rows = [_linear_trade(instrument, one) for one in printed]
    return encode({"topic": topic.name, "type": "snapshot", "ts": ts, "data": rows})


def _spot_trade(instrument: Instrument, printed: Printed) -> dict[str, Any]:
    trade = printed.trade
    return {
        "i": printed.wire_id,
        "T": trade.time_us // 1_000,
        "p": instrument.price(trade.price),
        "v": instrument.size(trade.quantity),
        "S": printed.side,
        "seq": printed.seq,
        "s": trade.symbol,
        "BT": False,
        "RPI": False,
    }


def _linear_trade(instrument: Instrument, printed: Printed) -> dict[str, Any]:
    trade = printed.trade
    return {
        "T": trade.time_us // 1_000,
        "s": trade.symbol,
        "S": printed.side,
        "v": instrument.size(trade.quantity),
        "p": instrument.price(trade.price),
        "L": printed.tick,
        "i": printed.wire_id,
        "BT": False,
        "RPI": False,
        "seq": printed.seq,
    }


def ticker(topic: Topic, data: dict[str, str], kind: str, seq: int, now_us: int) -> bytes:
    """`tickers.<symbol>`, whole or what has changed."""
    ts = now_us // 1_000
    if topic.category == "spot":
        return encode({"topic": topic.name, "ts": ts, "type": kind, "cs": seq, "data": data})
    return encode({"topic": topic.name, "type": kind, "data": data, "cs": seq, "ts": ts})


def kline(topic: Topic, candles: Sequence[tuple[Candle, bool]], now_us: int) -> bytes:
    """`kline.<interval>.<symbol>`: candles, and of each whether it has closed."""
    ts = now_us // 1_000
    data = [_candle(topic, candle, ts, closed=closed) for candle, closed in candles]
    if topic.category == "spot":
        return encode({"type": "snapshot", "topic": topic.name, "data": data, "ts": ts})
    return encode({"topic": topic.name, "data": data, "ts": ts, "type": "snapshot"})


def _candle(topic: Topic, candle: Candle, ts: int, *, closed: bool) -> dict[str, Any]:
    return {
        "start": candle.opened_us // 1_000,
        "end": close_time(candle.opened_us, INTERVALS[topic.interval]) // 1_000,
        "interval": topic.interval,
        "open": stripped(candle.open),
        "close": stripped(candle.close),
        "high": stripped(candle.high),
        "low": stripped(candle.low),
        "volume": stripped(candle.volume),
        "turnover": stripped(candle.quote_volume),
        "confirm": closed,
        "timestamp": ts,
    }
