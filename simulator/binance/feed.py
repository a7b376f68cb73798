"""What one symbol's seeded market says on its streams."""

from __future__ import annotations

from ..clock import Clock
from ..market.books import Change
from ..market.candles import Candle
from ..market.diffs import DiffWindow
from ..market.market import AggregateTrade, Event, SymbolMarket, TopOfBook, Trade
from ..market.statistics import average_price, day
from ..wire.hub import Hub
from . import payloads
from .streams import StreamName, parse_stream


class SymbolFeed:
    """Publishes one symbol's market to the hub."""

    def __init__(self, market: SymbolMarket, hub: Hub, clock: Clock) -> None:
        self._market = market
        self._hub = hub
        self._clock = clock
        self._name = market.listing.symbol.lower()
        self._diffs = {period: DiffWindow(market.book.update_id) for period in (100, 1_000)}
        self._candle_sent: dict[str, int] = {}

    def step(self) -> None:
        """Advance the market by one step and publish what is sent at once."""
        for event in self._market.step(self._clock.milliseconds()):
            self._happened(event)

    def tick(self, milliseconds: int) -> None:
        """Publish what is sent every 100 ms, every second, every two seconds.

        Args:
            milliseconds: time since the start, a multiple of 100, counted in steps.
        """
        for period, window in self._diffs.items():
            if milliseconds % period == 0:
                self._depth(period, window)
        for stream in self._mine():
            if stream.channel == "kline":
                self._kline(stream, due=milliseconds % stream.period_ms == 0)
            elif stream.period_ms and milliseconds % stream.period_ms == 0:
                self._periodic(stream)

    def _mine(self) -> list[StreamName]:
        names = [parse_stream(name) for name in self._hub.streams]
        symbol = self._market.listing.symbol
        return [name for name in names if name is not None and name.symbol == symbol]

    def _happened(self, event: Event) -> None:
        now = self._clock.milliseconds()
        if isinstance(event, Change):
            for window in self._diffs.values():
                window.add(event)
        elif isinstance(event, TopOfBook):
            self._send("bookTicker", lambda: payloads.book_ticker(event))
        elif isinstance(event, Trade):
            self._send("trade", lambda: payloads.trade(event, now))
        else:
            self._aggregate(event, now)

    def _aggregate(self, event: AggregateTrade, now: int) -> None:
        self._send("aggTrade", lambda: payloads.aggregate_trade(event, now))

    def _send(self, channel: str, write: payloads.Writer) -> None:
        stream = f"{self._name}@{channel}"
        if self._hub.wanted(stream):
            self._hub.publish(stream, write())

    def _depth(self, period: int, window: DiffWindow) -> None:
        taken = window.take()
        if taken is None:
            return
        now, symbol = self._clock.milliseconds(), self._market.listing.symbol
        for channel in ("depth@100ms",) if period == 100 else ("depth", "depth@1000ms"):
            self._send(channel, lambda: payloads.depth_update(symbol, now, *taken))

    def _periodic(self, stream: StreamName) -> None:
        market, now = self._market, self._clock.milliseconds()
        if stream.channel == "partial":
            view = market.book.view(stream.levels)
            payload = payloads.partial_depth(view.update_id, view.bids, view.asks)
        elif stream.channel == "ticker":
            payload = payloads.ticker(day(market, now), market.top(), now)
        elif stream.channel == "miniTicker":
            payload = payloads.mini_ticker(day(market, now), now)
        elif stream.channel == "avgPrice":
            average = average_price(market, now)
            payload = payloads.average_price(
                market.listing.symbol, average, market.trades[-1].time, now
            )
        else:
            return
        self._hub.publish(stream.name, payload)

    def _kline(self, stream: StreamName, *, due: bool) -> None:
        """Send the present candle when due, and the last state of one that has closed at once."""
        candles = self._market.candles.latest(stream.interval, 2)
        if not candles:
            return
        opened = candles[-1].open_time
        before = self._candle_sent.get(stream.name, opened)
        if before != opened or due:
            self._candle_sent[stream.name] = opened
            for candle in candles:
                closed = candle.open_time != opened
                if not closed or candle.open_time == before:
                    self._send_kline(stream, candle, closed=closed)

    def _send_kline(self, stream: StreamName, candle: Candle, *, closed: bool) -> None:
        payload = payloads.kline(
            stream.symbol, stream.interval, candle, self._clock.milliseconds(), closed=closed
        )
        self._hub.publish(stream.name, payload)
