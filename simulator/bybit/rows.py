"""Rows and results of REST about the seeded market (market/orderbook, recent-trade, kline)."""

from __future__ import annotations

from typing import Any

from ..market.candles import Candle
from ..market.history import Candles
from .books import Told
from .instruments import Instrument
from .numbers import stripped
from .payloads import levels
from .topics import INTERVALS
from .trading import Printed

MOST_CANDLES = 1_000_000


def order_book(instrument: Instrument, told: Told, limit: int) -> dict[str, Any]:
    """The result of `market/orderbook`."""
    cut = told._replace(bids=told.bids[:limit], asks=told.asks[:limit])
    sides = levels(instrument, cut)
    return {
        "s": instrument.symbol,
        "a": sides["a"],
        "b": sides["b"],
        "ts": told.told_us // 1_000,
        "u": told.u,
        "seq": told.seq,
        "cts": told.matched_us // 1_000,
    }


def trade(instrument: Instrument, printed: Printed) -> dict[str, Any]:
    """A row of `market/recent-trade`."""
    one = printed.trade
    return {
        "execId": printed.wire_id,
        "symbol": one.symbol,
        "price": instrument.price(one.price),
        "size": instrument.size(one.quantity),
        "side": printed.side,
        "time": str(one.time_us // 1_000),
        "isBlockTrade": False,
        "isRPITrade": False,
        "seq": str(printed.seq),
    }


def candle(one: Candle) -> list[str]:
    """A row of `market/kline`."""
    prices = [stripped(price) for price in (one.open, one.high, one.low, one.close)]
    return [
        str(one.opened_us // 1_000),
        *prices,
        stripped(one.volume),
        stripped(one.quote_volume),
    ]


def chosen(
    candles: Candles, interval: str, start_us: int | None, end_us: int | None, limit: int
) -> list[Candle]:
    """The candles of a request, newest first.

    The documentation does not say which of too many are left out: here it is the newest where only
    the start is given, and else the oldest.
    """
    name = INTERVALS[interval]
    if start_us is None or end_us is None:
        found = candles.of(name, 0, start_us, end_us, limit)
    else:
        found = candles.of(name, 0, start_us, end_us, MOST_CANDLES)[-limit:]
    return found[::-1]
