"""A callable that runs where its events come from."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector.messages.enums import Overflow
from exchange_connector.messages.errors import SubscriberError
from exchange_connector.messages.market import BaseEvent, StreamGap
from exchange_connector.messages.rooms import Trouble

Make = Callable[[int], BaseEvent]
LONG = 5.0


def started(job: Callable[[], object]) -> threading.Thread:
    """A thread that does something."""
    thread = threading.Thread(target=job, daemon=True)
    thread.start()
    return thread


def finished(thread: threading.Thread) -> bool:
    """Whether it ends in time."""
    thread.join(LONG)
    return not thread.is_alive()


def test_it_is_called_before_the_bringer_goes_on(delivery: Any, trade: Make) -> None:
    """On the same thread: no other is there."""
    seen: list[tuple[Any, int]] = []
    feed = delivery.inline(lambda event: seen.append((event, threading.get_ident())))
    mailbox = delivery.mailbox(feed)
    feed.hand_over([(mailbox, trade(1)), (mailbox, trade(2))], 1)
    me = threading.get_ident()
    assert seen == [(trade(1), me), (trade(2), me)]


def test_it_never_runs_beside_itself(delivery: Any, trade: Make, restless: None) -> None:
    """Two readers bring events of their own; each stream's order is kept, and none is lost."""
    inside, most, seen = [0], [0], list[Any]()

    def callback(event: Any) -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        seen.append(event)
        inside[0] -= 1

    feed = delivery.inline(callback)
    boxes = [delivery.mailbox(feed) for _ in range(3)]

    def read(at: int) -> None:
        for number in range(300):
            feed.hand_over([(boxes[at], trade(1000 * at + number))], 1)

    readers = [started(lambda at=at: read(at)) for at in range(3)]  # type: ignore[misc]
    assert all(map(finished, readers))
    assert most == [1]
    for at in range(3):
        mine = [each for each in seen if int(each.trade_id) // 1000 == at]
        assert mine == [trade(1000 * at + number) for number in range(300)]


def test_one_that_raises_keeps_receiving(delivery: Any, trade: Make) -> None:
    """Whatever it raises: the thread that reads the socket never sees it."""
    raised: list[BaseException] = [ValueError("mine"), SystemExit(1), KeyboardInterrupt()]
    seen: list[Any] = []

    def callback(event: Any) -> None:
        seen.append(event)
        if len(seen) <= len(raised):
            raise raised[len(seen) - 1]

    feed = delivery.inline(callback)
    mailbox = delivery.mailbox(feed)
    feed.hand_over([(mailbox, trade(number)) for number in range(5)], 1)
    assert seen == [trade(number) for number in range(5)]
    assert [type(each.error) for each in delivery.root.of(Trouble)] == [SubscriberError] * 3


def test_a_log_handler_that_raises_ends_nothing(delivery: Any, trade: Make) -> None:
    """It is the host's."""

    class Broken(logging.Handler):
        def handle(self, record: logging.LogRecord) -> bool:
            raise RuntimeError("no disk")

    def callback(event: Any) -> None:
        seen.append(event)
        raise ValueError("mine")

    seen: list[Any] = []
    feed, broken, log = delivery.inline(callback), Broken(), logging.getLogger("exchange_connector")
    mailbox = delivery.mailbox(feed)
    log.addHandler(broken)
    try:
        feed.put([(mailbox, trade(1)), (mailbox, trade(2))])
    finally:
        log.removeHandler(broken)
    assert seen == [trade(1), trade(2)]
    assert len(delivery.root.of(Trouble)) == 2


def test_a_fault_of_ours_leaves_it_free(delivery: Any, trade: Make, probe: Any) -> None:
    """What escapes is the bringer's to see; the next one finds nobody in its way."""
    feed = delivery.inline(probe)
    mailbox = delivery.mailbox(feed)
    events = mailbox.events

    def interrupted(_: Any) -> Any:
        raise KeyboardInterrupt

    mailbox.events = interrupted
    with pytest.raises(KeyboardInterrupt):
        feed.put([(mailbox, trade(1))])
    mailbox.events = events
    feed.put([(mailbox, trade(2))])
    assert probe.told == [trade(2)]


def test_it_may_end_its_own_subscription(delivery: Any, trade: Make, new_probe: Any) -> None:
    """Nothing more comes, not even what came with the same event."""
    seen: list[Any] = []
    ended = new_probe()

    def callback(event: Any) -> None:
        seen.append(event)
        feed.close(mailbox, ended)

    feed = delivery.inline(callback)
    mailbox = delivery.mailbox(feed)
    feed.put([(mailbox, trade(1)), (mailbox, trade(2))])
    feed.put([(mailbox, trade(3))])
    assert seen == [trade(1)]
    assert ended.told == [None]


def test_what_blocks_is_taken_by_who_brings_it(delivery: Any, trade: Make, probe: Any) -> None:
    """More than there is room for comes at once: nobody else is there to make room."""
    feed = delivery.inline(probe)
    mailbox = delivery.mailbox(feed, max_pending=3, overflow=Overflow.BLOCK)
    parcel = [(mailbox, trade(number)) for number in range(20)]
    assert finished(started(lambda: feed.hand_over(parcel, 1)))
    assert probe.told == [trade(number) for number in range(20)]


def test_a_reader_relieves_a_room(
    delivery: Any, trade: Make, gate: Any, eventually: Callable[[Callable[[], object]], None]
) -> None:
    """A room that brought a notice gets away after it, however much the reader brings."""
    threads: list[int] = []

    def callback(event: Any) -> None:
        threads.append(threading.get_ident())
        gate(event)

    feed = delivery.inline(callback)
    mailbox = delivery.mailbox(feed)
    feed.mark_live(mailbox, 1)
    room = started(lambda: feed.interrupt(mailbox, 1))
    assert isinstance(gate.entered.next(), StreamGap)
    reader = started(lambda: feed.hand_over([(mailbox, trade(1)), (mailbox, trade(2))], 2))
    eventually(lambda: feed._heirs == 1)  # it waits
    gate.let()
    assert gate.entered.next() == trade(1)
    assert finished(room)
    gate.open()
    assert finished(reader)
    assert threads == [room.ident, reader.ident, reader.ident]


def test_a_reader_that_is_told_to_end_waits_no_longer(
    delivery: Any, trade: Make, gate: Any
) -> None:
    """Whoever runs the callable delivers what it brought."""
    feed = delivery.inline(gate)
    mailbox = delivery.mailbox(feed)
    first = started(lambda: feed.hand_over([(mailbox, trade(1))], 1))
    assert gate.entered.next() == trade(1)
    feed.hand_over([(mailbox, trade(2))], 1, lambda: True)
    gate.open()
    assert finished(first)
    assert gate.taken == [trade(1), trade(2)]


def test_ending_waits_for_the_call_under_way(
    delivery: Any, trade: Make, gate: Any, probe: Any
) -> None:
    """And nothing is delivered after it."""
    feed = delivery.inline(gate)
    mailbox = delivery.mailbox(feed)
    reader = started(lambda: feed.hand_over([(mailbox, trade(1)), (mailbox, trade(2))], 1))
    gate.entered.next()
    feed.close(mailbox, probe)
    assert probe.told == []
    gate.open()
    assert probe.next() is None
    assert finished(reader)
    assert gate.taken == [trade(1)]


def test_finishing_has_an_end(
    delivery: Any, trade: Make, gate: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says how much was left undelivered."""
    feed = delivery.inline(gate)
    mailbox = delivery.mailbox(feed)
    reader = started(lambda: feed.hand_over([(mailbox, trade(at)) for at in range(4)], 1))
    gate.entered.next()
    feed.finish(0.0)
    assert not feed.has_ended
    assert not feed.join(0.02)
    with caplog.at_level(logging.WARNING, logger="exchange_connector"):
        gate.let()
        assert finished(reader)
    assert feed.join(LONG)
    assert feed.has_ended
    assert gate.taken == [trade(0)]
    assert "3 events undelivered" in caplog.text


def test_it_does_not_wait_for_itself(delivery: Any, trade: Make) -> None:
    """A call that ends the feed would hang."""
    joined: list[bool] = []

    def callback(_: Any) -> None:
        feed.finish(LONG)
        joined.append(feed.join(LONG))

    feed = delivery.inline(callback)
    feed.put([(delivery.mailbox(feed), trade(1))])
    assert joined == [True]
    assert feed.has_ended


def test_one_that_takes_long_is_logged_now_and_then(
    delivery: Any, trade: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """Once, not for every event; its subscription is named."""
    pause = threading.Event()
    feed = delivery.inline(lambda _: pause.wait(0.01))
    mailbox = delivery.mailbox(feed)
    with caplog.at_level(logging.WARNING, logger="exchange_connector"):
        for number in range(5):
            feed.put([(mailbox, trade(number))])
    (record,) = caplog.records
    assert "inline subscriber took" in record.message
    assert record.__dict__["id"] == mailbox.subscription.subscription_id


@pytest.mark.parametrize("kind", ["feed", "inline"])
def test_it_begins_when_its_last_call_elsewhere_has_returned(
    kind: str, delivery: Any, trade: Make, gate: Any, probe: Any
) -> None:
    """It left, and came back to be delivered inline: never beside itself, and nothing is lost."""
    old = getattr(delivery, kind)(gate)
    box = delivery.mailbox(old)
    reader = started(lambda: old.put([(box, trade(1))]))
    gate.entered.next()
    old.close(box, probe)
    old.finish(0.0)
    new = delivery.inline(gate, old)
    new.put([(delivery.mailbox(new), trade(2))])
    assert gate.entered.told == [trade(1)]
    gate.open()
    assert gate.entered.next() == trade(2)
    assert finished(reader)
    assert new.join(LONG)
    assert gate.taken == [trade(1), trade(2)]
