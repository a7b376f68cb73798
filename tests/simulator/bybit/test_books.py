"""Order book topics: what is rebuilt from them is the true book, at every number."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange

CATEGORIES = ("spot", "linear")


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("depth", [50, 200, 1_000])
def test_deltas_make_the_true_book(
    exchange: SimulatedExchange, client: Any, book: Any, category: str, depth: int
) -> None:
    """A snapshot, and then deltas whose numbers follow on each other; at every one it is true."""
    topic, kept = f"orderbook.{depth}.BTCUSDT", book()
    one = client(exchange, category)
    one.send("subscribe", topic)
    frames = one.frames(topic, 8)
    assert [frame["type"] for frame in frames] == ["snapshot"] + ["delta"] * 7
    for frame in frames:
        kept.take(frame)
        assert kept.agrees(exchange.book("BTCUSDT", kept.u, category=category, depth=depth))
    own = exchange.book("BTCUSDT", kept.u, category=category, depth=depth)
    assert len(kept.sides["b"]) == len(own.bids) <= depth


def test_the_sequence_grows_in_leaps(exchange: SimulatedExchange, client: Any) -> None:
    """`seq` is comparable between depths, and does not count one by one; `cts` is not later."""
    one = client(exchange, "linear")
    one.send("subscribe", "orderbook.50.BTCUSDT", "orderbook.200.BTCUSDT")
    for topic in ("orderbook.50.BTCUSDT", "orderbook.200.BTCUSDT"):
        frames = one.frames(topic, 6)
        seqs = [frame["data"]["seq"] for frame in frames]
        assert seqs == sorted(set(seqs))
        assert max(seqs) - min(seqs) > len(seqs)
        assert all(frame["cts"] <= frame["ts"] for frame in frames)


@pytest.mark.parametrize("category", CATEGORIES)
def test_the_best_levels_come_as_snapshots(
    exchange: SimulatedExchange, client: Any, category: str
) -> None:
    """One bid and one ask, each time with the next number."""
    one = client(exchange, category)
    one.send("subscribe", "orderbook.1.BTCUSDT")
    frames = one.frames("orderbook.1.BTCUSDT", 6)
    assert {frame["type"] for frame in frames} == {"snapshot"}
    first = frames[0]["data"]["u"]
    assert [frame["data"]["u"] for frame in frames] == list(range(first, first + 6))
    for frame in frames:
        truth = exchange.book("BTCUSDT", frame["data"]["u"], category=category, depth=1)
        assert [tuple(level) for level in frame["data"]["b"]] == list(truth.bids)
        assert [tuple(level) for level in frame["data"]["a"]] == list(truth.asks)


def test_quiet_best_levels_are_told_again(client: Any) -> None:
    """After three seconds without a change, with the number that they had."""
    begin = 1_786_310_860.0
    exchange = SimulatedExchange(exchange="bybit", rate=0.1, start_time=begin)
    exchange.hold()
    with exchange:
        one = client(exchange, "spot")
        one.ask("subscribe", "orderbook.1.BTCUSDT")
        exchange.advance(2)  # ten seconds each
        frames = one.frames("orderbook.1.BTCUSDT", 8)
    (first, *_), again = frames, frames[1:4]
    assert {frame["data"]["u"] for frame in again} == {first["data"]["u"]}
    times = [frame["ts"] - begin * 1_000 for frame in again]
    assert times == [3_010, 6_010, 9_010]  # it has been looked at since the first tick
    assert frames[4]["data"]["u"] == first["data"]["u"] + 1


def test_a_second_subscriber_begins_where_the_first_one_is(
    held: SimulatedExchange, client: Any, book: Any
) -> None:
    """Its snapshot has the number of the newest delta, and the same content."""
    topic = "orderbook.50.BTCUSDT"
    early, late = client(held, "spot"), client(held, "spot")
    early.ask("subscribe", topic)
    kept = [book(), book()]
    for frame in early.frames(topic, 1):
        kept[0].take(frame)
    held.advance(5)
    for frame in early.frames(topic, 5):
        kept[0].take(frame)
    late.ask("subscribe", topic)
    kept[1].take(late.frames(topic, 1)[0])
    assert kept[0].u == kept[1].u
    held.advance(5)
    for one, each in ((early, kept[0]), (late, kept[1])):
        for frame in one.frames(topic, 5):
            each.take(frame)
    assert kept[0].sides == kept[1].sides
    assert kept[0].agrees(held.book("BTCUSDT", kept[0].u, depth=50))


def test_whoever_comes_back_begins_later(client: Any) -> None:
    """What has changed meanwhile has another number, so that one number is one book."""
    topic, exchange = "orderbook.200.BTCUSDT", SimulatedExchange(exchange="bybit")
    exchange.hold()
    with exchange:
        one = client(exchange, "spot")
        one.ask("subscribe", topic)
        (before,) = one.frames(topic, 1)
        assert one.ask("unsubscribe", topic)["success"]
        exchange.advance(3)
        one.send("subscribe", topic)
        (after,) = one.frames(topic, 1)
    assert after["data"]["u"] == before["data"]["u"] + 1
    assert after["data"]["b"] != before["data"]["b"]


def test_rest_has_the_numbers_of_the_deepest_topic(
    held: SimulatedExchange, client: Any, book: Any, get: Any
) -> None:
    """`u` and `seq` of `market/orderbook` are those of `orderbook.1000`."""
    topic, kept = "orderbook.1000.BTCUSDT", book()
    one = client(held, "linear")
    one.send("subscribe", topic)
    kept.take(one.frames(topic, 1)[0])
    for _ in range(3):
        held.advance(2)
        (frame,) = one.frames(topic, 1)
        kept.take(frame)
        told = get(held, "market/orderbook", category="linear", symbol="BTCUSDT", limit=1_000)
        result = told["result"]
        assert (result["u"], result["seq"]) == (kept.u, frame["data"]["seq"])
        assert {tuple(level) for level in result["b"]} == set(kept.sides["b"].items())
        assert {tuple(level) for level in result["a"]} == set(kept.sides["a"].items())


def test_markets_of_a_symbol_are_two(held: SimulatedExchange) -> None:
    """A contract has another book than spot; what is not there is told."""
    exchange = held
    spot, linear = (exchange.book("BTCUSDT", category=one) for one in CATEGORIES)
    assert spot.bids != linear.bids
    assert exchange.book("BTCUSDT") == spot
    odd: tuple[dict[str, Any], ...] = ({"category": "inverse"}, {"depth": 500}, {"update_id": 3})
    for wrong in odd:
        with pytest.raises(LookupError, match=next(iter(wrong))):
            exchange.book("BTCUSDT", **wrong)
    with pytest.raises(LookupError, match="symbol"):
        exchange.book("XYZUSDT")


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_snapshot_that_nobody_asked_for(
    exchange: SimulatedExchange, client: Any, book: Any, category: str
) -> None:
    """In the midst of the deltas, and the book goes on behind it."""
    topic, kept = "orderbook.50.BTCUSDT", book()
    one = client(exchange, category)
    one.send("subscribe", topic)
    kept.take(one.frames(topic, 1)[0])
    exchange.resend_snapshots(topic)
    kinds = ""
    while "snapshot delta" not in kinds:
        (frame,) = one.frames(topic, 1)
        kinds += f"{frame['type']} "
        kept.take(frame)
    assert kept.agrees(exchange.book("BTCUSDT", kept.u, category=category, depth=50))


def test_a_restart_counts_from_one(exchange: SimulatedExchange, client: Any, book: Any) -> None:
    """A snapshot with the number 1, then deltas from 2 on; other topics keep their numbers."""
    topics = ("orderbook.50.BTCUSDT", "orderbook.200.BTCUSDT")
    one = client(exchange, "linear")
    one.ask("subscribe", *topics)
    exchange.restart_books("*orderbook.50.*")
    kept, numbers = book(), list[int]()
    while 3 not in numbers:
        (frame,) = one.frames(topics[0], 1)
        kept.take(frame) if frame["type"] == "snapshot" or kept.u else None
        numbers.append(frame["data"]["u"])
    begin = numbers.index(1)
    assert numbers[begin:] == [1, 2, 3]
    assert kept.agrees(exchange.book("BTCUSDT", 3, category="linear", depth=50))
    assert one.frames(topics[1], 1)[0]["data"]["u"] > 1_000


def test_what_is_published_makes_the_book_too(
    exchange: SimulatedExchange, client: Any, book: Any
) -> None:
    """From the snapshot of the first subscriber on, and by its whole name or its last part."""
    topic, kept = "orderbook.200.ETHUSDT", book()
    client(exchange, "linear").ask("subscribe", topic)
    deadline = time.monotonic() + 5
    while len(exchange.published(topic)) < 6:
        assert time.monotonic() < deadline
    for published in exchange.published(f"linear/{topic}"):
        kept.take(json.loads(published.payload))
    assert kept.agrees(exchange.book("ETHUSDT", kept.u, category="linear", depth=200))
    assert exchange.streams == {f"linear/{topic}"}
    client(exchange, "spot").ask("subscribe", topic)
    with pytest.raises(LookupError, match="may be any of"):
        exchange.published(topic)
