"""What every kind of feed must do alike, whatever thread it delivers on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pykka
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange_connector.actors.base.reply import Reply
from exchange_connector.actors.feeds.actor_recipient import ActorRecipient
from exchange_connector.actors.feeds.frame import Frame, Source
from exchange_connector.actors.feeds.subscriber import SubscriberActor
from exchange_connector.core.sequence import Rule
from exchange_connector.messages.enums import Channel, Overflow
from exchange_connector.messages.events import EventBatch
from exchange_connector.messages.lifecycle import SubscriberLagged
from exchange_connector.messages.market import BaseEvent, StreamGap
from exchange_connector.messages.streams import Stream

Make = Callable[[int], BaseEvent]
LONG = 5.0
KINDS = ("thread", "inline", "subscriber", "plain", "batch", "batch inline")


class Subscriber(SubscriberActor):
    """Events come in its own way."""

    def __init__(self, take: Callable[[Any], object]) -> None:
        super().__init__()
        self._take = take

    def on_event(self, event: Any) -> None:
        """Take one."""
        self._take(event)


class Plain(pykka.ThreadingActor):
    """Events come as messages."""

    def __init__(self, take: Callable[[Any], object]) -> None:
        super().__init__()
        self._take = take

    def on_receive(self, message: Any) -> None:
        """Take one."""
        self._take(message)


class Decoder:
    """Reads `b"7"` as trade 7."""

    drifted = 0

    def __init__(self, trade: Make) -> None:
        self._trade = trade

    def recognise(self, frame: bytes, received_time: int) -> Any:
        """It recognises every other one."""
        return self._trade(int(frame)) if int(frame) % 2 else None

    def decode(self, frame: bytes, received_time: int) -> Any:
        """Decode one frame."""
        return self._trade(int(frame))


class Sides:
    """Feeds of any kind, and what they deliver."""

    def __init__(self, delivery: Any) -> None:
        self.delivery = delivery
        self.refs: list[Any] = []

    def feed(self, kind: str, taken: Callable[[Any], object]) -> Any:
        """A feed of a kind; batches are taken apart."""

        def take(message: Any) -> None:
            for event in message.events if isinstance(message, EventBatch) else (message,):
                taken(event)

        if kind in ("subscriber", "plain"):
            ref: Any = (Subscriber if kind == "subscriber" else Plain).start(take)
            self.refs.append(ref)
            made = self.delivery.actor if kind == "subscriber" else self.delivery.feed
            return made(ref if kind == "subscriber" else ActorRecipient(ref))
        return (self.delivery.inline if "inline" in kind else self.delivery.feed)(take)

    def mailbox(self, kind: str, feed: Any, **more: Any) -> Any:
        """A subscription, alive on connection 1."""
        box = self.delivery.mailbox(feed, batch="batch" in kind, **more)
        feed.mark_live(box, 1)
        return box

    def frames(self, trade: Make) -> Callable[[int], Frame]:
        """Makes frames of trades."""
        stream = Stream(Channel.TRADES, "BTCUSDT")
        source = Source("sim", stream, Decoder(trade), self.delivery.root)
        return lambda number: Frame(source, str(number).encode(), 1)

    def drained(self, feed: Any) -> None:
        """Everything is delivered: out of the feed, and out of a plain actor's inbox."""
        feed.finish(LONG)
        assert feed.join(LONG)
        while self.refs:
            self.refs.pop().stop(timeout=LONG)


@pytest.fixture
def sides(delivery: Any) -> Iterator[Sides]:
    """Makes them; actors are stopped in the end."""
    made = Sides(delivery)
    yield made
    for ref in made.refs:
        ref.stop(timeout=LONG)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("parcel"), st.integers(1, 80)),
        st.tuples(st.just("single"), st.integers(1, 3)),
        st.tuples(st.just("skip"), st.integers(1, 3)),
        st.tuples(st.just("again"), st.integers(1, 3)),
        st.tuples(st.just("cut"), st.just(0)),
    ),
    max_size=12,
)


@pytest.mark.parametrize("kind", KINDS)
@given(plan=steps)
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_comes_in_goes_out_in_order_with_its_gaps(
    kind: str, plan: list[tuple[str, int]], sides: Sides, trade: Make
) -> None:
    """Ids that skip, ids that come again, and connections that are lost."""
    taken: list[Any] = []
    feed, frame = sides.feed(kind, taken.append), sides.frames(trade)
    box = sides.mailbox(kind, feed, rule=Rule.CONSECUTIVE)
    number, epoch, seen = 0, 1, False
    wanted: list[Any] = []
    for what, count in plan:
        if what == "cut":
            feed.interrupt(box, epoch)
            wanted.append(StreamGap)
            epoch, seen = epoch + 1, False
            feed.mark_live(box, epoch)
            continue
        if what == "skip":
            wanted += [StreamGap] if seen else []
            number += count
        first = number - count if what == "again" and seen else number
        parcel = [(box, frame(each)) for each in range(first, number + count)]
        wanted += [trade(each) for each in range(number, number + count)]
        number, seen = number + count, True
        if what == "single":
            for item in parcel:
                feed.put([item], epoch)
        else:
            feed.hand_over(parcel, epoch)
    sides.drained(feed)
    assert len(taken) == len(wanted)
    for got, want in zip(taken, wanted, strict=True):
        assert got == want or (want is StreamGap and isinstance(got, StreamGap))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "plain"])
def test_when_it_has_ended_nothing_more_is_delivered(
    kind: str, sides: Sides, trade: Make, restless: None
) -> None:
    """Whenever that is; its neighbour on the same feed gets everything."""
    frame = sides.frames(trade)
    for _ in range(60):
        gone, stays = list[int](), list[int]()

        def take(event: Any, lists: Any = (gone, stays)) -> None:
            number = int(event.trade_id)
            lists[number % 2].append(number // 2)

        feed = sides.feed(kind, take)
        boxes = [sides.mailbox(kind, feed) for _ in range(2)]
        over, sent = threading.Event(), list[int]()

        def read(feed: Any = feed, boxes: Any = boxes, over: Any = over, sent: Any = sent) -> None:
            while not over.is_set() and len(sent) < 4_000:  # there is room for all of them
                sent.append(len(sent))
                number = 2 * sent[-1]
                feed.hand_over([(boxes[0], frame(number)), (boxes[1], frame(number + 1))], 1)

        reader = threading.Thread(target=read)
        reader.start()
        while not gone:
            pass
        answered = threading.Event()
        feed.close(boxes[0], Reply(lambda *_, told=answered: told.set()))
        assert answered.wait(LONG)
        before = list(gone)
        over.set()
        reader.join()
        sides.drained(feed)
        assert gone == before == list(range(len(before)))
        assert stays == sent


@pytest.mark.parametrize("overflow", [Overflow.DROP_OLDEST, Overflow.CONFLATE, Overflow.BLOCK])
@pytest.mark.parametrize("kind", KINDS)
def test_with_little_room_each_event_is_delivered_or_counted(
    kind: str, overflow: Overflow, sides: Sides, trade: Make, restless: None
) -> None:
    """Two readers, two subscriptions of one subscriber, room for seven events each."""
    taken: list[Any] = []
    feed, frame = sides.feed(kind, taken.append), sides.frames(trade)
    boxes = [
        sides.mailbox(kind, feed, overflow=overflow, max_pending=7, rule=Rule.CONSECUTIVE)
        for _ in range(2)
    ]

    def read(at: int) -> None:
        for start in range(0, 600, 20):
            numbers = range(1000 * at + start, 1000 * at + start + 20)
            feed.hand_over([(boxes[at], frame(each)) for each in numbers], 1)

    readers = [threading.Thread(target=read, args=(at,), daemon=True) for at in range(2)]
    for each in readers:
        each.start()
    for each in readers:
        each.join(2 * LONG)
    assert not any(each.is_alive() for each in readers)
    sides.drained(feed)
    for at, box in enumerate(boxes):
        identity = box.subscription.subscription_id
        notices = [each for each in taken if isinstance(each, SubscriberLagged)]
        dropped = sum(each.dropped for each in notices if each.subscription_id == identity)
        mine = [int(each.trade_id) for each in taken if not isinstance(each, SubscriberLagged)]
        mine = [each for each in mine if each // 1000 == at]
        assert mine == sorted(set(mine))
        assert len(mine) + dropped == 600
        assert dropped == 0 or overflow is not Overflow.BLOCK
    assert not any(isinstance(each, StreamGap) for each in taken)


@pytest.mark.parametrize("kind", KINDS)
def test_a_thousand_come_and_go(kind: str, sides: Sides, trade: Make, new_probe: Any) -> None:
    """Subscriptions of one subscriber: what is delivered is in order, and nothing is kept."""
    taken: list[Any] = []
    feed, frame = sides.feed(kind, taken.append), sides.frames(trade)
    ended = new_probe()
    for number in range(1000):
        box = sides.mailbox(kind, feed)
        feed.hand_over([(box, frame(number))], 1)
        feed.close(box, ended)
    assert ended.take(1000) == [None] * 1000
    sides.drained(feed)
    assert not feed._backlog
    numbers = [int(each.trade_id) for each in taken]
    assert numbers == sorted(set(numbers))
    if "inline" in kind:
        assert numbers == list(range(1000))
