"""Signed requests about an account that has not traded (rest-api.md "Account Endpoints")."""

from __future__ import annotations

import hashlib
import hmac

import pytest
import requests

from exchange_connector.simulator import SimulatedExchange

DAY_MS = 86_400_000


def get(exchange: SimulatedExchange, path: str) -> requests.Response:
    """Ask with a signature."""
    name, _, query = path.partition("?")
    now = requests.get(f"{exchange.rest_url}/api/v3/time", timeout=5).json()["serverTime"]
    text = f"{query}&timestamp={now}".removeprefix("&")
    signature = hmac.new(exchange.api_secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    url = f"{exchange.rest_url}/api/v3/{name}?{text}&signature={signature}"
    return requests.get(url, headers={"X-MBX-APIKEY": exchange.api_key}, timeout=5)


@pytest.mark.parametrize(
    "path",
    [
        "openOrders",
        "openOrders?symbol=BTCUSDT",
        "allOrders?symbol=BTCUSDT&orderId=1&limit=5",
        "myTrades?symbol=BTCUSDT",
        "myTrades?symbol=BTCUSDT&orderId=5&fromId=1",
        f"myTrades?symbol=BTCUSDT&startTime=1700000000000&endTime={1700000000000 + DAY_MS}",
        "openOrderList",
        "allOrderList?fromId=1",
        "myAllocations?symbol=BTCUSDT&orderId=1&fromAllocationId=2",
        "myPreventedMatches?symbol=BTCUSDT&orderId=1&fromPreventedMatchId=2&limit=3",
    ],
)
def test_there_is_nothing_yet(exchange: SimulatedExchange, path: str) -> None:
    """An account that has not traded has no orders, lists, trades or allocations."""
    answer = get(exchange, path)
    assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("allOrders", -1102),
        ("openOrders?symbol=NOTHERE", -1121),
        ("myTrades?symbol=BTCUSDT&fromId=1&startTime=1", -1128),
        ("myTrades?symbol=BTCUSDT&orderId=1&endTime=1", -1128),
        (f"myTrades?symbol=BTCUSDT&startTime=1&endTime={DAY_MS + 2}", -1127),
        (f"allOrders?symbol=BTCUSDT&startTime=1&endTime={DAY_MS + 2}", -1127),
        (f"allOrderList?startTime=1&endTime={DAY_MS + 2}", -1127),
        ("allOrderList?fromId=1&startTime=1", -1128),
        ("myAllocations?symbol=BTCUSDT&fromAllocationId=1&startTime=1", -1128),
        ("myPreventedMatches?symbol=BTCUSDT", -1128),
        ("account/commission", -1102),
        ("myFilters?symbol=NOTHERE", -1121),
    ],
)
def test_refusals(exchange: SimulatedExchange, path: str, code: int) -> None:
    """Parameters are checked as documented, although there is nothing to find."""
    answer = get(exchange, path)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_no_order_counts(exchange: SimulatedExchange) -> None:
    """The limits are those that `exchangeInfo` tells."""
    counts = get(exchange, "rateLimit/order").json()
    url = f"{exchange.rest_url}/api/v3/exchangeInfo"
    told = requests.get(url, timeout=5).json()["rateLimits"]
    orders = [row for row in told if row["rateLimitType"] == "ORDERS"]
    assert counts == [row | {"count": 0} for row in orders]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "order/amend/keepPriority"),
        ("GET", "order/amendments"),
        ("POST", "orderList/oco"),
        ("GET", "orderList"),
        ("POST", "sor/order"),
    ],
)
def test_amendments_and_lists_are_not_served(
    exchange: SimulatedExchange, method: str, path: str
) -> None:
    """Single orders only."""
    url = f"{exchange.rest_url}/api/v3/{path}"
    assert requests.request(method, url, timeout=5).status_code == 404
