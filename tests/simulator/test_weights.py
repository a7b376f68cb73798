"""Request weight, 429 and 418 (rest-api.md "LIMITS")."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
import requests

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.binance.limits import PATIENCE


@pytest.fixture
def small() -> Iterator[SimulatedExchange]:
    """An exchange that allows a weight of 50 a minute, ten seconds into one."""
    with SimulatedExchange(max_weight=50) as running:
        running.skew_clock(10 - time.time() % 60)
        yield running


def get(exchange: SimulatedExchange, path: str) -> requests.Response:
    return requests.get(f"{exchange.rest_url}/api/v3/{path}", timeout=5)


@pytest.mark.parametrize(
    ("path", "weight"),
    [
        ("ping", 1),
        ("time", 1),
        ("exchangeInfo", 20),
        ("depth?symbol=BTCUSDT", 5),
        ("depth?symbol=BTCUSDT&limit=100", 5),
        ("depth?symbol=BTCUSDT&limit=101", 25),
        ("depth?symbol=BTCUSDT&limit=1000", 50),
        ("depth?symbol=BTCUSDT&limit=5000", 250),
        ("trades?symbol=BTCUSDT", 25),
        ("klines?symbol=BTCUSDT&interval=1m", 2),
        ("historicalTrades?symbol=BTCUSDT", 25),
        ("aggTrades?symbol=BTCUSDT", 4),
        ("avgPrice?symbol=BTCUSDT", 2),
        ("ticker/24hr?symbol=BTCUSDT", 2),
        ('ticker/24hr?symbols=["BTCUSDT"]', 2),
        ("ticker/24hr", 80),
        ("ticker/price?symbol=BTCUSDT", 2),
        ("ticker/price", 4),
        ("ticker/bookTicker", 4),
        ("ticker/price?symbols=[%22BTCUSDT%22]", 4),
        ("ticker?symbol=BTCUSDT", 4),
        ('ticker?symbols=["BTCUSDT","ETHUSDT"]', 8),
        ("ticker/tradingDay?symbol=BTCUSDT", 4),
        ("ticker/tradingDay?symbols=[" + ",".join(f'"A{n}"' for n in range(60)) + "]", 200),
        ("ticker/24hr?symbols=[" + ",".join(f'"A{n}"' for n in range(21)) + "]", 40),
        ("executionRules?symbol=BTCUSDT", 2),
        ('executionRules?symbols=["BTCUSDT","ETHUSDT"]', 4),
        ("executionRules", 40),
        ("referencePrice?symbol=BTCUSDT", 2),
        ("referencePrice/calculation?symbol=BTCUSDT", 2),
        ("uiKlines?symbol=BTCUSDT&interval=1m", 2),
        ("historicalBlockTrades?symbol=BTCUSDT&fromId=0", 25),
        ("account", 20),
        ("account/commission?symbol=BTCUSDT", 20),
        ("rateLimit/order", 40),
        ("myFilters?symbol=BTCUSDT", 40),
        ("openOrders?symbol=BTCUSDT", 6),
        ("openOrders", 80),
        ("allOrders?symbol=BTCUSDT", 20),
        ("myTrades?symbol=BTCUSDT", 20),
        ("myTrades?symbol=BTCUSDT&orderId=1", 5),
        ("openOrderList", 6),
        ("allOrderList", 20),
        ("myAllocations?symbol=BTCUSDT", 20),
        ("myPreventedMatches?symbol=BTCUSDT&preventedMatchId=1", 2),
        ("myPreventedMatches?symbol=BTCUSDT&orderId=1", 20),
        ("nothing", 0),
    ],
)
def test_each_request_costs_its_documented_weight(
    exchange: SimulatedExchange, path: str, weight: int
) -> None:
    """The headers and the log show the weight, also of a refused request."""
    answer = get(exchange, path)
    assert answer.headers["X-MBX-USED-WEIGHT-1M"] == str(weight)
    assert answer.headers["X-MBX-USED-WEIGHT"] == str(weight)
    assert exchange.used_weight == exchange.peak_weight == weight
    (received,) = exchange.requests
    assert (received.weight, received.status) == (weight, answer.status_code)
    assert received.path == "/api/v3/" + path.partition("?")[0]


def test_weight_is_counted_in_minutes_of_the_exchange_clock(exchange: SimulatedExchange) -> None:
    """A new minute begins at zero; the peak stays."""
    get(exchange, "exchangeInfo")
    exchange.step_clock(60)
    answer = get(exchange, "time")
    assert answer.headers["X-MBX-USED-WEIGHT-1M"] == "1"
    assert (exchange.used_weight, exchange.peak_weight) == (1, 20)


def test_exchange_info_tells_the_limit(small: SimulatedExchange) -> None:
    """What is enforced is what is announced."""
    limits = get(small, "exchangeInfo").json()["rateLimits"]
    assert limits[0] == {
        "rateLimitType": "REQUEST_WEIGHT",
        "interval": "MINUTE",
        "intervalNum": 1,
        "limit": 50,
    }


def test_past_the_limit_429_until_the_minute_ends(small: SimulatedExchange) -> None:
    """The answer says how many seconds are left, and the next minute is free again."""
    assert get(small, "depth?symbol=BTCUSDT&limit=1000").status_code == 200
    answer = get(small, "time")
    assert answer.status_code == 429
    assert answer.json()["code"] == -1003
    assert "current limit is 50 request weight per 1 MINUTE" in answer.json()["msg"]
    assert 45 <= int(answer.headers["Retry-After"]) <= 50
    small.step_clock(int(answer.headers["Retry-After"]))
    assert get(small, "time").status_code == 200


def test_going_on_after_429_leads_to_a_ban(small: SimulatedExchange) -> None:
    """After some refusals comes 418, with the end of the ban, and then it is over."""
    get(small, "depth?symbol=BTCUSDT&limit=1000")
    assert {get(small, "time").status_code for _ in range(PATIENCE)} == {429}
    answer = get(small, "time")
    assert answer.status_code == 418
    assert answer.json()["code"] == -1003
    until = re.search(r"IP banned until (\d{13})\.", answer.json()["msg"])
    assert until is not None
    assert answer.headers["Retry-After"] == "120"
    small.step_clock(119)
    assert get(small, "time").status_code == 418
    small.step_clock(2)
    assert get(small, "time").json()["serverTime"] >= int(until[1])


def test_a_ban_can_be_thrown_and_lifted(exchange: SimulatedExchange) -> None:
    """`ban` answers 418 to everything, and costs no weight."""
    exchange.ban(30)
    answer = get(exchange, "exchangeInfo")
    assert (answer.status_code, answer.headers["Retry-After"]) == (418, "30")
    exchange.ban(0)
    assert get(exchange, "time").headers["X-MBX-USED-WEIGHT-1M"] == "1"
