"""An exchange whose pings are texts, and which lists nothing: the simulated one, differently read.

Its question for what a connection carries serves as the ping, and its list as the answer to it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector import (
    Disconnected,
    ExchangeConnectionError,
    HealthChanged,
    RolledOver,
    SessionReplaced,
    StreamGap,
    Ticker,
    Trade,
)
from exchange_connector.simulator import SimulatedExchange
from exchange_connector.venues import DRIVERS
from exchange_connector.venues.control import UNNUMBERED, Control, Listed, Ponged

PING = "LIST_SUBSCRIPTIONS"
CHANNELS = ("trades", "book_ticker", "order_book_updates", "ticker", "order_book")


@pytest.fixture(autouse=True, params=["numbered", "unnumbered"])
def text_pings(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """A driver with pings that are texts, and without a list; answers may not say what to."""
    is_numbered = request.param == "numbered"
    driver = DRIVERS["binance", "spot"]

    def control(raw: bytes) -> Control:
        found = driver.control(raw)
        if not isinstance(found, Listed):
            return found
        return Ponged(found.id if is_numbered else UNNUMBERED)

    other = dataclasses.replace(
        driver, list_command=None, ping_command=driver.list_command, control=control
    )
    monkeypatch.setitem(DRIVERS, ("binance", "spot"), other)


def pings(exchange: SimulatedExchange, connection: int | None = None) -> int:
    """How many have come, on one connection or on all."""
    return sum(
        each.method == PING and connection in (None, each.connection) for each in exchange.controls
    )


def test_a_connection_is_kept_by_texts(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """One an interval; the websocket's own are not sent."""
    connector, life, recorder = (
        start(exchange, connection={"ping_interval": 0.5}),
        record(),
        record(),
    )
    connector.proxy().subscribe_events(life).get(timeout=5)
    connector.proxy().subscribe_trades("BTCUSDT", recorder).get(timeout=5)
    assert exchange.wait_until(lambda e: pings(e) >= 3)
    recorder.wait_for(Trade)
    assert exchange.pings == 0
    assert exchange.dials == 1
    assert life.of(Disconnected) == []


def test_a_ping_that_is_not_answered(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Though data comes: told, and the connection is made anew."""
    connector, life, recorder = (
        start(exchange, connection={"ping_interval": 0.5}),
        record(),
        record(),
    )
    connector.proxy().subscribe_events(life).get(timeout=5)
    connector.proxy().subscribe_trades("BTCUSDT", recorder).get(timeout=5)
    exchange.ignore_controls(PING, count=1)
    (disconnected,) = life.wait_for(Disconnected)
    assert "answered no ping" in disconnected.reason
    recorder.wait(lambda events: any(isinstance(event, StreamGap) for event in events[:-1]))
    assert recorder.gaps == ["disconnected"]
    assert exchange.dials == 2


def test_a_rollover(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Its last question is a ping; with the answer everything that was sent has come."""
    connector, life = start(exchange).proxy(), record()
    connector.subscribe_events(life).get(timeout=5)
    recorders = {channel: record() for channel in CHANNELS}
    for channel, recorder in recorders.items():
        getattr(connector, f"subscribe_{channel}")("BTCUSDT", recorder).get(timeout=10)
    recorders["ticker"].wait_for(Ticker)
    old = exchange.connection_ids
    for turn in range(1, 4):
        assert connector.roll_over().get(timeout=10) == RolledOver(1)
        life.wait_for(SessionReplaced, turn)
    assert exchange.wait_until(lambda e: not {*old} & {*e.connection_ids})
    seen = len(recorders["trades"].events)
    recorders["trades"].wait(lambda events: len(events) > seen + 20)
    for recorder in recorders.values():
        assert recorder.gaps == []
    ids = [int(trade.trade_id) for trade in recorders["trades"].of(Trade)]
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    assert life.of(Disconnected) == []
    assert pings(exchange) >= 3


def test_a_rollover_whose_last_question_is_not_answered(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """The old connection is cut in the end, which is told, and the new one delivers."""
    connector, recorder = start(exchange, connection={"timeout": 1.0}).proxy(), record()
    connector.subscribe_trades("BTCUSDT", recorder).get(timeout=5)
    recorder.wait_for(Trade)
    exchange.ignore_controls(PING, count=1)
    connector.roll_over().get(timeout=10)
    seen = len(recorder.events)
    recorder.wait(lambda events: len(events) > seen + 5)
    ids = [int(trade.trade_id) for trade in recorder.of(Trade)]
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    assert recorder.gaps == ["disconnected"]


def test_a_new_connection_is_kept_before_it_delivers(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Its pings are answered while what comes on it is held."""
    connector, recorder = start(exchange, connection={"ping_interval": 0.5}).proxy(), record()
    connector.subscribe_trades("BTCUSDT", recorder).get(timeout=5)
    (old,) = exchange.connection_ids
    exchange.ignore_controls("SUBSCRIBE", count=1)
    rolled = connector.roll_over()
    assert exchange.wait_until(lambda e: len(e.connection_ids) == 2)
    new = max(exchange.connection_ids)
    assert new != old
    assert exchange.wait_until(lambda e: pings(e, new) >= 4)
    with pytest.raises(ExchangeConnectionError) as caught:  # it was owed another answer
        rolled.get(timeout=10)
    assert "ping" not in caught.value.reason
    assert recorder.gaps == []


def test_a_subscription_that_the_exchange_has_forgotten(
    start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """No list says so; that there is data elsewhere proves it, and a new connection mends it."""
    with SimulatedExchange(symbols=("BTCUSDT",), rate=50.0) as exchange:
        health = {"suspect_after": 1.0, "stale_after": 4.0}
        connector, life = start(exchange, health=health).proxy(), record()
        connector.subscribe_events(life).get(timeout=5)
        trades, tickers = record(), record()
        connector.subscribe_trades("BTCUSDT", trades).get(timeout=5)
        connector.subscribe_ticker("BTCUSDT", tickers).get(timeout=5)
        trades.wait_for(Trade, 100)
        assert exchange.forget("*@trade") == 1
        trades.wait(lambda events: isinstance(events[-1], StreamGap))
        trades.wait(lambda events: isinstance(events[-1], Trade))
        assert trades.gaps == ["stalled"]
        assert pings(exchange) >= 1  # a session in doubt is asked for a sign of life
        life.wait_for(SessionReplaced)
        causes = [each.cause for each in life.of(HealthChanged)]
        assert not any("list" in cause for cause in causes)
        assert any("though the exchange has some" in cause for cause in causes)
        assert life.of(Disconnected) == []
        assert tickers.gaps == []
