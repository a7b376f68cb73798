"""A hundred cuts in a row: nothing lost in silence, nothing left behind."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector import (
    BookTicker,
    Connected,
    Disconnected,
    OrderBook,
    OrderBookUpdate,
    StreamGap,
    Trade,
)
from exchange_connector.simulator import SimulatedExchange

CUTS = 100


def descriptors() -> int:
    """How many files and sockets the process holds."""
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.usefixtures("quick_books")
def test_a_hundred_cuts(
    start: Callable[..., Any],
    record: Callable[[], Any],
    figure: Callable[[str, object], None],
) -> None:
    """Each interruption is told once to each subscriber, and every subscription comes back.

    The trades that they cost are fetched, for which a hundred in a minute need more weight than usual.
    """
    with SimulatedExchange(rate=50.0, max_weight=60_000) as exchange:
        quick = {"reconnect_delay": 0.001, "max_reconnect_wait": 0.01}
        weight = {"max_weight": 60_000}
        ref = start(exchange, connection=quick, rate_limit=weight, recovery=weight)
        connector = ref.proxy()
        life = record()
        connector.subscribe_events(life).get(timeout=5)
        subscribers: dict[str, Any] = {}
        for symbol in ("BTCUSDT", "ETHUSDT"):
            for channel in ("trades", "book_ticker", "order_book", "order_book_updates"):
                subscribers[f"{channel}:{symbol}"] = subscriber = record()
                getattr(connector, f"subscribe_{channel}")(symbol, subscriber).get(timeout=5)
        life.wait(lambda events: True)
        wait_for_events(subscribers)
        threads, files = threading.active_count(), descriptors()

        for cut in range(1, CUTS + 1):
            assert exchange.cut() == 1
            life.wait_for(Disconnected, cut)
            life.wait_for(Connected, cut)
            wait_for_events(subscribers)

        for name, subscriber in subscribers.items():
            gaps = subscriber.of(StreamGap)
            disconnected = [gap for gap in gaps if gap.reason == "disconnected"]
            assert len(disconnected) == CUTS, name
            assert gaps == disconnected, name
            assert all(gap.channel == name.partition(":")[0] for gap in gaps)
            if trades := [int(trade.trade_id) for trade in subscriber.of(Trade)]:
                assert trades == list(range(trades[0], trades[-1] + 1)), name
        assert len(life.of(Disconnected)) == CUTS
        left = threading.active_count() - threads, descriptors() - files
        # two books may ask for snapshots, and two streams for trades, at once: workers, and connections
        assert left[0] <= 4
        assert left[1] <= 8
        told = sum(len(subscriber.of(StreamGap)) for subscriber in subscribers.values())
        figure(
            f"{CUTS} cuts, {len(subscribers)} subscribers",
            f"{told} gaps told, more threads and descriptors than before: {left}",
        )
        assert exchange.connections == 1


def wait_for_events(subscribers: dict[str, Any]) -> None:
    """Every subscriber gets an event after the last gap it was told of."""
    for subscriber in subscribers.values():
        subscriber.wait(
            lambda events: (
                bool(events)
                and isinstance(events[-1], Trade | BookTicker | OrderBook | OrderBookUpdate)
            )
        )
