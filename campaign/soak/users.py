"""The users of a soak: each kind of subscriber, and where what it gets is written down."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pykka

from ...actors.feeds.subscriber import SubscriberActor
from ...messages.events import EventBatch
from ...messages.lifecycle import SubscriberLagged
from ...messages.market import (
    BookTicker,
    Kline,
    OrderBook,
    OrderBookUpdate,
    StreamGap,
    Ticker,
    Trade,
)
from ..markets import Market
from ..ours import Voice, digest_of

KINDS = ("callable", "batch", "inline", "actor", "quick", "books")
BOOK_TAKER = KINDS[-1]
"""Takes order books, the others any stream."""
ACTORS = ("actor", "quick")
CHANNELS = ("trades", "order_book_updates", "book_ticker", "ticker", "klines", "order_book")
_OF: dict[type[Any], str] = {
    Trade: "trades",
    OrderBookUpdate: "order_book_updates",
    BookTicker: "book_ticker",
    Ticker: "ticker",
    Kline: "klines",
    OrderBook: "order_book",
}
DRAINED_S = 20.0
_Name = tuple[str, str]


class User:
    """One subscriber, with at most one subscription to each stream at a time.

    Attributes:
        subscriber: What is subscribed.
        options: Of its subscriptions.
    """

    def __init__(self, kind: str, voice: Voice, market: Market) -> None:
        self.subscriber: Any = self.take
        self.options: dict[str, Any] = {}
        self._voice, self._market = voice, market
        self._kind = kind
        self._lock = threading.Lock()
        self._open: dict[_Name, str] = {}  # keys of accounts
        match kind:
            case "actor":
                self.subscriber = Plain.start(self.take)
            case "quick":
                self.subscriber = Quick.start(self.take)
            case "batch":
                self.options["batch"] = True
            case "inline":
                self.options["delivery"] = "inline"
            case _:
                pass

    def begin(self, channel: str, symbol: str, key: str) -> None:
        """What comes of a stream from now on belongs to the account of that key."""
        with self._lock:
            self._open[channel, symbol] = key

    def end(self, channel: str, symbol: str) -> None:
        """Nothing comes any more."""
        if self._kind in ACTORS:
            self.subscriber.ask(None, timeout=DRAINED_S)  # behind what lies in its inbox
        with self._lock:
            del self._open[channel, symbol]

    def stop(self) -> None:
        """It is not needed any more."""
        if self._kind in ACTORS:
            self.subscriber.stop()

    def take(self, event: Any) -> None:
        """Write down what comes."""
        if isinstance(event, EventBatch):
            for each in event.events:
                self._note(each)
        else:
            self._note(event)

    def _note(self, event: Any) -> None:
        if isinstance(event, SubscriberLagged):
            self._voice.say(fault=f"{self._kind} lags by {event.dropped}, though it is quick")
            return
        channel = str(event.channel) if isinstance(event, StreamGap) else _OF[type(event)]
        key = self._open.get((channel, event.symbol))
        if key is None:
            words = f"{channel} of {event.symbol} to {self._kind}, who has not subscribed to it"
            self._voice.say(fault=words)
        else:
            self._voice.took(key, *self._item(event))

    def _item(self, event: Any) -> Iterator[Any]:
        """As `clients` has it."""
        match event:
            case StreamGap():
                yield from ("gap", event.first_missed_id, event.last_missed_id)
            case OrderBook():
                key = self._market.key_of(event)
                yield from ("book", event.update_id, digest_of(event), key)
            case _:
                is_recovered = getattr(event, "recovered", False)
                yield from ("event", self._market.key_of(event), is_recovered)


class Plain(pykka.ThreadingActor):
    """Gets events as messages."""

    use_daemon_thread = True

    def __init__(self, take: Callable[[Any], None]) -> None:
        super().__init__()
        self._take = take

    def on_receive(self, message: Any) -> None:
        """Take an event; None only asks whether all before it has been taken."""
        if message is not None:
            self._take(message)


class Quick(SubscriberActor):
    """Takes events from its feed."""

    use_daemon_thread = True

    def __init__(self, take: Callable[[Any], None]) -> None:
        super().__init__()
        self._take = take

    def on_event(self, event: Any) -> None:
        """Take one."""
        self._take(event)
