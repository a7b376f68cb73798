"""Interruptions: told once, in order, to whoever was receiving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector.core.sequence import Rule
from exchange_connector.messages.enums import Channel, GapReason
from exchange_connector.messages.market import BaseEvent, StreamGap

Make = Callable[[int], BaseEvent]


@pytest.fixture
def receiving(delivery: Any, probe: Any) -> tuple[Any, Any]:
    """A feed and a mailbox whose events the probe takes."""
    feed = delivery.feed(probe)
    return feed, delivery.mailbox(feed, rule=Rule.CONSECUTIVE)


Receiving = tuple[Any, Any]


def drained(feed: Any, probe: Any) -> list[Any]:
    """Everything delivered so far."""
    feed.finish(5.0)
    assert feed.join(5.0)
    told: list[Any] = probe.told
    return told


def test_an_interruption_is_told_behind_the_last_frame(
    receiving: Receiving, probe: Any, trade: Make
) -> None:
    """With the channel, the symbol, and that nothing is known of what was missed."""
    feed, mailbox = receiving
    feed.put([(mailbox, trade(1))], 4)
    feed.interrupt(mailbox, 4)
    event, gap = drained(feed, probe)
    assert event == trade(1)
    assert isinstance(gap, StreamGap)
    assert (gap.channel, gap.symbol, gap.reason) == (
        Channel.TRADES,
        "BTCUSDT",
        GapReason.DISCONNECTED,
    )
    assert (gap.first_missed_id, gap.last_missed_id, gap.missed) == (None, None, None)
    assert gap.received_time == gap.event_time > 0


def test_an_interruption_is_told_once(receiving: Receiving, probe: Any, trade: Make) -> None:
    """However many notice it: the reader, and the registry."""
    feed, mailbox = receiving
    feed.put([(mailbox, trade(1))], 4)
    feed.interrupt(mailbox, 4)
    feed.interrupt(mailbox, 4)
    feed.interrupt(mailbox, 5)
    assert [type(each) for each in drained(feed, probe)].count(StreamGap) == 1


def test_whoever_was_not_receiving_has_missed_nothing(receiving: Receiving, probe: Any) -> None:
    """A stream that was never confirmed was not interrupted."""
    feed, mailbox = receiving
    feed.interrupt(mailbox, 4)
    assert drained(feed, probe) == []


def test_a_confirmed_but_quiet_stream_is_interrupted_too(receiving: Receiving, probe: Any) -> None:
    """Nothing had come yet, but something may have been missed."""
    feed, mailbox = receiving
    feed.mark_live(mailbox, 4)
    feed.interrupt(mailbox, 4)
    assert [type(each) for each in drained(feed, probe)] == [StreamGap]


def test_the_end_of_an_older_connection_concerns_nobody(
    receiving: Receiving, probe: Any, trade: Make
) -> None:
    """A newer one carries the stream already."""
    feed, mailbox = receiving
    feed.put([(mailbox, trade(1))], 5)
    feed.interrupt(mailbox, 4)
    feed.put([(mailbox, trade(2))], 5)
    assert drained(feed, probe) == [trade(1), trade(2)]


def test_frames_of_an_older_connection_are_dropped(
    receiving: Receiving, probe: Any, trade: Make
) -> None:
    """What the abandoned reader still had in hand."""
    feed, mailbox = receiving
    feed.put([(mailbox, trade(7))], 5)
    feed.put([(mailbox, trade(6))], 4)
    feed.put([(mailbox, trade(8))], 5)
    assert drained(feed, probe) == [trade(7), trade(8)]


def test_a_newer_connection_without_the_old_ones_end_is_a_gap(
    receiving: Receiving, probe: Any, trade: Make
) -> None:
    """In its place, between the frames of the two."""
    feed, mailbox = receiving
    feed.put([(mailbox, trade(1))], 4)
    feed.put([(mailbox, trade(9))], 5)
    feed.interrupt(mailbox, 4)
    first, gap, second = drained(feed, probe)
    assert (first, second) == (trade(1), trade(9))
    assert isinstance(gap, StreamGap)
    assert gap.reason == GapReason.DISCONNECTED


def test_a_newer_connection_is_told_before_its_first_frame(
    receiving: Receiving, probe: Any, trade: Make
) -> None:
    """On a quiet stream nothing else would wake the subscriber's thread."""
    feed, mailbox = receiving
    feed.put([(mailbox, trade(1))], 4)
    assert probe.next() == trade(1)
    feed.mark_live(mailbox, 5)
    assert isinstance(probe.next(), StreamGap)
    feed.mark_live(mailbox, 5)
    feed.put([(mailbox, trade(9))], 5)
    assert probe.next() == trade(9)


def test_an_interruption_and_the_next_connection_make_one_gap(
    receiving: Receiving, probe: Any, trade: Make
) -> None:
    """The usual course of a reconnect; after it ids start afresh."""
    feed, mailbox = receiving
    feed.put([(mailbox, trade(1))], 4)
    feed.interrupt(mailbox, 4)
    feed.mark_live(mailbox, 5)
    feed.put([(mailbox, trade(50)), (mailbox, trade(51))], 5)
    kinds = [type(each).__name__ for each in drained(feed, probe)]
    assert kinds == ["Trade", "StreamGap", "Trade", "Trade"]


def test_a_late_confirmation_of_an_older_connection_is_ignored(
    receiving: Receiving, probe: Any, trade: Make
) -> None:
    """It must not make the newer one's frames look old."""
    feed, mailbox = receiving
    feed.put([(mailbox, trade(1))], 5)
    feed.mark_live(mailbox, 4)
    feed.put([(mailbox, trade(2))], 5)
    assert drained(feed, probe) == [trade(1), trade(2)]


def test_an_ended_subscription_hears_of_no_interruption(
    receiving: Receiving, probe: Any, new_probe: Any, trade: Make
) -> None:
    """Nothing is delivered after its end."""
    feed, mailbox = receiving
    feed.put([(mailbox, trade(1))], 4)
    assert probe.next() == trade(1)
    feed.close(mailbox, new_probe())
    feed.interrupt(mailbox, 4)
    assert drained(feed, probe) == [trade(1)]


def test_each_subscriber_has_its_own_gap(delivery: Any, new_probe: Any, trade: Make) -> None:
    """Also two subscriptions of one callable."""
    probe = new_probe()
    feed = delivery.feed(probe)
    first, second = delivery.mailbox(feed), delivery.mailbox(feed)
    feed.put([(first, trade(1)), (second, trade(1))], 4)
    feed.interrupt(first, 4)
    feed.interrupt(second, 4)
    assert [type(each) for each in drained(feed, probe)].count(StreamGap) == 2
