"""Recorded order books of Bybit, kept, against figures that were computed elsewhere."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector import BookTicker, ErrorOccurred, OrderBook, OrderBookUpdate

SPOT = "bybit_v5/cf_20260809_spot_ETHUSDT.jsonl"
LINEAR = "bybit_v5/cf_20260809_linear_SOL_DOGE.jsonl.gz"
TOPS = "bybit_v5/cf_20250613_linear_ob1.jsonl"
EVERY = 100
"""Frames from one checkpoint to the next."""
DEPTHS = (200, 51, 200)
"""That the readers of one book want: 51 to 200 levels lead to one topic. The last reads inline."""
TOPIC = "orderbook.200"


@pytest.fixture
def expected_of(body: Callable[[str], str]) -> Callable[[str], dict[str, dict[str, Any]]]:
    """What is expected of each symbol of a recording."""

    def read(name: str) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = json.loads(body("expected_depth.json"))["sequences"]
        return {topic.rpartition(".")[2]: of for topic, of in found[name].items()}

    return read


def digits(number: Decimal) -> str:
    """Without an exponent and without zeros at the end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def words(levels: Any) -> list[list[str]]:
    """Levels as texts."""
    return [[digits(price), digits(quantity)] for price, quantity in levels]


def fingerprint(bids: Any, asks: Any) -> str:
    """Of all levels, as the expected figures have it."""
    lines = [
        f"{mark} {digits(price)} {digits(quantity)}\n"
        for mark, side in (("b", bids), ("a", asks))
        for price, quantity in side
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


Texts = list[tuple[str, str]]


def texts(levels: Any) -> Texts:
    """Levels with their digits."""
    return [(f"{price:f}", f"{quantity:f}") for price, quantity in levels]


class Told:
    """What the frames of a book say, kept as simply as can be: what the connector must equal."""

    def __init__(self) -> None:
        self._bids: dict[Decimal, tuple[str, str]] = {}
        self._asks: dict[Decimal, tuple[str, str]] = {}

    def apply(self, frame: dict[str, Any]) -> tuple[Texts, Texts]:
        """The whole book after a frame: a snapshot replaces it, a quantity of 0 removes a level."""
        if frame["type"] == "snapshot":
            self._bids, self._asks = {}, {}
        for side, changes in ((self._bids, frame["data"]["b"]), (self._asks, frame["data"]["a"])):
            for price, quantity in changes:
                side[Decimal(price)] = price, quantity
                if not Decimal(quantity):
                    del side[Decimal(price)]
        bids, asks = sorted(self._bids, reverse=True), sorted(self._asks)
        return [self._bids[price] for price in bids], [self._asks[price] for price in asks]


@pytest.mark.parametrize("name", [SPOT, LINEAR])
def test_kept_books_are_the_exchanges(
    name: str,
    recording: Callable[[str], Any],
    expected_of: Callable[[str], dict[str, dict[str, Any]]],
    connect_to: Callable[[Any], tuple[Any, Any]],
    record: Callable[[], Any],
    figure: Callable[[str, object], None],
) -> None:
    """Every book that is delivered, all of its levels, at every update id."""
    recorded, expected = recording(name), expected_of(name)
    server, ref = connect_to(recorded)
    connector, life = ref.proxy(), record()
    connector.subscribe_events(life).get(timeout=5)
    updates = {symbol: record() for symbol in expected}
    received = {symbol: [record() for _ in DEPTHS] for symbol in expected}
    for symbol, recorders in received.items():
        for depth, recorder in zip(DEPTHS, recorders, strict=True):
            delivery = "inline" if recorder is recorders[-1] else "thread"
            future = connector.subscribe_order_book(symbol, recorder, depth, delivery=delivery)
            future.get(timeout=10)
        connector.subscribe_order_book_updates(symbol, updates[symbol], depth=200).get(timeout=10)
    assert sorted(server.subscribed) == sorted(f"{TOPIC}.{symbol}" for symbol in expected)
    server.play(recorded.frames)
    states = 0
    for symbol, recorders in received.items():
        frames = recorded.topics[f"{TOPIC}.{symbol}"]
        for recorder in (*recorders, updates[symbol]):
            recorder.wait_for(object, len(frames))
        _check_counts(expected[symbol], frames, updates[symbol].events)
        for depth, recorder in zip(DEPTHS, recorders, strict=True):
            _check_states(depth, frames, recorder.events)
            states += len(recorder.events)
        _check_figures(expected[symbol], frames, recorders[0].events)
        assert recorders[2].events == recorders[0].events
    assert life.of(ErrorOccurred) == []
    title = f"recorded books of {name.partition('/')[2].partition('.')[0]}"
    figure(title, f"{len(expected)} symbols, {states} states for {len(DEPTHS)} readers each")


def _check_counts(
    expected: dict[str, Any], frames: list[dict[str, Any]], updates: list[OrderBookUpdate]
) -> None:
    """So many snapshots and deltas, whose ids follow each other."""
    kinds = Counter("snapshots" if update.is_snapshot else "deltas" for update in updates)
    assert kinds == {kind: expected[kind] for kind in ("snapshots", "deltas")}
    ids = [update.last_update_id for update in updates]
    assert ids == [frame["data"]["u"] for frame in frames]
    assert ids == list(range(ids[0], expected["final_u"] + 1))
    assert expected["u_gaps"] == expected["repeated_u_snapshots"] == 0


def _check_states(depth: int, frames: list[dict[str, Any]], books: list[OrderBook]) -> None:
    """Each is what was told until then, and no two are of one update."""
    told = Told()
    for book, frame in zip(books, frames, strict=True):
        bids, asks = told.apply(frame)
        assert texts(book.bids) == bids[:depth], book.update_id
        assert texts(book.asks) == asks[:depth], book.update_id
        assert len(book.bids) == len(book.asks) == depth
        assert book.update_id == frame["data"]["u"]
        assert book.event_time == frame["cts"] * 1_000_000


def _check_figures(
    expected: dict[str, Any], frames: list[dict[str, Any]], books: list[OrderBook]
) -> None:
    """At each checkpoint, and in the end."""
    checkpoints = [
        [book.update_id, frame["data"]["seq"], *words(book.bids[:1])[0], *words(book.asks[:1])[0]]
        for book, frame in zip(books[EVERY - 1 :: EVERY], frames[EVERY - 1 :: EVERY], strict=True)
    ]
    assert checkpoints == expected["checkpoints"]
    assert len(checkpoints) >= 2
    last, final = books[-1], expected["final"]
    assert last.update_id == expected["final_u"]
    assert frames[-1]["data"]["seq"] == expected["final_seq"]
    assert [len(last.bids), len(last.asks)] == final["levels"]
    assert words(last.bids[:10]) == final["bids"]
    assert words(last.asks[:10]) == final["asks"]
    assert fingerprint(last.bids, last.asks) == final["sha256"]


def test_the_best_levels_are_the_exchanges(
    recording: Callable[[str], Any],
    expected_of: Callable[[str], dict[str, dict[str, Any]]],
    connect_to: Callable[[Any], tuple[Any, Any]],
    record: Callable[[], Any],
) -> None:
    """Books of one level are book tickers; one that is told again, unchanged, is none."""
    recorded, expected = recording(TOPS), expected_of(TOPS)
    server, ref = connect_to(recorded)
    received = {symbol: record() for symbol in expected}
    for symbol, recorder in received.items():
        ref.proxy().subscribe_book_ticker(symbol, recorder).get(timeout=10)
    server.play(recorded.frames)
    checked = 0
    for symbol, recorder in received.items():
        of, frames = expected[symbol], recorded.topics[f"orderbook.1.{symbol}"]
        assert len(frames) == of["snapshots"]
        count = of["snapshots"] - of["repeated_u_snapshots"]
        recorder.wait_for(object, count)
        by_id: dict[int, BookTicker] = {event.update_id: event for event in recorder.events}
        assert len(by_id) == len(recorder.events) == count
        for u, seq, *best in of["checkpoints"]:
            assert _best(by_id[u]) == best
            assert seq in [frame["data"]["seq"] for frame in frames if frame["data"]["u"] == u]
            checked += 1
        last, final = recorder.events[-1], of["final"]
        assert last.update_id == of["final_u"]
        assert _best(last) == [*final["bids"][0], *final["asks"][0]]
        bids, asks = (
            [(last.bid_price, last.bid_quantity)],
            [(last.ask_price, last.ask_quantity)],
        )
        assert fingerprint(bids, asks) == final["sha256"]
    assert checked == 1


def _best(event: BookTicker) -> list[str]:
    numbers = event.bid_price, event.bid_quantity, event.ask_price, event.ask_quantity
    return [digits(number) for number in numbers]
