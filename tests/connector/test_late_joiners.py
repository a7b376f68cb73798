"""Who comes late to a stream that begins with a snapshot gets one, on a quiet market, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from exchange_connector import Config, ConnectorActor, OrderBook, OrderBookUpdate
from exchange_connector.simulator import SimulatedExchange

PATIENCE = 10.0
SYMBOL = "BTCUSDT"


@pytest.fixture
def market() -> Iterator[SimulatedExchange]:
    """Its updates begin with a snapshot."""
    with SimulatedExchange(exchange="bybit", symbols=(SYMBOL,), rate=20.0) as exchange:
        yield exchange


@pytest.fixture
def connector(market: SimulatedExchange) -> Iterator[Any]:
    """A connector on it."""
    config = (
        Config.builder()
        .exchange("bybit", rest_url=market.rest_url, stream_url=market.stream_url, market="linear")
        .connection(timeout=3.0, reconnect_delay=0.02, max_reconnect_wait=0.2, stop_timeout=5.0)
        .build()
    )
    ref = ConnectorActor.start(config)
    ref.proxy().ready().get(timeout=PATIENCE)
    yield ref.proxy()
    ref.stop(timeout=PATIENCE)


def test_snapshots_on_a_market_that_stands_still(
    market: SimulatedExchange, connector: Any, record: Callable[[], Any]
) -> None:
    """Two come one after the other; the first one of all misses nothing, and is told nothing."""
    early, late, last, book = record(), record(), record(), record()
    connector.subscribe_order_book_updates(SYMBOL, early, depth=50).get(timeout=PATIENCE)
    early.wait_for(OrderBookUpdate, 5)
    market.hold()
    connector.subscribe_order_book_updates(SYMBOL, late, depth=50).get(timeout=PATIENCE)
    (snapshot,) = late.wait_for(OrderBookUpdate)
    assert snapshot.is_snapshot
    connector.subscribe_order_book_updates(SYMBOL, last, depth=50).get(timeout=PATIENCE)
    connector.subscribe_order_book(SYMBOL, book, depth=5).get(timeout=PATIENCE)
    assert last.wait_for(OrderBookUpdate)[0].is_snapshot
    assert book.wait_for(OrderBook)[0].update_id == snapshot.last_update_id
    assert early.events[-1].last_update_id == snapshot.last_update_id
    market.advance(5)
    for recorder in (early, late, last):
        recorder.wait(lambda events: events[-1].last_update_id > snapshot.last_update_id)
        assert recorder.gaps == []


def test_a_renewal_that_is_refused_for_a_while_ends_nothing(
    market: SimulatedExchange, connector: Any, record: Callable[[], Any]
) -> None:
    """The exchange is busy for a moment; who was there before has done nothing wrong."""
    early, late = record(), record()
    connector.subscribe_order_book_updates(SYMBOL, early, depth=50).get(timeout=PATIENCE)
    early.wait_for(OrderBookUpdate, 5)
    market.refuse_controls(method="subscribe", message="busy", count=2)
    connector.subscribe_order_book_updates(SYMBOL, late, depth=50).get(timeout=PATIENCE)
    early.wait(lambda events: early.gaps != [])
    seen = len(early.events)
    early.wait(lambda events: len(events) > seen + 5, 6)
