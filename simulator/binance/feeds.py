"""The streams of all symbols, and which symbol has which streams wanted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

from ..clock import TimeUnit
from ..market.candles import DAY_US
from ..market.events import Event
from ..market.market import SymbolMarket
from ..wire.hub import Hub
from .feed import SymbolFeed, publish, ticker_of
from .streams import StreamName, parse_stream

MADE_AT_ONCE = 20  # pasts, each of which takes some milliseconds; other symbols wait a second


class Feeds:
    """One feed for each symbol, and the streams that tell of all of them.

    `after_step` is called with each symbol and what has happened there in a step.
    """

    def __init__(self, markets: Mapping[str, SymbolMarket], hub: Hub) -> None:
        self.after_step: Callable[[str, list[Event]], None] | None = None
        self._markets = markets
        self._hub = hub
        self._feeds = {symbol: SymbolFeed(market, hub) for symbol, market in markets.items()}
        self._of_all: list[StreamName] = []
        self._told: dict[str, dict[str, int]] = {}
        self._revision = -1

    def step(self, time_us: int) -> None:
        """One step of every symbol."""
        self._look()
        for symbol, feed in self._feeds.items():
            events = feed.step(time_us)
            if self.after_step is not None:
                self.after_step(symbol, events)

    def tell(self, symbol: str, now_us: int) -> None:
        """Publish what has happened on a market beside its steps."""
        events = self._markets[symbol].told()
        if events:
            self._look()
            self._feeds[symbol].tell(events, now_us)

    def tick(self, milliseconds: int, now_us: int) -> None:
        """Publish what is due; arguments as of `SymbolFeed.tick`."""
        self._look()
        for feed in self._feeds.values():
            feed.tick(milliseconds, now_us)
        for stream in self._of_all:
            if milliseconds % stream.period_ms == 0:
                self._all_markets(stream, now_us)

    def _look(self) -> None:
        """Sort the subscribed streams by symbol, whenever they have changed."""
        if self._revision == self._hub.revision:
            return
        self._revision = self._hub.revision
        names = [parse_stream(name) for name in sorted(self._hub.served)]
        wanted: dict[str, list[StreamName]] = defaultdict(list)
        for name in names:
            if name is not None:
                wanted[name.symbol].append(name)
        self._of_all = wanted.pop("", [])
        self._told = {name.name: self._told.get(name.name, {}) for name in self._of_all}
        for symbol, feed in self._feeds.items():
            feed.want(wanted.get(symbol, []))

    def _all_markets(self, stream: StreamName, now_us: int) -> None:
        """Tell of the symbols that have traded since the stream last spoke."""
        told, changed, made = self._told[stream.name], list[SymbolMarket](), 0
        for symbol, market in self._markets.items():
            newest = market.trades[-1].trade_id
            is_made = market.candles.is_made(now_us - DAY_US)
            if told.get(symbol) == newest or (made == MADE_AT_ONCE and not is_made):
                continue
            made += not is_made
            told[symbol] = newest
            changed.append(market)
        if not changed:
            return
        writers = [ticker_of(market, stream, now_us) for market in changed]

        def write(unit: TimeUnit) -> bytes:
            return b"[" + b",".join(write(unit) for write in writers) + b"]"

        publish(self._hub, stream.name, write)
