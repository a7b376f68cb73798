"""Readers of order books of every kind: slow ones, those that come and go, and storms of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector import (
    Handlers,
    OrderBook,
    SubscriberLagged,
)
from exchange_connector.simulator import SimulatedExchange

STREAM = "btcusdt@depth@100ms"
Start = Callable[..., Any]
Check = Callable[..., None]


pytestmark = pytest.mark.usefixtures("quick_books")


KINDS = ["callable", "batch", "inline", "inline batch", "actor", "subscriber actor", "handlers"]


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_subscriber_gets_the_same(
    name: str,
    kind: Callable[..., Any],
    exchange: SimulatedExchange,
    start: Start,
    true_books: Check,
    record: Callable[[], Any],
) -> None:
    """Books, a gap, and books."""
    connector, recorder = start(exchange).proxy(), record()
    if name == "handlers":
        connector.set_handlers(Handlers(on_order_book=recorder, on_gap=recorder)).get(timeout=5)
        connector.subscribe_order_book("BTCUSDT", depth=5).get(timeout=10)
    else:
        subscriber, more = kind(name, recorder)
        connector.subscribe_order_book("BTCUSDT", subscriber, depth=5, **more).get(timeout=10)
    recorder.wait_for(OrderBook, 3)
    exchange.lose(STREAM)
    recorder.wait_for_a_fresh_book()
    assert recorder.gaps == ["missed"]
    true_books(exchange, recorder.events, 5)


def test_a_storm_of_subscriptions_leaves_nothing(
    exchange: SimulatedExchange,
    start: Start,
    true_books: Check,
    record: Callable[[], Any],
    until: Callable[..., Any],
) -> None:
    """Whoever comes and goes: who stays gets every book, and nothing is left in the end."""
    ref = start(exchange)
    connector, stays = ref.proxy(), record()
    keeper = connector.subscribe_order_book("BTCUSDT", stays, depth=10).get(timeout=10)
    for _ in range(5):
        symbols = ("BTCUSDT", "ETHUSDT") * 10
        made = [
            connector.subscribe_order_book(symbol, record(), depth=1 + 30 * at)
            for at, symbol in enumerate(symbols)
        ]
        for each in [connector.unsubscribe(future.get(timeout=10)) for future in made]:
            each.get(timeout=10)
    stays.wait_for(OrderBook, len(stays.events) + 2)
    assert stays.gaps == []
    true_books(exchange, stays.events, 10)
    last = record()
    ended = connector.subscribe_order_book("ETHUSDT", last, depth=10).get(timeout=10)
    last.wait_for(OrderBook, 3)
    true_books(exchange, last.events, 10)
    for each in (keeper, ended):
        connector.unsubscribe(each).get(timeout=5)
    assert exchange.wait_until(lambda e: e.streams == set())
    until(ref, lambda health: not health.streams and not health.subscribers)


def test_leaving_within_the_callback(
    exchange: SimulatedExchange, start: Start, record: Callable[[], Any]
) -> None:
    """Nothing more is delivered; another reader goes on."""
    connector, beside = start(exchange).proxy(), record()
    for more in ({}, {"delivery": "inline"}):
        seen: list[Any] = []
        held: list[Any] = []
        known, left = threading.Event(), threading.Event()

        def take(event: Any, seen: Any = seen, held: Any = held, sync: Any = (known, left)) -> None:
            seen.append(event)
            if sync[0].is_set() and not sync[1].is_set():
                held[0].unsubscribe()
                sync[1].set()
                seen.append("left")

        held.append(connector.subscribe_order_book("BTCUSDT", take, **more).get(timeout=10))
        known.set()
        assert left.wait(10)
        connector.subscribe_order_book("BTCUSDT", beside).get(timeout=10)
        beside.wait_for(OrderBook, len(beside.events) + 4)
        assert seen[-1] == "left"
        beside.events.clear()


def test_a_slow_subscriber_gets_the_newest(
    exchange: SimulatedExchange, start: Start, true_books: Check, record: Callable[[], Any]
) -> None:
    """It is told how many it missed, and another one misses none."""
    connector, slow, quick = start(exchange).proxy(), record(), record()
    called, go = threading.Event(), threading.Event()

    def take(event: Any) -> None:
        called.set()
        assert go.wait(10)
        slow(event)

    subscription = connector.subscribe_order_book("BTCUSDT", take, max_pending=2).get(timeout=10)
    connector.subscribe_order_book("BTCUSDT", quick).get(timeout=10)
    assert called.wait(10)
    quick.wait_for(OrderBook, 10)
    go.set()
    slow.wait_for(OrderBook, 4)
    lagged = slow.wait_for(SubscriberLagged)
    assert {each.subscription_id for each in lagged} == {subscription.subscription_id}
    assert lagged[0].dropped >= 5
    assert slow.gaps == quick.gaps == []
    assert quick.of(SubscriberLagged) == []
    true_books(exchange, slow.events, 20)
    true_books(exchange, quick.events, 20)
