"""Order books are watched by what the exchange says elsewhere: book tickers, and new snapshots."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from exchange_connector import GapReason, GetHealth, OrderBook, StreamGap, SubscriberLagged, ask
from exchange_connector.simulator import SimulatedExchange

SYMBOL = "BTCUSDT"


def test_a_book_ticker_that_contradicts_ends_the_book(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """The exchange's own do not; and afterwards there is a new book."""
    connector, books, tickers = start(exchange).proxy(), record(), record()
    connector.subscribe_order_book(SYMBOL, books).get(timeout=5)
    connector.subscribe_book_ticker(SYMBOL, tickers).get(timeout=5)
    books.wait_for(OrderBook, 20)
    assert books.of(StreamGap) == []
    exchange.hold()
    false = {"s": SYMBOL, "b": "1.00000000", "B": "1.0000", "a": "2.00000000", "A": "1.0000"}
    newest = exchange.book(SYMBOL).update_id
    for ahead in range(40, 56):  # an update of 100 ms ends at one of these
        exchange.publish("btcusdt@bookTicker", json.dumps({"u": newest + ahead, **false}))
    exchange.release()
    (gap,) = books.wait_for(StreamGap)
    assert gap.reason == GapReason.CONTRADICTED
    before = len(books.of(OrderBook))
    books.wait_for(OrderBook, before + 5)
    assert books.of(StreamGap) == [gap]
    assert all(newest + 39 < each.update_id for each in books.of(OrderBook)[before:])


def test_who_is_watched_is_nobodys_subscription(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Neither the updates nor the tickers behind a book show; all ends with the last to leave."""
    ref = start(exchange)
    connector, books, tickers, life = ref.proxy(), record(), record(), record()
    connector.subscribe_events(life).get(timeout=5)
    both = (
        connector.subscribe_book_ticker(SYMBOL, tickers).get(timeout=5),
        connector.subscribe_order_book(SYMBOL, books).get(timeout=5),
    )
    books.wait_for(OrderBook, 3)
    health = ask(ref, GetHealth())
    assert health.subscribers == 2
    assert set(health.streams) == {f"order_book:{SYMBOL}", f"book_ticker:{SYMBOL}"}
    assert exchange.streams == {"btcusdt@bookTicker", "btcusdt@depth@100ms"}
    connector.unsubscribe(both[0]).get(timeout=5)
    assert exchange.wait_until(lambda exchange: exchange.streams == {"btcusdt@depth@100ms"})
    connector.unsubscribe(both[1]).get(timeout=5)
    assert exchange.wait_until(lambda exchange: exchange.streams == set())
    assert ask(ref, GetHealth()).streams == {}
    assert life.of(SubscriberLagged) == []
