"""The room of the order books, driven by hand: the test is its root, its registry and its rest."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from exchange_connector.actors import books
from exchange_connector.actors.base.room import Lifeline
from exchange_connector.actors.books import BooksActor
from exchange_connector.actors.feeds.delivery import CallableRecipient
from exchange_connector.actors.feeds.inline_feed import InlineFeed
from exchange_connector.actors.feeds.mailbox import Mailbox
from exchange_connector.actors.feeds.thread_feed import ThreadFeed
from exchange_connector.actors.kept.kept_book import BookFeed
from exchange_connector.core import snapshot_pace
from exchange_connector.messages import streams
from exchange_connector.messages.enums import Channel, Overflow
from exchange_connector.messages.kept_books import BooksWanted, BookUnwanted, BookWanted
from exchange_connector.messages.levels import Levels
from exchange_connector.messages.market import OrderBook, OrderBookUpdate
from exchange_connector.messages.rooms import AddSubscription, EndSubscription, Fetch
from exchange_connector.messages.subscriptions import Subscription

LONG = 5.0
"""Seconds after which what a test waits for will not come."""
TIERS = (4, 40)
"""The depths of snapshots: 4 levels do for readers of up to 2."""
PACE = 0.02


def levels(first: int, step: int, count: int) -> Levels:
    """So many levels, beginning at a price."""
    return Levels([b'"%d","1"' % (first + step * each) for each in range(count)])


def snapshot(update_id: int, count: int = 4, symbol: str = "BTCUSDT") -> OrderBook:
    """What the book is at an update id: the best bid's quantity is that id."""
    bids, asks = levels(999, -1, count - 1), levels(1001, 1, count)
    bids = Levels([b'"1000","%d"' % update_id, *bids.pieces()])
    return OrderBook("sim", symbol, update_id, update_id, update_id, bids, asks)


def update(first: int, last: int | None = None, symbol: str = "BTCUSDT") -> OrderBookUpdate:
    """An update with these ids: the best bid's quantity is the last one now."""
    last = first if last is None else last
    bids = Levels([b'"1000","%d"' % last])
    return OrderBookUpdate("sim", symbol, last, last, first, last, bids, Levels([]))


def _updates(request: Any) -> streams.Stream:
    """One stream of updates for all depths."""
    return streams.Stream(Channel.ORDER_BOOK_UPDATES, request.symbol)


class Reader:
    """A subscription to an order book, and what came of it."""

    def __init__(self, house: House, identity: str, symbol: str, depth: int, **more: Any) -> None:
        self.probe = house.new_probe()
        self.identity = identity
        subscription = Subscription(identity, Channel.ORDER_BOOK, symbol)
        recipient = CallableRecipient(more.pop("take", None) or self.probe)
        if more.pop("threaded", False):
            self.feed: Any = ThreadFeed("reader", self, recipient, house.root, house.registry)
        else:
            self.feed = InlineFeed(self, recipient, house.root, house.registry)
        policy: dict[str, Any] = {"max_pending": 10_000, "overflow": Overflow.CONFLATE} | more
        self.mailbox = Mailbox("sim", subscription, self.feed, depth=depth, **policy)
        self._house = house

    def join(self) -> None:
        """The registry wants it served."""
        self._house.tell(BookWanted(self.mailbox))

    def leave(self) -> None:
        """It has unsubscribed."""
        self.feed.close(self.mailbox, self._house.new_probe())
        self._house.tell(BookUnwanted(self.mailbox))

    def book(self) -> OrderBook:
        """The next thing that comes, which is a book."""
        event = self.probe.next()
        assert isinstance(event, OrderBook), event
        return event

    @property
    def ids(self) -> list[int]:
        """Of the books that came."""
        return [event.update_id for event in self.probe.of(OrderBook)]


class Stream:
    """The room's subscription to a symbol's updates, as the registry holds it."""

    def __init__(self, message: AddSubscription) -> None:
        self.identity, self.reply = message.subscription_id, message.reply
        self.symbol = message.request.symbol
        self.feed: BookFeed = message.request.subscriber
        subscription = Subscription(self.identity, Channel.ORDER_BOOK_UPDATES, self.symbol)
        overflow = message.request.overflow
        assert overflow is Overflow.BLOCK
        self.mailbox = Mailbox(
            "sim", subscription, self.feed, max_pending=10_000, overflow=overflow
        )
        self.epoch = 0

    def confirm(self, epoch: int = 1) -> None:
        """The exchange has confirmed it, on this connection."""
        self.epoch = epoch
        self.feed.mark_live(self.mailbox, epoch)
        self.reply.tell(self.mailbox.subscription)

    def cut(self) -> None:
        """Its connection is lost."""
        self.feed.interrupt(self.mailbox, self.epoch)

    def end(self, told: Any) -> None:
        """The registry ends it."""
        self.feed.close(self.mailbox, told)
        self.feed.finish(0.0)

    def send(self, *updates: OrderBookUpdate) -> None:
        """Something came on it."""
        self.feed.hand_over([(self.mailbox, each) for each in updates], self.epoch)


class House:
    """Everything around the room. A successor of the room is started by `start`."""

    def __init__(self, new_probe: Callable[[], Any]) -> None:
        self.new_probe = new_probe
        self.root, self.registry, self.rest = new_probe(), new_probe(), new_probe()
        self.lifeline = Lifeline("books", 0)
        self.ref: Any = None
        self._count = 0
        self._readers: list[Reader] = []

    def start(self) -> None:
        """The room, or the next one."""
        self.lifeline = Lifeline("books", self.lifeline.generation + 1)
        driver: Any = SimpleNamespace(name="sim", snapshots=TIERS, stream=_updates)
        places = {"driver": driver, "rest": self.rest, "registry": self.registry}
        self.ref = BooksActor.start(self.lifeline, self.root, **places)

    def die(self) -> None:
        """The room stops."""
        self.ref.stop(timeout=LONG)
        self.lifeline.join(LONG)

    def tell(self, message: Any) -> None:
        """Tell the room."""
        self.ref.tell(message)

    def want(self, *readers: Reader) -> None:
        """What a new registry, or the registry to a new room, tells first."""
        self.tell(BooksWanted(tuple(each.mailbox for each in readers)))

    def reader(self, depth: int = 2, symbol: str = "BTCUSDT", **more: Any) -> Reader:
        """A subscription to an order book; the room does not know of it yet."""
        self._count += 1
        self._readers.append(Reader(self, f"r{self._count}", symbol, depth, **more))
        return self._readers[-1]

    def stream(self) -> Stream:
        """The next subscription to updates that the room asks for."""
        return Stream(self.registry.next(AddSubscription))

    def fetch(self) -> Fetch:
        """The next snapshot that the room asks for."""
        message: Fetch = self.rest.next(Fetch)
        return message

    def live(self, reader: Reader, update_id: int = 10) -> Stream:
        """Join, and bring the book up."""
        reader.join()
        stream = self.stream()
        stream.confirm()
        fetch = self.fetch()
        depth = fetch.request.depth  # type: ignore[attr-defined]
        fetch.reply.tell(snapshot(update_id, depth, stream.symbol))
        assert reader.book().update_id == update_id
        return stream

    def settle(self) -> None:
        """Wait until the room has handled all that it was told until now, and what followed."""
        for _ in range(3):  # it tells itself that something is left, or came
            before, pause = self.lifeline.unknown, threading.Event()
            self.tell("?")
            for _ in range(5000):
                if self.lifeline.unknown > before:
                    break
                pause.wait(0.001)
            else:
                pytest.fail("the room hangs")

    @property
    def ended(self) -> list[str]:
        """The subscriptions to updates that the room has ended."""
        return [message.subscription_id for message in self.registry.of(EndSubscription)]

    def clear_up(self) -> None:
        """End everything."""
        if self.ref is not None and self.ref.is_alive():
            self.die()
        for each in self._readers:
            each.feed.finish(0.0)
            assert each.feed.join(LONG)


class Slow:
    """A callable that takes nothing further until it is let go."""

    def __init__(self) -> None:
        self.entered: list[Any] = []
        self.taken: list[Any] = []
        self._go = threading.Event()

    def __call__(self, event: Any) -> None:
        self.entered.append(event)
        assert self._go.wait(10)
        self.taken.append(event)

    def open(self) -> None:
        """Let everything pass."""
        self._go.set()


@pytest.fixture
def house(new_probe: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A room that has just started, and what is around it; what takes a second takes less."""
    monkeypatch.setattr(snapshot_pace, "PACE", PACE)
    monkeypatch.setattr(books, "_RETRY", PACE)
    made = House(new_probe)
    made.start()
    yield made
    made.clear_up()


@pytest.fixture
def a_snapshot() -> Callable[..., OrderBook]:
    """Makes snapshots: update id, levels, symbol."""
    return snapshot


@pytest.fixture
def an_update() -> Callable[..., OrderBookUpdate]:
    """Makes updates: first id, last id, symbol."""
    return update


@pytest.fixture
def slow() -> Iterator[Slow]:
    """A callable for a reader; let go in the end."""
    made = Slow()
    yield made
    made.open()
