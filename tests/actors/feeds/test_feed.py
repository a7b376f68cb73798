"""A feed: order, one event at a time, whatever the subscriber does."""

from __future__ import annotations

import gc
import logging
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector.messages.enums import Channel
from exchange_connector.messages.errors import SubscriberError
from exchange_connector.messages.lifecycle import Stopped
from exchange_connector.messages.market import BaseEvent
from exchange_connector.messages.rooms import Trouble

Make = Callable[[int], BaseEvent]
Wait = Callable[[Callable[[], object]], None]


def test_events_arrive_in_order(delivery: Any, probe: Any, trade: Make) -> None:
    """Of one mailbox, however they are put."""
    feed = delivery.feed(probe)
    mailbox = delivery.mailbox(feed)
    events = [trade(number) for number in range(500)]
    feed.put((mailbox, event) for event in events[:200])
    for event in events[200:]:
        feed.put([(mailbox, event)])
    assert probe.take(500) == events


def test_a_callable_with_many_subscriptions_never_runs_beside_itself(
    delivery: Any, trade: Make, restless: None
) -> None:
    """Several threads put into several mailboxes; one thread delivers."""
    inside, most, seen, threads = [0], [0], [0], set[int]()
    done = threading.Event()

    def callback(_: Any) -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        threads.add(threading.get_ident())
        seen[0] += 1
        inside[0] -= 1
        if seen[0] == 900:
            done.set()

    feed = delivery.feed(callback)
    mailboxes = [delivery.mailbox(feed) for _ in range(3)]

    def put(mailbox: Any) -> None:
        for number in range(300):
            feed.put([(mailbox, trade(number))])

    putters = [threading.Thread(target=put, args=(each,)) for each in mailboxes]
    for each in putters:
        each.start()
    for each in putters:
        each.join()
    assert done.wait(5)
    assert most == [1]
    assert len(threads) == 1


def test_two_subscribers_do_not_wait_for_each_other(
    delivery: Any, gate: Any, probe: Any, trade: Make
) -> None:
    """One that hangs harms no other."""
    slow, quick = delivery.feed(gate), delivery.feed(probe)
    slow.put([(delivery.mailbox(slow), trade(1))])
    gate.entered.next()
    quick.put([(delivery.mailbox(quick), trade(2))])
    assert probe.next() == trade(2)


class Unprintable(Exception):
    """An error that cannot even say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    "error",
    [ValueError("boom"), SystemExit(3), KeyboardInterrupt(), GeneratorExit(), Unprintable()],
    ids=lambda error: type(error).__name__,
)
def test_a_callable_that_raises_keeps_receiving(
    delivery: Any, trade: Make, error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever it raises; the root is told, with the subscription's name, and the log has it."""
    seen: list[Any] = []
    done = threading.Event()

    def callback(event: Any) -> None:
        seen.append(event)
        if len(seen) == 3:
            done.set()
        if len(seen) < 3:
            raise error

    feed = delivery.feed(callback)
    mailbox = delivery.mailbox(feed)
    with caplog.at_level(logging.ERROR, logger="exchange_connector"):
        feed.put((mailbox, trade(number)) for number in range(3))
        assert done.wait(5)
    told = delivery.root.of(Trouble)
    assert len(told) == 2
    for trouble in told:
        assert isinstance(trouble.error, SubscriberError)
        assert trouble.error.subscription_id == mailbox.subscription.subscription_id
        assert trouble.error.exchange == "sim"
        assert type(error).__name__ in trouble.error.reason
    records = [record for record in caplog.records if record.name == "exchange_connector"]
    assert len(records) == 2
    assert all(vars(record)["exchange"] == "sim" for record in records)


def test_the_connectors_own_events_are_delivered_like_any(delivery: Any, probe: Any) -> None:
    """They come from no connection."""
    feed = delivery.feed(probe)
    mailbox = delivery.mailbox(feed, channel=Channel.EVENTS)
    feed.put([(mailbox, Stopped("sim"))])
    assert probe.next() == Stopped("sim")


def test_finishing_delivers_what_is_there(
    delivery: Any, gate: Any, trade: Make, eventually: Wait
) -> None:
    """Then the thread ends."""
    feed = delivery.feed(gate)
    mailbox = delivery.mailbox(feed)
    feed.put((mailbox, trade(number)) for number in range(5))
    gate.entered.next()
    feed.finish(5.0)
    assert not feed.join(0.02)
    gate.open()
    assert feed.join(5.0)
    assert gate.taken == [trade(number) for number in range(5)]


def test_finishing_has_an_end(
    delivery: Any, gate: Any, trade: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """What a slow subscriber has not taken by then is given up, and the log says how much."""
    feed = delivery.feed(gate)
    mailbox = delivery.mailbox(feed)
    feed.put((mailbox, trade(number)) for number in range(5))
    gate.entered.next()
    feed.finish(0.0)
    with caplog.at_level(logging.WARNING, logger="exchange_connector"):
        gate.let()
        assert feed.join(5.0)
    assert gate.taken == [trade(0)]
    assert "4 events" in caplog.text


def test_an_ended_subscription_leaves_nothing_to_warn_of(
    delivery: Any, gate: Any, trade: Make, caplog: pytest.LogCaptureFixture, probe: Any
) -> None:
    """What its subscriber did not want any more is no loss."""
    feed = delivery.feed(gate)
    mailbox = delivery.mailbox(feed)
    feed.put((mailbox, trade(number)) for number in range(5))
    gate.entered.next()
    feed.close(mailbox, probe)
    feed.finish(0.0)
    with caplog.at_level(logging.WARNING, logger="exchange_connector"):
        gate.let()
        assert feed.join(5.0)
    assert caplog.records == []


def test_a_finished_feed_joins_at_once(delivery: Any, probe: Any) -> None:
    """Nothing to deliver, nothing to wait for."""
    feed = delivery.feed(probe)
    feed.finish(5.0)
    assert feed.join(5.0)


def test_a_feed_does_not_wait_for_itself(delivery: Any, trade: Make) -> None:
    """A callback that stops the connector must not hang it."""
    joined: list[bool] = []
    done = threading.Event()

    def callback(_: Any) -> None:
        feed.finish(5.0)
        joined.append(feed.join(5.0))
        done.set()

    feed = delivery.feed(callback)
    feed.put([(delivery.mailbox(feed), trade(1))])
    assert done.wait(3)
    assert joined == [True]


def test_an_event_that_cannot_be_read_ends_no_feed(delivery: Any, probe: Any, trade: Make) -> None:
    """A fault of ours costs one event, told as a gap, not the subscriber's thread."""
    feed = delivery.feed(probe)
    mailbox, other = delivery.mailbox(feed), delivery.mailbox(feed)

    class Broken:
        received_time = 1

        def event(self) -> Any:
            raise ArithmeticError("a bug")

    mailbox.events = lambda item: Broken().event()
    feed.put([(mailbox, trade(1)), (other, trade(2))])
    assert probe.next(type(trade(2))) == trade(2)
    assert delivery.root.next(Trouble)


@pytest.mark.parametrize("batch", [False, True])
def test_an_idle_feed_holds_nothing(delivery: Any, probe: Any, trade: Make, batch: bool) -> None:
    """What it delivered last is let go of, with the mailbox that it came through."""
    feed = delivery.feed(probe)
    box = delivery.mailbox(feed, batch=batch)
    gone = weakref.ref(box)
    feed.hand_over([(box, trade(1))], 0)
    probe.next()
    del box
    deadline = time.monotonic() + 5.0
    while gone() is not None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
        gc.collect()
