"""Mailboxes that ask for what they missed: what waits, what is told, and in which order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pykka
import pytest

from exchange_connector.actors.feeds.actor_recipient import ActorRecipient
from exchange_connector.actors.feeds.frame import Frame, Source
from exchange_connector.actors.feeds.recovering import Way
from exchange_connector.actors.feeds.recovering_kinds import KINDS
from exchange_connector.actors.feeds.subscriber import SubscriberActor
from exchange_connector.core.recovery import Missing
from exchange_connector.core.sequence import Rule
from exchange_connector.messages.enums import Channel, GapReason, Overflow
from exchange_connector.messages.events import EventBatch
from exchange_connector.messages.lifecycle import SubscriberLagged
from exchange_connector.messages.market import Kline, StreamGap, Trade
from exchange_connector.messages.recovery import Recover, Recovered
from exchange_connector.messages.streams import Stream
from exchange_connector.messages.subscriptions import Subscription
from exchange_connector.venues.driver import MalformedError

Make = Callable[[int], Trade]
SUBSCRIBERS = ("callable", "inline", "batch", "inline batch", "actor", "subscriber actor")
MINUTE = 60_000_000_000
LATE = 10**19
"""A time that is long after now (ns)."""


class Decoder:
    """Reads `b"7"` as event 7; `b"bad"` is malformed."""

    drifted = 0

    def __init__(self, make: Callable[[Any], Any]) -> None:
        self._make = make

    def recognise(self, frame: bytes, received_time: int) -> None:
        """It never does."""

    def decode(self, frame: bytes, received_time: int) -> Any:
        """Decode one frame."""
        if frame == b"bad":
            raise MalformedError("no event")
        return self._make(float(frame) if b"." in frame else int(frame))


def kline(number: float) -> Kline:
    """A candle of one minute, still open; of an odd number, closed: 2 and 3 are the same one.

    So is 2.5, later than 2.
    """
    one, minute = Decimal(1), int(number) // 2
    at = int(number * 10)
    opened = minute * MINUTE
    ends = opened + MINUTE - 1_000_000
    return Kline(
        *("sim", "BTCUSDT", at, at, "1m", opened, ends),
        *(one, one, one, one, one, one, at),
        is_closed=bool(int(number) % 2),
    )


class Plain(pykka.ThreadingActor):
    """Gets events as messages."""

    def __init__(self, take: Callable[[Any], object]) -> None:
        super().__init__()
        self._take = take

    def on_receive(self, message: Any) -> None:
        """Take one."""
        self._take(message)


class Quick(SubscriberActor):
    """Gets events from its feed."""

    def __init__(self, take: Callable[[Any], object]) -> None:
        super().__init__()
        self._take = take

    def on_event(self, event: Any) -> None:
        """Take one."""
        self._take(event)


class Stage:
    """A mailbox on connection 1, its subscriber, and the recovery that it asks."""

    def __init__(
        self, delivery: Any, probe: Any, asked: Any, make: Any, channel: Channel, **more: Any
    ) -> None:
        self.probe, self.asked = probe, asked
        self.feed = more.pop("feed", None) or delivery.feed(probe)
        rule = Rule.CONSECUTIVE if channel is Channel.TRADES else Rule.NONE
        settings = {"max_pending": 10_000, "overflow": Overflow.DROP_OLDEST, "rule": rule} | more
        subscription = Subscription("s1", channel, "BTCUSDT")
        way = Way(asked, 10.0)
        self.box = KINDS[rule]("sim", subscription, self.feed, way=way, **settings)
        stream = Stream(channel, "BTCUSDT", "1m" if channel is Channel.KLINES else "")
        self.source = Source("sim", stream, Decoder(make), delivery.root)
        self.epoch = 1
        self.feed.mark_live(self.box, 1)

    def came(self, *numbers: float | bytes) -> None:
        """Frames come."""
        raw = [each if isinstance(each, bytes) else str(each).encode() for each in numbers]
        self.feed.hand_over([(self.box, Frame(self.source, each, 99)) for each in raw], self.epoch)

    def cut(self) -> None:
        """The connection is lost, and there is another one."""
        self.feed.interrupt(self.box, self.epoch)
        self.epoch += 1
        self.feed.mark_live(self.box, self.epoch)

    def question(self, first: int, end: int) -> Any:
        """The reply of the next question, which is for this range."""
        message = self.asked.next(Recover)
        assert (message.stream, message.first, message.end) == (self.source.stream, first, end)
        return message.reply

    def got(self, *expected: Any) -> None:
        """The next events: ids, negative ones of recovered trades, reasons and ranges of gaps."""
        assert [shown(each) for each in self.probe.take(len(expected))] == list(expected)


def shown(event: Any) -> Any:
    """An event in short."""
    match event:
        case Trade():
            number = int(event.trade_id)
            return -number if event.recovered else number
        case Kline():
            minute = event.open_time // MINUTE
            return -minute if event.recovered else 2 * minute + event.is_closed
        case StreamGap():
            return str(event.reason), event.first_missed_id, event.last_missed_id
        case SubscriberLagged():
            return "lagged", event.dropped
        case _:
            raise AssertionError(event)


@pytest.fixture
def stage(delivery: Any, probe: Any, new_probe: Any, trade: Make) -> Callable[..., Stage]:
    """Makes one of trades."""

    def make(*, make: Any = trade, channel: Channel = Channel.TRADES, **more: Any) -> Stage:
        return Stage(delivery, probe, new_probe(), make, channel, **more)

    return make


@pytest.fixture
def past(trade: Make) -> Callable[..., tuple[Any, ...]]:
    """Makes what was fetched."""

    def make(*parts: Any) -> tuple[Any, ...]:
        return tuple(
            each
            if isinstance(each, Missing)
            else msgspec.structs.replace(trade(each), recovered=True)
            for each in parts
        )

    return make


Past = Callable[..., tuple[Any, ...]]
CUT = ("disconnected", 3, None)


def test_what_a_cut_cost_is_fetched_before_the_live_ones(stage: Any, past: Past) -> None:
    """The gap names the first id at once; then all come in order, and nothing else is told."""
    one = stage()
    one.came(1, 2)
    one.cut()
    one.got(1, 2, CUT)
    one.came(6, 7)
    reply = one.question(3, 6)
    one.came(8)
    reply.tell(past(3, 4, 5))
    one.came(9)
    one.got(-3, -4, -5, 6, 7, 8, 9)
    assert one.box.stale == 0


def test_where_nothing_was_missed_nothing_is_asked_for(stage: Any) -> None:
    """The next id shows that."""
    one = stage()
    one.came(1, 2)
    one.cut()
    one.came(3, 4)
    one.got(1, 2, CUT, 3, 4)
    one.came(6)
    one.got(("missed", 5, 5))
    one.question(5, 6)


def test_what_cannot_be_had_is_told_by_its_ids(stage: Any, past: Past) -> None:
    """In its place."""
    one = stage()
    one.came(1, 2)
    one.cut()
    one.came(8)
    one.question(3, 8).tell(past(3, Missing(4, 6), 7))
    one.got(1, 2, CUT, -3, ("unrecovered", 4, 6), -7, 8)


def test_a_recovery_that_fails_is_told_too(stage: Any) -> None:
    """With an error, or by being forgotten."""
    one = stage()
    one.came(1, 2)
    one.cut()
    one.came(5)
    one.question(3, 5).fail(RuntimeError("lost"))
    one.got(1, 2, CUT, ("unrecovered", 3, 4), 5)
    one.cut()
    one.came(9)
    one.got(("disconnected", 6, None))
    one.question(6, 9)  # and is let go
    one.asked.told.clear()
    one.got(("unrecovered", 6, 8), 9)


def test_ids_that_skip_are_told_and_fetched(stage: Any, past: Past) -> None:
    """The whole range is known at once."""
    one = stage()
    one.came(1, 2, 5, 6)
    one.got(1, 2, ("missed", 3, 4))
    one.question(3, 5).tell(past(3, 4))
    one.got(-3, -4, 5, 6)


def test_a_frame_that_could_not_be_trusted_is_fetched(stage: Any, past: Past) -> None:
    """Once the next one shows which it was; where it was none, nothing is."""
    one = stage()
    one.came(1, b"bad", 3)
    one.got(1, ("rejected", None, None))
    one.question(2, 3).tell(past(2))
    one.got(-2, 3)
    one.came(b"bad", 4)
    one.got(("rejected", None, None), 4)
    assert len(one.asked.told) == 1


def test_a_second_cut_while_it_waits(stage: Any, past: Past) -> None:
    """Its gap stands in its place, and raises the next question."""
    one = stage()
    one.came(1, 2)
    one.cut()
    one.came(5, 6)
    first = one.question(3, 5)
    one.cut()
    one.came(9, 10)
    first.tell(past(3, 4))
    one.got(1, 2, CUT, -3, -4, 5, 6, ("disconnected", 7, None))
    one.question(7, 9).tell(past(7, 8))
    one.got(-7, -8, 9, 10)


def test_several_cuts_before_an_event(stage: Any, past: Past) -> None:
    """Each is told; what all of them cost is fetched at once."""
    one = stage()
    one.came(1, 2)
    one.cut()
    one.cut()
    one.came(5)
    one.question(3, 5).tell(past(3, 4))
    one.got(1, 2, CUT, CUT, -3, -4, 5)


def test_an_old_one_that_comes_again_is_dropped(stage: Any, past: Past) -> None:
    """By a server that lags behind; each id once."""
    one = stage()
    one.came(1, 2)
    one.cut()
    one.came(1, 2, 4)
    one.question(3, 4).tell(past(3))
    one.got(1, 2, CUT, -3, 4)
    assert one.box.stale == 2


@pytest.mark.parametrize(
    ("before", "received_time"), [(20_000, 1), (500, LATE)], ids=["far back", "long after"]
)
def test_an_exchange_that_counts_anew_is_followed(
    before: int, received_time: int, stage: Any, trade: Make
) -> None:
    """As a test network does after it was wiped: the gap has told that all begins afresh."""

    def make(number: int) -> Trade:
        return msgspec.structs.replace(trade(number), received_time=received_time)

    one = stage(make=make)
    one.came(before, before + 1)
    one.cut()
    one.came(7, 8)
    one.got(before, before + 1, ("disconnected", before + 2, None), 7, 8)
    assert one.asked.told == []


def test_before_the_first_event_nothing_is_missed(stage: Any) -> None:
    """Nobody knows where it would have begun."""
    one = stage()
    one.cut()
    one.came(7)
    one.got(("disconnected", None, None), 7)
    assert one.asked.told == []


def test_what_was_dropped_is_not_fetched(delivery: Any, gate: Any, stage: Any) -> None:
    """It was told as lag; what a cut cost beside it is named, and left."""
    one = stage(feed=delivery.feed(gate), max_pending=2)
    one.came(1)
    gate.entered.next()
    one.came(2, 3, 4, 5)  # two of them find no room
    one.cut()  # nor does a third
    one.came(9)
    gate.open()
    one.probe = gate.entered
    one.got(("lagged", 4), ("disconnected", None, None), 9)
    assert one.asked.told == []


@pytest.mark.parametrize(
    ("overflow", "lagged", "left"),
    [(Overflow.DROP_OLDEST, 2, [8, 9, 10]), (Overflow.CONFLATE, 3, [9, 10])],
)
def test_what_waits_is_bounded(
    overflow: Overflow, lagged: int, left: list[int], stage: Any, past: Past
) -> None:
    """By the subscription's bound and policy, and what is dropped is counted, to the root too."""
    one = stage(overflow=overflow, max_pending=3)
    one.came(1, 2)
    one.cut()
    one.got(1, 2, CUT)
    for number in range(6, 11):
        one.came(number)
        settled(one)
    reply = one.question(3, 6)
    reply.tell(past(3, 4, 5))
    one.got(-3, -4, -5, ("lagged", lagged), *left)
    (notice,) = one.source._root.of(SubscriberLagged)
    assert notice.dropped == lagged


def settled(one: Stage) -> None:
    """All that came has been looked at."""
    done = threading.Event()
    while not done.wait(0.001):
        with one.feed._lock:
            if not one.feed._backlog and one.feed._sleeps:
                done.set()


def test_a_notice_that_is_dropped_is_counted_on(stage: Any, past: Past) -> None:
    """It stood for five events; with those that were dropped besides, that makes six."""
    one = stage(max_pending=2)
    box, source = one.box, one.source
    for each in (1, 2, 5):
        box.events(Frame(source, b"%d" % each, 99))
    box.events(SubscriberLagged("sim", "s1", 5))
    for each in (11, 12):
        assert box.events(Frame(source, b"%d" % each, 99)) == ()
    got = box.events(Recovered(1, past(3, 4)))
    assert list(map(shown, got)) == [-3, -4, ("lagged", 6), 11, 12]


@pytest.mark.parametrize("overflow", [Overflow.CONFLATE, Overflow.DROP_OLDEST])
def test_the_answer_itself_is_never_dropped(
    overflow: Overflow, delivery: Any, gate: Any, stage: Any, past: Past, trade: Make
) -> None:
    """However little room there is, and however busy the subscriber."""
    one = stage(feed=delivery.feed(gate), overflow=overflow, max_pending=1)
    other = delivery.mailbox(one.feed)
    one.probe = gate.entered
    for number in (1, 2):
        one.came(number)
        one.got(number)
        gate.let()
    one.cut()
    one.got(CUT)
    gate.let()
    one.came(6)
    reply = one.question(3, 6)
    one.feed.put([(other, trade(100))])
    one.got(100)  # and now it is busy
    reply.tell(past(3, 4, 5))
    one.came(7)
    one.came(8)
    gate.open()
    one.got(-3, -4, -5, 6, ("lagged", 1), 8)


def test_what_was_lost_between_a_cut_and_an_event_is_named(
    delivery: Any, gate: Any, stage: Any
) -> None:
    """Nobody knows which of it the exchange sent: none is fetched, so that none comes twice."""
    one = stage(feed=delivery.feed(gate), max_pending=2)
    one.probe = gate.entered
    for number in (1, 2):
        one.came(number)
        one.got(number)
        gate.let()
    one.cut()
    one.got(CUT)  # and now it is busy
    for number in (6, 7, 8, 9):
        one.came(number)
    gate.open()
    one.got(("lagged", 2), ("unrecovered", 3, 7), 8, 9)
    assert one.asked.told == []


def test_one_that_holds_up_the_socket_does_so_while_it_waits(stage: Any, past: Past) -> None:
    """What waits counts; the answer gets through, and then what was held up."""
    one = stage(overflow=Overflow.BLOCK, max_pending=3)
    one.came(1, 2)
    one.cut()
    one.got(1, 2, CUT)
    through: list[int] = []

    def read() -> None:
        for number in range(6, 16):
            one.came(number)
            through.append(number)

    reader = threading.Thread(target=read)
    reader.start()
    reply = one.question(3, 6)
    reader.join(0.3)
    assert reader.is_alive()
    assert through == [6, 7, 8]
    reply.tell(past(3, 4, 5))
    one.got(-3, -4, -5, *range(6, 16))
    reader.join(5.0)
    assert not reader.is_alive()
    assert one.box.max_pending == 3


def test_an_ended_subscription_lets_go_of_what_waits(
    stage: Any, past: Past, new_probe: Any
) -> None:
    """Nothing is delivered, whatever comes."""
    one = stage()
    one.came(1, 2)
    one.cut()
    one.came(6, 7)
    reply, closed = one.question(3, 6), new_probe()
    one.feed.close(one.box, closed)
    assert closed.next() is None
    reply.tell(past(3, 4, 5))
    one.feed.finish(5.0)
    assert one.feed.join(5.0)
    assert [shown(each) for each in one.probe.told] == [1, 2, CUT]
    assert not one.box._held


def test_an_answer_to_an_older_question_is_passed_over(stage: Any, past: Past) -> None:
    """As is one that nobody asked for."""
    one = stage()
    one.came(1, 2)
    one.feed.answer(one.box, Recovered(0, past(9)))
    one.cut()
    one.came(5)
    reply = one.question(3, 5)
    one.feed.answer(one.box, Recovered(0, past(9)))
    reply.tell(past(3, 4))
    one.feed.answer(one.box, Recovered(1, past(3, 4)))
    one.came(6)
    one.got(1, 2, CUT, -3, -4, 5, 6)


@pytest.fixture
def subscriber(delivery: Any) -> Iterator[Callable[[str, Any], Any]]:
    """Makes a feed of each kind; actors are stopped in the end."""
    refs: list[Any] = []

    def make(kind: str, take: Any) -> Any:
        if "actor" in kind:
            refs.append((Plain if kind == "actor" else Quick).start(take))
            if kind == "actor":
                return delivery.feed(ActorRecipient(refs[-1]))
            return delivery.actor(refs[-1])
        return (delivery.inline if "inline" in kind else delivery.feed)(take)

    yield make
    for ref in refs:
        ref.stop(timeout=5.0)


@pytest.mark.parametrize("kind", SUBSCRIBERS)
def test_every_kind_of_subscriber(
    kind: str, stage: Any, past: Past, probe: Any, subscriber: Any
) -> None:
    """They wait, and get the same."""

    def take(message: Any) -> None:
        for event in message.events if isinstance(message, EventBatch) else (message,):
            probe(event)

    one = stage(feed=subscriber(kind, take), batch="batch" in kind)
    one.came(1, 2)
    one.cut()
    one.came(6, 7, 10, 11)
    one.question(3, 6).tell(past(3, Missing(4, 4), 5))
    one.got(1, 2, CUT, -3, ("unrecovered", 4, 4), -5, 6, 7, ("missed", 8, 9))
    one.question(8, 10).tell(past(8, 9))
    one.came(12)
    one.got(-8, -9, 10, 11, 12)


def test_another_subscription_of_the_same_subscriber_does_not_wait(
    delivery: Any, stage: Any, past: Past, trade: Make
) -> None:
    """It goes on meanwhile."""
    one = stage()
    other = delivery.mailbox(one.feed)
    one.came(1, 2)
    one.cut()
    one.came(6)
    reply = one.question(3, 6)
    one.feed.put([(other, trade(100))])
    one.got(1, 2, CUT, 100)
    reply.tell(past(3, 4, 5))
    one.got(-3, -4, -5, 6)


def candle(minute: int) -> Kline:
    """One that was fetched."""
    return msgspec.structs.replace(kline(2 * minute + 1), recovered=True)


KLINES = {"make": kline, "channel": Channel.KLINES}
LOST = ("disconnected", None, None)


def test_a_candle_that_closed_meanwhile_is_fetched(stage: Any) -> None:
    """And every one between it and the live one."""
    one = stage(**KLINES)
    one.came(8, 8.5)
    one.cut()
    one.came(14, 14.5)
    one.question(4 * MINUTE, 7 * MINUTE).tell((candle(4), candle(5), candle(6)))
    one.got(8, 8, LOST, -4, -5, -6, 14, 14)


def test_the_same_again_is_delivered_once(stage: Any) -> None:
    """A frame that came twice, or came on another connection."""
    one = stage(**KLINES)
    one.came(8, 8, 8.5, 8.5, 9, 9)
    one.got(8, 8, 9)
    assert one.box.stale == 3


def test_a_candle_that_had_closed_is_not(stage: Any) -> None:
    """Only those after it."""
    one = stage(**KLINES)
    one.came(8, 9)
    one.cut()
    one.came(12)
    one.question(5 * MINUTE, 6 * MINUTE).tell((candle(5),))
    one.got(8, 9, LOST, -5, 12)


@pytest.mark.parametrize(("before", "after"), [(8, 8.5), (8, 9), (9, 10)])
def test_where_no_candle_closed_nothing_is_asked_for(
    before: float, after: float, stage: Any
) -> None:
    """The same is still running, or has closed live, or the next one runs."""
    one = stage(**KLINES)
    one.came(before)
    one.cut()
    one.came(after)
    one.got(int(before), LOST, int(after))
    assert one.asked.told == []


def test_candles_that_cannot_be_had_are_told(stage: Any) -> None:
    """They have no ids."""
    one = stage(**KLINES)
    one.came(8)
    one.cut()
    one.came(14)
    missing = Missing(5 * MINUTE, 7 * MINUTE - 1)
    one.question(4 * MINUTE, 7 * MINUTE).tell((candle(4), missing))
    one.got(8, LOST, -4, ("unrecovered", None, None), 14)


def test_a_candle_that_could_not_be_trusted(stage: Any) -> None:
    """Is fetched, if it closed one."""
    one = stage(**KLINES)
    one.came(8, b"bad", 10)
    one.question(4 * MINUTE, 5 * MINUTE).tell((candle(4),))
    one.got(8, ("rejected", None, None), -4, 10)


@pytest.mark.parametrize("overflow", [Overflow.DROP_OLDEST, Overflow.CONFLATE])
def test_the_candles_of_one_frame_are_counted_one_by_one(stage: Any, overflow: Overflow) -> None:
    """A frame may have the last of one and the first of the next."""
    one = stage(
        make=lambda number: (kline(number), kline(number + 1)),
        channel=Channel.KLINES,
        max_pending=1,
        overflow=overflow,
        is_plural=True,
    )
    box = one.box

    def came(number: int) -> list[Any]:
        return [shown(each) for each in box.events(Frame(one.source, str(number).encode(), 99))]

    assert came(1) == [1, 2]
    box.events(box.interruption(GapReason.DISCONNECTED))
    assert came(7) + came(9) + came(11) == []
    assert [shown(each) for each in box.events(Recovered(1, ()))] == [("lagged", 4), 11, 12]
    one.question(1 * MINUTE, 3 * MINUTE).tell(())
