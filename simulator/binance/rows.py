"""REST bodies of the seeded market, field by field as documented (rest-api.md).

Times come in microseconds and are written in a unit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, overload

from ..clock import TimeUnit
from ..market.candles import Candle
from ..market.events import AggregateTrade, BlockTrade, TopOfBook, Trade
from ..market.fixed import product, text
from ..market.statistics import Statistics

T = TypeVar("T")
Row = dict[str, Any]


class Rows(Sequence[Row], Generic[T]):
    """Rows that are written when they are looked at: a page is a few of many thousand trades."""

    def __init__(self, trades: Sequence[T], write: Callable[[T], Row]) -> None:
        self._trades = trades
        self._write = write

    def __len__(self) -> int:
        return len(self._trades)

    @overload
    def __getitem__(self, at: int) -> Row: ...

    @overload
    def __getitem__(self, at: slice) -> list[Row]: ...

    def __getitem__(self, at: int | slice) -> Row | list[Row]:
        if isinstance(at, slice):
            return [self._write(trade) for trade in self._trades[at]]
        return self._write(self._trades[at])


def trade_row(trade: Trade, unit: TimeUnit) -> dict[str, Any]:
    """An entry of "Recent trades list"."""
    return {
        "id": trade.trade_id,
        "price": text(trade.price),
        "qty": text(trade.quantity),
        "quoteQty": text(product(trade.price, trade.quantity)),
        "time": trade.time_us // unit,
        "isBuyerMaker": trade.buyer_is_maker,
        "isBestMatch": True,
    }


def block_row(trade: BlockTrade, unit: TimeUnit) -> dict[str, Any]:
    """An entry of "Historical Block Trades"."""
    return {
        "id": trade.block_id,
        "price": text(trade.price),
        "qty": text(trade.quantity),
        "quoteQty": text(product(trade.price, trade.quantity)),
        "time": trade.time_us // unit,
        "isBuyerMaker": trade.buyer_is_maker,
    }


def aggregate_row(trade: AggregateTrade, unit: TimeUnit) -> dict[str, Any]:
    """An entry of "Compressed/Aggregate trades list"."""
    return {
        "a": trade.aggregate_id,
        "p": text(trade.price),
        "q": text(trade.quantity),
        "f": trade.first_id,
        "l": trade.last_id,
        "T": trade.time_us // unit,
        "m": trade.buyer_is_maker,
        "M": True,
    }


def kline_row(candle: Candle, closes_us: int, unit: TimeUnit) -> list[Any]:
    """A row of "Kline/Candlestick data"."""
    return [
        candle.opened_us // unit,
        text(candle.open),
        text(candle.high),
        text(candle.low),
        text(candle.close),
        text(candle.volume),
        closes_us // unit,
        text(candle.quote_volume),
        candle.count,
        text(candle.taker_volume),
        text(candle.taker_quote_volume),
        "0",
    ]


def day_body(figures: Statistics, top: TopOfBook, unit: TimeUnit) -> dict[str, Any]:
    """The body of "24hr ticker price change statistics"."""
    total = figures.sum
    return {
        "symbol": figures.symbol,
        "priceChange": text(figures.change),
        "priceChangePercent": figures.change_percent,
        "weightedAvgPrice": text(figures.average),
        "prevClosePrice": text(figures.previous_close),
        "lastPrice": text(figures.last.price),
        "lastQty": text(figures.last.quantity),
        "bidPrice": text(top.bid_price),
        "bidQty": text(top.bid_quantity),
        "askPrice": text(top.ask_price),
        "askQty": text(top.ask_quantity),
        "openPrice": text(total.open),
        "highPrice": text(total.high),
        "lowPrice": text(total.low),
        "volume": text(total.volume),
        "quoteVolume": text(total.quote_volume),
        "openTime": figures.open_us // unit,
        "closeTime": figures.close_us // unit,
        "firstId": total.first_id,
        "lastId": total.last_id,
        "count": total.count,
    }


def window_body(figures: Statistics, unit: TimeUnit) -> dict[str, Any]:
    """The body of "Rolling window price change statistics" and "Trading Day Ticker"."""
    total = figures.sum
    return {
        "symbol": figures.symbol,
        "priceChange": text(figures.change),
        "priceChangePercent": figures.change_percent,
        "weightedAvgPrice": text(figures.average),
        "openPrice": text(total.open),
        "highPrice": text(total.high),
        "lowPrice": text(total.low),
        "lastPrice": text(figures.last.price),
        "volume": text(total.volume),
        "quoteVolume": text(total.quote_volume),
        "openTime": figures.open_us // unit,
        "closeTime": figures.close_us // unit,
        "firstId": total.first_id,
        "lastId": total.last_id,
        "count": total.count,
    }


def top_body(top: TopOfBook) -> dict[str, Any]:
    """The body of "Symbol order book ticker"."""
    return {
        "symbol": top.symbol,
        "bidPrice": text(top.bid_price),
        "bidQty": text(top.bid_quantity),
        "askPrice": text(top.ask_price),
        "askQty": text(top.ask_quantity),
    }
