"""Which subscribers share a feed, and when a feed begins and ends."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pykka
import pytest

from exchange_connector.actors.feeds.feed import Feed
from exchange_connector.actors.feeds.feeds import Feeds
from exchange_connector.actors.feeds.handlers import HandlersRecipient
from exchange_connector.actors.feeds.subscriber import ActorFeed, SubscriberActor
from exchange_connector.messages.errors import ValidationError
from exchange_connector.messages.market import BaseEvent

Make = Callable[[int], BaseEvent]


class Bot(pykka.ThreadingActor):
    """A user's own actor."""


@pytest.fixture
def made(delivery: Any) -> list[Feed]:
    """Every feed that was made; ended with the others."""
    feeds: list[Feed] = delivery.feeds
    return feeds


@pytest.fixture
def feeds(delivery: Any, made: list[Feed]) -> Callable[[Any], Feed]:
    """The feed of a subscriber."""
    all_feeds = Feeds("sim", delivery.root, delivery.registry, {})

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
    successor = Feeds("sim", delivery.root, registry, {})
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


def test_nor_while_its_old_callback_waits_for_the_new_subscription(
    feeds: Of, delivery: Any, trade: Make
) -> None:
    """What is not waited for at the end may still run."""
    waits, leave = threading.Event(), threading.Event()
    inside, most, done = [0], [0], threading.Event()

    def callback(event: Any) -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        if event == trade(0):
            first.callback_waits()
            waits.set()
            leave.wait(5)
        inside[0] -= 1
        if event == trade(1):
            done.set()

    first = feeds(callback)
    first.put([(delivery.mailbox(first), trade(0))])
    assert waits.wait(5)
    first.mailboxes = 0
    feeds.all.release(first)
    assert first.join(0.0)  # who stops the connector does not wait for it
    second = feeds(callback)
    second.put([(delivery.mailbox(second), trade(1))])
    assert not done.wait(0.1)
    leave.set()
    assert done.wait(5)
    assert most == [1]


def test_a_feed_that_has_ended_is_forgotten(delivery: Any, feeds: Of) -> None:
    """With the callable, which may be a bot with all it holds."""

    def callback(event: Any) -> None:
        """Take it."""

    gone = weakref.ref(callback)
    feed = feeds(callback)
    feeds.all.release(feed)
    assert feed.join(5.0)
    delivery.feeds.remove(feed)
    feeds.all.dead()
    del feed, callback
    gc.collect()
    assert gone() is None


def test_a_successor_counts_subscriptions_anew(delivery: Any, feeds: Of, probe: Any) -> None:
    """What the last registry was about to open when it died is no subscription."""
    feed = feeds(probe)
    feed.mailboxes = 3
    successor = Feeds("sim", delivery.root, delivery.registry, {})
    successor.adopt(feed)
    successor.adopt(feed)
    assert feed.mailboxes == 2


def test_delivery_is_one_for_all_subscriptions_of_a_callable(
    feeds: Of, delivery: Any, probe: Any, new_probe: Any
) -> None:
    """It runs on one thread, whatever it has subscribed to."""
    inline = feeds.all.of(probe, "inline")
    delivery.feeds.append(inline)
    assert feeds.all.of(probe, "inline") is inline
    threaded = new_probe()
    feeds(threaded)
    for subscriber, other in ((probe, "thread"), (threaded, "inline")):
        with pytest.raises(ValidationError, match="delivered otherwise") as caught:
            feeds.all.of(subscriber, other)
        assert (caught.value.field, caught.value.value) == ("delivery", other)


def test_only_a_callable_can_run_inline(feeds: Of, bot: pykka.ActorRef[Bot]) -> None:
    """An actor has its own thread, and the handlers theirs."""
    for subscriber in (bot, None):
        with pytest.raises(ValidationError) as caught:
            feeds.all.of(subscriber, "inline")
        assert caught.value.field == "delivery"


def test_a_delivery_that_is_none_is_refused(feeds: Of, probe: Any, new_probe: Any) -> None:
    """For a new subscriber, and for one that has a feed."""
    feeds(probe)
    for subscriber in (probe, new_probe()):
        with pytest.raises(ValidationError, match="thread, inline"):
            feeds.all.of(subscriber, "process")


def test_an_actor_of_ours_has_a_feed_without_a_thread(feeds: Of) -> None:
    """It is delivered to on its own."""
    ref = SubscriberActor.start()
    assert isinstance(feeds(ref), ActorFeed)
    ref.stop(timeout=5)


def test_a_successor_knows_who_is_ending(delivery: Any, trade: Make) -> None:
    """A callable does not run beside itself though the registry was replaced meanwhile."""
    entered, leave, beside = threading.Event(), threading.Event(), threading.Event()

    def callback(event: Any) -> None:
        if event == trade(0):
            entered.set()
            leave.wait(5)
        else:
            beside.set()

    ending: dict[Any, Feed] = {}
    earlier = Feeds("sim", delivery.root, delivery.registry, ending)
    old = earlier.of(callback)
    old.put([(delivery.mailbox(old), trade(0))])
    assert entered.wait(5)
    old.mailboxes = 0
    earlier.release(old)
    new = Feeds("sim", delivery.root, delivery.registry, ending).of(callback)
    delivery.feeds += [old, new]
    new.put([(delivery.mailbox(new), trade(1))])
    assert not beside.wait(0.2)
    leave.set()
    assert beside.wait(5)


def test_who_comes_and_goes_while_its_callback_hangs_costs_no_threads(
    delivery: Any, trade: Make
) -> None:
    """A successor has none before it may begin."""
    entered, leave = threading.Event(), threading.Event()

    def callback(event: Any) -> None:
        entered.set()
        leave.wait(5)

    feeds = Feeds("sim", delivery.root, delivery.registry, {})
    feed = feeds.of(callback)
    feed.put([(delivery.mailbox(feed), trade(0))])
    assert entered.wait(5)
    before = threading.active_count()
    for _ in range(50):
        feed.mailboxes = 0
        feeds.release(feed)
        delivery.feeds.append(feed)
        feed = feeds.of(callback)
    delivery.feeds.append(feed)
    assert threading.active_count() == before
    leave.set()
    delivery.end()
