"""What happens beyond `max_pending`: each policy, with its notice in place and exact counts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector.actors.feeds.policy import checked_policy
from exchange_connector.messages.enums import Channel, Overflow
from exchange_connector.messages.errors import ValidationError
from exchange_connector.messages.lifecycle import SubscriberLagged
from exchange_connector.messages.market import BaseEvent, StreamGap, Trade

Make = Callable[[int], BaseEvent]
Wait = Callable[[Callable[[], object]], None]


def stuck_with(delivery: Any, gate: Any, trade: Make, count: int, **options: Any) -> Any:
    """A mailbox whose subscriber hangs in event 0, with `count` more put since."""
    feed = delivery.feed(gate)
    mailbox = delivery.mailbox(feed, **options)
    feed.put([(mailbox, trade(0))])
    gate.entered.next()
    for number in range(1, count + 1):
        feed.put([(mailbox, trade(number))])
    return mailbox


def numbers(events: list[Any]) -> list[int | str]:
    """Trade ids, and a notice as `-dropped`."""
    return [
        int(event.trade_id) if isinstance(event, Trade) else f"-{event.dropped}" for event in events
    ]


def test_below_the_bound_nothing_is_lost(
    delivery: Any, gate: Any, trade: Make, eventually: Wait
) -> None:
    """As many as `max_pending` may wait."""
    stuck_with(delivery, gate, trade, 10, max_pending=10)
    gate.open()
    eventually(lambda: len(gate.taken) == 11)
    assert numbers(gate.taken) == list(range(11))


def test_drop_oldest_keeps_the_newest(
    delivery: Any, gate: Any, trade: Make, eventually: Wait
) -> None:
    """The notice stands where the dropped ones would have been, and the root hears it too."""
    mailbox = stuck_with(delivery, gate, trade, 10, max_pending=4)
    gate.open()
    eventually(lambda: len(gate.taken) == 6)
    assert numbers(gate.taken) == [0, "-6", 7, 8, 9, 10]
    notice = gate.taken[1]
    assert notice == SubscriberLagged("sim", mailbox.subscription.subscription_id, 6)
    assert delivery.root.next(SubscriberLagged) == notice


def test_conflate_keeps_the_newest_one(
    delivery: Any, gate: Any, trade: Make, eventually: Wait
) -> None:
    """Beyond the bound everything older goes."""
    stuck_with(delivery, gate, trade, 5, max_pending=4, overflow=Overflow.CONFLATE)
    gate.open()
    eventually(lambda: len(gate.taken) == 3)
    assert numbers(gate.taken) == [0, "-4", 5]


def test_each_notice_counts_since_the_last_one(
    delivery: Any, gate: Any, trade: Make, eventually: Wait
) -> None:
    """Dropping goes on after a notice, and is told anew."""
    mailbox = stuck_with(delivery, gate, trade, 5, max_pending=2)
    gate.let(2)  # event 0, and the notice that 3 were dropped
    eventually(lambda: len(gate.taken) == 2)
    gate.entered.next(Trade)  # in event 4
    for number in range(6, 10):
        mailbox.feed.put([(mailbox, trade(number))])
    gate.open()
    eventually(lambda: len(gate.taken) == 6)
    assert numbers(gate.taken) == [0, "-3", 4, "-3", 8, 9]


@pytest.mark.parametrize("overflow", [Overflow.DROP_OLDEST, Overflow.CONFLATE])
def test_received_and_dropped_make_what_was_sent(
    delivery: Any, trade: Make, overflow: Overflow, restless: None, eventually: Wait
) -> None:
    """Whatever the interleaving, each event is delivered, in order, or counted as dropped."""
    total = 5000
    got: list[Any] = []
    feed = delivery.feed(got.append)
    mailbox = delivery.mailbox(feed, max_pending=8, overflow=overflow)
    for begin in range(0, total, 10):
        feed.put((mailbox, trade(number)) for number in range(begin, begin + 10))
    eventually(lambda: got and isinstance(got[-1], Trade) and got[-1] == trade(total - 1))
    received = [int(event.trade_id) for event in got if isinstance(event, Trade)]
    expected = 0  # the next id that is due, once notices are counted in
    for event in got:
        if isinstance(event, Trade):
            assert int(event.trade_id) == expected
            expected += 1
        else:
            expected += event.dropped
    dropped = sum(event.dropped for event in got if isinstance(event, SubscriberLagged))
    assert len(received) + dropped == total
    assert dropped > 0


def test_a_dropped_gap_is_counted_like_an_event(
    delivery: Any, gate: Any, trade: Make, eventually: Wait
) -> None:
    """The notice of lagging stands in its place: something is missing, and that is said."""
    feed = delivery.feed(gate)
    mailbox = delivery.mailbox(feed, max_pending=2)
    feed.put([(mailbox, trade(0))], 1)
    gate.entered.next()
    feed.interrupt(mailbox, 1)
    feed.put([(mailbox, trade(1)), (mailbox, trade(2))], 2)
    gate.open()
    eventually(lambda: len(gate.taken) == 4)
    assert numbers(gate.taken) == [0, "-1", 1, 2]


def test_the_slots_of_a_conflating_mailbox_stay_bounded(
    delivery: Any, gate: Any, trade: Make
) -> None:
    """However much is put under a subscriber that hangs."""
    mailbox = stuck_with(delivery, gate, trade, 10_000, max_pending=10, overflow=Overflow.CONFLATE)
    assert mailbox.slots <= 10
    assert len(mailbox.pending) <= 10
    assert len(mailbox.feed._backlog._turns) <= 10


def test_events_of_the_connectors_own_life_lag_quietly(
    delivery: Any, gate: Any, trade: Make, eventually: Wait
) -> None:
    """A notice about the events channel is not itself an event of that channel."""
    stuck_with(delivery, gate, trade, 3, max_pending=1, channel=Channel.EVENTS)
    gate.open()
    eventually(lambda: len(gate.taken) == 3)
    assert numbers(gate.taken) == [0, "-2", 3]
    assert delivery.root.told == []


class Putter:
    """Puts events on a thread of its own, and says when it is done."""

    def __init__(self, mailbox: Any, events: list[Any], interrupted: threading.Event) -> None:
        self._thread = threading.Thread(target=self._run)
        self._work = mailbox, events, interrupted.is_set
        self.interrupted = interrupted
        self._thread.start()

    def _run(self) -> None:
        mailbox, events, interrupted = self._work
        mailbox.feed.put(((mailbox, event) for event in events), 1, interrupted)

    def is_held_up(self) -> bool:
        """Whether it still waits for room, after a while."""
        self._thread.join(0.03)
        return self._thread.is_alive()

    def ends(self) -> bool:
        """Whether it comes back soon."""
        self._thread.join(2)
        return not self._thread.is_alive()


@pytest.fixture
def putter(delivery: Any, gate: Any, trade: Make) -> Any:
    """Somebody held up by a `block` subscription with room for two."""
    feed = delivery.feed(gate)
    mailbox = delivery.mailbox(feed, max_pending=2, overflow=Overflow.BLOCK)
    putter = Putter(mailbox, [trade(number) for number in range(6)], threading.Event())
    gate.entered.next()
    assert putter.is_held_up()
    return putter


def test_block_holds_up_whoever_puts(putter: Putter, gate: Any, eventually: Wait) -> None:
    """Until there is room; nothing is dropped."""
    gate.let(1)
    assert putter.is_held_up()
    gate.let(3)
    assert putter.ends()
    gate.open()
    eventually(lambda: len(gate.taken) == 6)
    assert numbers(gate.taken) == list(range(6))


def test_block_is_released_by_interruption(putter: Putter, gate: Any, eventually: Wait) -> None:
    """A connection that is being stopped is not held up; what it had is delivered."""
    putter.interrupted.set()
    assert putter.ends()
    gate.open()
    eventually(lambda: len(gate.taken) == 6)


def test_block_is_released_by_closing(putter: Putter, gate: Any, probe: Any) -> None:
    """Whoever leaves holds up nobody."""
    mailbox = putter._work[0]
    mailbox.feed.close(mailbox, probe)
    assert putter.ends()
    gate.open()
    assert probe.next() is None
    assert numbers(gate.taken) == [0]


def test_block_is_released_by_finishing(putter: Putter, gate: Any) -> None:
    """The connector stops, whatever its subscribers do."""
    feed = putter._work[0].feed
    feed.finish(5.0)
    assert putter.ends()
    gate.open()
    assert feed.join(5.0)
    assert numbers(gate.taken) == list(range(6))


def test_block_holds_up_no_other_subscriber_of_another_feed(
    putter: Putter, delivery: Any, probe: Any, trade: Make
) -> None:
    """Only the connection that it asked to hold up."""
    feed = delivery.feed(probe)
    feed.put([(delivery.mailbox(feed), trade(1))], 1)
    assert probe.next() == trade(1)


def test_the_defaults_by_channel() -> None:
    """What states a value keeps the newest; what states a change drops the oldest."""
    policies = {channel: checked_policy(channel, 1, None) for channel in Channel}
    assert policies.pop(Channel.TRADES) is Overflow.DROP_OLDEST
    assert policies.pop(Channel.ORDER_BOOK_UPDATES) is Overflow.DROP_OLDEST
    for channel in (Channel.EVENTS, Channel.ORDERS, Channel.BALANCES):
        assert policies.pop(channel) is Overflow.DROP_OLDEST
    assert set(policies.values()) == {Overflow.CONFLATE}


@pytest.mark.parametrize("wrong", [0, -1, True, 1.5, "10", None])
def test_a_bound_is_a_whole_number(wrong: object) -> None:
    """Of at least one."""
    with pytest.raises(ValidationError) as caught:
        checked_policy(Channel.TRADES, wrong, None)
    assert caught.value.field == "max_pending"


def test_policies_are_checked() -> None:
    """An unknown one, and one that would hold up the connector itself."""
    assert checked_policy(Channel.TRADES, 1, "block") is Overflow.BLOCK
    for channel, name in ((Channel.TRADES, "drop_newest"), (Channel.EVENTS, "block")):
        with pytest.raises(ValidationError) as caught:
            checked_policy(channel, 1, name)
        assert caught.value.field == "overflow"


def test_a_gap_waits_behind_what_was_put_before(
    delivery: Any, gate: Any, trade: Make, eventually: Wait
) -> None:
    """Also where the mailbox is full and blocks."""
    feed = delivery.feed(gate)
    mailbox = delivery.mailbox(feed, max_pending=1, overflow=Overflow.BLOCK)
    feed.put([(mailbox, trade(0))], 1)
    gate.entered.next()
    feed.put([(mailbox, trade(1))], 1)
    feed.interrupt(mailbox, 1)
    gate.open()
    eventually(lambda: len(gate.taken) == 3)
    assert [type(event) for event in gate.taken] == [Trade, Trade, StreamGap]
