"""A market that falls quiet is no fault, whatever was missed before and however many streams it has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exchange_connector import (
    BookTicker,
    HealthChanged,
    HealthState,
    OrderBook,
    OrderBookUpdate,
    SessionReplaced,
    StreamGap,
    Ticker,
)
from exchange_connector.simulator import SimulatedExchange

QUICK = {"suspect_after": 1.0, "stale_after": 3.0}
CHANNELS = ("trades", "book_ticker", "order_book_updates", "ticker", "order_book")


def asked(exchange: SimulatedExchange, path: str) -> int:
    """How often that was asked for."""
    return [request.path for request in exchange.requests].count(path)


def stale(life: Any) -> list[tuple[str, str]]:
    """What was told to be stale, and why."""
    return [(e.subject, e.cause) for e in life.of(HealthChanged) if e.state is HealthState.STALE]


def test_what_was_missed_before_a_quiet_time_is_no_proof_against_the_new_connection(
    start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """The interruption was told; the next connection is not behind for what came before it."""
    with SimulatedExchange(symbols=("BTCUSDT",), rate=50.0) as exchange:
        connector, life = start(exchange, health=QUICK).proxy(), record()
        connector.subscribe_events(life).get(timeout=5)
        recorders = {channel: record() for channel in CHANNELS}
        for channel, recorder in recorders.items():
            getattr(connector, f"subscribe_{channel}")("BTCUSDT", recorder).get(timeout=10)
        recorders["ticker"].wait_for(Ticker)
        recorders["order_book"].wait_for(OrderBook)
        exchange.hold()
        exchange.refuse_upgrades(status=503)
        exchange.cut()
        for recorder in recorders.values():
            recorder.wait_for(StreamGap)
        exchange.advance(100)
        exchange.accept_upgrades()
        before = asked(exchange, "/api/v3/ticker/24hr")
        assert exchange.wait_until(
            lambda e: asked(e, "/api/v3/ticker/24hr") >= before + 6, timeout=40
        )
        assert stale(life) == []
        assert life.of(SessionReplaced) == []
        for recorder in recorders.values():
            assert recorder.gaps == ["disconnected"]


def test_many_streams_that_fall_quiet_together_wait_their_turn_to_be_asked_about(
    start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Trading halts: the exchange answers each question, so that none is stale for want of one."""
    symbols = tuple(f"S{number}USDT" for number in range(24))
    with SimulatedExchange(symbols=symbols, rate=20.0) as exchange:
        health = {"suspect_after": 3.0, "stale_after": 4.5}
        connector, life, seen = start(exchange, health=health).proxy(), record(), record()
        connector.subscribe_events(life).get(timeout=5)
        futures = [connector.subscribe_book_ticker(symbol, seen) for symbol in symbols]
        for future in futures:
            future.get(timeout=10)
        seen.wait(lambda events: len({event.symbol for event in events}) == len(symbols))
        seen.wait(lambda events: len(events) > 100 * len(symbols), seconds=30)
        exchange.hold()
        assert exchange.wait_until(lambda e: asked(e, "/api/v3/depth") >= len(symbols), timeout=30)
        assert stale(life) == []
        assert life.of(SessionReplaced) == []
        assert seen.of(StreamGap) == []


def test_who_joins_a_dead_stream_does_not_make_it_fresh(
    start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """However often: its silence goes on from where it began."""
    with SimulatedExchange(symbols=("BTCUSDT",), rate=50.0) as exchange:
        connector, life, first = start(exchange, health=QUICK).proxy(), record(), record()
        connector.subscribe_events(life).get(timeout=5)
        connector.subscribe_book_ticker("BTCUSDT", first).get(timeout=5)
        first.wait_for(BookTicker, 50)
        exchange.stall()
        seen = 0
        while not stale(life):
            connector.subscribe_book_ticker("BTCUSDT", record()).get(timeout=5)
            seen += 1
            life.wait_for(HealthChanged, 1)
            exchange.wait_until(lambda _: bool(stale(life)), timeout=0.3)
            assert seen < 60, "it is never found to be stale"
        exchange.resume()
        first.wait(lambda events: isinstance(events[-1], BookTicker))


def test_a_book_begins_in_a_market_that_has_fallen_quiet(
    start: Callable[..., Any], record: Callable[[], Any], true_books: Any
) -> None:
    """Its updates were stale when it was asked for; the next connection is proved to lack nothing."""
    with SimulatedExchange(symbols=("BTCUSDT",), rate=50.0) as exchange:
        connector, life = start(exchange, health=QUICK).proxy(), record()
        updates, books = record(), record()
        connector.subscribe_events(life).get(timeout=5)
        connector.subscribe_order_book_updates("BTCUSDT", updates).get(timeout=5)
        updates.wait_for(OrderBookUpdate, 10)
        exchange.refuse_upgrades(status=503)
        exchange.lose("*@*", count=None)
        updates.wait_for(StreamGap)
        connector.subscribe_order_book("BTCUSDT", books).get(timeout=5)
        exchange.hold()
        exchange.clear_frames()
        exchange.accept_upgrades()
        books.wait_for(OrderBook, seconds=30)
        life.wait(lambda _: connector.health().get().streams["order_book:BTCUSDT"].state == "LIVE")
        true_books(exchange, books.events, 20)
        assert books.events[-1].update_id == exchange.book("BTCUSDT").update_id
