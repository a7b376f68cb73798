"""Order books over real sockets: what is delivered is what the exchange's own book was, always."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector import (
    HealthChanged,
    HealthState,
    OrderBook,
    OrderBookUpdate,
    StreamGap,
)
from exchange_connector.simulator import SimulatedExchange

DEPTH = "/api/v3/depth"
STREAM = "btcusdt@depth@100ms"
SUBJECT = "order_book:BTCUSDT"
Start = Callable[..., Any]
Check = Callable[..., None]


pytestmark = pytest.mark.usefixtures("quick_books")


def test_every_depth_is_true(
    exchange: SimulatedExchange, start: Start, true_books: Check, record: Callable[[], Any]
) -> None:
    """Whoever comes when, and with whatever depth: one stream, and a true book for each update."""
    ref = start(exchange)
    depths = {depth: record() for depth in (20, 1000, 1, 100)}
    futures = [
        ref.proxy().subscribe_order_book("BTCUSDT", recorder, depth=depth)
        for depth, recorder in depths.items()
    ]
    for future in futures:
        future.get(timeout=10)
    for recorder in depths.values():
        recorder.wait_for(OrderBook, 10)
    assert exchange.streams == {STREAM}
    for depth, recorder in depths.items():
        true_books(exchange, recorder.events, depth)
        assert recorder.gaps == []
    everyone = [[book.update_id for book in each.of(OrderBook)] for each in depths.values()]
    shared = max(ids[0] for ids in everyone), min(ids[-1] for ids in everyone)
    in_common = [[at for at in ids if shared[0] <= at <= shared[1]] for ids in everyone]
    assert in_common.count(in_common[0]) == 4


@pytest.mark.parametrize("how", ["cut", "lost"])
def test_an_interruption_is_told_once_and_a_fresh_book_follows(
    how: str,
    exchange: SimulatedExchange,
    start: Start,
    true_books: Check,
    record: Callable[[], Any],
) -> None:
    """A cut concerns every symbol, a lost frame its own: that one is told with its ids."""
    connector = start(exchange).proxy()
    recorders = {symbol: record() for symbol in ("BTCUSDT", "ETHUSDT")}
    for symbol, recorder in recorders.items():
        connector.subscribe_order_book(symbol, recorder, depth=50).get(timeout=10)
        recorder.wait_for(OrderBook, 3)
    hit, other = recorders.values()
    if how == "cut":
        assert exchange.cut() == 1
        other.wait_for_a_fresh_book()
        assert other.gaps == ["disconnected"]
    else:
        exchange.lose(STREAM)
    hit.wait_for_a_fresh_book()
    assert hit.gaps == ["disconnected" if how == "cut" else "missed"]
    for recorder in recorders.values():
        true_books(exchange, recorder.events, 50)
    if how == "lost":
        other.wait_for(OrderBook, len(other.events) + 3)
        assert other.gaps == []
        (gap,) = hit.of(StreamGap)
        before = [book.update_id for book in hit.of(OrderBook) if book.event_time < gap.event_time]
        assert gap.first_missed_id == before[-1] + 1
        assert gap.missed == gap.last_missed_id - gap.first_missed_id + 1 > 0


def test_without_rest_there_is_no_book_and_one_gap(
    exchange: SimulatedExchange,
    start: Start,
    true_books: Check,
    record: Callable[[], Any],
    until: Callable[..., Any],
) -> None:
    """Health says what is in the way; once there is a snapshot, all is well."""
    ref = start(exchange, circuit_breaker={"open_timeout": 0.2})
    recorder, life = record(), record()
    ref.proxy().subscribe_events(life).get(timeout=5)
    ref.proxy().subscribe_order_book("BTCUSDT", recorder).get(timeout=10)
    recorder.wait_for(OrderBook)
    exchange.reset_rest(DEPTH, count=None)
    exchange.cut()
    health = until(ref, lambda health: "no snapshot" in health.streams[SUBJECT].cause)
    assert health.streams[SUBJECT].state is HealthState.RESYNCING
    exchange.clear(DEPTH)
    recorder.wait_for_a_fresh_book()
    assert recorder.gaps == ["disconnected"]
    true_books(exchange, recorder.events, 20)
    assert until(ref, lambda health: health.streams[SUBJECT].state is HealthState.LIVE)
    told = [each.state for each in life.of(HealthChanged) if each.subject == SUBJECT]
    assert told[-1] is HealthState.LIVE
    assert told[-2] is HealthState.RESYNCING


@pytest.mark.parametrize("status", [429, 418])
def test_the_exchange_s_wish_for_silence_is_heeded(
    status: int,
    exchange: SimulatedExchange,
    start: Start,
    true_books: Check,
    record: Callable[[], Any],
) -> None:
    """No request leaves before the time that the refusal names."""
    connector = start(exchange).proxy()
    recorder = record()
    connector.subscribe_order_book("BTCUSDT", recorder).get(timeout=10)
    recorder.wait_for(OrderBook)
    refusal = {"code": -1003, "msg": "Too much request weight used."}
    exchange.answer(DEPTH, status, refusal, headers={"Retry-After": "1"})
    exchange.cut()
    recorder.wait_for_a_fresh_book()
    requests = exchange.requests
    refused = next(at for at, request in enumerate(requests) if request.status == status)
    assert requests[refused + 1].time - requests[refused].time >= 0.95
    assert recorder.gaps == ["disconnected"]
    true_books(exchange, recorder.events, 20)


def test_books_and_their_updates_go_together(
    exchange: SimulatedExchange, start: Start, true_books: Check, record: Callable[[], Any]
) -> None:
    """Both share a stream; who leaves one keeps the other."""
    connector = start(exchange).proxy()
    both = record()
    books = connector.subscribe_order_book("BTCUSDT", both).get(timeout=10)
    updates = connector.subscribe_order_book_updates("BTCUSDT", both).get(timeout=10)
    both.wait_for(OrderBook, 5)
    both.wait_for(OrderBookUpdate, 5)
    assert exchange.streams == {STREAM}
    connector.unsubscribe(books).get(timeout=5)
    count = len(both.of(OrderBook))
    both.wait_for(OrderBookUpdate, len(both.of(OrderBookUpdate)) + 3)
    assert len(both.of(OrderBook)) == count
    books = connector.subscribe_order_book("BTCUSDT", both).get(timeout=10)
    connector.unsubscribe(updates).get(timeout=5)
    both.wait_for(OrderBook, count + 3)
    ids = {update.last_update_id for update in both.of(OrderBookUpdate)}
    assert sum(book.update_id in ids for book in both.of(OrderBook)) >= 3
    true_books(exchange, both.of(OrderBook)[count:], 20)
    assert both.gaps == []
    connector.unsubscribe(books).get(timeout=5)
    assert exchange.wait_until(lambda e: e.streams == set())


def test_stopping_while_a_snapshot_is_awaited_is_quick(
    exchange: SimulatedExchange, start: Start, record: Callable[[], Any]
) -> None:
    """What is under way is cut."""
    exchange.delay(DEPTH, 2.5)
    ref = start(exchange)
    ref.proxy().subscribe_order_book("BTCUSDT", record()).get(timeout=10)
    assert exchange.wait_until(lambda e: any(request.path == DEPTH for request in e.requests))
    began = time.monotonic()
    ref.stop(timeout=10)
    assert time.monotonic() - began < 1.5
