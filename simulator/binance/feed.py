"""What one symbol's seeded market says on its streams."""

from __future__ import annotations

from functools import partial

from ..clock import TimeUnit
from ..market.candles import Candle, close_time
from ..market.events import AggregateTrade, Event, TopOfBook, Trade
from ..market.market import SymbolMarket
from ..market.statistics import average_price, day, window
from ..wire.hub import Hub
from . import payloads
from .streams import DEPTH, WINDOWS_MS, StreamName


class SymbolFeed:
    """Publishes one symbol's market to the hub, on the streams that are wanted."""

    def __init__(self, market: SymbolMarket, hub: Hub) -> None:
        self._market = market
        self._hub = hub
        self._at_once: dict[str, str] = {}
        self._now_and_then: list[StreamName] = []
        self._told = dict.fromkeys(DEPTH.values(), market.book.update_id)
        self._candle_sent: dict[str, int] = {}

    def want(self, streams: list[StreamName]) -> None:
        """The streams of this symbol that somebody is subscribed to."""
        self._at_once = {stream.channel: stream.name for stream in streams if not stream.period_ms}
        self._now_and_then = [stream for stream in streams if stream.period_ms]
        names = {stream.name for stream in streams}
        self._candle_sent = {
            name: opened for name, opened in self._candle_sent.items() if name in names
        }

    def step(self, time_us: int) -> list[Event]:
        """Advance the market by one step and publish what is sent at once; what has happened."""
        events = self._market.step(time_us)
        self.tell(events, time_us)
        return events

    def tell(self, events: list[Event], now_us: int) -> None:
        """Publish what has happened, on the streams that are sent at once."""
        if self._at_once:
            for event in events:
                self._happened(event, now_us)

    def tick(self, milliseconds: int, now_us: int) -> None:
        """Publish what is sent every 100 ms, every second, every two seconds.

        Args:
            milliseconds: time since the start, a multiple of 100.
            now_us: what time it is.
        """
        if self._now_and_then:
            self._market.candles.reach(now_us)
        for stream in self._now_and_then:
            due = milliseconds % stream.period_ms == 0
            if stream.channel == "kline":
                self._kline(stream, now_us, due=due)
            elif due:
                self._periodic(stream, now_us)
        for period in self._told:
            if milliseconds % period == 0:
                self._told[period] = self._market.book.update_id

    def _happened(self, event: Event, now_us: int) -> None:
        if isinstance(event, TopOfBook):
            if "bookTicker" in self._at_once:
                self._hub.publish(self._at_once["bookTicker"], payloads.book_ticker(event))
        elif isinstance(event, Trade):
            self._send("trade", partial(payloads.trade, event, now_us))
        elif isinstance(event, AggregateTrade):
            self._send("aggTrade", partial(payloads.aggregate_trade, event, now_us))
        else:
            self._send("blockTrade", partial(payloads.block_trade, event, now_us))

    def _send(self, channel: str, write: payloads.Writer) -> None:
        if channel in self._at_once:
            publish(self._hub, self._at_once[channel], write)

    def _periodic(self, stream: StreamName, now_us: int) -> None:
        if stream.channel == "depth":
            self._depth(stream, now_us)
        elif stream.channel == "partial":
            view = self._market.book.view(stream.levels)
            payload = payloads.partial_depth(view.update_id, view.bids, view.asks)
            self._hub.publish(stream.name, payload)
        elif stream.channel == "avgPrice":
            publish(self._hub, stream.name, self._average(now_us))
        elif stream.channel == "referencePrice":
            price = self._market.reference.at(now_us)
            symbol = self._market.listing.symbol
            write = partial(payloads.reference_price, symbol, price, now_us)
            publish(self._hub, stream.name, write)
        else:
            publish(self._hub, stream.name, ticker_of(self._market, stream, now_us))

    def _depth(self, stream: StreamName, now_us: int) -> None:
        """Each event begins after the last one's end, also where nobody listened in between."""
        changed = self._market.book.since(self._told[stream.period_ms])
        if changed is not None:
            symbol = self._market.listing.symbol
            publish(self._hub, stream.name, partial(payloads.depth_update, symbol, changed, now_us))

    def _average(self, now_us: int) -> payloads.Writer:
        market = self._market
        return partial(
            payloads.average_price,
            market.listing.symbol,
            average_price(market, now_us),
            market.trades[-1].time_us,
            now_us,
        )

    def _kline(self, stream: StreamName, now_us: int, *, due: bool) -> None:
        """Send the present candle when due, and the last state of one that has closed at once."""
        candles, zone_us = self._market.candles, stream.zone_ms * 1_000
        opened = candles.opened(stream.interval, zone_us)
        before = self._candle_sent.get(stream.name, opened)
        if before == opened and not due:
            return
        self._candle_sent[stream.name] = opened
        if before != opened:
            closed = candles.closed(before, stream.interval, zone_us)
            if closed is not None:
                self._send_kline(stream, closed, now_us, closed=True)
        self._send_kline(stream, candles.present(stream.interval, zone_us), now_us, closed=False)

    def _send_kline(self, stream: StreamName, candle: Candle, now_us: int, *, closed: bool) -> None:
        closes = close_time(candle.opened_us, stream.interval, stream.zone_ms * 1_000)
        names = stream.symbol, stream.interval
        write = partial(payloads.kline, names, candle, closes, now_us, closed=closed)
        publish(self._hub, stream.name, write)


def ticker_of(market: SymbolMarket, stream: StreamName, now_us: int) -> payloads.Writer:
    """How a ticker of a symbol is written: `ticker`, `miniTicker` or `window`."""
    if stream.channel == "ticker":
        return partial(payloads.ticker, day(market, now_us), market.top(), now_us)
    if stream.channel == "miniTicker":
        return partial(payloads.mini_ticker, day(market, now_us), now_us)
    figures = window(market, WINDOWS_MS[stream.interval] * 1_000, now_us)
    return partial(payloads.window_ticker, stream.interval, figures, now_us)


def publish(hub: Hub, stream: str, write: payloads.Writer) -> None:
    """Publish in milliseconds, and in microseconds to those who want them."""
    hub.publish(stream, write(TimeUnit.MILLISECOND), lambda: write(TimeUnit.MICROSECOND))
