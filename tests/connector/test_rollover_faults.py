"""A websocket session is replaced by a new one, and something goes wrong meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector import (
    BookTicker,
    Disconnected,
    ErrorOccurred,
    ExchangeConnectionError,
    RolledOver,
    SessionReplaced,
    Ticker,
    Trade,
)
from exchange_connector.actors.sending import ledger as ledgers
from exchange_connector.simulator import SimulatedExchange
from exchange_connector.venues import DRIVERS

CHANNELS = ("trades", "book_ticker", "order_book_updates", "ticker", "order_book")


def everything_of(connector: Any, symbol: str, record: Callable[[], Any]) -> dict[str, Any]:
    """A subscription to each channel of a symbol."""
    recorders = {channel: record() for channel in CHANNELS}
    for channel, recorder in recorders.items():
        getattr(connector, f"subscribe_{channel}")(symbol, recorder).get(timeout=10)
    recorders["trades"].wait_for(Trade)
    return recorders


def test_a_stream_that_the_old_connection_had_lost_unnoticed(
    start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Its last answer does not list it: what no id shows is told, and nothing else is."""
    with SimulatedExchange(symbols=("BTCUSDT",), rate=50.0) as exchange:
        connector = start(exchange).proxy()
        recorders = everything_of(connector, "BTCUSDT", record)
        for channel, kind in (("book_ticker", BookTicker), ("ticker", Ticker)):
            recorders[channel].wait_for(kind, 2)
        assert exchange.forget("*@bookTicker") == 1
        seen = len(recorders["trades"].events)
        recorders["trades"].wait(lambda events: len(events) > seen + 20)
        assert connector.roll_over().get(timeout=10) == RolledOver(1)
        seen = len(recorders["book_ticker"].events)
        recorders["book_ticker"].wait(lambda events: len(events) > seen + 5)
        assert recorders["book_ticker"].gaps == ["disconnected"]
        for channel in ("trades", "order_book_updates", "ticker"):
            assert recorders[channel].gaps == []


def test_an_end_that_the_new_connection_announces_too(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Both connections lead to servers that are about to end: the session is replaced once more."""
    connector, life = start(exchange).proxy(), record()
    connector.subscribe_events(life).get(timeout=5)
    recorders = everything_of(connector, "BTCUSDT", record)
    exchange.ignore_controls("LIST_SUBSCRIPTIONS", count=1)
    rolled = connector.roll_over()
    assert exchange.wait_until(
        lambda e: any(each.method == "LIST_SUBSCRIPTIONS" for each in e.controls)
    )
    exchange.announce_shutdown()
    rolled.get(timeout=10)
    new = max(exchange.connection_ids)
    life.wait_for(SessionReplaced, 2, seconds=20)
    assert exchange.wait_until(lambda e: new not in e.connection_ids)
    seen = len(recorders["trades"].events)
    recorders["trades"].wait(lambda events: len(events) > seen + 5)
    assert life.of(Disconnected) == []


def test_who_waits_for_a_dial_is_answered_when_the_connection_is_lost(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """The host admits no dial for minutes: what was to be replaced by then is gone."""
    connector, life = start(exchange).proxy(), record()
    connector.subscribe_events(life).get(timeout=5)
    ledger = ledgers.ledger_of(exchange.stream_url, DRIVERS["binance", "spot"].limits)
    try:
        while not ledger.dial(time.monotonic()):
            pass
        rolled = [connector.roll_over(), connector.roll_over()]
        assert connector.is_connected().get(timeout=5)
        exchange.cut()
        life.wait_for(Disconnected)
        for each in rolled:
            with pytest.raises(ExchangeConnectionError, match="session-0: connection lost"):
                each.get(timeout=5)
    finally:
        ledgers._ledgers.pop(("127.0.0.1", exchange.port))  # another exchange may get the port


def test_failures_do_not_multiply(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """However often it is asked for in vain, it is tried again by itself once at a time."""
    connector = start(exchange, connection={"max_reconnect_wait": 0.1}).proxy()
    exchange.refuse_upgrades(status=503)
    for _ in range(20):
        with pytest.raises(ExchangeConnectionError):
            connector.roll_over().get(timeout=10)
    dials = exchange.dials
    exchange.wait_until(lambda e: e.dials > dials + 5, timeout=4.0)
    assert exchange.dials <= dials + 5


def test_what_the_new_connection_is_refused_the_old_one_carries_on(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """No subscription ends because a session was to be replaced; it is tried again later."""
    connector, life = start(exchange).proxy(), record()
    connector.subscribe_events(life).get(timeout=5)
    recorders = everything_of(connector, "BTCUSDT", record)
    exchange.refuse_controls(count=None)
    with pytest.raises(ExchangeConnectionError, match="was refused"):
        connector.roll_over().get(timeout=10)
    exchange.clear_faults()
    life.wait_for(SessionReplaced)
    for channel, recorder in recorders.items():
        seen = len(recorder.events)
        recorder.wait(lambda events, seen=seen: len(events) > seen)
        assert recorder.gaps == [], channel


def test_what_every_new_connection_is_refused_is_told_in_the_end(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Else the session could never be replaced."""
    connector, life, trades = start(exchange).proxy(), record(), record()
    connector.subscribe_events(life).get(timeout=5)
    connector.subscribe_trades("BTCUSDT", trades).get(timeout=5)
    trades.wait_for(Trade)
    exchange.refuse_controls(count=None)
    for _ in range(5):
        with pytest.raises(ExchangeConnectionError, match="was refused"):
            connector.roll_over().get(timeout=10)
    assert connector.roll_over().get(timeout=10) == RolledOver(1)
    assert any("refused" in str(event.error) for event in life.wait_for(ErrorOccurred))
