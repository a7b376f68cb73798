"""The seeded source: the markets of both categories, stepped at a steady rate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import islice
from typing import Any

from ..clock import Clock
from ..market.books import BookView
from ..market.events import Trade
from ..market.market import Kept
from ..pace import Pace
from ..running import Running
from ..wire.gate import Gate
from ..wire.hub import Hub
from . import instruments, rows, tickers
from .feed import SymbolFeed
from .instruments import Instrument
from .topics import CATEGORIES, Topic, parse_stream
from .trading import TradedSymbol

TICK_MS = 10
WARM_UP_STEPS = 100  # of all symbols together, but one each
DEEPEST = 1_000  # whose numbers REST tells
Key = tuple[str, str]


class SeededSource:
    """Markets that follow from a seed; contracts have another one than spot.

    `after_step` is called with each symbol of spot and its trades in a step.
    """

    def __init__(
        self, symbols: tuple[str, ...], seed: int, rate: float, hub: Hub, clock: Clock, gate: Gate
    ) -> None:
        self.after_step: Callable[[str, list[Trade]], None] | None = None
        self._symbols = symbols
        self._hub = hub
        self._pace = Pace(rate, clock, TICK_MS)
        self._revision = -1
        kept = Kept.by(len(symbols) * len(CATEGORIES))
        self._feeds: dict[Key, SymbolFeed] = {}
        for category in CATEGORIES:
            for symbol in symbols:
                traded = TradedSymbol(Instrument.of(category, symbol), seed, rate, kept)
                self._warm_up(traded)
                self._feeds[category, symbol] = SymbolFeed(traded, hub, seed)
        self._running = Running(self._pace, self, hub, gate)

    async def run(self) -> None:
        """Go on for ever."""
        await self._running.run()

    def advance(self, steps: int) -> None:
        """Make so many steps now, and every tick on the way."""
        self._running.advance(steps)

    def step(self, time_us: int) -> None:
        """One step of every symbol."""
        self._look()
        for (category, symbol), feed in self._feeds.items():
            printed = feed.step(time_us)
            if category == "spot" and self.after_step is not None:
                self.after_step(symbol, [one.trade for one in printed])

    def tell(self, symbol: str, now_us: int) -> None:
        """Publish what has happened on a spot market beside its steps."""
        self._look()
        self._feed("spot", symbol).tell(now_us)

    def spot(self, symbol: str) -> TradedSymbol:
        """A symbol of spot, which accounts trade."""
        return self._traded("spot", symbol)

    def tick(self, milliseconds: int, now_us: int) -> None:
        """Publish what is due, `milliseconds` after the start."""
        self._look()
        for feed in self._feeds.values():
            feed.tick(milliseconds, now_us)

    def symbols(self) -> tuple[str, ...]:
        """The listed symbols, in both categories."""
        return self._symbols

    def listed(self, category: str) -> tuple[str, ...]:
        """The same."""
        return self._symbols

    def instruments(self, category: str) -> list[dict[str, Any]]:
        """The rows of `market/instruments-info`."""
        listed = [self._traded(category, symbol).instrument for symbol in self._symbols]
        return [instruments.row(one, number) for number, one in enumerate(listed)]

    def order_book(self, category: str, symbol: str, limit: int) -> dict[str, Any]:
        """The book of the deepest topic, as it was told last."""
        feed = self._feed(category, symbol)
        told = feed.book(DEEPEST, self._pace.now_us).snapshot()
        return rows.order_book(feed.traded.instrument, told, limit)

    def recent_trades(
        self, category: str, symbol: str, limit: int, lag_us: int
    ) -> list[dict[str, Any]]:
        """The newest trades of so long ago, newest first."""
        traded, until_us = self._traded(category, symbol), self._pace.now_us - lag_us
        told = (one for one in reversed(traded.trades) if one.trade.time_us <= until_us)
        newest = islice(told if lag_us else reversed(traded.trades), limit)
        return [rows.trade(traded.instrument, printed) for printed in newest]

    def candles(
        self,
        category: str,
        symbol: str,
        interval: str,
        start_us: int | None,
        end_us: int | None,
        limit: int,
    ) -> list[list[str]]:
        """The candles of the window, newest first."""
        candles = self._traded(category, symbol).market.candles
        candles.reach(self._pace.now_us)
        return [rows.candle(one) for one in rows.chosen(candles, interval, start_us, end_us, limit)]

    def ticker(self, category: str, symbol: str) -> dict[str, Any]:
        """The last 24 hours."""
        row = tickers.spot_row if category == "spot" else tickers.linear_row
        return row(self._traded(category, symbol), self._pace.now_us)

    def serves(self, topic: Topic) -> bool:
        """Whether its symbol is listed."""
        return topic.symbol in self._symbols

    def first(self, topic: Topic) -> bytes | None:
        """What a new subscriber is sent at once."""
        self._look()
        return self._feed(topic.category, topic.symbol).first(topic, self._pace.now_us)

    def resend(self, pattern: str) -> int:
        """Tell whole books unasked for."""
        self._look()
        sent = sum(feed.resend(pattern, self._pace.now_us) for feed in self._feeds.values())
        self._hub.flush()
        return sent

    def restart(self, pattern: str) -> int:
        """Count books anew."""
        self._look()
        sent = sum(feed.restart(pattern, self._pace.now_us) for feed in self._feeds.values())
        self._hub.flush()
        return sent

    def book(self, symbol: str, update_id: int | None, category: str, depth: int) -> BookView:
        """The true book as the topic of that depth told it, last or at a recent update id."""
        feed = self._feed(category, symbol)
        return feed.book(depth, self._pace.now_us).view(update_id)

    def trades(self, symbol: str, category: str) -> list[Trade]:
        """The trades that are remembered, oldest first."""
        return [one.trade for one in self._traded(category, symbol).trades]

    def trades_by_id(self, symbol: str, category: str) -> dict[str, Trade]:
        """The same by their ids on the wire."""
        return {one.wire_id: one.trade for one in self._traded(category, symbol).trades}

    def _feed(self, category: str, symbol: str) -> SymbolFeed:
        return self._feeds[category, symbol]

    def _traded(self, category: str, symbol: str) -> TradedSymbol:
        return self._feeds[category, symbol].traded

    def _look(self) -> None:
        """Sort the subscribed topics by symbol, whenever they have changed."""
        if self._revision == self._hub.revision:
            return
        self._revision = self._hub.revision
        wanted: dict[Key, list[Topic]] = defaultdict(list)
        for stream in sorted(self._hub.served):
            topic = parse_stream(stream)
            if topic is not None:
                wanted[topic.category, topic.symbol].append(topic)
        for key, feed in self._feeds.items():
            feed.want(wanted.get(key, []), self._pace.now_us)

    def _warm_up(self, traded: TradedSymbol) -> None:
        """Trade a little before the doors open, so that prices and candles exist."""
        for steps in reversed(range(max(1, WARM_UP_STEPS // len(self._symbols)))):
            traded.step(self._pace.before(steps))
