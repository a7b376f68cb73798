"""Nothing is left behind by who has left, nor by subscriptions that ended otherwise."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from exchange_connector.messages.market import OrderBook, StreamGap

Make = Callable[..., Any]
Wait = Callable[[Callable[[], object]], None]


def test_a_subscription_that_was_not_ended_is_ended_when_it_shows(
    house: Any, an_update: Make
) -> None:
    """The registry died of the message that ended it: its successor carries the stream on."""
    reader = house.reader()
    stream = house.live(reader)
    reader.leave()
    house.settle()
    assert house.ended == [stream.identity]
    stream.confirm(2)  # the successor's table
    house.settle()
    before = len(house.ended)
    assert before > 1
    for each in range(1, 300):  # nobody takes them, and nobody is held up for it
        stream.send(an_update(10 + each))
    house.settle()
    assert len(house.ended) > before
    assert set(house.ended) == {stream.identity}


def test_a_stream_that_the_registry_ended_is_asked_for_again(house: Any, a_snapshot: Make) -> None:
    """The book is lost until then, and the readers are told of that."""
    reader = house.reader()
    house.live(reader).end(house.new_probe())
    gap = reader.probe.next()
    assert isinstance(gap, StreamGap)
    assert gap.reason == "disconnected"
    house.stream().confirm()
    house.fetch().reply.tell(a_snapshot(50))
    assert reader.book().update_id == 50


def test_nothing_is_kept_of_who_has_left(house: Any, eventually: Wait, an_update: Make) -> None:
    """Neither their feeds, which end, nor their books, whatever timers they had."""
    books: list[Any] = []
    feeds: list[Any] = []
    for each in range(50):
        reader = house.reader(symbol=f"S{each}")
        stream = house.live(reader)
        room = house.ref._actor_weakref()
        books.append(weakref.ref(room._shelf.of(stream.symbol)[0].machine))
        del room
        stream.send(an_update(11, symbol=stream.symbol))
        assert reader.book().update_id == 11
        assert isinstance(reader.probe.told[-1], OrderBook)
        reader.leave()
        house.settle()
        stream.end(house.new_probe())
        feeds.append(stream.feed)
        eventually(lambda: feeds[-1].has_ended)
    house.settle()
    assert house.lifeline.is_alive
    house.rest.told.clear()
    alive = [each() for each in books if each() is not None]
    assert len(alive) <= 1  # the last message of the inbox may hold one


def test_a_reader_may_leave_and_come_back_ten_thousand_times(house: Any) -> None:
    """With a book that others keep, and without one: nothing grows."""
    keeper = house.reader()
    house.live(keeper)
    for each in range(5_000):
        guest = house.reader(symbol="BTCUSDT" if each % 2 else "ETHUSDT")
        guest.join()
        guest.leave()
        house._readers.remove(guest)
    house.settle()
    room = house.ref._actor_weakref()
    (kept,) = room._shelf.all()
    assert kept.stream.symbol == "BTCUSDT"
    assert kept.readers == [keeper.mailbox]
    assert kept.waiting == []
    assert len(room._shelf._by_feed) == 1
    assert len(room.inbox.timers()) < 10
    assert len(set(house.ended)) == 2_500
