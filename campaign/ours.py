"""Our connector as a client of the campaign: a program, to be run by `hooks`."""

from __future__ import annotations

import json
import sys
import threading
import time
from functools import partial
from typing import Any

from ..messages.config import Config
from ..messages.enums import HealthState
from ..messages.errors import ConnectorError
from ..messages.lifecycle import Connected, Disconnected, HealthChanged, Ready, SubscriberLagged
from ..messages.market import OrderBook, StreamGap
from ..messages.requests import GetServerTime
from ..runtime import ConnectorActor, ask
from .clients import Order
from .keys import DEPTH, digest
from .markets import Market, market_of

FLUSH_S = 0.02
CONFIRMED_S = 20.0


class Voice:
    """Lines for the campaign, from any thread; what came together leaves together."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._took: list[tuple[str, list[Any], float]] = []
        self._others: list[dict[str, Any]] = []
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="voice")
        self._thread.start()

    def took(self, stream: str, *item: Any) -> None:
        """Something that stands in a stream."""
        at = time.monotonic()
        with self._lock:
            self._took.append((stream, list(item), at))

    def say(self, **line: Any) -> None:
        """Anything else."""
        with self._lock:
            self._others.append(line)

    def tell(self, words: str) -> None:
        """What the library tells its user."""
        self.say(told=words[:200], at=time.monotonic())

    def end(self) -> None:
        """Let everything leave."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.wait(FLUSH_S):
            self._flush()
        self._flush()

    def _flush(self) -> None:
        with self._lock:
            took, self._took = self._took, []
            others, self._others = self._others, []
        lines = [*([{"took": took}] if took else []), *others]
        if lines:
            print("\n".join(json.dumps(line) for line in lines), flush=True)


class Taker:
    """The user's callable for one channel."""

    def __init__(self, order: Order, channel: str, voice: Voice, consume_s: float = 0.0) -> None:
        market = market_of(order.exchange, order.market)
        self._stream, self._key_of = market.stream(channel, order.symbol), market.key_of
        self._voice, self._consume_s = voice, consume_s

    def __call__(self, event: Any) -> None:
        """Take an event, and say which it was."""
        match event:
            case StreamGap():
                ids = event.first_missed_id, event.last_missed_id
                self._voice.took(self._stream, "gap", *ids)
                self._voice.tell(f"StreamGap({event.reason}) of {event.channel}")
            case SubscriberLagged(dropped=dropped):
                self._voice.took(self._stream, "dropped", dropped)
                self._voice.tell(f"SubscriberLagged({dropped})")
            case _:
                is_recovered = getattr(event, "recovered", False)
                self._voice.took(self._stream, "event", self._key_of(event), is_recovered)
                if self._consume_s:
                    time.sleep(self._consume_s)


def take_book(market: Market, voice: Voice, event: Any) -> None:
    """The user's callable for order books: each is true by itself, and there is no account."""
    match event:
        case OrderBook():
            stream = market.stream("order_book", event.symbol)
            voice.took(stream, "book", event.update_id, digest_of(event), market.key_of(event))
        case _:
            voice.tell(f"{type(event).__name__} of the order book")


def digest_of(book: OrderBook) -> str:
    """As `keys.digest` has it."""
    sides = [
        [(f"{level.price:f}", f"{level.quantity:f}") for level in side]
        for side in (book.bids, book.asks)
    ]
    return digest(book.update_id, *sides)


def listen(voice: Voice, event: Any) -> None:
    """Take what the connector tells of its own life; how well it is again is not told here."""
    now = time.monotonic()
    match event:
        case Ready() | Connected() | HealthChanged(state=HealthState.LIVE):
            return
        case HealthChanged() if ":" in event.subject or event.subject.startswith("session"):
            at = now - max(0, time.time_ns() - event.since) / 1e9
            voice.say(sign=f"{event.subject} {event.state}: {event.cause}", at=at)
        case Disconnected():
            voice.say(sign=f"disconnected: {event.reason}", at=now)
        case _:
            pass
    voice.tell(f"{type(event).__name__}: {event}")


def config_of(order: Order) -> Config:
    """The connector's own defaults, but for what the order says."""
    builder = Config.builder().exchange(
        order.exchange,
        market=order.market,
        rest_url=order.rest_url,
        stream_url=order.stream_url,
    )
    health: dict[str, float] = {}
    if order.ping_interval is not None:
        builder.connection(ping_interval=order.ping_interval)
        health["pong_timeout"] = order.ping_interval
    if order.silence is not None:
        health |= {"suspect_after": order.silence / 2, "stale_after": order.silence}
    return builder.health(**health).build()


def subscribe(connector: Any, order: Order, voice: Voice) -> None:
    """To the trades, or to everything; returns once all is confirmed."""
    market, symbol = market_of(order.exchange, order.market), order.symbol
    bound = {} if order.max_pending is None else {"max_pending": order.max_pending}
    taker = Taker(order, "trades", voice, order.consume_s)
    waiting = [connector.subscribe_trades(symbol, taker, **bound)]
    if order.is_full:

        def to(channel: str) -> Taker:
            return Taker(order, channel, voice)

        waiting += [
            connector.subscribe_order_book_updates(symbol, to("order_book_updates")),
            connector.subscribe_book_ticker(symbol, to("book_ticker")),
            connector.subscribe_ticker(symbol, to("ticker")),
            connector.subscribe_klines(symbol, market.interval, to("klines")),
            connector.subscribe_order_book(symbol, partial(take_book, market, voice), depth=DEPTH),
        ]
    for each in waiting:
        each.get(timeout=CONFIRMED_S)


def ask_for_the_time(ref: Any, every_s: float, voice: Voice, ending: threading.Event) -> None:
    """A request now and then, as a bot makes them."""
    while not ending.wait(every_s):
        try:
            ask(ref, GetServerTime(), timeout=30.0)
            voice.say(answered=time.monotonic())
        except ConnectorError as error:
            voice.tell(f"a request failed: {error}")


def main() -> None:
    """Do as the order says until the input ends."""
    order = Order(**json.loads(sys.stdin.readline()))
    voice, ending = Voice(), threading.Event()
    asking: list[threading.Thread] = []
    try:
        ref = ConnectorActor.start(config_of(order))
        try:
            connector = ref.proxy()
            connector.subscribe_events(partial(listen, voice)).get(timeout=CONFIRMED_S)
            subscribe(connector, order, voice)
            voice.say(up=True)
            if order.rest_every_s:
                arguments = ref, order.rest_every_s, voice, ending
                asking.append(threading.Thread(target=ask_for_the_time, args=arguments))
                asking[0].start()
            sys.stdin.read()
        finally:
            ending.set()
            ref.stop()
            for thread in asking:
                thread.join()
    finally:
        voice.end()


if __name__ == "__main__":
    main()
