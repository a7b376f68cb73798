"""Mailboxes of whole states, of changes from a snapshot on, and of ids without an order."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from exchange_connector.actors.feeds.frame import Content, Frame, Rejected, Several, Source
from exchange_connector.actors.feeds.mailbox import Mailbox
from exchange_connector.actors.feeds.states import STATES
from exchange_connector.core.sequence import Rule
from exchange_connector.core.streamed_book import StreamedBook
from exchange_connector.messages.enums import Channel, GapReason, Overflow, Side
from exchange_connector.messages.kept_books import SnapshotLacking
from exchange_connector.messages.levels import Levels
from exchange_connector.messages.market import (
    BookTicker,
    OrderBook,
    OrderBookUpdate,
    StreamGap,
    Trade,
)
from exchange_connector.messages.streams import Stream
from exchange_connector.messages.subscriptions import Subscription
from exchange_connector.venues.driver import LacksWholeError

ONE = Decimal(1)
CHANNELS = {
    Rule.UNIQUE: Channel.TRADES,
    Rule.WHOLE: Channel.BOOK_TICKER,
    Rule.DELTAS: Channel.ORDER_BOOK_UPDATES,
}


class Decoder:
    """Reads what it is told to, frame after frame."""

    drifted = 0

    def __init__(self, *contents: Any) -> None:
        self._contents = list(contents)

    def recognise(self, frame: bytes, received_time: int) -> None:
        """It never does."""

    def decode(self, frame: bytes, received_time: int) -> Any:
        """The next."""
        content = self._contents.pop(0)
        if isinstance(content, Exception):
            raise content
        return content


def source(delivery: Any, rule: Rule, *contents: Any, whole_wanted: Any = None) -> Source:
    """Of a stream of that rule."""
    stream = Stream(CHANNELS[rule], "BTCUSDT")
    return Source("sim", stream, Decoder(*contents), delivery.root, rule, whole_wanted)


def mailbox(delivery: Any, rule: Rule, callback: Any = print, **more: Any) -> Mailbox:
    """A subscription to such a stream."""
    if rule is Rule.DELTAS:
        more["stream"] = Stream(CHANNELS[rule], "BTCUSDT")
    feed = delivery.feed(callback)
    subscription = Subscription("s1", CHANNELS[rule], "BTCUSDT")
    policy: dict[str, Any] = {"max_pending": 10_000, "overflow": Overflow.DROP_OLDEST} | more
    return STATES[rule]("sim", subscription, feed, rule=rule, **policy)


def delivered(delivery: Any, box: Mailbox, *contents: Content) -> list[Any]:
    """What comes of some frames, as it is delivered: by the quick look, or by the careful one."""
    of = source(delivery, Rule.UNIQUE)
    events: list[Any] = []
    for content in contents:
        if box.follows(content):
            events.append(content)
        else:
            events += box.events(Frame(of, b"", 99, content))
    return events


def trade(id: str) -> Trade:
    """With that id."""
    return Trade("sim", "BTCUSDT", 1, 1, id, ONE, ONE, Side.BUY, 1)


def ticker(id: int, at: int) -> BookTicker:
    """Of that time."""
    return BookTicker("sim", "BTCUSDT", at, at, id, ONE, ONE, ONE, ONE)


def update(id: int, at: int = 0, *, is_snapshot: bool = False) -> OrderBookUpdate:
    """Of that time; else the later, the higher the id."""
    time = at or id
    return OrderBookUpdate("sim", "BTCUSDT", time, 99, id, id, (), (), is_snapshot=is_snapshot)


def snapshot(id: int, at: int = 0) -> OrderBookUpdate:
    """The whole book."""
    return update(id, at, is_snapshot=True)


def gaps(events: Sequence[Any]) -> list[Any]:
    """Gaps by their ids, and what they stand between by its own."""
    return [
        (event.reason, event.first_missed_id, event.last_missed_id)
        if isinstance(event, StreamGap)
        else event.last_update_id
        for event in events
    ]


def test_no_trade_is_delivered_twice(delivery: Any) -> None:
    """Alone in a frame, or with others."""
    box = mailbox(delivery, Rule.UNIQUE)
    several = Several((trade("b"), trade("a"), trade("b")))
    got = delivered(delivery, box, trade("a"), several, trade("c"), trade("b"))
    assert [each.trade_id for each in got] == ["a", "b", "c"]
    assert box.stale == 3


def test_a_frame_without_an_event_delivers_none(delivery: Any) -> None:
    """It is no error."""
    box = mailbox(delivery, Rule.UNIQUE)
    assert delivered(delivery, box, Several(())) == []


@pytest.mark.parametrize("has_moved", [True, False])
def test_books_do_not_go_back_behind_a_gap(has_moved: bool, delivery: Any) -> None:
    """With an older snapshot begins a connection that takes over: another one is asked for."""
    box = mailbox(delivery, Rule.DELTAS)
    box.moved_at = 1 if has_moved else -(10**12)
    delivered(delivery, box, snapshot(5), update(6), update(7))
    assert gaps(delivered(delivery, box, update(9))) == [("missed", 8, None)]
    got = [event.last_update_id for event in delivered(delivery, box, snapshot(6), update(7))]
    assert got == ([] if has_moved else [6, 7])
    assert delivered(delivery, box, snapshot(11))[-1] == snapshot(11)


def test_book_tickers_do_not_go_back_behind_a_gap(delivery: Any) -> None:
    """A connection that has just taken over begins with what may be older; the newest may come again."""
    box = mailbox(delivery, Rule.WHOLE)
    assert delivered(delivery, box, ticker(7, 7), ticker(9, 9)) == [ticker(7, 7), ticker(9, 9)]
    for moved_at, expected in ((1, [9, 12]), (-(10**12), [7, 9, 12])):
        box.moved_at = moved_at
        (gap,) = box.events(box.interruption(GapReason.DISCONNECTED))
        assert isinstance(gap, StreamGap)
        got = delivered(delivery, box, ticker(7, 7), ticker(9, 9), ticker(12, 12))
        assert [each.update_id for each in got] == expected
        assert box.follows == box._quick_look(Channel.BOOK_TICKER)
        box.events(box.interruption(GapReason.DISCONNECTED))
        assert delivered(delivery, box, ticker(9, 13)) == [ticker(9, 13)]  # it counts anew


def test_a_frame_that_was_rejected_is_a_gap(delivery: Any) -> None:
    """In each kind of mailbox."""
    for rule in STATES:
        (gap,) = delivered(delivery, mailbox(delivery, rule), Rejected("bad"))
        assert gap.reason == "rejected"


def test_dropped_trades_are_counted_one_by_one(delivery: Any) -> None:
    """Not by the frames that they came in."""
    box = mailbox(delivery, Rule.UNIQUE, max_pending=2, is_plural=True)
    of = source(delivery, Rule.UNIQUE, (trade("a"), trade("b"), trade("c")), trade("d"), ())
    for raw in (b"1", b"2", b"3", b"4", b"5"):
        box.put(Frame(of, raw, 1))
    notice = box.lagged()
    assert notice is not None
    assert notice.dropped == 4  # three of the first frame, one of the second, none of the third


def test_conflated_trades_too(delivery: Any) -> None:
    """All but the newest frame."""
    box = mailbox(delivery, Rule.UNIQUE, max_pending=2, overflow=Overflow.CONFLATE, is_plural=True)
    of = source(delivery, Rule.UNIQUE, (trade("a"), trade("b")), trade("d"), ())
    for raw in (b"1", b"2", b"3"):
        box.put(Frame(of, raw, 1))
    notice = box.lagged()
    assert notice is not None
    assert notice.dropped == 3


def test_book_tickers_are_states(delivery: Any) -> None:
    """The same again is not delivered; an exchange that counts anew is followed."""
    box = mailbox(delivery, Rule.WHOLE)
    came = [ticker(5, 1), ticker(5, 4), ticker(7, 5), ticker(6, 3), ticker(1, 9), ticker(2, 10)]
    assert [each.update_id for each in delivered(delivery, box, *came)] == [5, 7, 1, 2]
    assert box.stale == 2


def test_updates_begin_with_a_snapshot(delivery: Any) -> None:
    """What comes before is of no use, and one is asked for, not too often."""
    box = mailbox(delivery, Rule.DELTAS)
    assert delivered(delivery, box, update(3), update(4)) == []
    assert delivery.registry.next() == SnapshotLacking(
        Stream(Channel.ORDER_BOOK_UPDATES, "BTCUSDT")
    )
    assert len(delivery.registry.of(SnapshotLacking)) == 1
    assert gaps(delivered(delivery, box, snapshot(9), update(10), update(11))) == [9, 10, 11]


def test_missing_updates_are_told_and_a_snapshot_is_asked_for(delivery: Any) -> None:
    """Nothing is delivered until it comes, whose id nobody knows; what it skips is told as well."""
    box = mailbox(delivery, Rule.DELTAS)
    got = delivered(delivery, box, snapshot(1), update(2), update(5), update(6), snapshot(8))
    assert gaps(got) == [1, 2, ("missed", 3, None), 8]
    assert isinstance(delivery.registry.next(), SnapshotLacking)
    assert gaps(delivered(delivery, box, update(9), snapshot(12))) == [9, ("missed", 10, 11), 12]


def test_an_old_snapshot_is_not_delivered(delivery: Any) -> None:
    """A second connection begins with one, and repeats what has followed."""
    box = mailbox(delivery, Rule.DELTAS)
    delivered(delivery, box, snapshot(5), update(6), update(7))
    got = delivered(delivery, box, snapshot(6), update(7), update(8), snapshot(8), snapshot(9))
    assert gaps(got) == [8, 9]
    assert box.stale == 3


def test_an_exchange_that_counts_anew_is_followed(delivery: Any) -> None:
    """How much was missed nobody knows."""
    box = mailbox(delivery, Rule.DELTAS)
    got = delivered(delivery, box, snapshot(50), update(51), snapshot(1, at=60), update(2, at=61))
    assert gaps(got) == [50, 51, ("missed", None, None), 1, 2]


def test_an_exchange_may_count_anew_twice(delivery: Any) -> None:
    """Nothing came in between: the second snapshot is another one all the same."""
    box = mailbox(delivery, Rule.DELTAS)
    got = delivered(delivery, box, snapshot(1, at=60), snapshot(1, at=60), snapshot(1, at=70))
    assert gaps(got) == [1, ("missed", None, None), 1]
    assert box.stale == 1


def test_a_book_gets_the_snapshot_of_the_id_that_it_has(delivery: Any) -> None:
    """It may have been lost though nothing is missing, as where it was crossed; older ones not."""
    box = mailbox(delivery, Rule.DELTAS)
    box.feed.is_own = True
    got = delivered(delivery, box, snapshot(50), update(51), snapshot(51), snapshot(50), update(52))
    assert gaps(got) == [50, 51, 51, 52]


def test_a_cumulative_stream_is_read_when_it_comes(delivery: Any) -> None:
    """A frame of it has no meaning without those before; where that is not known, it is told."""
    asked: list[str] = []
    of = source(
        delivery,
        Rule.WHOLE,
        LacksWholeError(),
        ticker(1, 1),
        (),
        whole_wanted=lambda: asked.append("whole"),
    )
    frames = [of.frame(of, raw, 1) for raw in (b"1", b"2", b"3")]
    assert [frame.event for frame in frames] == [Several(()), ticker(1, 1), Several(())]
    assert (asked, of.newest) == (["whole"], ticker(1, 1))


def test_a_cumulative_source_goes_on_where_another_was(delivery: Any) -> None:
    """With what is known, whichever of the two a frame comes to; its drift is not counted anew."""
    old = source(delivery, Rule.WHOLE, ticker(1, 1), ticker(2, 2), ticker(3, 3), whole_wanted=print)
    old.frame(old, b"1", 1)
    old.latest, old.latest_at = b"1", 5
    new = source(delivery, Rule.WHOLE, LacksWholeError(), whole_wanted=print)
    new.inherit(old)
    assert (new.newest, new.latest, new.latest_at) == (ticker(1, 1), b"1", 5)
    contents = [each.frame(each, b"", 1).event for each in (old, new)]
    assert contents == [ticker(2, 2), ticker(3, 3)]


def test_a_source_inherits_no_more_than_what_came_last(delivery: Any) -> None:
    """Where each frame can be understood by itself."""
    old, new = source(delivery, Rule.WHOLE), source(delivery, Rule.WHOLE, ticker(7, 7))
    old.latest, old.latest_at = b"1", 5
    new.inherit(old)
    assert (new.sign, new.read(Frame(new, b"", 1))) == (b"1", ticker(7, 7))


def test_what_was_known_of_a_cumulative_stream_is_forgotten(delivery: Any) -> None:
    """A change of it would be taken for one of what was before."""
    asked: list[str] = []
    stream = Stream(CHANNELS[Rule.WHOLE], "BTCUSDT")
    first, second = Decoder(ticker(1, 1)), Decoder(LacksWholeError(), ticker(3, 3))
    first.drifted = 2
    of = Source(
        *("sim", stream, first, delivery.root, Rule.WHOLE),
        whole_wanted=lambda: asked.append("whole"),
        anew=lambda: second,
    )
    of.frame(of, b"1", 1)
    of.forget()
    assert of.frame(of, b"2", 1).event == Several(())
    assert (asked, of.drifted, of.sign) == (["whole"], 2, ticker(1, 1))
    assert of.frame(of, b"3", 1).event == ticker(3, 3) == of.sign


@pytest.mark.parametrize("seed", range(200))
def test_whatever_is_lost_each_book_was_the_exchanges(delivery: Any, seed: int) -> None:
    """Updates that are lost, doubled or late; snapshots when they are asked for, or by themselves."""
    random = Random(seed)
    box, book = mailbox(delivery, Rule.DELTAS), StreamedBook("sim", "BTCUSDT", 100)
    truth: dict[int, list[tuple[int, int]]] = {}
    levels: dict[int, int] = {}
    id, now, late, last, is_told = 0, 1, list[OrderBookUpdate](), 0, True
    for step in range(400):
        id, now = id + 1, now + 1
        if random.random() < 0.01 and id > 9:
            id = 1
            truth.clear()
        tick, amount = random.randint(1, 30), random.choice((0, 1, 2))
        levels[tick] = amount
        truth[id] = sorted(((t, q) for t, q in levels.items() if q), reverse=True)
        is_snapshot = id == 1 or random.random() < 0.03 or step > 390
        bids = truth[id] if is_snapshot else [(tick, amount)]
        sides = Levels([b'"%d","%d"' % each for each in bids]), ()
        made = OrderBookUpdate("sim", "BTCUSDT", now, now, id, id, *sides, is_snapshot=is_snapshot)
        came = [made] * random.choice((0, 1, 1, 1, 1, 1, 1, 1, 2)) if step <= 390 else [made]
        if late and random.random() < 0.2:
            came.append(late.pop())
        if random.random() < 0.05 and not is_snapshot:
            late.append(made)
        for event in delivered(delivery, box, *came):
            if isinstance(event, StreamGap):
                shown = book.missed(event, 0.0)
                is_told = True
            else:
                shown = book.update(event, 0.0)
            for each in shown:
                if isinstance(each, OrderBook):
                    assert [(int(p), int(q)) for p, q in each.bids] == truth[each.update_id]
                    assert is_told or each.update_id in (last + 1, last)
                    last, is_told = each.update_id, False
    assert book.book is not None
    assert last == id
