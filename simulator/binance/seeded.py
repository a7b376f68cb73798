"""The seeded source: all symbols' markets, stepped at a steady rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..clock import Clock, TimeUnit
from ..market.books import BookView
from ..market.candles import close_time
from ..market.events import Trade
from ..market.fixed import text
from ..market.market import Kept, SymbolMarket
from ..market.statistics import average_price, day, trading_day, window
from ..market.symbols import listing
from ..pace import Pace
from ..running import Running
from ..wire.gate import Gate
from ..wire.hub import Hub
from . import payloads, rows
from .exchange_info import symbol_info
from .feeds import Feeds
from .filter_rows import FilterRows

WARM_UP_STEPS = 100  # of all symbols together, but one each


class SeededSource:
    """Markets that follow from a seed. At least one trade of each symbol happens in each step."""

    def __init__(
        self, symbols: tuple[str, ...], seed: int, rate: float, hub: Hub, clock: Clock, gate: Gate
    ) -> None:
        kept = Kept.by(len(symbols))
        self.markets = {
            symbol: SymbolMarket(listing(symbol), seed, rate, kept) for symbol in symbols
        }
        self.filters = FilterRows()
        self._pace = Pace(rate, clock)
        self._warm_up()
        self.feeds = Feeds(self.markets, hub)
        self._running = Running(self._pace, self.feeds, hub, gate)

    async def run(self) -> None:
        """Go on for ever."""
        await self._running.run()

    def advance(self, steps: int) -> None:
        """Make so many steps now, and every tick on the way."""
        self._running.advance(steps)

    def symbols(self) -> tuple[str, ...]:
        """The listed symbols."""
        return tuple(self.markets)

    def listed(self, category: str) -> tuple[str, ...]:
        """The same; there is one market."""
        return self.symbols()

    def symbol_info(self, symbol: str) -> Any:
        """The entry of `symbol` in `exchangeInfo`."""
        listing = self.markets[symbol].listing
        return symbol_info(listing, self.filters.of(listing))

    def depth(self, symbol: str, limit: int) -> bytes:
        """The book now."""
        view = self.markets[symbol].book.view(limit)
        return payloads.partial_depth(view.update_id, view.bids, view.asks)

    def trade_rows(self, symbol: str, unit: TimeUnit) -> Sequence[dict[str, Any]]:
        """The trades that are remembered, oldest first."""
        trades = list(self.markets[symbol].trades)
        return rows.Rows(trades, lambda trade: rows.trade_row(trade, unit))

    def aggregate_rows(self, symbol: str, unit: TimeUnit) -> Sequence[dict[str, Any]]:
        """The aggregate trades that are remembered, oldest first."""
        trades = list(self.markets[symbol].aggregates)
        return rows.Rows(trades, lambda trade: rows.aggregate_row(trade, unit))

    def block_rows(self, symbol: str, unit: TimeUnit) -> list[dict[str, Any]]:
        """The block trades that are remembered, oldest first."""
        return [rows.block_row(trade, unit) for trade in self.markets[symbol].blocks]

    def klines(
        self,
        symbol: str,
        interval: str,
        unit: TimeUnit,
        zone_ms: int,
        start_us: int | None = None,
        end_us: int | None = None,
        limit: int = 1_000,
    ) -> list[list[Any]]:
        """The candles of the window."""
        candles, zone_us = self.markets[symbol].candles, zone_ms * 1_000
        candles.reach(self._pace.now_us)
        return [
            rows.kline_row(candle, close_time(candle.opened_us, interval, zone_us), unit)
            for candle in candles.of(interval, zone_us, start_us, end_us, limit)
        ]

    def day(self, symbol: str, unit: TimeUnit) -> dict[str, Any]:
        """The last 24 hours."""
        market = self._market_now(symbol)
        return rows.day_body(day(market, self._pace.now_us), market.top(), unit)

    def window(self, symbol: str, window_ms: int, unit: TimeUnit) -> dict[str, Any]:
        """The last `window_ms`."""
        market = self._market_now(symbol)
        return rows.window_body(window(market, window_ms * 1_000, self._pace.now_us), unit)

    def trading_day(self, symbol: str, unit: TimeUnit, zone_ms: int) -> dict[str, Any]:
        """The present day."""
        market = self._market_now(symbol)
        return rows.window_body(trading_day(market, self._pace.now_us, zone_ms * 1_000), unit)

    def price(self, symbol: str) -> str:
        """The last price."""
        return text(self.markets[symbol].trades[-1].price)

    def top(self, symbol: str) -> dict[str, Any]:
        """The best bid and ask."""
        return rows.top_body(self.markets[symbol].top())

    def average(self, symbol: str, unit: TimeUnit) -> dict[str, Any]:
        """The average price of the last five minutes."""
        market = self._market_now(symbol)
        price = average_price(market, self._pace.now_us)
        closed = market.trades[-1].time_us // unit
        return {"mins": 5, "price": text(price), "closeTime": closed}

    def reference(self, symbol: str, unit: TimeUnit) -> dict[str, Any]:
        """The average price of the last ten seconds, or what was set."""
        now_us = self._pace.now_us
        price = self.markets[symbol].reference.at(now_us)
        told = None if price is None else text(price)
        return {"symbol": symbol, "referencePrice": told, "timestamp": now_us // unit}

    def is_set_by_hand(self, symbol: str) -> bool:
        """Whether it was set."""
        return self.markets[symbol].reference.is_set

    def book(
        self, symbol: str, update_id: int | None, category: str = "", depth: int = 0
    ) -> BookView:
        """The true book, now or at a recent update id."""
        book = self.markets[symbol].book
        return book.view() if update_id is None else book.at(update_id)

    def trades(self, symbol: str, category: str = "") -> list[Trade]:
        """The trades that are remembered, oldest first."""
        return list(self.markets[symbol].trades)

    def trades_by_id(self, symbol: str, category: str = "") -> dict[str, Trade]:
        """The same by their ids, as texts."""
        return {str(trade.trade_id): trade for trade in self.markets[symbol].trades}

    def _market_now(self, symbol: str) -> SymbolMarket:
        """A market whose candles know what time it is."""
        market = self.markets[symbol]
        market.candles.reach(self._pace.now_us)
        return market

    def _warm_up(self) -> None:
        """Trade a little before the doors open, so that prices and candles exist."""
        for steps in reversed(range(max(1, WARM_UP_STEPS // len(self.markets)))):
            for market in self.markets.values():
                market.step(self._pace.before(steps))
