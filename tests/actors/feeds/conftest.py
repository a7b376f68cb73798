"""Feeds with mailboxes on them, and subscribers of every temper."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector.actors.feeds.actor_recipient import ActorRecipient
from exchange_connector.actors.feeds.delivery import CallableRecipient
from exchange_connector.actors.feeds.feed import Feed
from exchange_connector.actors.feeds.inline_feed import InlineFeed
from exchange_connector.actors.feeds.mailbox import Mailbox
from exchange_connector.actors.feeds.subscriber import ActorFeed
from exchange_connector.actors.feeds.thread_feed import ThreadFeed
from exchange_connector.messages.enums import Channel, Overflow, Side
from exchange_connector.messages.market import Trade
from exchange_connector.messages.subscriptions import Subscription


class LooseMailbox(Mailbox):
    """One that a test may break."""


LONG = 5.0
"""Seconds after which what a test waits for will not come."""


@pytest.fixture
def trade() -> Callable[[int], Trade]:
    """A trade with an id."""

    def make(number: int) -> Trade:
        one = Decimal(1)
        return Trade("sim", "BTCUSDT", number, number, str(number), one, one, Side.BUY, number)

    return make


class Delivery:
    """Feeds of one test with mailboxes on them; all ended at its end."""

    def __init__(self, new_probe: Callable[[], Any]) -> None:
        self.root, self.registry = new_probe(), new_probe()
        self.feeds: list[Feed] = []
        self._count = 0

    def feed(self, recipient: Any) -> Feed:
        """A feed for a recipient, or for a callable."""
        taker = recipient if hasattr(recipient, "is_gone") else CallableRecipient(recipient)
        feed = ThreadFeed("feed", recipient, taker, self.root, self.registry)
        self.feeds.append(feed)
        return feed

    def inline(self, callback: Any, predecessor: Feed | None = None) -> Feed:
        """A feed whose callable runs on the thread that brings events."""
        taker = CallableRecipient(callback)
        feed = InlineFeed(callback, taker, self.root, self.registry, predecessor)
        self.feeds.append(feed)
        return feed

    def actor(self, ref: Any) -> Feed:
        """The feed of a `SubscriberActor`."""
        feed = ActorFeed(ref, ref, ActorRecipient(ref), self.root, self.registry)
        self.feeds.append(feed)
        return feed

    def mailbox(
        self,
        feed: Feed,
        *,
        overflow: Overflow = Overflow.DROP_OLDEST,
        max_pending: int = 10_000,
        channel: Channel = Channel.TRADES,
        **more: Any,
    ) -> Mailbox:
        """A subscription to a channel."""
        self._count += 1
        subscription = Subscription(f"s{self._count}", channel, "BTCUSDT")
        feed.mailboxes += 1
        return LooseMailbox(
            "sim", subscription, feed, max_pending=max_pending, overflow=overflow, **more
        )

    def end(self) -> None:
        """End every feed."""
        for feed in self.feeds:
            feed.finish(0.0)
        for feed in self.feeds:
            assert feed.join(LONG)


@pytest.fixture
def delivery(new_probe: Callable[[], Any]) -> Iterator[Delivery]:
    """Makes feeds and mailboxes."""
    made = Delivery(new_probe)
    yield made
    made.end()


class Gate:
    """A callable that takes one event at a time, and only when it is let."""

    def __init__(self, entered: Any) -> None:
        self.entered = entered
        self.taken: list[Any] = []
        self._permits = threading.Semaphore(0)
        self._is_open = threading.Event()

    def __call__(self, event: Any) -> None:
        self.entered.tell(event)
        if not self._is_open.is_set():
            assert self._permits.acquire(timeout=2 * LONG)
        self.taken.append(event)

    def let(self, count: int = 1) -> None:
        """Let so many events pass."""
        self._permits.release(count)

    def open(self) -> None:
        """Let everything pass from now on."""
        self._is_open.set()
        self._permits.release()


@pytest.fixture
def gate(delivery: Delivery, new_probe: Callable[[], Any]) -> Iterator[Gate]:
    """A subscriber that is as slow as the test wants it to be."""
    del delivery  # ends after this
    made = Gate(new_probe())
    yield made
    made.open()
