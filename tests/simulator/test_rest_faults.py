"""Switches that make the REST interface misbehave, and its clock."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import requests

from exchange_connector.simulator import SimulatedExchange

TIME = "/api/v3/time"
PING = "/api/v3/ping"


def get(exchange: SimulatedExchange, path: str = TIME, timeout: float = 5) -> requests.Response:
    return requests.get(exchange.rest_url + path, timeout=timeout)


def server_time(exchange: SimulatedExchange) -> float:
    answer: dict[str, Any] = get(exchange).json()
    return float(answer["serverTime"]) / 1_000


def test_canned_answers_are_given_in_their_order(exchange: SimulatedExchange) -> None:
    """Status, body and headers as set; then the exchange's own answer again."""
    exchange.answer(TIME, 503, "<html>busy</html>", {"Content-Type": "text/html"})
    exchange.answer(TIME, 200, "")
    exchange.answer(TIME, 400, {"code": -1000, "msg": "x"})
    first, second, third, fourth = (get(exchange) for _ in range(4))
    assert (first.status_code, first.text) == (503, "<html>busy</html>")
    assert first.headers["Content-Type"] == "text/html"
    assert first.headers["X-MBX-USED-WEIGHT-1M"] == "1"
    assert (second.status_code, second.text) == (200, "")
    assert (third.status_code, third.json()) == (400, {"code": -1000, "msg": "x"})
    assert "serverTime" in fourth.json()


def test_canned_answers_may_last_and_be_huge(exchange: SimulatedExchange) -> None:
    """Until they are cleared, and only on their path."""
    exchange.answer(TIME, 200, "[" + "0," * 2_000_000 + "0]", count=None)
    assert len(get(exchange).content) == len(get(exchange).content) > 4_000_000
    assert get(exchange, PING).json() == {}
    exchange.clear(TIME)
    assert "serverTime" in get(exchange).json()


def test_every_path_at_once(exchange: SimulatedExchange) -> None:
    """`*` stands for any path."""
    exchange.answer("*", 500, "no", count=2)
    assert [get(exchange, path).status_code for path in (TIME, PING, PING)] == [500, 500, 200]


def test_delays(exchange: SimulatedExchange) -> None:
    """A number of times, or until cleared."""
    exchange.delay(PING, 0.2, count=1)
    begun = time.monotonic()
    get(exchange, PING)
    assert time.monotonic() - begun > 0.2
    exchange.delay(PING, 30)
    with pytest.raises(requests.Timeout):
        get(exchange, PING, timeout=0.1)
    exchange.clear()
    assert get(exchange, PING, timeout=1).ok


@pytest.mark.parametrize(("where", "early"), [("before", False), ("after", True)])
def test_asymmetric_delays_of_the_time(
    exchange: SimulatedExchange, where: Any, early: bool
) -> None:
    """Before the clock is read or after: the same round trip, another error of its middle."""
    exchange.skew_clock(0)
    exchange.delay(TIME, 0.4, where=where)
    begun = time.time()
    told = server_time(exchange)
    ended = time.time()
    assert ended - begun > 0.4
    assert (told < (begun + ended) / 2) is early


def test_a_reset_instead_of_an_answer(exchange: SimulatedExchange) -> None:
    """The request is in the log, unanswered; the next one is answered."""
    exchange.reset_rest(PING)
    with pytest.raises(requests.ConnectionError):
        get(exchange, PING)
    assert [received.status for received in exchange.requests] == [0]
    assert get(exchange, PING).ok


def test_a_body_that_drips(exchange: SimulatedExchange) -> None:
    """It arrives whole, slowly."""
    exchange.drip(TIME, bytes_per_second=50, count=1)
    begun = time.monotonic()
    assert "serverTime" in get(exchange).json()
    assert time.monotonic() - begun > 0.4


def test_the_clock_can_be_set_wrong(exchange: SimulatedExchange) -> None:
    """By an offset from this machine's, or by a step from where it stands."""
    exchange.skew_clock(-3_600)
    assert server_time(exchange) == pytest.approx(time.time() - 3_600, abs=1)
    exchange.step_clock(10)
    assert server_time(exchange) == pytest.approx(time.time() - 3_590, abs=1)


def test_requests_are_logged_as_they_arrive(exchange: SimulatedExchange) -> None:
    """With query and headers, before they are answered."""
    exchange.delay(PING, 0.3, count=1)
    asking = threading.Thread(
        target=requests.get,
        args=(f"{exchange.rest_url}{PING}",),
        kwargs={"params": {"a": "b"}, "headers": {"X-Mine": "1"}, "timeout": 5},
    )
    asking.start()
    assert exchange.wait_until(lambda seen: len(seen.requests) == 1)
    (received,) = exchange.requests
    assert (received.path, received.query, received.status) == (PING, {"a": "b"}, 0)
    assert received.headers["x-mine"] == "1"
    assert received.time <= time.monotonic()
    assert exchange.wait_until(lambda seen: seen.requests[0].status == 400)
    asking.join()
