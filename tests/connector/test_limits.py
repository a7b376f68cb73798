"""What protects the exchange from us and us from the exchange: breaker, clock, limiter."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from typing import Any, Literal

import pykka
import pytest

from exchange_connector import (
    CircuitBreakerError,
    CircuitBreakerStateChanged,
    CircuitState,
    ClockStatus,
    ClockSyncError,
    ErrorOccurred,
    ExchangeConnectionError,
    ExchangeError,
    GetClockStatus,
    GetHealth,
    RateLimitError,
    ask,
)
from exchange_connector.simulator import SimulatedExchange

DEPTH = "/api/v3/depth"
TIME = "/api/v3/time"


def described(status: ClockStatus) -> str:
    """A clock's status as a figure."""
    return f"offset {status.offset:+.4f} s, uncertainty {status.uncertainty:.4f} s"


def fail(connector: Any) -> None:
    """One request that the exchange answers with a 5xx."""
    with pytest.raises(ExchangeError) as caught:
        connector.order_book("BTCUSDT").get(timeout=5)
    assert caught.value.http_status == 500


class TestBreaker:
    """The circuit breaker on a real connector."""

    def test_opens_after_failures_in_a_row_and_closes_after_successes(
        self, exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
    ) -> None:
        """Five 5xx in a row open it; after `open_timeout` three successes close it."""
        ref = start(exchange, circuit_breaker={"open_timeout": 0.3})
        connector, life = ref.proxy(), record()
        connector.subscribe_events(life).get(timeout=5)
        exchange.answer(DEPTH, status=500, body="{}", count=5)
        for _ in range(5):
            fail(connector)
        sent = len(exchange.requests)
        with pytest.raises(CircuitBreakerError) as caught:
            connector.order_book("BTCUSDT").get(timeout=5)
        assert caught.value.state == CircuitState.OPEN
        assert 0 < caught.value.retry_after <= 0.3
        assert len(exchange.requests) == sent

        life.wait(lambda _: _has_passed(caught.value.retry_after, connector), seconds=2)
        stats = connector.circuit_breaker_stats().get(timeout=5)
        for _ in range(3):
            connector.order_book("BTCUSDT").get(timeout=5)
        changes = life.wait_for(CircuitBreakerStateChanged, 3)
        states = [(change.from_state, change.to_state) for change in changes]
        assert states == [("closed", "open"), ("open", "half-open"), ("half-open", "closed")]
        assert stats.rejected >= 1
        assert stats.total_failures == 5

    def test_a_refusal_is_neither_failure_nor_success(
        self, exchange: SimulatedExchange, start: Callable[..., Any]
    ) -> None:
        """The exchange's 4xx with a code moves nothing."""
        connector = start(exchange).proxy()
        before = connector.circuit_breaker_stats().get(timeout=5)
        for _ in range(10):
            with pytest.raises(ExchangeError) as caught:
                connector.order_book("NOPE").get(timeout=5)
            assert caught.value.code == -1121
        after = connector.circuit_breaker_stats().get(timeout=5)
        assert after.state is CircuitState.CLOSED
        assert after.total_failures == before.total_failures == 0
        assert after.total_successes == before.total_successes

    def test_guarded_requests_run_side_by_side(
        self,
        exchange: SimulatedExchange,
        start: Callable[..., Any],
        figure: Callable[[str, object], None],
    ) -> None:
        """Sixteen requests of 0.3 s take 0.3 s, and health is answered meanwhile."""
        ref = start(exchange)
        connector = ref.proxy()
        exchange.delay(DEPTH, 0.3)
        began = time.monotonic()
        futures = [connector.order_book("BTCUSDT") for _ in range(16)]
        asked = time.monotonic()
        ask(ref, GetHealth())
        answered = time.monotonic() - asked
        assert answered < 0.05
        pykka.get_all(futures, timeout=5)
        took = time.monotonic() - began
        assert took < 0.9
        figure("16 guarded requests of 0.3 s", f"{took:.2f} s, health in {answered * 1000:.1f} ms")


def _has_passed(seconds: float, connector: Any) -> bool:
    """Wait for the breaker's time by asking it."""
    deadline = time.monotonic() + seconds + 1
    while connector.circuit_breaker_stats().get(timeout=5).retry_after > 0:
        assert time.monotonic() < deadline
    return True


class TestClock:
    """The exchange's clock, far off, behind bad ways, and stepping."""

    def test_ten_seconds_ahead(
        self,
        exchange: SimulatedExchange,
        start: Callable[..., Any],
        record: Callable[[], Any],
        figure: Callable[[str, object], None],
    ) -> None:
        """The offset is found within its uncertainty; signing works; the user is told once."""
        exchange.skew_clock(10.0)
        ref = start(exchange, ready=False)
        life = record()
        connector = ref.proxy()
        connector.subscribe_events(life).get(timeout=5)
        connector.ready().get(timeout=5)
        status = ask(ref, GetClockStatus())
        assert abs(status.offset - 10.0) <= status.uncertainty
        assert status.uncertainty < 0.1
        figure("clock, exchange 10 s ahead", described(status))
        assert connector.balances().get(timeout=5)
        connector.sync_clock().get(timeout=5)
        told = [e for e in life.of(ErrorOccurred) if isinstance(e.error, ClockSyncError)]
        assert len(told) == 1

    @pytest.mark.parametrize("where", ["before", "after"])
    def test_asymmetric_ways(
        self,
        where: Literal["before", "after"],
        exchange: SimulatedExchange,
        start: Callable[..., Any],
        figure: Callable[[str, object], None],
    ) -> None:
        """200 ms on one way alone shift the offset by 100 ms, which the uncertainty admits."""
        exchange.delay(TIME, 0.2, where=where)
        ref = start(exchange)
        status = ask(ref, GetClockStatus())
        assert 0.05 < abs(status.offset) <= status.uncertainty
        figure(f"clock, 200 ms {where} the exchange reads its clock", described(status))
        assert ref.proxy().balances().get(timeout=5)

    def test_a_step_during_the_run(
        self,
        exchange: SimulatedExchange,
        start: Callable[..., Any],
        figure: Callable[[str, object], None],
    ) -> None:
        """A signed request refused for its timestamp is signed anew and sent once more."""
        ref = start(exchange)
        exchange.step_clock(-30.0)
        assert ref.proxy().balances().get(timeout=5)
        accounts = [r for r in exchange.requests if r.path == "/api/v3/account"]
        assert [r.status for r in accounts] == [400, 200]
        status = ask(ref, GetClockStatus())
        assert abs(status.offset + 30.0) <= status.uncertainty
        figure("clock, exchange stepped back 30 s during the run", described(status))

    def test_signing_waits_for_certainty(
        self, exchange: SimulatedExchange, start: Callable[..., Any]
    ) -> None:
        """While the exchange's time is not known nothing is signed, and nothing sent."""
        exchange.answer(TIME, status=503, body="", count=None)
        ref = start(exchange, ready=False)
        with pytest.raises(ClockSyncError):
            ref.proxy().balances().get(timeout=5)
        assert all(r.path != "/api/v3/account" for r in exchange.requests)
        exchange.clear(TIME)
        ref.proxy().ready().get(timeout=10)
        assert ref.proxy().balances().get(timeout=5)


class TestLimiter:
    """Request weight."""

    def test_a_burst_never_exceeds_the_budget(
        self,
        exchange: SimulatedExchange,
        start: Callable[..., Any],
        figure: Callable[[str, object], None],
    ) -> None:
        """Of 10,000 weight at once no more leaves than fits; the rest is told so."""
        ref = start(exchange, connection={"timeout": 1.5})
        futures = [ref.proxy().order_book("BTCUSDT", 5000) for _ in range(40)]
        outcomes: list[Any] = []
        for future in futures:
            try:
                outcomes.append(future.get(timeout=10))
            except RateLimitError as error:
                outcomes.append(error)
        refused = [o for o in outcomes if isinstance(o, RateLimitError)]
        assert len(refused) == 40 - (6000 - 28) // 250
        assert all(0 < error.retry_after <= 61 and error.code is None for error in refused)
        assert exchange.peak_weight <= 6000
        figure(
            "limiter: a burst of 10,000 weight",
            f"{40 - len(refused)} requests sent, {len(refused)} told to wait, "
            f"highest weight in a minute {exchange.peak_weight} of 6000",
        )
        assert all(r.status == 200 for r in exchange.requests)

    def test_the_lesser_limit_counts(self, start: Callable[..., Any]) -> None:
        """What exchangeInfo allows bounds the budget, and so does `max_weight`."""
        with SimulatedExchange(max_weight=500) as exchange:
            ref = start(exchange)
            assert exchange.wait_until(lambda _: ask(ref, GetHealth()).weight_limit == 500)
        with SimulatedExchange() as exchange:
            ref = start(exchange, rate_limit={"max_weight": 300})
            assert ask(ref, GetHealth()).weight_limit == 300

    def test_silence_after_429(
        self, exchange: SimulatedExchange, start: Callable[..., Any]
    ) -> None:
        """From a 429 on nothing is sent until Retry-After has passed."""
        ref = start(exchange)
        connector = ref.proxy()
        headers = {"Retry-After": "1"}
        body = '{"code":-1003,"msg":"Too many requests."}'
        exchange.answer(DEPTH, status=429, body=body, headers=headers, count=1)
        with pytest.raises(RateLimitError) as caught:
            connector.order_book("BTCUSDT").get(timeout=5)
        assert caught.value.code == -1003
        banned = time.monotonic()
        sent = len(exchange.requests)
        with pytest.raises(RateLimitError) as caught:
            connector.order_book("BTCUSDT").get(timeout=5)
        assert caught.value.code is None
        assert 0 < caught.value.retry_after <= 1
        while time.monotonic() < banned + 0.9:
            with pytest.raises(RateLimitError):
                connector.ping().get(timeout=5)
        assert len(exchange.requests) == sent
        while True:
            try:
                connector.ping().get(timeout=5)
                break
            except RateLimitError:
                assert time.monotonic() < banned + 2
        assert time.monotonic() - banned >= 0.95

    def test_a_header_raises_our_count(
        self, exchange: SimulatedExchange, start: Callable[..., Any]
    ) -> None:
        """Weight that others of our address used counts within its minute."""
        ref = start(exchange)
        headers = {"X-MBX-USED-WEIGHT-1M": "5000"}
        exchange.answer("/api/v3/ping", status=200, body="{}", headers=headers, count=1)
        ref.proxy().ping().get(timeout=5)
        assert ask(ref, GetHealth()).weight_used >= 5000


class TestDeadline:
    """No request outlives its time."""

    @pytest.mark.parametrize("fault", ["drip", "delay"])
    def test_a_slow_answer(
        self, fault: str, exchange: SimulatedExchange, start: Callable[..., Any]
    ) -> None:
        """A server that drips bytes, or none, does not outlive `timeout`."""
        ref = start(exchange, connection={"timeout": 0.7})
        if fault == "drip":
            exchange.drip(DEPTH, 20)
        else:
            exchange.delay(DEPTH, 5.0)
        began = time.monotonic()
        with pytest.raises(ExchangeConnectionError, match=r"no answer within 0\.7 s"):
            ref.proxy().order_book("BTCUSDT").get(timeout=5)
        assert 0.6 < time.monotonic() - began < 1.2

    def test_a_hanging_name_look_up(
        self, start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It delays its thread, never the answer, nor the stop."""
        over = threading.Event()

        def hang(*_: Any, **__: Any) -> Any:
            over.wait(20)
            raise socket.gaierror("no such name")

        with SimulatedExchange() as exchange:
            monkeypatch.setattr(socket, "getaddrinfo", hang)
            ref = start(
                exchange,
                ready=False,
                connection={"timeout": 0.5},
                circuit_breaker={"enabled": False},  # it would refuse the last of them
            )
            futures = [ref.proxy().order_book("BTCUSDT") for _ in range(30)]
            began = time.monotonic()
            for future in futures:
                with pytest.raises(ExchangeConnectionError):
                    future.get(timeout=5)
            assert time.monotonic() - began < 1.0
            began = time.monotonic()
            ref.stop(timeout=10)
            assert time.monotonic() - began < 4.0
            over.set()
