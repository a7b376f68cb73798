"""What the exchange's answers mean: latency, clock, limits."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector import Health, HealthState, RateLimit, RateLimitConfig
from exchange_connector.cli.check import examination
from exchange_connector.cli.check.answers import judge_limits, judge_rest
from exchange_connector.cli.check.finding import Verdict
from exchange_connector.cli.check.measured import Pings
from exchange_connector.cli.check.refusals import advice_on
from exchange_connector.messages.errors import (
    CircuitBreakerError,
    ClockSyncError,
    ConnectorError,
    ExchangeError,
    NotRunningError,
    RateLimitError,
)
from exchange_connector.simulator import SimulatedExchange

Run = Callable[..., Any]


# REST


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (403, "The exchange's firewall blocks this address"),
        (418, "This address is banned"),
        (429, "Too much was asked from this address"),
        (451, "The exchange does not serve the place"),
        (404, "What answers has no such page"),
        (503, "The exchange itself is in trouble"),
        (302, "Something else answers there"),
        (400, "Something else answers there"),
    ],
)
def test_a_status_is_explained(
    status: int, advice: str, exchange: SimulatedExchange, check_exchange: Run
) -> None:
    """In a sentence."""
    exchange.answer("/api/v3/ping", status, "", count=None)
    told = check_exchange("--timeout", "3")
    assert told.code == 1
    assert told.figure("rest").startswith(f"HTTP status {status}")
    assert told.advice("rest").startswith(advice)
    assert told.verdict("clock") == "skipped"


def test_something_else_answers(exchange: SimulatedExchange, check_exchange: Run) -> None:
    """Such as a hotel's sign-in page."""
    exchange.answer("/api/v3/ping", 200, "<html>Welcome to our network</html>")
    told = check_exchange()
    assert "not the exchange's" in told.figure("rest")
    assert told.advice("rest").startswith("Something else answers there")


def test_a_connection_that_breaks(exchange: SimulatedExchange, check_exchange: Run) -> None:
    """Before the answer."""
    exchange.reset_rest("/api/v3/ping")
    told = check_exchange()
    assert told.advice("rest").startswith("The connection is made, and breaks")


def test_a_refusal_of_the_exchange(exchange: SimulatedExchange, check_exchange: Run) -> None:
    """Its own words are shown."""
    exchange.answer("/api/v3/ping", 400, {"code": -1100, "msg": "Illegal characters."})
    told = check_exchange()
    assert told.figure("rest") == "HTTP status 400 (Illegal characters.)"
    assert told.advice("rest") == "The exchange refused it: its own words say why."


def test_a_peer_that_is_no_http(
    exchange: SimulatedExchange, check: Run, serve: Callable[..., int]
) -> None:
    """Such as a mail server, on both sides."""

    def greet(sock: socket.socket) -> None:
        sock.sendall(b"220 mail.invalid ESMTP\r\n")
        sock.recv(1 << 16)

    place = f"127.0.0.1:{serve(greet)}"
    told = check("--rest-url", f"http://{place}", "--stream-url", f"ws://{place}", "--timeout", "2")
    assert told.advice("rest").startswith("What answers there does not speak HTTP")
    assert told.advice("stream") == told.advice("rest")


def test_a_peer_that_is_silent(
    exchange: SimulatedExchange, check: Run, serve: Callable[..., int]
) -> None:
    """It takes the connection, and no websocket comes of it."""
    port = serve(lambda sock: sock.recv(1 << 16) and sock.recv(1))
    urls = ("--rest-url", exchange.rest_url, "--stream-url", f"ws://127.0.0.1:{port}")
    told = check(*urls, "--timeout", "2")
    assert told.advice("stream").startswith("The connection stands and no answer comes")


def test_a_far_exchange() -> None:
    """Seconds there and back are a warning; the median counts."""
    finding = judge_rest(Pings((1.2, 1.3, 0.1)), "binance")
    assert finding.verdict is Verdict.WARNING
    assert finding.figure.startswith("1200 ms there and back")
    assert finding.advice.startswith("That is far")
    assert judge_rest(Pings((0.2, 9.0, 0.1)), "binance").verdict is Verdict.OK


# clock


def test_a_clock_that_is_off(exchange: SimulatedExchange, check_exchange: Run) -> None:
    """By how much, and how to mend it."""
    exchange.skew_clock(7)
    told = check_exchange()
    assert told.code == 1
    assert "s behind the exchange's, +/- 0.0" in told.figure("clock")
    assert told.advice("clock").startswith("Turn NTP on: timedatectl set-ntp true (requests are")
    assert told.findings["clock"]["values"]["offset_seconds"] == pytest.approx(7, abs=0.1)


def test_a_clock_that_is_off_and_not_corrected(
    exchange: SimulatedExchange, check_exchange: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then nothing that is signed goes through."""
    exchange.skew_clock(-7)
    monkeypatch.setenv("EXCHANGE_CONNECTOR_CLOCK_SYNC_ENABLED", "false")
    told = check_exchange()
    assert "ahead of the exchange's" in told.figure("clock")
    assert "signed requests will be refused" in told.advice("clock")


def test_a_way_too_slow_to_know_the_time(
    exchange: SimulatedExchange, check_exchange: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The uncertainty counts against the bound, too."""
    exchange.delay("/api/v3/time", 0.1)
    monkeypatch.setenv("EXCHANGE_CONNECTOR_CLOCK_SYNC_MAX_OFFSET", "0.02")
    told = check_exchange()
    assert told.verdict("clock") == "wrong"
    assert told.advice("clock").startswith("The way there is too slow to know the time")


def test_a_time_that_is_not_told(exchange: SimulatedExchange, check_exchange: Run) -> None:
    """The exchange's trouble."""
    exchange.answer("/api/v3/time", 503, "", count=None)
    told = check_exchange()
    assert told.figure("clock").startswith("not measured: ")
    assert told.advice("clock").startswith("The exchange itself is in trouble")


def test_without_the_time_no_key_is_tried(
    exchange: SimulatedExchange, check_exchange: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A signature has the exchange's time in it."""
    monkeypatch.setenv("EXCHANGE_CONNECTOR_API_KEY", exchange.api_key)
    monkeypatch.setenv("EXCHANGE_CONNECTOR_API_SECRET", exchange.api_secret)
    exchange.answer("/api/v3/time", 503, "", count=None)
    told = check_exchange()
    assert (told.verdict("key"), told.advice("key")) == ("skipped", "See clock above.")


# limits


def test_limits_are_listed(check_exchange: Run) -> None:
    """What is used of the weight, and what else is counted."""
    told = check_exchange()
    assert "of 6,000 weight used in this minute; 100 orders in 10 s" in told.figure("limits")
    assert told.findings["limits"]["values"]["weight_used"] > 20


@pytest.mark.parametrize(("used", "verdict"), [(4_800, Verdict.OK), (4_801, Verdict.WARNING)])
def test_weight_that_is_nearly_used_up(used: int, verdict: Verdict) -> None:
    """Somebody else uses it."""
    health = Health(HealthState.LIVE, {}, {}, {}, 0, used, 6_000)
    limits = (RateLimit("REQUEST_WEIGHT", 60.0, 6_000),)
    finding = judge_limits(limits, health, RateLimitConfig(), "binance")
    assert finding.verdict is verdict
    assert finding.figure == f"{used:,} of 6,000 weight used in this minute"
    about = "Something else behind this address uses it up"
    assert finding.advice.startswith(about) is (verdict is Verdict.WARNING)


def test_limits_that_are_not_kept(check_exchange: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bot without them risks a ban."""
    monkeypatch.setenv("EXCHANGE_CONNECTOR_RATE_LIMIT_ENABLED", "false")
    told = check_exchange()
    assert told.verdict("limits") == "warning"
    assert told.advice("limits").startswith("rate_limit is off")


def test_limits_that_are_not_told(exchange: SimulatedExchange, check_exchange: Run) -> None:
    """The stream is checked all the same."""
    exchange.answer("/api/v3/exchangeInfo", 500, "", count=None)
    told = check_exchange()
    assert told.figure("limits").startswith("not known: ")
    assert told.verdict("stream") == "ok"


def test_limits_that_never_come(
    exchange: SimulatedExchange, check_exchange: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A subscription waits for what comes with them: that is not the stream's fault."""
    monkeypatch.setattr(examination, "STEP", 0.5)
    exchange.delay("/api/v3/exchangeInfo", 30.0)
    told = check_exchange()
    assert told.verdict("limits") == "wrong"
    assert (told.verdict("stream"), told.advice("stream")) == (
        "skipped",
        "See request limits above.",
    )


# errors


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (RateLimitError(3.0), "Too much was asked"),
        (ClockSyncError(None, None, 0.5), "The exchange's time is not known"),
        (CircuitBreakerError("open", 3.0), "Too many requests have failed"),
        (NotRunningError(), "Check again"),
        (ExchangeError(-1002, "no", 401), "The exchange does not admit this key"),
        (ExchangeError(-2008, "no", 400), "The exchange does not know the key"),
        (ExchangeError(7, "no", 407), "The proxy wants a user"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_error_has_its_advice(error: ConnectorError, advice: str) -> None:
    """Those too that are rarely met."""
    assert advice_on(error, "binance").startswith(advice)
    assert advice_on(error, "another").endswith(".")
