"""Bad moments: stopping in the middle, long outages, and askers who do not let go."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

import pykka
import pytest

from exchange_connector import (
    CircuitBreakerError,
    ClockSyncError,
    ConnectorError,
    ErrorOccurred,
    ExchangeConnectionError,
    GetClockStatus,
    GetHealth,
    Pong,
    SubscribeTrades,
    Trade,
    ask,
)
from exchange_connector.simulator import SimulatedExchange

DEPTH = "/api/v3/depth"


@pytest.mark.parametrize("ready", [True, False])
def test_everybody_is_answered_when_it_stops_at_once(
    ready: bool, exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """Whatever was asked the moment before, and wherever it is: each future resolves."""
    for _ in range(5):
        ref = start(exchange, ready=ready)
        connector = ref.proxy()
        futures: list[pykka.Future[Any]] = []
        for _ in range(5):
            futures += [
                connector.subscribe_trades("BTCUSDT", lambda event: None),
                connector.sync_clock(),
                connector.server_time(),
                ref.ask(SubscribeTrades("ETHUSDT", print), block=False),
            ]
        ref.stop(timeout=5)
        for future in futures:
            with contextlib.suppress(ConnectorError, pykka.ActorDeadError):
                future.get(timeout=1)


def test_refusals_by_the_breaker_leave_no_place_taken(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """With one place and an open circuit, a dozen requests are refused at once."""
    connector = start(
        exchange,
        connection={"max_concurrent_requests": 1},
        circuit_breaker={"max_failures": 1, "open_timeout": 60.0},
    ).proxy()
    exchange.reset_rest(DEPTH, 1)
    with pytest.raises(ExchangeConnectionError):
        connector.order_book("BTCUSDT").get(timeout=5)
    began = time.monotonic()
    for future in [connector.order_book("BTCUSDT") for _ in range(12)]:
        with pytest.raises(CircuitBreakerError):
            future.get(timeout=5)
    assert time.monotonic() - began < 1.0


def test_waiting_here_is_no_failure_of_the_exchange(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """Requests that spent their time in our own lanes do not open the circuit."""
    connector = start(exchange, connection={"timeout": 4.0}).proxy()
    exchange.delay(DEPTH, 1.2)
    futures = [connector.order_book("BTCUSDT") for _ in range(150)]
    late = 0
    for future in futures:
        try:
            future.get(timeout=10)
        except ExchangeConnectionError:
            late += 1
    assert late > 16
    assert connector.circuit_breaker_stats().get(timeout=5).total_failures == 0


def test_a_bot_that_keeps_asking_does_not_keep_the_circuit_open(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """After an outage the clock gets its turn, though the bot's own requests need the clock."""
    exchange.answer("*", status=503, body="", count=None)
    ref = start(exchange, ready=False, circuit_breaker={"open_timeout": 0.3, "max_failures": 2})
    connector = ref.proxy()
    with pytest.raises(ConnectorError):
        connector.ping().get(timeout=5)
    exchange.clear()
    deadline = time.monotonic() + 10
    paced = threading.Event()
    while True:
        try:
            assert connector.balances().get(timeout=5)
            break
        except (ClockSyncError, CircuitBreakerError):
            assert time.monotonic() < deadline
            paced.wait(0.05)


def test_a_bot_that_keeps_asking_does_not_keep_the_clock_wrong(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """Refusals for the timestamp while the clock is being measured do not begin it anew."""
    exchange.delay("*", 0.1)
    ref = start(exchange)
    exchange.step_clock(-10.0)
    connector = ref.proxy()
    for _ in range(10):
        assert connector.balances().get(timeout=5)
    assert ask(ref, GetClockStatus()).offset == pytest.approx(-10.0, abs=0.2)


def test_a_list_that_cannot_be_had_is_not_asked_for_in_a_storm(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    record: Callable[[], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An unlisted symbol costs one look, and a list without symbols ends no subscription."""
    monkeypatch.setattr("exchange_connector.actors.streams.symbols._AGE", 0.0)
    ref = start(exchange)
    connector, trades = ref.proxy(), record()
    connector.subscribe_trades("BTCUSDT", trades).get(timeout=5)
    path = "/api/v3/exchangeInfo"
    before = sum(request.path == path for request in exchange.requests)
    exchange.answer(path, status=403, body='{"code":-1,"msg":"no"}', count=None)
    connector.subscribe_trades("NOPEUSDT", print).get(timeout=5)  # on trust
    exchange.answer(path, status=200, body='{"symbols":[],"rateLimits":[]}', count=None)
    connector.subscribe_trades("NADAUSDT", print).get(timeout=5)
    seen = len(trades.of(Trade))
    trades.wait_for(Trade, seen + 3)
    assert sum(request.path == path for request in exchange.requests) - before == 2
    assert ask(ref, GetHealth()).subscribers == 3


def test_a_subscriber_to_errors_that_raises_makes_no_loop(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """What it raises on being told of its own error is logged, and told to nobody."""
    ref = start(exchange)
    life, calls = record(), record()

    def bad(event: Any) -> None:
        calls(event)
        raise ValueError("always")

    connector = ref.proxy()
    connector.subscribe_events(life).get(timeout=5)
    connector.subscribe_events(bad).get(timeout=5)
    ref.tell("nonsense")
    calls.wait_for(ErrorOccurred, 2)
    connector.sync_clock().get(timeout=5)
    ref.tell("nonsense")
    life.wait_for(ErrorOccurred, 4)
    assert len(life.of(ErrorOccurred)) <= 6  # two of ours, and one for each event it raised on


def test_a_ping_is_timed(exchange: SimulatedExchange, start: Callable[..., Any]) -> None:
    """From the moment it leaves to its answer."""
    connector = start(exchange).proxy()
    exchange.delay("/api/v3/ping", 0.05, count=1)
    pong = connector.ping().get(timeout=5)
    assert isinstance(pong, Pong)
    assert 0.05 <= pong.round_trip < 1.0
