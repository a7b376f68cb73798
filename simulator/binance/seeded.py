"""The seeded source: all symbols' markets, stepped at a steady rate."""

from __future__ import annotations

import asyncio
from typing import Any

from ..clock import Clock
from ..market.books import BookView
from ..market.candles import Candle, close_time
from ..market.fixed import product, text
from ..market.market import AggregateTrade, SymbolMarket, Trade
from ..market.statistics import average_price, day
from ..market.symbols import listing
from ..wire.gate import Gate
from ..wire.hub import Hub
from . import payloads
from .exchange_info import symbol_info
from .feed import SymbolFeed

WARM_UP_STEPS = 50
TICK_MS = 100
MOST_BEHIND_S = 1.0
MOST_AT_ONCE = 100


class SeededSource:
    """Markets that follow from a seed. At least one trade of each symbol happens in each step."""

    def __init__(
        self, symbols: tuple[str, ...], seed: int, rate: float, hub: Hub, clock: Clock, gate: Gate
    ) -> None:
        self._markets = {symbol: SymbolMarket(listing(symbol), seed) for symbol in symbols}
        self._rate = rate
        self._hub = hub
        self._clock = clock
        self._gate = gate
        self._warm_up()
        self._feeds = [SymbolFeed(market, hub, clock) for market in self._markets.values()]
        self._steps = 0
        self._ticks = 0

    async def run(self) -> None:
        """Step for ever; steps that the machine was too slow for are made up for at once."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            await self._gate.passed()
            await self._hub.thawed.passed()
            now = loop.time()
            due = max(due, now - MOST_BEHIND_S)
            for _ in range(MOST_AT_ONCE):
                if due > now:
                    break
                self.step()
                due += 1 / self._rate
            self._hub.flush()
            await asyncio.sleep(max(0.0, due - loop.time()))

    def step(self) -> None:
        """One step of every symbol; the periodic streams speak as steps, not clocks, have it."""
        self._steps += 1
        for feed in self._feeds:
            feed.step()
        elapsed_ms = self._steps * 1_000 / self._rate
        while (self._ticks + 1) * TICK_MS <= elapsed_ms:
            self._ticks += 1
            for feed in self._feeds:
                feed.tick(self._ticks * TICK_MS)

    def symbols(self) -> tuple[str, ...]:
        """The listed symbols."""
        return tuple(self._markets)

    def symbol_info(self, symbol: str) -> Any:
        """The entry of `symbol` in `exchangeInfo`."""
        return symbol_info(self._markets[symbol].listing)

    def depth(self, symbol: str, limit: int) -> bytes:
        """The book now."""
        view = self._markets[symbol].book.view(limit)
        return payloads.partial_depth(view.update_id, view.bids, view.asks)

    def trade_rows(self, symbol: str) -> list[dict[str, Any]]:
        """The trades that are remembered, oldest first."""
        return [_trade_row(trade) for trade in self._markets[symbol].trades]

    def aggregate_rows(self, symbol: str) -> list[dict[str, Any]]:
        """The aggregate trades that are remembered, oldest first."""
        return [_aggregate_row(trade) for trade in self._markets[symbol].aggregates]

    def klines(self, symbol: str, interval: str) -> list[list[Any]]:
        """All known candles."""
        return [_row(candle, interval) for candle in self._markets[symbol].candles.of(interval)]

    def day(self, symbol: str) -> dict[str, Any]:
        """The last 24 hours."""
        market = self._markets[symbol]
        figures, top = day(market, self._clock.milliseconds()), market.top()
        return {
            "symbol": symbol,
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
            "openPrice": text(figures.sum.open),
            "highPrice": text(figures.sum.high),
            "lowPrice": text(figures.sum.low),
            "volume": text(figures.sum.volume),
            "quoteVolume": text(figures.sum.quote_volume),
            "openTime": figures.open_time,
            "closeTime": figures.close_time,
            "firstId": figures.sum.first_id,
            "lastId": figures.sum.last_id,
            "count": figures.sum.count,
        }

    def price(self, symbol: str) -> str:
        """The last price."""
        return text(self._markets[symbol].trades[-1].price)

    def top(self, symbol: str) -> dict[str, Any]:
        """The best bid and ask."""
        top = self._markets[symbol].top()
        return {
            "symbol": symbol,
            "bidPrice": text(top.bid_price),
            "bidQty": text(top.bid_quantity),
            "askPrice": text(top.ask_price),
            "askQty": text(top.ask_quantity),
        }

    def average(self, symbol: str) -> dict[str, Any]:
        """The average price of the last five minutes."""
        market = self._markets[symbol]
        price = average_price(market, self._clock.milliseconds())
        return {"mins": 5, "price": text(price), "closeTime": market.trades[-1].time}

    def book(self, symbol: str, update_id: int | None) -> BookView:
        """The true book, now or at a recent update id."""
        book = self._markets[symbol].book
        return book.view() if update_id is None else book.at(update_id)

    def trades(self, symbol: str) -> list[Trade]:
        """The trades that are remembered, oldest first."""
        return list(self._markets[symbol].trades)

    def _warm_up(self) -> None:
        """Trade a little before the doors open, so that prices and candles exist."""
        now = self._clock.milliseconds()
        for step in range(WARM_UP_STEPS, 0, -1):
            for market in self._markets.values():
                market.step(now - int(step * 1_000 / self._rate))


def _trade_row(trade: Trade) -> dict[str, Any]:
    return {
        "id": trade.trade_id,
        "price": text(trade.price),
        "qty": text(trade.quantity),
        "quoteQty": text(product(trade.price, trade.quantity)),
        "time": trade.time,
        "isBuyerMaker": trade.buyer_is_maker,
        "isBestMatch": True,
    }


def _aggregate_row(trade: AggregateTrade) -> dict[str, Any]:
    return {
        "a": trade.aggregate_id,
        "p": text(trade.price),
        "q": text(trade.quantity),
        "f": trade.first_id,
        "l": trade.last_id,
        "T": trade.time,
        "m": trade.buyer_is_maker,
        "M": True,
    }


def _row(candle: Candle, interval: str) -> list[Any]:
    return [
        candle.open_time,
        text(candle.open),
        text(candle.high),
        text(candle.low),
        text(candle.close),
        text(candle.volume),
        close_time(candle.open_time, interval),
        text(candle.quote_volume),
        candle.count,
        text(candle.taker_volume),
        text(candle.taker_quote_volume),
        "0",
    ]
