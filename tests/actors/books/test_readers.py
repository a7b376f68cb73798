"""Readers of every temper: those that hold their book up, that leave in the middle, that raise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector.core import synchroniser
from exchange_connector.messages.enums import Overflow
from exchange_connector.messages.rooms import Fetch

Make = Callable[..., Any]
Wait = Callable[[Callable[[], object]], None]


def test_a_reader_that_blocks_holds_up_its_book_and_no_other(
    house: Any, slow: Any, a_snapshot: Make, an_update: Make, eventually: Wait
) -> None:
    """The room goes on meanwhile; in the end the reader has got everything."""
    held = house.reader(threaded=True, max_pending=2, overflow=Overflow.BLOCK, take=slow)
    beside, other = house.reader(), house.reader(symbol="ETHUSDT")
    beside.join()
    held.join()
    stream = house.stream()
    stream.confirm()
    house.fetch().reply.tell(a_snapshot(10))
    beside.book()
    eventually(lambda: slow.entered)
    for each in range(50):
        stream.send(an_update(11 + each))
    house.settle()
    assert len(beside.ids) <= 5  # as far as the one who holds it up
    elsewhere = house.live(other)
    elsewhere.send(*(an_update(11 + each, symbol="ETHUSDT") for each in range(100)))
    assert [other.book().update_id for _ in range(100)][-1] == 110
    slow.open()
    eventually(lambda: len(slow.taken) == 51)
    assert [event.update_id for event in slow.taken] == beside.ids == list(range(10, 61))


def test_who_blocks_makes_no_update_seem_lost(
    house: Any,
    slow: Any,
    a_snapshot: Make,
    an_update: Make,
    eventually: Wait,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A snapshot is ahead of a book that is held up, however long: its updates are here already."""
    monkeypatch.setattr(synchroniser, "_PATIENCE", 0.01)
    held = house.reader(threaded=True, max_pending=1, overflow=Overflow.BLOCK, take=slow)
    beside = house.reader()
    stream = house.live(beside)
    held.join()
    eventually(lambda: slow.entered)
    deep = house.reader(depth=20)  # which asks for a deeper snapshot
    deep.join()
    ahead = house.fetch()
    stream.send(*(an_update(11 + each) for each in range(20)))
    house.settle()
    ahead.reply.tell(a_snapshot(30, 40))
    for _ in range(20):  # it is looked at, several times after its patience is over
        house.settle()
    assert len(house.rest.of(Fetch)) == 2
    slow.open()
    eventually(lambda: [each.update_id for each in slow.taken] == list(range(10, 31)))
    assert deep.book().update_id == 30


def test_who_blocks_and_leaves_holds_up_nobody(
    house: Any, slow: Any, a_snapshot: Make, an_update: Make, eventually: Wait
) -> None:
    """The others get what has waited."""
    held = house.reader(threaded=True, max_pending=1, overflow=Overflow.BLOCK, take=slow)
    beside = house.reader()
    stream = house.live(beside)
    held.join()
    eventually(lambda: slow.entered)
    for each in range(20):
        stream.send(an_update(11 + each))
    house.settle()
    assert len(beside.ids) < 10
    held.leave()
    eventually(lambda: beside.ids == list(range(10, 31)))
    slow.open()


def test_a_reader_may_leave_within_its_callback(
    house: Any, a_snapshot: Make, an_update: Make
) -> None:
    """In the middle of what is delivered: nothing more comes, and the others get everything."""
    seen: list[int] = []

    def take(event: Any) -> None:
        seen.append(event.update_id)
        if event.update_id == 12:
            quitter.leave()

    quitter, beside = house.reader(take=take), house.reader()
    quitter.join()
    beside.join()
    stream = house.stream()
    stream.confirm()
    house.fetch().reply.tell(a_snapshot(10))
    stream.send(*(an_update(11 + each) for each in range(5)))
    assert [beside.book().update_id for _ in range(6)] == [10, 11, 12, 13, 14, 15]
    house.settle()
    assert seen == [10, 11, 12]
    assert house.ended == []


def test_a_reader_that_raises_keeps_receiving(
    house: Any, a_snapshot: Make, an_update: Make
) -> None:
    """Whatever an inline callable raises on the room's thread."""
    seen: list[int] = []

    def take(event: Any) -> None:
        seen.append(event.update_id)
        raise SystemExit(event.update_id)

    reader, beside = house.reader(take=take), house.reader()
    reader.join()
    beside.join()
    stream = house.stream()
    stream.confirm()
    house.fetch().reply.tell(a_snapshot(10))
    stream.send(an_update(11), an_update(12))
    assert [beside.book().update_id for _ in range(3)] == [10, 11, 12]
    assert seen == [10, 11, 12]
    assert house.lifeline.is_alive
