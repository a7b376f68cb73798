"""Which subscribers share a feed, and when a feed begins and ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pykka
import pytest

from exchange_connector.actors.feed import Feed
from exchange_connector.actors.feeds import Feeds
from exchange_connector.actors.handlers import HandlersRecipient
from exchange_connector.messages.errors import ValidationError
from exchange_connector.messages.market import BaseEvent

Make = Callable[[int], BaseEvent]


class Bot(pykka.ThreadingActor):
    """A user's own actor."""

    def __init__(self, taken: Any = None) -> None:
        super().__init__()
        self._taken = taken

    def on_receive(self, message: Any) -> None:
        """Take it."""
        if self._taken is not None:
            self._taken.tell(message)


@pytest.fixture
def made(delivery: Any) -> list[Feed]:
    """Every feed that was made; ended with the others."""
    feeds: list[Feed] = delivery.feeds
    return feeds


@pytest.fixture
def feeds(delivery: Any, made: list[Feed]) -> Callable[[Any], Feed]:
    """The feed of a subscriber."""
    all_feeds = Feeds("sim", delivery.root, delivery.registry)

    def of(subscriber: Any) -> Feed:
        feed = all_feeds.of(subscriber)
        if feed not in made:
            made.append(feed)
        return feed

    of.all = all_feeds  # type: ignore[attr-defined]
    return of


@pytest.fixture
def bot() -> Iterator[pykka.ActorRef[Bot]]:
    """A bot that lives."""
    ref = Bot.start()
    yield ref
    ref.stop(timeout=5)


Of = Any


def test_one_callable_has_one_feed(feeds: Of, new_probe: Any) -> None:
    """And another has its own."""
    first, second = new_probe(), new_probe()
    assert feeds(first) is feeds(first)
    assert feeds(first) is not feeds(second)


def test_equal_bound_methods_are_one_subscriber(feeds: Of, probe: Any, new_probe: Any) -> None:
    """`bot.on_trade` is another object at each look, and the same subscriber."""
    assert probe.tell is not probe.tell
    assert feeds(probe.tell) is feeds(probe.tell)
    assert feeds(probe.tell) is not feeds(new_probe().tell)


def test_a_callable_that_cannot_be_hashed(feeds: Of) -> None:
    """Is known by itself."""

    class Callback(list[int]):
        def __call__(self, event: Any) -> None:
            self.append(event)

    first, second = Callback(), Callback()
    assert first == second
    assert feeds(first) is feeds(first)
    assert feeds(first) is not feeds(second)


def test_callables_that_are_equal_but_not_the_same(feeds: Of) -> None:
    """Two objects are two subscribers, however alike: each gets its own events."""

    class Alike:
        def __eq__(self, other: object) -> bool:
            return isinstance(other, Alike)

        def __hash__(self) -> int:
            return 1

        def __call__(self, event: Any) -> None:
            """Take it."""

    assert feeds(Alike()) is not feeds(Alike())


def test_an_actor_has_one_feed(feeds: Of, bot: pykka.ActorRef[Bot]) -> None:
    """Known by its ref."""
    assert feeds(bot) is feeds(bot)


def test_a_dead_actor_cannot_subscribe(feeds: Of) -> None:
    """It would hear nothing."""
    ref = Bot.start()
    ref.stop(timeout=5)
    with pytest.raises(ValidationError, match="dead"):
        feeds(ref)


@pytest.mark.parametrize("wrong", [7, "print", object()])
def test_what_cannot_be_told_cannot_subscribe(feeds: Of, wrong: Any) -> None:
    """Neither an actor's ref nor a callable."""
    with pytest.raises(ValidationError) as caught:
        feeds(wrong)
    assert caught.value.field == "subscriber"


def test_no_subscriber_means_the_handlers(feeds: Of) -> None:
    """They have one feed, which stays."""
    feed = feeds(None)
    assert isinstance(feed.recipient, HandlersRecipient)
    assert feeds.all.handlers is feed.recipient
    feeds.all.release(feed)
    assert feeds(None) is feed
    assert not feed.join(0.01)


def test_a_feed_without_subscriptions_ends(feeds: Of, probe: Any) -> None:
    """And a later subscription gets a new one."""
    feed = feeds(probe)
    feeds.all.release(feed)
    assert feed.join(5.0)
    assert feeds(probe) is not feed


def test_a_feed_with_subscriptions_stays(feeds: Of, probe: Any) -> None:
    """Until the last has ended."""
    feed = feeds(probe)
    feed.mailboxes = 1
    feeds.all.release(feed)
    assert feeds(probe) is feed
    assert not feed.join(0.01)


def test_a_callable_never_runs_beside_itself_though_it_left_and_came_back(
    feeds: Of, delivery: Any, trade: Make
) -> None:
    """From its own callback: the new feed waits until the old one's callback has returned."""
    entered, leave = threading.Event(), threading.Event()
    inside, most, seen = [0], [0], list[Any]()
    done = threading.Event()

    def callback(event: Any) -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        if event == trade(0):
            entered.set()
            leave.wait(5)
        seen.append(event)
        inside[0] -= 1
        if event == trade(1):
            done.set()

    first = feeds(callback)
    first.put([(delivery.mailbox(first), trade(0))])
    assert entered.wait(5)
    first.mailboxes = 0
    feeds.all.release(first)
    second = feeds(callback)
    assert second is not first
    second.put([(delivery.mailbox(second), trade(1))])
    assert not done.wait(0.1)
    leave.set()
    assert done.wait(5)
    assert most == [1]
    assert seen == [trade(0), trade(1)]


def test_a_successor_adopts_feeds(delivery: Any, feeds: Of, probe: Any, new_probe: Any) -> None:
    """Feeds outlive the registry that made them, and tell the next one."""
    feed = feeds(probe)
    registry = new_probe()
    successor = Feeds("sim", delivery.root, registry)
    successor.adopt(feed)
    assert successor.of(probe) is feed
    assert feed.registry is registry


def test_the_dead_are_found(feeds: Of, probe: Any) -> None:
    """On a quiet stream nothing else would show it."""
    ref = Bot.start()
    feed = feeds(ref)
    feeds(probe)
    assert feeds.all.dead() == []
    ref.stop(timeout=5)
    assert feeds.all.dead() == [feed]
