"""Several sessions: more streams than one may carry."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector import BookTicker, Connected, GetHealth, Kline, StreamGap, Trade, ask
from exchange_connector.simulator import SimulatedExchange
from exchange_connector.venues import DRIVERS

SYMBOLS = ("BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT")


@pytest.mark.usefixtures("few_streams")
def test_streams_beyond_the_limit_open_further_sessions(
    start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Eight streams at three a session make three sessions; without streams one remains."""
    with SimulatedExchange(symbols=SYMBOLS, rate=20.0) as exchange:
        ref = start(exchange)
        connector, trades, life = ref.proxy(), record(), record()
        connector.subscribe_events(life).get(timeout=5)
        subscriptions = [
            getattr(connector, f"subscribe_{channel}")(symbol, trades).get(timeout=10)
            for channel in ("trades", "book_ticker")
            for symbol in SYMBOLS
        ]
        life.wait_for(Connected, 2)
        assert exchange.wait_until(lambda e: e.connections == 3 and len(e.streams) == 8)
        trades.wait(
            lambda events: (
                {(type(e), e.symbol) for e in events}
                == {(kind, symbol) for kind in (Trade, BookTicker) for symbol in SYMBOLS}
            )
        )
        assert set(ask(ref, GetHealth()).sessions) == {"session-0", "session-1", "session-2"}
        assert connector.is_connected().get(timeout=5)
        for subscription in subscriptions:
            subscription.unsubscribe()
        assert exchange.wait_until(lambda e: e.connections == 1 and not e.streams)
        assert set(ask(ref, GetHealth()).sessions) == {"session-0"}
        assert not trades.of(StreamGap)


def test_subscribing_stays_within_the_limit_of_messages(
    start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Many subscriptions at once go out in batches: the exchange cuts who sends more than five
    messages a second, and does not cut us."""
    symbols = tuple(f"{name}USDT" for name in ("BTC", "ETH", "BNB", "SOL", "XRP"))
    with SimulatedExchange(symbols=symbols, rate=5.0) as exchange:
        connector, life, seen = start(exchange).proxy(), record(), record()
        connector.subscribe_events(life).get(timeout=5)
        futures = [connector.subscribe_trades(symbol, seen) for symbol in symbols]
        futures += [connector.subscribe_book_ticker(symbol, seen) for symbol in symbols]
        for interval in ("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h"):
            futures += [connector.subscribe_klines(symbol, interval, seen) for symbol in symbols]
        for future in futures:
            future.get(timeout=15)
        assert len(exchange.streams) == len(futures) == 60
        assert exchange.dials == 1
        seen.wait_for(Kline)
        controls = [control.time for control in exchange.controls]
        for first, sixth in zip(controls, controls[5:], strict=False):
            assert sixth - first > 1.0


def test_a_refused_stream_does_not_harm_the_others(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Upgrades refused for a while, frozen peers and stalls: dials within bounds, all come back."""
    trades = record()
    connector = start(exchange).proxy()
    connector.subscribe_trades("BTCUSDT", trades).get(timeout=5)
    exchange.refuse_upgrades(status=503, count=5)
    exchange.cut()
    trades.wait_for(StreamGap)
    seen = len(trades.of(Trade))
    trades.wait_for(Trade, seen + 3)
    assert len(trades.of(StreamGap)) == 1
    assert exchange.dials == 7


def test_a_peer_that_answers_no_ping_is_left(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """A frozen connection is shut and replaced within two ping intervals."""
    trades = record()
    connector = start(exchange, connection={"ping_interval": 0.3}).proxy()
    connector.subscribe_trades("BTCUSDT", trades).get(timeout=5)
    trades.wait_for(Trade)
    exchange.freeze()
    trades.wait_for(StreamGap, seconds=3)
    exchange.thaw()
    seen = len(trades.of(Trade))
    trades.wait_for(Trade, seen + 3)


@pytest.fixture
def forty_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exchange that allows so many characters of names on one session."""
    driver = DRIVERS["binance", "spot"]
    limits = dataclasses.replace(driver.limits, characters=40)
    monkeypatch.setitem(DRIVERS, ("binance", "spot"), dataclasses.replace(driver, limits=limits))


@pytest.mark.usefixtures("forty_characters")
def test_names_too_long_for_one_session_open_further_ones(
    start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Two names of 13 and two of 18 characters make two sessions; neither is sent too much."""
    with SimulatedExchange(symbols=SYMBOLS, rate=20.0) as exchange:
        connector, trades = start(exchange).proxy(), record()
        for symbol in SYMBOLS[:2]:
            connector.subscribe_trades(symbol, trades).get(timeout=10)
            connector.subscribe_book_ticker(symbol, trades).get(timeout=10)
        assert exchange.wait_until(lambda e: e.connections == 2 and len(e.streams) == 4)
        lengths: dict[int, int] = {}
        for each in exchange.controls:
            assert each.method == "SUBSCRIBE"
            named = sum(map(len, each.params))
            lengths[each.connection] = lengths.get(each.connection, 0) + named
        assert sorted(lengths.values()) == [31, 31]


@pytest.mark.usefixtures("forty_characters")
def test_a_long_name_waits_for_what_is_being_left(
    start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """The exchange does not answer that it has left: on this connection nothing takes its place."""
    with SimulatedExchange(symbols=SYMBOLS, rate=20.0) as exchange:
        connector, trades = start(exchange, connection={"timeout": 1.0}).proxy(), record()
        connector.subscribe_trades("BTCUSDT", trades).get(timeout=10)
        left = connector.subscribe_book_ticker("BTCUSDT", trades).get(timeout=10)
        (old,) = exchange.connection_ids
        exchange.ignore_controls("UNSUBSCRIBE", count=1)
        connector.unsubscribe(left).get(timeout=5)
        connector.subscribe_book_ticker("ETHUSDT", trades).get(timeout=10)
        assert exchange.dials == 2
        sent = [(each.connection == old, each.method, each.params) for each in exchange.controls]
        assert (True, "UNSUBSCRIBE", ["btcusdt@bookTicker"]) in sent
        assert [
            params for is_old, _, params in sent if "ethusdt@bookTicker" in params and is_old
        ] == []
