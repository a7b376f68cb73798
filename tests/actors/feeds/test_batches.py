"""`batch=True`: what came together comes as one `EventBatch`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import pykka
import pytest

from exchange_connector.actors.base.reply import Reply
from exchange_connector.actors.feeds.actor_recipient import ActorRecipient
from exchange_connector.messages.events import EventBatch
from exchange_connector.messages.market import Trade
from exchange_connector.messages.rooms import Trouble

Make = Callable[[int], Trade]
LONG = 5.0


def flat(messages: list[Any]) -> list[Any]:
    """The events, whether they came in batches or not."""
    events: list[Any] = []
    for message in messages:
        events.extend(message.events if isinstance(message, EventBatch) else (message,))
    return events


@pytest.fixture
def parcel(delivery: Any, trade: Make) -> Callable[..., Any]:
    """Makes mailboxes of a feed, all alive, and a parcel for them."""

    def make(feed: Any, *wanted: bool) -> tuple[list[Any], list[Any]]:
        boxes = [delivery.mailbox(feed, batch=batch) for batch in wanted]
        for box in boxes:
            feed.mark_live(box, 1)
        return boxes, [(box, trade(number)) for number, box in enumerate(boxes)]

    return make


Parcel = Callable[..., Any]


def test_what_came_together_is_one_batch(
    delivery: Any, probe: Any, parcel: Parcel, trade: Make
) -> None:
    """Also of several subscriptions, in the order of arrival; what came later is another."""
    feed = delivery.inline(probe)
    _, together = parcel(feed, True, True, True)
    feed.hand_over(together, 1)
    feed.hand_over(together[:1], 1)
    first, second = probe.told
    assert first == EventBatch("sim", tuple(trade(number) for number in range(3)))
    assert second == EventBatch("sim", (trade(0),))


def test_others_of_the_same_callable_come_one_by_one(
    delivery: Any, probe: Any, parcel: Parcel, trade: Make
) -> None:
    """Between the batches, where they came."""
    feed = delivery.inline(probe)
    _, together = parcel(feed, True, True, False, False, True)
    feed.hand_over(together, 1)
    kinds = [type(message).__name__ for message in probe.told]
    assert kinds == ["EventBatch", "Trade", "Trade", "EventBatch"]
    assert flat(probe.told) == [trade(number) for number in range(5)]


def test_one_that_raises_keeps_receiving(delivery: Any, parcel: Parcel, probe: Any) -> None:
    """The batch is lost to it, and told once."""

    def callback(message: Any) -> None:
        probe(message)
        raise SystemExit(1)

    feed = delivery.inline(callback)
    _, together = parcel(feed, True, True)
    feed.hand_over(together, 1)
    feed.hand_over(together, 1)
    assert len(probe.told) == 2
    assert len(delivery.root.of(Trouble)) == 2


def test_an_actor_gets_a_batch_as_one_message(
    delivery: Any, probe: Any, parcel: Parcel, trade: Make
) -> None:
    """A plain one, too."""

    class Bot(pykka.ThreadingActor):
        def on_receive(self, message: Any) -> None:
            probe(message)

    ref = Bot.start()
    feed = delivery.feed(ActorRecipient(ref))
    _, together = parcel(feed, True, True, False, True)
    feed.hand_over(together, 1)
    messages = probe.take(3)
    ref.stop(timeout=LONG)
    assert [isinstance(each, EventBatch) for each in messages] == [True, False, True]
    assert flat(messages) == [trade(number) for number in range(4)]


def test_who_leaves_is_in_no_later_batch_and_the_others_are(
    delivery: Any, parcel: Parcel, trade: Make, probe: Any, new_probe: Any
) -> None:
    """One subscription ends while a batch with its events waits: only they are left out."""
    ended = new_probe()

    def callback(message: Any) -> None:
        probe(message)
        if len(probe.told) == 1:
            feed.close(boxes[2], ended)

    feed = delivery.inline(callback)
    boxes, together = parcel(feed, True, False, True, True)
    feed.hand_over(together, 1)
    assert flat(probe.told) == [trade(0), trade(1), trade(3)]
    assert ended.told == [None]


def test_ending_waits_for_the_batch_under_way(
    delivery: Any, gate: Any, parcel: Parcel, probe: Any
) -> None:
    """Its own events may be in it."""
    feed = delivery.feed(gate)
    boxes, together = parcel(feed, True, True)
    feed.hand_over(together, 1)
    gate.entered.next()
    feed.close(boxes[1], probe)
    assert probe.told == []
    gate.open()
    assert probe.next() is None


def test_ending_races_with_batches(delivery: Any, trade: Make, restless: None) -> None:
    """Once it is answered, no batch holds an event of it; none of the other's is lost."""
    for _ in range(100):
        taken: list[Any] = []
        feed = delivery.feed(taken.append)
        gone, stays = delivery.mailbox(feed, batch=True), delivery.mailbox(feed, batch=True)
        for box in (gone, stays):
            feed.mark_live(box, 1)
        done = threading.Event()
        sent: list[int] = []

        def put(
            feed: Any = feed, boxes: Any = (gone, stays), end: Any = done, sent: Any = sent
        ) -> None:
            while not end.is_set():
                number = len(sent)
                sent.append(number)
                feed.hand_over(
                    [(boxes[0], trade(2 * number)), (boxes[1], trade(2 * number + 1))], 1
                )

        putter = threading.Thread(target=put)
        putter.start()
        while not taken:
            pass
        answered = threading.Event()
        feed.close(gone, Reply(lambda *_, told=answered: told.set()))
        assert answered.wait(LONG)
        before = len(taken)
        done.set()
        putter.join()
        feed.finish(LONG)
        assert feed.join(LONG)
        assert all(int(each.trade_id) % 2 for each in flat(taken[before:]))
        odd = [int(each.trade_id) // 2 for each in flat(taken) if int(each.trade_id) % 2]
        assert odd == sent


def test_what_there_is_no_time_for_is_counted(
    delivery: Any, gate: Any, parcel: Parcel, caplog: pytest.LogCaptureFixture
) -> None:
    """In the batches that wait, and behind them."""
    feed = delivery.feed(gate)
    _, together = parcel(feed, True, False, True, True)
    feed.hand_over(together, 1)
    feed.hand_over(together[2:], 1)
    gate.entered.next()
    feed.finish(0.0)
    with caplog.at_level(logging.WARNING, logger="exchange_connector"):
        gate.let()
        assert feed.join(LONG)
    assert len(gate.taken) == 1
    assert "5 events undelivered" in caplog.text
