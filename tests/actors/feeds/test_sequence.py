"""Frames: decoded once, checked for missing ids, trimmed, or told as a gap."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector.actors.feeds.event_ids import ids
from exchange_connector.actors.feeds.frame import Frame, Rejected, Source, excerpt
from exchange_connector.core.sequence import Rule
from exchange_connector.messages.enums import Channel, GapReason
from exchange_connector.messages.errors import ProtocolError
from exchange_connector.messages.market import (
    BookTicker,
    OrderBookUpdate,
    StreamGap,
    Ticker,
    Trade,
)
from exchange_connector.messages.rooms import FrameRejected
from exchange_connector.messages.streams import Stream
from exchange_connector.venues.driver import MalformedError

Make = Callable[[int], Trade]


class Decoder:
    """Reads `b"7"` as trade 7; `b"bad"` is malformed, and `b"bug"` meets a fault of ours."""

    drifted = 0

    def __init__(self, trade: Make) -> None:
        self.count = 0
        self._trade = trade
        self._busy = threading.Lock()

    def recognise(self, frame: bytes, received_time: int) -> Trade | None:
        """It never does."""
        return None

    def decode(self, frame: bytes, received_time: int) -> Trade:
        """Decode one frame; never beside another."""
        assert self._busy.acquire(blocking=False), "two threads in one decoder"
        try:
            self.count += 1
            time.sleep(0)  # whoever else would decode it gets the chance
            if frame == b"bad":
                raise MalformedError("not a trade")
            if frame == b"bug":
                raise KeyError("price")
            return self._trade(int(frame))
        finally:
            self._busy.release()


@pytest.fixture
def decoder(trade: Make) -> Decoder:
    """A decoder that counts its work."""
    return Decoder(trade)


@pytest.fixture
def source(decoder: Decoder, delivery: Any) -> Source:
    """The trades of one symbol."""
    stream = Stream(Channel.TRADES, "BTCUSDT")
    return Source("sim", stream, decoder, delivery.root)


def delivered(delivery: Any, probe: Any, source: Source, *frames: bytes, **more: Any) -> list[Any]:
    """What a subscriber gets for frames."""
    feed = delivery.feed(probe)
    mailbox = delivery.mailbox(feed, rule=Rule.CONSECUTIVE, **more)
    feed.put(((mailbox, Frame(source, raw, 99)) for raw in frames), 1)
    feed.finish(5.0)
    assert feed.join(5.0)
    told: list[Any] = probe.told
    return told


def test_a_frame_is_decoded_once_for_many_subscribers(
    delivery: Any, new_probe: Any, source: Source, decoder: Decoder, trade: Make, restless: None
) -> None:
    """By whoever looks first; the others share its event."""
    probes = [new_probe() for _ in range(4)]
    feeds = [delivery.feed(probe) for probe in probes]
    mailboxes = [delivery.mailbox(feed) for feed in feeds]
    frames = [Frame(source, b"%d" % number, number) for number in range(300)]
    for begin in range(0, 300, 10):
        for feed, mailbox in zip(feeds, mailboxes, strict=True):
            feed.put((mailbox, frame) for frame in frames[begin : begin + 10])
    for probe in probes:
        assert probe.take(300) == [trade(number) for number in range(300)]
    assert decoder.count == 300
    assert probes[0].told[7] is probes[1].told[7]


def test_nothing_is_decoded_that_nobody_takes(
    delivery: Any, gate: Any, source: Source, decoder: Decoder
) -> None:
    """What a slow subscriber drops costs nothing but the keeping."""
    feed = delivery.feed(gate)
    mailbox = delivery.mailbox(feed, max_pending=1)
    feed.put([(mailbox, Frame(source, b"0", 0))])
    gate.entered.next()
    feed.put((mailbox, Frame(source, b"%d" % number, 0)) for number in range(1, 100))
    gate.open()
    feed.finish(5.0)
    assert feed.join(5.0)
    assert decoder.count == 2


def test_what_follows_is_delivered(delivery: Any, probe: Any, source: Source, trade: Make) -> None:
    """Ids one after the other."""
    got = delivered(delivery, probe, source, b"5", b"6", b"7")
    assert got == [trade(5), trade(6), trade(7)]


def test_what_was_seen_is_dropped(delivery: Any, probe: Any, source: Source, trade: Make) -> None:
    """Each id once."""
    got = delivered(delivery, probe, source, b"5", b"6", b"5", b"6", b"7")
    assert got == [trade(5), trade(6), trade(7)]


def test_missing_ids_are_told_before_the_event(
    delivery: Any, probe: Any, source: Source, trade: Make
) -> None:
    """The first, the last, and how many."""
    first, gap, second = delivered(delivery, probe, source, b"5", b"9")
    assert (first, second) == (trade(5), trade(9))
    assert gap == StreamGap("sim", "BTCUSDT", 99, 99, Channel.TRADES, GapReason.MISSED, 6, 8, 3)


def test_a_rejected_frame_is_a_gap_for_each_and_one_report(
    delivery: Any, new_probe: Any, source: Source, trade: Make
) -> None:
    """The root hears of it once, with an excerpt; after it ids start afresh."""
    frames = [Frame(source, raw, 99) for raw in (b"5", b"bad", b"9")]
    probes = [new_probe(), new_probe()]
    for probe in probes:
        feed = delivery.feed(probe)
        mailbox = delivery.mailbox(feed, rule=Rule.CONSECUTIVE)
        feed.put(((mailbox, frame) for frame in frames), 1)
        feed.finish(5.0)
        assert feed.join(5.0)
        first, gap, second = probe.told
        assert (first, second) == (trade(5), trade(9))
        assert (gap.reason, gap.received_time) == (GapReason.REJECTED, 99)
    assert delivery.root.told == [
        FrameRejected(ProtocolError("not a trade", "bad", exchange="sim"))
    ]
    assert source.rejected == 1


def test_a_fault_of_the_decoder_rejects_the_frame(
    delivery: Any, probe: Any, source: Source, trade: Make
) -> None:
    """Whatever it raises, the subscriber's thread lives on."""
    first, gap, second = delivered(delivery, probe, source, b"5", b"bug", b"6")
    assert (first, second) == (trade(5), trade(6))
    assert gap.reason == GapReason.REJECTED
    (told,) = delivery.root.of(FrameRejected)
    assert "KeyError" in told.error.reason


def test_after_lagging_ids_start_afresh(delivery: Any, gate: Any, source: Source) -> None:
    """What was dropped here is told by the notice, and not once more as missing."""
    feed = delivery.feed(gate)
    mailbox = delivery.mailbox(feed, max_pending=1, rule=Rule.CONSECUTIVE)
    feed.put([(mailbox, Frame(source, b"0", 0))], 1)
    gate.entered.next()
    feed.put(((mailbox, Frame(source, b"%d" % number, 0)) for number in range(1, 9)), 1)
    gate.open()
    feed.finish(5.0)
    assert feed.join(5.0)
    assert [type(each).__name__ for each in gate.taken] == ["Trade", "SubscriberLagged", "Trade"]


def test_after_an_interruption_ids_start_afresh(delivery: Any, probe: Any, source: Source) -> None:
    """What was missed meanwhile is told once, by the gap of the interruption."""
    feed = delivery.feed(probe)
    mailbox = delivery.mailbox(feed, rule=Rule.CONSECUTIVE)
    feed.put([(mailbox, Frame(source, b"5", 0))], 1)
    feed.interrupt(mailbox, 1)
    feed.put([(mailbox, Frame(source, b"50", 0)), (mailbox, Frame(source, b"51", 0))], 2)
    feed.finish(5.0)
    assert feed.join(5.0)
    kinds = [type(each).__name__ for each in probe.told]
    assert kinds == ["Trade", "StreamGap", "Trade", "Trade"]
    assert probe.told[1].reason == GapReason.DISCONNECTED


def test_increasing_ids_may_skip(delivery: Any, probe: Any, trade: Make) -> None:
    """But not go back."""
    feed = delivery.feed(probe)
    mailbox = delivery.mailbox(feed, rule=Rule.INCREASING)
    source: Any = None
    frames = [Frame(source, b"", 0) for _ in range(4)]
    for frame, number in zip(frames, (3, 9, 4, 10), strict=True):
        frame.event = trade(number)
    got = [event for frame in frames for event in mailbox.events(frame)]
    assert got == [trade(3), trade(9), trade(10)]
    assert mailbox.stale == 1


def test_ids_of_every_numbered_event(trade: Make) -> None:
    """One number, or a range; what has none is a fault of the table of rules."""
    one = Decimal(1)
    update = OrderBookUpdate("sim", "X", 1, 1, 5, 9, (), ())
    assert ids(update) == (5, 9)
    assert ids(trade(4)) == (4, 4)
    assert ids(BookTicker("sim", "X", 1, 1, 6, one, one, one, one)) == (6, 6)
    with pytest.raises(TypeError, match="Ticker"):
        ids(Ticker("sim", "X", 1, 1, one))


def test_an_excerpt_is_short_and_printable() -> None:
    """Bytes that are no text are escaped."""
    assert excerpt(b"\xff{}") == "\\xff{}"
    long = excerpt(b"x" * 1000)
    assert long.startswith("x" * 160)
    assert "(1000 bytes)" in long
    assert len(long) < 200


def test_rejected_says_why(source: Source) -> None:
    """To whoever looks at the frame."""
    frame = Frame(source, b"bad", 1)
    assert source.read(frame) == Rejected("not a trade")
    assert source.read(frame) is frame.event
