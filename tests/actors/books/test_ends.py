"""How a room of the books ends, and what its successor tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector.actors.kept.kept_book import KeptBook
from exchange_connector.messages.market import StreamGap

Make = Callable[..., Any]
Wait = Callable[[Callable[[], object]], None]


@pytest.mark.parametrize("way", ["stop", "die"])
def test_a_successor_tells_restarted_once(
    way: str, house: Any, a_snapshot: Make, an_update: Make
) -> None:
    """Only to who had a book; and one that had none since is not told again."""
    had, had_none = house.reader(), house.reader(symbol="ETHUSDT")
    had_none.join()
    house.stream()
    stream = house.live(had)
    stream.send(an_update(11))
    had.book()
    streams: dict[str, Any] = {}
    for _ in range(2):
        if way == "die":
            house.lifeline.unknown = None  # what it is told next is a fault
            house.tell("?")
            house.lifeline.join(5)
        else:
            house.die()
        house.start()
        house.want(had, had_none)
        streams = {each.symbol: each for each in (house.stream(), house.stream())}
    assert had.probe.next().reason == "restarted"
    house.settle()
    assert len(had.probe.of(StreamGap)) == 1
    streams["BTCUSDT"].confirm()
    house.fetch().reply.tell(a_snapshot(50))
    assert had.book().update_id == 50
    house.want(had, had_none)
    house.settle()
    assert len(had.probe.of(StreamGap)) == 1
    assert had_none.probe.told == []


def test_what_a_fault_has_cost_is_not_passed_over(
    house: Any, an_update: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A room that dies of a fault delivers no more: what would follow might follow a hole."""
    first, second = house.reader(), house.reader(depth=1)
    stream = house.live(first)
    second.join()
    second.book()
    healthy = KeptBook._leave_with
    faults = iter([True])

    def leave_with(self: KeptBook, mailbox: Any, events: Any) -> None:
        if mailbox is second.mailbox and next(faults, False):
            stream.send(an_update(12), an_update(13))
            raise RuntimeError("a bug in the room")
        healthy(self, mailbox, events)

    monkeypatch.setattr(KeptBook, "_leave_with", leave_with)
    stream.send(an_update(11))
    house.lifeline.join(5)
    assert first.ids == [10, 11]
    assert second.ids == [10]


def test_what_has_come_is_delivered_when_the_room_is_stopped(
    house: Any, slow: Any, a_snapshot: Make, an_update: Make, eventually: Wait
) -> None:
    """All of it, in order."""
    reader = house.reader(take=slow)
    reader.join()
    stream = house.stream()
    stream.confirm()
    house.fetch().reply.tell(a_snapshot(10))
    eventually(lambda: slow.entered)  # on the room's thread
    house.ref.stop(block=False)
    for each in range(200):
        stream.send(an_update(11 + each))
    slow.open()
    house.lifeline.join(5)
    assert [event.update_id for event in slow.taken] == list(range(10, 211))


def test_an_abandoned_room_delivers_nothing(house: Any, a_snapshot: Make, an_update: Make) -> None:
    """Whatever it had in hand concerns nobody."""
    reader = house.reader()
    reader.join()
    stream = house.stream()
    stream.confirm()
    fetch = house.fetch()
    house.settle()
    house.lifeline.abandon()
    fetch.reply.tell(a_snapshot(10))
    stream.send(an_update(11))
    house.lifeline.join(5)
    assert reader.probe.told == []
