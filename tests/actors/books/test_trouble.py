"""What goes wrong under a book: cuts, snapshots that do not come, rooms that die; and its health."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from exchange_connector.messages.enums import HealthState, Overflow
from exchange_connector.messages.errors import ExchangeConnectionError, RateLimitError
from exchange_connector.messages.market import OrderBook, StreamGap
from exchange_connector.messages.rooms import Fetch, StreamHealth

Make = Callable[..., Any]
Wait = Callable[[Callable[[], object]], None]
SUBJECT = "order_book:BTCUSDT"


def health(house: Any) -> list[tuple[str, str]]:
    """What was told of the book's health."""
    house.settle()
    return [(told.state, told.cause) for told in house.root.of(StreamHealth)]


def test_a_cut_is_told_once_and_the_book_begins_anew(
    house: Any, a_snapshot: Make, an_update: Make
) -> None:
    """Nothing is asked for while the stream is down; a fresh book follows the one gap."""
    reader = house.reader()
    stream = house.live(reader)
    stream.cut()
    assert reader.probe.next().reason == "disconnected"
    house.settle()
    asked = len(house.rest.of(Fetch))
    stream.confirm(2)
    house.fetch().reply.tell(a_snapshot(50))
    stream.send(an_update(51))
    assert [reader.book().update_id for _ in range(2)] == [50, 51]
    assert asked == 1
    assert len(reader.probe.of(StreamGap)) == 1


def test_a_connection_that_is_back_before_its_end_was_noticed_brings_a_book(
    house: Any, slow: Any, a_snapshot: Make, an_update: Make, eventually: Wait
) -> None:
    """However quiet the new one is: that it is on was heard before that the old one had ended."""
    held = house.reader(threaded=True, max_pending=1, overflow=Overflow.BLOCK, take=slow)
    held.join()
    stream = house.stream()
    stream.confirm()
    house.fetch().reply.tell(a_snapshot(10))
    eventually(lambda: slow.entered)
    stream.send(an_update(11), an_update(12), an_update(13))
    house.settle()
    stream.cut()
    stream.confirm(2)
    house.settle()
    slow.open()
    house.fetch().reply.tell(a_snapshot(50))
    eventually(lambda: slow.taken and getattr(slow.taken[-1], "update_id", 0) == 50)
    kinds = [type(event).__name__ for event in slow.taken]
    assert kinds == ["OrderBook"] * 4 + ["StreamGap", "OrderBook"]
    assert health(house)[-1] == (HealthState.LIVE, "")


def test_a_confirmation_of_a_connection_that_has_ended_starts_nothing(house: Any) -> None:
    """It was lost again before the room heard that it was on."""
    reader = house.reader()
    stream = house.live(reader)
    stream.cut()
    assert reader.probe.next().reason == "disconnected"
    house.settle()
    stream.feed.interrupt(stream.mailbox, 2)
    stream.feed.mark_live(stream.mailbox, 2)
    house.settle()
    assert health(house)[-1] == (HealthState.DOWN, "disconnected")
    assert len(house.rest.of(Fetch)) == 1


def test_missing_updates_are_told_with_their_ids(
    house: Any, a_snapshot: Make, an_update: Make
) -> None:
    """And the update behind them is kept for the snapshot that follows."""
    reader = house.reader()
    stream = house.live(reader)
    stream.send(an_update(15))
    gap = reader.probe.next()
    assert (gap.reason, gap.first_missed_id, gap.last_missed_id, gap.missed) == (
        "missed",
        11,
        14,
        4,
    )
    house.fetch().reply.tell(a_snapshot(14))
    assert [reader.book().update_id for _ in range(2)] == [14, 15]


def test_failures_back_off(house: Any, a_snapshot: Make) -> None:
    """Each attempt comes later than the one before, until one succeeds."""
    reader = house.reader()
    reader.join()
    house.stream().confirm()
    waits: list[float] = []
    fetch = house.fetch()
    for _ in range(4):
        failed = time.monotonic()
        fetch.reply.fail(ExchangeConnectionError("rest", "no answer"))
        fetch = house.fetch()
        waits.append(time.monotonic() - failed)
    for each, wait in enumerate(waits):
        assert wait >= 0.02 * 2**each * 0.99
    assert health(house)[-1][0] == HealthState.RESYNCING
    assert "no snapshot" in health(house)[-1][1]
    fetch.reply.tell(a_snapshot(10))
    assert reader.book().update_id == 10
    assert health(house)[-1] == (HealthState.LIVE, "")


def test_the_exchange_s_wish_for_silence_is_heeded(house: Any) -> None:
    """Nothing is asked for before the time that an error names."""
    reader = house.reader()
    reader.join()
    house.stream().confirm()
    fetch = house.fetch()
    began = time.monotonic()
    fetch.reply.fail(RateLimitError(0.3, -1003))
    house.fetch()
    assert time.monotonic() - began >= 0.3 * 0.99


def test_a_snapshot_that_may_never_leave_is_tried_again(house: Any, a_snapshot: Make) -> None:
    """The limit may be another one by then."""
    reader = house.reader()
    reader.join()
    house.stream().confirm()
    house.fetch().reply.fail(RateLimitError(math.inf))
    house.fetch().reply.tell(a_snapshot(10))
    assert reader.book().update_id == 10


def test_a_few_at_a_time_and_those_first_that_have_no_book(
    house: Any, a_snapshot: Make, an_update: Make, eventually: Wait
) -> None:
    """Eight are under way; the ninth leaves when one is back; failures free their places too."""
    reader = house.reader(symbol="OLD")
    old_stream = house.live(reader)
    pace_ends = time.monotonic() + 0.02
    for each in range(8):
        house.reader(symbol=f"S{each}").join()
        house.stream().confirm()
    fetches = [house.fetch() for _ in range(8)]
    deep = house.reader(depth=20, symbol="OLD")
    deep.join()  # waits, and has a book
    house.reader(symbol="NEW").join()
    house.stream().confirm()
    house.settle()
    assert len(house.rest.of(Fetch)) == 9
    fetches[0].reply.tell(a_snapshot(10, symbol="S0"))
    assert house.fetch().request.symbol == "NEW"
    house.reader(symbol="NEWER").join()
    house.stream().confirm()
    house.settle()
    eventually(lambda: time.monotonic() > pace_ends)
    old_stream.send(an_update(20, symbol="OLD"))  # so that it has none any more, and was first
    assert reader.probe.next(StreamGap).reason == "missed"
    house.reader(symbol="NEWEST").join()
    house.stream().confirm()
    house.settle()
    for fetch in fetches[1:4]:
        fetch.reply.fail(ExchangeConnectionError("rest", "no answer"))
    asked = [house.fetch().request.symbol for _ in range(3)]
    assert asked == ["NEWER", "OLD", "NEWEST"]


def test_places_do_not_leak(house: Any, a_snapshot: Make) -> None:
    """Who leaves while its snapshot is under way, or waits for its turn, takes no place with it."""
    for each in range(20):
        reader = house.reader(symbol=f"S{each}")
        reader.join()
        stream = house.stream()
        stream.confirm()
        if each < 8:
            fetch = house.fetch()
            reader.leave()
            house.settle()
            if each % 2:
                fetch.reply.tell(a_snapshot(10))
            else:
                fetch.reply.fail(ExchangeConnectionError("rest", "no answer"))
        else:
            fetch = house.fetch()
            house.settle()
            reader.leave()
            fetch.reply.fail(ExchangeConnectionError("rest", "no answer"))
        house.settle()
    readers = [house.reader(symbol=f"T{each}") for each in range(8)]
    for reader in readers:
        reader.join()
        house.stream().confirm()
    assert {house.fetch().request.symbol for _ in readers} == {f"T{each}" for each in range(8)}


def test_health_is_told_when_it_changes_only(house: Any, a_snapshot: Make, an_update: Make) -> None:
    """Not for each update, nor for another reader."""
    reader = house.reader()
    stream = house.live(reader)
    stream.send(*(an_update(11 + each) for each in range(100)))
    other = house.reader()
    other.join()
    other.probe.next(OrderBook)
    told = [
        (HealthState.RESYNCING, "not confirmed yet"),
        (HealthState.RESYNCING, "waits for a snapshot"),
        (HealthState.LIVE, ""),
    ]
    assert health(house) == told
    stream.cut()
    assert health(house)[3:] == [(HealthState.DOWN, "disconnected")]
    stream.confirm(2)
    house.fetch().reply.tell(a_snapshot(200))
    told = [(HealthState.RESYNCING, "waits for a snapshot"), (HealthState.LIVE, "")]
    assert health(house)[4:] == told
    assert {each.subject for each in house.root.of(StreamHealth)} == {SUBJECT}
