"""Who reads which book: joining, leaving, depths, confirmations and refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exchange_connector.messages.errors import ExchangeError, NotRunningError
from exchange_connector.messages.kept_books import BookConfirmed, BookRefused, BookUnwanted
from exchange_connector.messages.market import StreamGap
from exchange_connector.messages.rooms import AddSubscription, Fetch, StreamForgotten

Make = Callable[..., Any]
Wait = Callable[[Callable[[], object]], None]


def test_a_reader_gets_every_state(house: Any, an_update: Make) -> None:
    """The snapshot, and a book for each update; the reader is told once that it is confirmed."""
    reader = house.reader()
    stream = house.live(reader)
    stream.send(an_update(11), an_update(12, 14))
    assert [reader.book().update_id for _ in range(2)] == [11, 14]
    assert reader.probe.told[-1].bids[0].quantity == 14
    house.settle()
    confirmed = house.registry.of(BookConfirmed)
    assert [message.mailboxes for message in confirmed] == [(reader.mailbox,)]


def test_readers_share_a_book(house: Any, an_update: Make) -> None:
    """The second one asks for nothing: it is confirmed at once, and sees how the book is now."""
    first, second = house.reader(), house.reader(depth=1)
    stream = house.live(first)
    second.join()
    assert house.registry.next(BookConfirmed).mailboxes == (first.mailbox,)
    assert house.registry.next(BookConfirmed).mailboxes == (second.mailbox,)
    now = second.book()
    assert (now.update_id, len(now.bids), len(now.asks)) == (10, 1, 1)
    stream.send(an_update(11))
    assert first.book().update_id == second.book().update_id == 11
    assert len(first.probe.told[-1].bids) == 2
    assert len(house.registry.of(AddSubscription)) == len(house.rest.of(Fetch)) == 1


def test_a_deeper_reader_waits_and_the_shallower_goes_on(
    house: Any, a_snapshot: Make, an_update: Make
) -> None:
    """A deeper snapshot becomes part of the book; who needs no more notices nothing."""
    shallow, deep = house.reader(depth=2), house.reader(depth=20)
    stream = house.live(shallow)
    deep.join()
    fetch = house.fetch()
    assert fetch.request.depth == 40
    stream.send(an_update(11), an_update(12))
    assert [shallow.book().update_id for _ in range(2)] == [11, 12]
    house.settle()
    assert deep.probe.told == []
    fetch.reply.tell(a_snapshot(11, 40))
    now = deep.book()
    assert (now.update_id, len(now.bids), now.bids[0].quantity) == (12, 20, 12)
    stream.send(an_update(13))
    assert deep.book().update_id == shallow.book().update_id == 13
    assert len(shallow.probe.told[-1].bids) == 2
    assert shallow.ids == [10, 11, 12, 13]
    assert shallow.probe.of(StreamGap) == []


def test_the_deeper_reader_may_leave_before_its_book(
    house: Any, a_snapshot: Make, an_update: Make
) -> None:
    """It gets nothing, and the other one is not disturbed."""
    shallow, deep = house.reader(depth=2), house.reader(depth=20)
    stream = house.live(shallow)
    deep.join()
    fetch = house.fetch()
    deep.leave()
    stream.send(an_update(11))
    fetch.reply.tell(a_snapshot(11, 40))
    stream.send(an_update(12))
    assert [shallow.book().update_id for _ in range(2)] == [11, 12]
    house.settle()
    assert deep.probe.told == []
    assert house.ended == []


def test_the_last_to_leave_ends_the_subscription(house: Any, an_update: Make) -> None:
    """The stream of updates ends with it, and the health of the book is forgotten."""
    first, second = house.reader(), house.reader()
    stream = house.live(first)
    second.join()
    second.book()
    first.leave()
    stream.send(an_update(11))
    assert second.book().update_id == 11
    assert house.ended == []
    second.leave()
    house.settle()
    assert house.ended == [stream.identity]
    assert house.root.of(StreamForgotten) == [StreamForgotten("order_book:BTCUSDT")]
    house.tell(BookUnwanted(second.mailbox))  # twice is no more than once
    house.settle()
    assert house.ended == [stream.identity]


def test_what_belongs_to_an_earlier_life_of_the_symbol_is_ignored(
    house: Any, a_snapshot: Make, an_update: Make
) -> None:
    """Left and joined anew: neither the old stream nor the old snapshot says anything of it."""
    first, second = house.reader(), house.reader()
    first.join()
    old = house.stream()
    old.confirm()
    old_fetch = house.fetch()
    first.leave()
    second.join()
    new = house.stream()
    assert new.feed is not old.feed
    assert new.identity != old.identity
    old_fetch.reply.tell(a_snapshot(99))
    old.confirm(2)
    old.send(an_update(100))
    old.cut()
    old.end(house.new_probe())
    house.settle()
    assert second.probe.told == []
    assert house.rest.of(Fetch) == [old_fetch]
    assert all(second.mailbox not in m.mailboxes for m in house.registry.of(BookConfirmed))
    new.confirm()
    house.fetch().reply.tell(a_snapshot(10))
    new.send(an_update(11))
    assert [second.book().update_id for _ in range(2)] == [10, 11]
    assert first.probe.told == []
    assert house.ended[0] == old.identity
    assert new.identity not in house.ended


def test_a_refused_subscription_is_told_to_everybody(house: Any) -> None:
    """Every reader of the symbol gets the exchange's error."""
    readers = house.reader(), house.reader(depth=20)
    for each in readers:
        each.join()
    error = ExchangeError(-1121, "Invalid symbol.", 400)
    house.settle()
    house.stream().reply.fail(error)
    refused = house.registry.next(BookRefused)
    assert set(refused.mailboxes) == {each.mailbox for each in readers}
    assert refused.error is error


def test_who_joins_after_a_refusal_asks_anew(house: Any, a_snapshot: Make) -> None:
    """Though the registry has not ended the refused ones yet: nobody waits for nothing."""
    refused, reader = house.reader(), house.reader()
    refused.join()
    house.stream().reply.fail(ExchangeError(-1121, "Invalid symbol.", 400))
    house.registry.next(BookRefused)
    reader.join()
    refused.leave()
    stream = house.stream()
    stream.confirm()
    house.fetch().reply.tell(a_snapshot(10))
    assert reader.book().update_id == 10
    assert refused.probe.told == []
    assert stream.identity not in house.ended


def test_a_refusal_that_the_registry_lost_is_told_again(house: Any) -> None:
    """A new registry wants the same book: it is asked for again, and refused again."""
    reader = house.reader()
    reader.join()
    for _ in range(2):
        house.stream().reply.fail(ExchangeError(-1121, "Invalid symbol.", 400))
        assert house.registry.next(BookRefused).mailboxes == (reader.mailbox,)
        house.want(reader)


def test_a_subscription_that_the_registry_lost_is_asked_for_again(
    house: Any, a_snapshot: Make
) -> None:
    """After a while, with another identity; who has left meanwhile is not subscribed for."""
    reader = house.reader()
    reader.join()
    lost = house.stream()
    lost.reply.fail(NotRunningError("lost"))
    stream = house.stream()
    assert stream.identity != lost.identity
    assert stream.feed is lost.feed
    stream.confirm()
    house.fetch().reply.tell(a_snapshot(10))
    assert reader.book().update_id == 10
    other = house.reader(symbol="ETHUSDT")
    other.join()
    house.stream().reply.fail(NotRunningError("lost"))
    other.leave()
    house.live(house.reader(symbol="BNBUSDT"))
    house.settle()
    assert len(house.registry.of(AddSubscription)) == 4


def test_one_book_has_one_subscription(house: Any) -> None:
    """One that ended before it was confirmed is replaced once, however the room hears of it."""
    reader = house.reader()
    reader.join()
    first = house.stream()
    first.reply.fail(NotRunningError("ended before it was confirmed"))
    first.end(house.new_probe())
    second = house.stream()
    assert second.feed is not first.feed
    other = house.reader(symbol="ETHUSDT")  # its retry comes behind the first one's
    other.join()
    house.stream().reply.fail(NotRunningError("lost"))
    assert house.stream().symbol == "ETHUSDT"
    assert len(house.registry.of(AddSubscription)) == 4


def test_a_new_registry_is_reconciled_with(house: Any, an_update: Make) -> None:
    """Who is wanted no more leaves, who is new joins, who stays is confirmed again, and no gap."""
    stays, gone, new = house.reader(), house.reader(symbol="ETHUSDT"), house.reader(depth=1)
    stream = house.live(stays)
    ended = house.live(gone)
    before = len(house.registry.of(BookConfirmed))
    house.want(stays, new)
    assert new.book().update_id == 10
    stream.send(an_update(11))
    assert stays.book().update_id == new.book().update_id == 11
    assert house.ended == [ended.identity]
    confirmed = [message.mailboxes for message in house.registry.of(BookConfirmed)[before:]]
    assert confirmed == [(stays.mailbox,), (new.mailbox,)]
    assert len(house.registry.of(AddSubscription)) == 2
    assert stays.ids == [10, 11]
