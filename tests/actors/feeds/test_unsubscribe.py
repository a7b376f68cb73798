"""Ending a subscription: when it is answered, and that nothing comes after it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from exchange_connector.actors.base.reply import Answer, Reply, ReplyFuture
from exchange_connector.messages.market import BaseEvent

Make = Callable[[int], BaseEvent]
Wait = Callable[[Callable[[], object]], None]


def test_an_idle_subscription_ends_at_once(delivery: Any, probe: Any, new_probe: Any) -> None:
    """Nothing is being delivered, so there is nothing to wait for."""
    feed = delivery.feed(probe)
    ended = new_probe()
    feed.close(delivery.mailbox(feed), ended)
    assert ended.told == [None]


def test_ending_waits_for_the_callback_under_way(
    delivery: Any, gate: Any, probe: Any, trade: Make
) -> None:
    """The answer comes when the callback has returned, and nothing is delivered after it."""
    feed = delivery.feed(gate)
    mailbox = delivery.mailbox(feed)
    feed.put((mailbox, trade(number)) for number in range(3))
    gate.entered.next()
    feed.close(mailbox, probe)
    feed.put([(mailbox, trade(3))])
    assert not mailbox.pending
    assert probe.told == []
    gate.open()
    assert probe.next() is None
    feed.finish(1.0)
    assert feed.join(5.0)
    assert gate.taken == [trade(0)]


def test_ending_one_does_not_wait_for_another(
    delivery: Any, gate: Any, probe: Any, trade: Make
) -> None:
    """Only its own callback counts, and the other subscription goes on."""
    feed = delivery.feed(gate)
    busy, other = delivery.mailbox(feed), delivery.mailbox(feed)
    feed.put([(busy, trade(0)), (other, trade(1)), (busy, trade(2))])
    gate.entered.next()
    feed.close(other, probe)
    assert probe.told == [None]
    gate.open()
    feed.finish(1.0)
    assert feed.join(5.0)
    assert gate.taken == [trade(0), trade(2)]


def test_the_rest_of_a_turn_is_not_delivered_either(
    delivery: Any, gate: Any, probe: Any, trade: Make
) -> None:
    """A notice and the event behind it are two deliveries."""
    feed = delivery.feed(gate)
    mailbox = delivery.mailbox(feed, max_pending=1)
    feed.put((mailbox, trade(number)) for number in range(2))  # one may be dropped
    gate.entered.next()
    feed.put((mailbox, trade(number)) for number in range(2, 6))
    gate.let()
    gate.entered.next()  # in the notice, or in event 1
    feed.close(mailbox, probe)
    gate.open()
    assert probe.next() is None
    count = len(gate.taken)
    feed.finish(1.0)
    assert feed.join(5.0)
    assert len(gate.taken) == count


def test_many_may_end_the_same_subscription(
    delivery: Any, gate: Any, new_probe: Any, trade: Make
) -> None:
    """Each is answered when the callback under way is over."""
    feed = delivery.feed(gate)
    mailbox = delivery.mailbox(feed)
    feed.put([(mailbox, trade(0))])
    gate.entered.next()
    first, second = new_probe(), new_probe()
    feed.close(mailbox, first)
    feed.close(mailbox, second)
    assert first.told == second.told == []
    gate.open()
    assert first.next() is None
    assert second.next() is None


def ended_from_within(delivery: Any, trade: Make, *, wait_first: bool) -> list[Any]:
    """What a callback sees that ends its own subscription, and waits for the answer."""
    seen: list[Any] = []
    done = threading.Event()

    def close(reply: Any) -> None:
        feed.close(mailbox, reply)

    def callback(event: Any) -> None:
        seen.append(event)
        answer: Answer[None] = Answer()
        future = ReplyFuture()
        future.set(answer)
        reply: Reply[None] = Reply(answer.settle)
        if wait_first:
            threading.Timer(0.02, close, (reply,)).start()
        else:
            close(reply)
        del reply
        seen.append(future.get(timeout=2))
        done.set()

    feed = delivery.feed(callback)
    mailbox = delivery.mailbox(feed)
    feed.put([(mailbox, trade(0)), (mailbox, trade(1))])
    assert done.wait(5)
    return seen


def test_a_callback_may_end_its_own_subscription(delivery: Any, trade: Make) -> None:
    """The registry was quicker than the callback's wait: the wait ends it."""
    assert ended_from_within(delivery, trade, wait_first=False) == [trade(0), None]


def test_a_callback_that_waits_already_is_not_waited_for(delivery: Any, trade: Make) -> None:
    """The callback was quicker than the registry."""
    assert ended_from_within(delivery, trade, wait_first=True) == [trade(0), None]


def test_waiting_in_one_callback_says_nothing_of_the_next(
    delivery: Any, probe: Any, trade: Make
) -> None:
    """A later callback of the same feed is waited for again."""
    entered, leave = threading.Event(), threading.Event()
    resolved = ReplyFuture()
    resolved.set(1)

    def callback(event: Any) -> None:
        if event == trade(0):
            resolved.get(timeout=1)
        else:
            entered.set()
            leave.wait(5)

    feed = delivery.feed(callback)
    mailbox = delivery.mailbox(feed)
    feed.put([(mailbox, trade(0)), (mailbox, trade(1))])
    assert entered.wait(5)
    feed.close(mailbox, probe)
    assert probe.told == []
    leave.set()
    assert probe.next() is None


def test_ending_races_with_delivery(delivery: Any, trade: Make, restless: None) -> None:
    """Whenever it ends: once that is answered, nothing more is delivered."""
    for _ in range(150):
        taken: list[Any] = []
        feed = delivery.feed(taken.append)
        mailbox = delivery.mailbox(feed)
        ended = threading.Event()
        late: list[bool] = []

        def put(box: Any = mailbox, end: Any = ended) -> None:
            number = 0
            while not end.is_set():
                box.feed.put([(box, trade(number))])
                number += 1

        thread = threading.Thread(target=put)
        thread.start()
        while not taken:
            pass
        answered = threading.Event()
        feed.close(mailbox, Reply(lambda *_, done=answered: done.set()))
        assert answered.wait(5)
        count = len(taken)
        ended.set()
        thread.join()
        feed.finish(1.0)
        assert feed.join(5.0)
        late.append(len(taken) == count)
        assert late == [True]


def test_a_callback_that_has_its_answer_is_waited_for_again(
    delivery: Any, probe: Any, trade: Make
) -> None:
    """It waited for something before; now it works on."""
    entered, leave = threading.Event(), threading.Event()
    resolved = ReplyFuture()
    resolved.set(1)

    def callback(event: Any) -> None:
        resolved.get(timeout=1)
        entered.set()
        leave.wait(5)

    feed = delivery.feed(callback)
    mailbox = delivery.mailbox(feed)
    feed.put([(mailbox, trade(0))])
    assert entered.wait(5)
    feed.close(mailbox, probe)
    assert probe.told == []
    leave.set()
    assert probe.next() is None
