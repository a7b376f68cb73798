"""What one symbol's market in one category says on its topics."""

from __future__ import annotations

from ..market.books import Difference
from ..wire.hub import Hub
from ..wire.names import matches
from . import payloads, tickers
from .books import DepthBook
from .klines import KlineTopic
from .topics import DEPTH_MS, TICKER_MS, Topic
from .trading import Printed, TradedSymbol

MOST_TRADES = 1_024  # in a frame
QUIET_MS = 3_000  # after which the best bid and ask are told again
KLINE_MS = 100  # how often candles are looked at; they speak once a second


class SymbolFeed:
    """Publishes one symbol's market to the hub, on the topics that are wanted."""

    def __init__(self, traded: TradedSymbol, hub: Hub, seed: int) -> None:
        self.traded = traded
        self._hub = hub
        self._seed = seed
        self._books: dict[int, DepthBook] = {}
        self._topics: dict[str, Topic] = {}
        self._tickers: dict[str, dict[str, str]] = {}
        self._klines: dict[str, KlineTopic] = {}
        self._best_sent_ms: int | None = None

    def book(self, depth: int, now_us: int) -> DepthBook:
        """The book of a depth; one that nobody is subscribed to is of now."""
        book = self._books.get(depth)
        if book is None:
            book = self._books[depth] = DepthBook(self.traded, depth, self._seed)
        if not any(topic.depth == depth for topic in self._topics.values()):
            book.look(now_us)
        return book

    def want(self, topics: list[Topic], now_us: int) -> None:
        """The topics of this symbol that somebody is subscribed to."""
        for topic in topics:
            if topic.stream not in self._topics:
                self._awake(topic, now_us)
        self._topics = {topic.stream: topic for topic in topics}

    def first(self, topic: Topic, now_us: int) -> bytes | None:
        """What a new subscriber is sent at once: what the topic told last. Trades tell nothing."""
        match topic.kind:
            case "orderbook":
                told = self._books[topic.depth].snapshot()
                return payloads.order_book(topic, self.traded.instrument, told, "snapshot")
            case "tickers":
                data = self._tickers[topic.stream]
                return payloads.ticker(topic, data, "snapshot", self.traded.seq, now_us)
            case "kline":
                return self._klines[topic.stream].present(now_us)
            case _:
                return None

    def step(self, time_us: int) -> list[Printed]:
        """Advance the market by one step and tell its trades, which are returned."""
        printed = self.traded.step(time_us)
        self._print(printed, time_us)
        return printed

    def tell(self, now_us: int) -> None:
        """Tell the trades that happened beside the market's steps."""
        self._print(self.traded.told(now_us), now_us)

    def tick(self, milliseconds: int, now_us: int) -> None:
        """Publish what is due, `milliseconds` after the start."""
        for topic in self._topics.values():
            if topic.kind == "orderbook":
                if milliseconds % DEPTH_MS[topic.depth] == 0:
                    self._order_book(topic, milliseconds, now_us)
            elif topic.kind == "tickers":
                if milliseconds % TICKER_MS[topic.category] == 0:
                    self._ticker(topic, now_us)
            elif topic.kind == "kline" and milliseconds % KLINE_MS == 0:
                for frame in self._klines[topic.stream].tick(milliseconds, now_us):
                    self._hub.publish(topic.stream, frame)

    def resend(self, pattern: str, now_us: int) -> int:
        """Tell whole books that nobody asked for; how many."""
        topics = self._order_books(pattern)
        for topic in topics:
            self._whole(topic, now_us)
        return len(topics)

    def restart(self, pattern: str, now_us: int) -> int:
        """Count books anew; how many."""
        topics = self._order_books(pattern)
        for topic in topics:
            self._books[topic.depth].restart(now_us)
            self._whole(topic, now_us)
        return len(topics)

    def _order_books(self, pattern: str) -> list[Topic]:
        return [
            topic
            for topic in self._topics.values()
            if topic.kind == "orderbook" and matches(topic.stream, pattern)
        ]

    def _awake(self, topic: Topic, now_us: int) -> None:
        """Take up a topic to which nobody was subscribed."""
        if topic.kind == "orderbook":
            self.book(topic.depth, now_us)
            if topic.depth == 1:
                self._best_sent_ms = None
        elif topic.kind == "tickers":
            self._tickers[topic.stream] = self._figures(topic, now_us)
        elif topic.kind == "kline":
            self._klines[topic.stream] = KlineTopic(topic, self.traded.market.candles, now_us)

    def _print(self, printed: list[Printed], now_us: int) -> None:
        for topic in self._topics.values():
            if topic.kind == "publicTrade":
                self._trades(topic, printed, now_us)

    def _trades(self, topic: Topic, printed: list[Printed], now_us: int) -> None:
        for begin in range(0, len(printed), MOST_TRADES):
            some = printed[begin : begin + MOST_TRADES]
            frame = payloads.trades(topic, self.traded.instrument, some, now_us)
            self._hub.publish(topic.stream, frame)

    def _order_book(self, topic: Topic, milliseconds: int, now_us: int) -> None:
        changed = self._books[topic.depth].look(now_us)
        if topic.depth == 1:
            if self._best_sent_ms is None:
                self._best_sent_ms = milliseconds
            if changed is not None or milliseconds - self._best_sent_ms >= QUIET_MS:
                self._best_sent_ms = milliseconds
                self._whole(topic, now_us)
        elif changed is not None:
            self._delta(topic, changed)

    def _whole(self, topic: Topic, now_us: int) -> None:
        self._books[topic.depth].again(now_us)
        told = self._books[topic.depth].snapshot()
        frame = payloads.order_book(topic, self.traded.instrument, told, "snapshot")
        self._hub.publish(topic.stream, frame)

    def _delta(self, topic: Topic, changed: Difference) -> None:
        told = self._books[topic.depth].delta(changed)
        frame = payloads.order_book(topic, self.traded.instrument, told, "delta")
        self._hub.publish(topic.stream, frame)

    def _ticker(self, topic: Topic, now_us: int) -> None:
        before, now = self._tickers[topic.stream], self._figures(topic, now_us)
        if before == now:
            return
        self._tickers[topic.stream] = now
        spot = topic.category == "spot"
        data, kind = (now, "snapshot") if spot else (tickers.changed(before, now), "delta")
        frame = payloads.ticker(topic, data, kind, self.traded.seq, now_us)
        self._hub.publish(topic.stream, frame)

    def _figures(self, topic: Topic, now_us: int) -> dict[str, str]:
        figures = tickers.spot_ticker if topic.category == "spot" else tickers.linear_ticker
        return figures(self.traded, now_us)
