"""What is said of a stream that comes, or does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange

Run = Callable[..., Any]


def test_a_symbol_that_trades_is_taken(check: Run) -> None:
    """The busiest if it is listed, else another."""
    with SimulatedExchange(symbols=("ETHUSDT",)) as exchange:
        told = check("--rest-url", exchange.rest_url, "--stream-url", exchange.stream_url)
    assert told.code == 0
    assert told.figure("stream").startswith("ETHUSDT: subscribed in ")


def test_a_stream_without_events(exchange: SimulatedExchange, check_exchange: Run) -> None:
    """A bot would see a market that stands still."""
    exchange.stall()
    told = check_exchange("--timeout", "2")
    assert "subscribed, and no event within" in told.figure("stream")
    assert told.advice("stream").startswith("A bot would see a market that stands still")


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (503, "The far end takes no websockets now"),
        (451, "The exchange does not serve the place"),
    ],
)
def test_an_upgrade_that_is_refused(
    status: int, advice: str, exchange: SimulatedExchange, check_exchange: Run
) -> None:
    """The session's own words, and what they mean."""
    exchange.refuse_upgrades(status)
    told = check_exchange("--timeout", "2")
    assert f"HTTP status {status}" in told.figure("stream")
    assert told.advice("stream").startswith(advice)


@pytest.mark.parametrize("status", [202, 302])
def test_an_upgrade_that_something_else_answers(
    status: int, exchange: SimulatedExchange, check_exchange: Run
) -> None:
    """Such as a network's sign-in page."""
    exchange.refuse_upgrades(status)
    told = check_exchange("--timeout", "2")
    assert told.advice("stream").startswith("Something else answers there")


def test_a_peer_that_is_no_websocket(
    exchange: SimulatedExchange, check: Run, serve: Callable[..., int]
) -> None:
    """It hangs up."""
    port = serve(lambda sock: sock.recv(1))
    urls = ("--rest-url", exchange.rest_url, "--stream-url", f"ws://127.0.0.1:{port}")
    told = check(*urls, "--timeout", "2")
    assert told.figure("stream").startswith("no session within ")
    assert told.advice("stream").startswith("The connection is made, and breaks")


def test_a_command_that_is_not_answered(exchange: SimulatedExchange, check_exchange: Run) -> None:
    """The session is up all the same."""
    exchange.ignore_controls(count=None)
    told = check_exchange("--timeout", "2")
    assert told.figure("stream").startswith("connected, and no answer to a subscription")
    assert told.advice("stream").startswith("The far end is stuck")


def test_a_subscription_that_is_refused(exchange: SimulatedExchange, check_exchange: Run) -> None:
    """With the exchange's words."""
    exchange.refuse_controls(count=None)
    told = check_exchange()
    assert told.figure("stream").startswith("the subscription was refused: Invalid request")
    assert told.verdict("stream") == "wrong"
