"""An actor as a subscriber: fed while its inbox is short."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pykka
import pytest

from exchange_connector.actors.feeds.actor_recipient import FEWEST, MOST, ActorRecipient
from exchange_connector.messages.events import EventBatch
from exchange_connector.messages.lifecycle import SubscriberLagged
from exchange_connector.messages.market import BaseEvent
from exchange_connector.messages.rooms import SubscriberGone

Make = Callable[[int], BaseEvent]
Wait = Callable[[Callable[[], object]], None]


class Bot(pykka.ThreadingActor):
    """A user's own actor, which may be held up, or killed."""

    def __init__(self, taken: list[Any], go: threading.Event) -> None:
        super().__init__()
        self._taken, self._go = taken, go

    def on_receive(self, message: Any) -> None:
        """Take an event; die of one."""
        self._go.wait(10)
        if message == "die":
            raise RuntimeError("dies")
        self._taken.append(message)


@pytest.fixture
def taken() -> list[Any]:
    """What the bot took."""
    return []


@pytest.fixture
def go() -> threading.Event:
    """Lets the bot work."""
    return threading.Event()


@pytest.fixture
def bot(taken: list[Any], go: threading.Event) -> Iterator[pykka.ActorRef[Bot]]:
    """A bot that is held up until `go`."""
    ref = Bot.start(taken, go)
    yield ref
    go.set()
    ref.stop(timeout=5)


Ref = pykka.ActorRef[Bot]


def test_a_slow_actor_is_fed_while_its_inbox_is_short(
    delivery: Any, bot: Ref, go: threading.Event, taken: list[Any], trade: Make, eventually: Wait
) -> None:
    """Its own queue stays bounded; what it has not taken lies on our side, and none is lost."""
    feed = delivery.feed(ActorRecipient(bot))
    mailbox = delivery.mailbox(feed)
    events = [trade(number) for number in range(1000)]
    feed.put((mailbox, event) for event in events)
    inbox: Any = bot.actor_inbox
    eventually(lambda: inbox.qsize() >= FEWEST // 2)
    assert inbox.qsize() <= FEWEST
    assert len(mailbox.pending) > 950
    go.set()
    eventually(lambda: len(taken) == 1000)
    assert taken == events


class Actor:
    """As much of an actor as its inbox, and a clock."""

    def __init__(self) -> None:
        self.actor_inbox = queue.Queue[Any]()
        self.actor_stopped = threading.Event()
        self.now = 0.0

    def is_alive(self) -> bool:
        """It is."""
        return not self.actor_stopped.is_set()

    def handle(self, count: int, seconds: float) -> None:
        """Handle so many messages as Pykka does, each in this time."""
        for _ in range(count):
            envelope = self.actor_inbox.get_nowait()
            self.now += seconds
            assert envelope.reply_to is None


@pytest.fixture
def actor(monkeypatch: pytest.MonkeyPatch) -> Any:
    """An actor that works when it is told to."""
    made = Actor()
    monkeypatch.setattr(
        "exchange_connector.actors.feeds.actor_recipient.time.perf_counter", lambda: made.now
    )
    return made


def test_a_quick_actor_is_fed_with_more(actor: Any, trade: Make) -> None:
    """As many as it takes in a hundredth of a second, within bounds."""
    recipient = ActorRecipient(actor)
    events = [trade(number) for number in range(2 * MOST)]
    assert recipient.take(events) == FEWEST
    actor.handle(FEWEST, 2**-16)
    assert recipient.take(events) == 655
    actor.handle(655, 0.000_001)
    assert recipient.take(events) == MOST
    actor.handle(MOST, 0.002)
    assert recipient.take(events) == FEWEST


def test_it_is_fed_again_when_half_is_handled(actor: Any, trade: Make) -> None:
    """Neither for each event, nor only when it has nothing left to do."""
    recipient = ActorRecipient(actor)
    events = [trade(number) for number in range(100)]
    assert [recipient.take(events[:6]) for _ in range(2)] == [6, 6]
    assert recipient.take(events) == 0
    actor.handle(3, 0.01)
    assert recipient.take(events) == 0
    actor.handle(1, 0.01)
    assert recipient.take(events) == FEWEST - 8


def test_an_inbox_that_somebody_empties_is_fed_again(actor: Any, trade: Make) -> None:
    """A test may take messages out by hand; nobody says then that they were handled."""
    recipient = ActorRecipient(actor)
    events = [trade(number) for number in range(100)]
    for _ in range(10):
        assert recipient.take(events) == FEWEST
        for _ in range(FEWEST):
            actor.actor_inbox.get_nowait()


def test_a_slow_actor_is_never_fed_with_more_on_a_quiet_stream(actor: Any, trade: Make) -> None:
    """That its inbox is empty says nothing of its speed."""
    recipient = ActorRecipient(actor)
    for number in range(100):
        assert recipient.take([trade(number)]) == 1
        actor.handle(1, 0.01)
        actor.now += 1.0
    assert recipient.take([trade(number) for number in range(100)]) == FEWEST


def test_a_slow_actor_lags_like_any_other(
    delivery: Any, bot: Ref, go: threading.Event, taken: list[Any], trade: Make, eventually: Wait
) -> None:
    """The policy works on what lies on our side; the count is exact."""
    feed = delivery.feed(ActorRecipient(bot))
    mailbox = delivery.mailbox(feed, max_pending=10)
    for number in range(1000):
        feed.put([(mailbox, trade(number))])
    go.set()
    eventually(lambda: taken and taken[-1] == trade(999))
    dropped = sum(event.dropped for event in taken if isinstance(event, SubscriberLagged))
    notices = sum(isinstance(event, SubscriberLagged) for event in taken)
    assert len(taken) - notices + dropped == 1000
    assert dropped > 0


def test_a_dead_actor_is_told_to_the_registry(
    delivery: Any, bot: Ref, go: threading.Event, trade: Make
) -> None:
    """The first event that cannot be delivered shows it; the feed's thread ends."""
    feed = delivery.feed(ActorRecipient(bot))
    go.set()
    bot.stop(timeout=5)
    feed.put([(delivery.mailbox(feed), trade(0))])
    assert delivery.registry.next(SubscriberGone).feed is feed
    assert feed.join(5.0)


def test_an_actor_that_dies_with_a_full_inbox_is_noticed(
    delivery: Any, bot: Ref, go: threading.Event, trade: Make, eventually: Wait
) -> None:
    """Waiting for its inbox ends with its death."""
    bot.tell("die")
    feed = delivery.feed(ActorRecipient(bot))
    mailbox = delivery.mailbox(feed)
    feed.put((mailbox, trade(number)) for number in range(200))
    inbox: Any = bot.actor_inbox
    eventually(lambda: inbox.qsize() >= FEWEST // 2)
    assert delivery.registry.told == []
    go.set()
    assert delivery.registry.next(SubscriberGone).feed is feed


def test_a_dead_actor_shows_on_a_quiet_stream_too(bot: Ref, go: threading.Event) -> None:
    """Whoever looks can see it."""
    recipient = ActorRecipient(bot)
    assert not recipient.is_gone()
    go.set()
    bot.stop(timeout=5)
    assert recipient.is_gone()


def test_ending_does_not_wait_for_a_full_inbox(
    delivery: Any, bot: Ref, probe: Any, trade: Make, eventually: Wait
) -> None:
    """Whoever leaves need not work off its inbox first."""
    feed = delivery.feed(ActorRecipient(bot))
    mailbox = delivery.mailbox(feed)
    feed.put((mailbox, trade(number)) for number in range(200))
    inbox: Any = bot.actor_inbox
    eventually(lambda: inbox.qsize() >= FEWEST // 2)
    feed.close(mailbox, probe)
    assert probe.next() is None
    assert inbox.qsize() <= FEWEST


def test_finishing_gives_a_slow_actor_its_time(
    delivery: Any, bot: Ref, go: threading.Event, taken: list[Any], trade: Make, eventually: Wait
) -> None:
    """Until the end it is fed as before: the last events are the ones that say that it ends."""
    feed = delivery.feed(ActorRecipient(bot))
    mailbox = delivery.mailbox(feed)
    events = [trade(number) for number in range(300)]
    feed.put((mailbox, event) for event in events)
    inbox: Any = bot.actor_inbox
    eventually(lambda: inbox.qsize() >= FEWEST // 2)
    feed.finish(5.0)
    assert not feed.join(0.05)
    go.set()
    assert feed.join(5.0)
    eventually(lambda: len(taken) == 300)
    assert taken == events


def test_finishing_does_not_wait_for_an_actor_that_hangs(
    delivery: Any, bot: Ref, trade: Make, eventually: Wait
) -> None:
    """When its time is over, the thread ends."""
    feed = delivery.feed(ActorRecipient(bot))
    mailbox = delivery.mailbox(feed)
    feed.put((mailbox, trade(number)) for number in range(300))
    inbox: Any = bot.actor_inbox
    eventually(lambda: inbox.qsize() >= FEWEST // 2)
    feed.finish(0.1)
    assert feed.join(2.0)


def test_an_inbox_without_a_size_is_fed_at_once(
    delivery: Any, probe: Any, trade: Make, eventually: Wait
) -> None:
    """An actor of another make may have any inbox."""

    class Other:
        actor_inbox = object()
        actor_stopped = threading.Event()

        def tell(self, message: Any) -> None:
            probe.tell(message)

        def is_alive(self) -> bool:
            return True

    other: Any = Other()
    feed = delivery.feed(ActorRecipient(other))
    mailbox = delivery.mailbox(feed)
    feed.put((mailbox, trade(number)) for number in range(100))
    assert len(probe.take(100)) == 100


class Prompt(pykka.ThreadingActor):
    """An actor with an inbox of another make, which has a size."""

    class _Inbox(queue.Queue[Any]):
        pass

    def __init__(self, taken: list[Any]) -> None:
        super().__init__()
        self._taken = taken

    @staticmethod
    def _create_actor_inbox() -> Any:
        return Prompt._Inbox()

    def on_receive(self, message: Any) -> None:
        """Take an event."""
        self._taken.append(message)


def test_a_quick_actor_with_an_inbox_of_another_make_is_fed_quickly(
    delivery: Any, taken: list[Any], trade: Make, eventually: Wait
) -> None:
    """Nobody says when it has handled something, so one looks often."""
    ref = Prompt.start(taken)
    feed = delivery.feed(ActorRecipient(ref))
    events = [trade(number) for number in range(5000)]
    mailbox = delivery.mailbox(feed, max_pending=5000)
    began = time.monotonic()
    feed.put((mailbox, event) for event in events)
    eventually(lambda: len(taken) == 5000)
    assert taken == events
    assert time.monotonic() - began < 2  # looking every 10 ms takes it 3 s
    ref.stop(timeout=5)


def test_a_batch_counts_as_its_events(trade: Make) -> None:
    """A slow actor that wants batches holds no more of them than of events."""
    go = threading.Event()

    class Slow(pykka.ThreadingActor):
        def on_receive(self, message: Any) -> None:
            go.wait(5)

    ref = Slow.start()
    recipient = ActorRecipient(ref)
    events: Any = tuple(trade(number) for number in range(100))
    batch: Any = EventBatch("sim", events)
    taken = sum(recipient.take([batch]) for _ in range(10))
    go.set()
    ref.stop(timeout=5)
    assert taken <= 2  # one in its hands
