"""An actor that takes its events from its feed by itself."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pykka
import pytest

from exchange_connector.actors.base.reply import Answer, Reply, ReplyFuture
from exchange_connector.actors.feeds.subscriber import SubscriberActor
from exchange_connector.messages.market import BaseEvent

Make = Callable[[int], BaseEvent]
Wait = Callable[[Callable[[], object]], None]
LONG = 5.0


class Bot(SubscriberActor):
    """A user's own actor; what it does with an event is the test's."""

    def __init__(self, take: Callable[[Any], object]) -> None:
        super().__init__()
        self.take = take
        self.threads: set[int] = set()

    def on_event(self, event: Any) -> None:
        """Take it."""
        self.threads.add(threading.get_ident())
        self.take(event)

    def on_receive(self, message: Any) -> Any:
        """Take another message, or answer it."""
        self.threads.add(threading.get_ident())
        self.take(message)
        return message

    def seen_on(self) -> set[int]:
        """The threads that it has worked on."""
        return self.threads


class Hoarder(SubscriberActor):
    """One that takes what came together."""

    def __init__(self, take: Callable[[Any], object]) -> None:
        super().__init__()
        self.take = take

    def on_batch(self, events: Sequence[Any]) -> None:
        """Take them."""
        self.take(list(events))


@pytest.fixture
def bot() -> Iterator[Callable[..., pykka.ActorRef[Any]]]:
    """Starts bots; stopped in the end."""
    refs: list[Any] = []

    def start(take: Callable[[Any], object], kind: Any = Bot) -> pykka.ActorRef[Any]:
        refs.append(kind.start(take))
        return refs[-1]  # type: ignore[no-any-return]

    yield start
    for ref in refs:
        ref.stop(timeout=LONG)


Start = Callable[..., pykka.ActorRef[Any]]


def test_it_gets_events_in_order_on_its_own_thread(
    delivery: Any, bot: Start, probe: Any, trade: Make
) -> None:
    """Parcels and single events, more than a turn."""
    ref: Any = bot(probe)
    feed = delivery.actor(ref)
    mailbox = delivery.mailbox(feed)
    events = [trade(number) for number in range(500)]
    feed.hand_over([(mailbox, event) for event in events[:200]], 1)
    feed.put((mailbox, event) for event in events[200:400])
    for event in events[400:]:
        feed.hand_over([(mailbox, event)], 1)
    assert probe.take(500) == events
    assert len(ref.proxy().seen_on().get(timeout=LONG)) == 1


def test_it_may_take_what_came_together(delivery: Any, bot: Start, probe: Any, trade: Make) -> None:
    """Of several subscriptions, as one list, up to a turn's worth."""
    feed = delivery.actor(bot(probe, Hoarder))
    boxes = [delivery.mailbox(feed) for _ in range(2)]
    for box in boxes:
        feed.mark_live(box, 1)
    events = [trade(number) for number in range(100)]
    feed.hand_over([(boxes[at % 2], event) for at, event in enumerate(events)], 1)
    assert probe.take(2) == [events[:64], events[64:]]


def test_it_is_an_actor_like_any_other(delivery: Any, bot: Start, probe: Any, trade: Make) -> None:
    """It can be told, asked and called, and all of it happens on one thread."""
    ref: Any = bot(probe)
    feed = delivery.actor(ref)
    ref.tell("told")
    assert ref.ask("asked", timeout=LONG) == "asked"
    feed.put([(delivery.mailbox(feed), trade(1))])
    assert probe.take(3) == ["told", "asked", trade(1)]
    assert len(ref.proxy().seen_on().get(timeout=LONG)) == 1


def test_no_wake_up_is_lost(
    delivery: Any, bot: Start, probe: Any, trade: Make, restless: None
) -> None:
    """However often it runs empty just when something comes."""
    feed = delivery.actor(bot(probe))
    boxes = [delivery.mailbox(feed) for _ in range(3)]

    def put(at: int) -> None:
        for number in range(400):
            feed.put([(boxes[at], trade(1000 * at + number))])

    putters = [threading.Thread(target=put, args=(at,)) for at in range(3)]
    for each in putters:
        each.start()
    for each in putters:
        each.join()
    taken = probe.take(1200)
    for at in range(3):
        mine = [each for each in taken if int(each.trade_id) // 1000 == at]
        assert mine == [trade(1000 * at + number) for number in range(400)]


def test_other_messages_are_not_buried(delivery: Any, bot: Start, gate: Any, trade: Make) -> None:
    """However much lies in its feed, it looks into its inbox after a turn."""
    ref = bot(gate)
    feed = delivery.actor(ref)
    mailbox = delivery.mailbox(feed)
    feed.mark_live(mailbox, 1)
    feed.hand_over([(mailbox, trade(number)) for number in range(1000)], 1)
    gate.entered.next()
    ref.tell("told")
    gate.open()
    gate.entered.sync(trade(999))
    assert 0 < gate.entered.told.index("told") <= 128


def test_one_that_ends_its_subscription_gets_nothing_more(
    delivery: Any, bot: Start, probe: Any, trade: Make
) -> None:
    """Not even what came with the event that made it do so; its other subscription goes on."""

    def take(event: Any) -> None:
        probe(event)
        if event == trade(1):
            future: Any = ReplyFuture()
            answer: Answer[None] = Answer()
            future.set(answer)
            feed.close(mailbox, Reply(answer.settle))
            probe(future.get(timeout=LONG))

    feed = delivery.actor(bot(take))
    mailbox, other = delivery.mailbox(feed), delivery.mailbox(feed)
    for box in (mailbox, other):
        feed.mark_live(box, 1)
    boxes = (mailbox, mailbox, mailbox, other)
    feed.hand_over([(box, trade(at)) for at, box in enumerate(boxes)], 1)
    assert probe.take(4) == [trade(0), trade(1), None, trade(3)]


def test_ending_waits_for_the_event_under_way_alone(
    delivery: Any, bot: Start, gate: Any, probe: Any, trade: Make
) -> None:
    """Not for the rest of the turn."""
    feed = delivery.actor(bot(gate))
    mailbox, other = delivery.mailbox(feed), delivery.mailbox(feed)
    feed.put([(mailbox, trade(1)), (other, trade(2)), (mailbox, trade(3))])
    gate.entered.next()
    feed.close(mailbox, probe)
    assert probe.told == []
    gate.let()
    assert probe.next() is None
    assert gate.entered.next() == trade(2)
    gate.open()
    feed.finish(LONG)
    assert feed.join(LONG)
    assert gate.taken == [trade(1), trade(2)]


@pytest.mark.parametrize("kind", [Bot, Hoarder])
def test_one_that_raises_dies_as_an_actor_does(
    kind: Any, delivery: Any, bot: Start, trade: Make, caplog: pytest.LogCaptureFixture, probe: Any
) -> None:
    """Its feed is over, whoever ends a subscription is answered, and nobody waits for it."""

    def take(_: Any) -> None:
        raise ValueError("mine")

    ref = bot(take, kind)
    feed = delivery.actor(ref)
    mailbox = delivery.mailbox(feed)
    with caplog.at_level(logging.CRITICAL, logger="pykka"):
        feed.put([(mailbox, trade(1)), (mailbox, trade(2))])
        assert ref.actor_stopped.wait(LONG)
    assert feed.recipient.is_gone()
    feed.put([(mailbox, trade(3))])
    feed.close(mailbox, probe)
    assert probe.next() is None
    feed.finish(LONG)
    assert feed.has_ended
    assert feed.join(0.0)


def test_one_that_stops_itself_leaves_in_peace(
    delivery: Any, bot: Start, trade: Make, caplog: pytest.LogCaptureFixture, probe: Any
) -> None:
    """In the middle of what came, with much more behind it: no error is logged."""

    def take(event: Any) -> None:
        probe(event)
        if event == trade(1):
            ref.stop(block=False)

    ref = bot(take)
    feed = delivery.actor(ref)
    mailbox = delivery.mailbox(feed)
    feed.mark_live(mailbox, 1)
    with caplog.at_level(logging.WARNING):
        feed.hand_over([(mailbox, trade(number)) for number in range(1000)], 1)
        assert ref.actor_stopped.wait(LONG)
    assert len(probe.told) <= 128
    assert caplog.records == []


def test_all_actors_can_be_stopped_at_once(
    delivery: Any, bot: Start, probe: Any, trade: Make
) -> None:
    """With events under way."""
    refs = [bot(probe) for _ in range(5)]
    feeds = [delivery.actor(ref) for ref in refs]
    for feed in feeds:
        mailbox = delivery.mailbox(feed)
        feed.put((mailbox, trade(number)) for number in range(300))
    assert pykka.ActorRegistry.stop_all(timeout=LONG) == [True] * 5
    assert all(feed.has_ended for feed in feeds)
    assert all(feed.join(0.0) for feed in feeds)


def test_finishing_delivers_what_is_there(
    delivery: Any, bot: Start, gate: Any, trade: Make
) -> None:
    """Then it has ended."""
    feed = delivery.actor(bot(gate))
    mailbox = delivery.mailbox(feed)
    feed.put((mailbox, trade(number)) for number in range(100))
    gate.entered.next()
    feed.finish(LONG)
    assert not feed.join(0.02)
    gate.open()
    assert feed.join(LONG)
    assert gate.taken == [trade(number) for number in range(100)]


def test_finishing_has_an_end(
    delivery: Any, bot: Start, gate: Any, trade: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says how much was left."""
    feed = delivery.actor(bot(gate))
    mailbox = delivery.mailbox(feed)
    feed.mark_live(mailbox, 1)
    feed.hand_over([(mailbox, trade(number)) for number in range(200)], 1)
    gate.entered.next()
    feed.finish(0.0)
    with caplog.at_level(logging.WARNING, logger="exchange_connector"):
        gate.let()
        assert feed.join(LONG)
    assert gate.taken == [trade(0)]
    assert "199 events undelivered" in caplog.text


def test_one_that_ends_its_feed_is_not_waited_for(
    delivery: Any, bot: Start, probe: Any, trade: Make
) -> None:
    """An actor that stops the connector at an event must not hang it."""

    def take(_: Any) -> None:
        feed.finish(LONG)
        probe(feed.join(LONG))

    feed = delivery.actor(bot(take))
    feed.put([(delivery.mailbox(feed), trade(1))])
    assert probe.next() is True
