"""Unfilled orders counted, and what orders weigh (rest-api.md "LIMITS", the FAQ on counts)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange

FAR = {"quantity": "0.001", "price": "60000"}


@pytest.fixture
def strict(client_of: Callable[[SimulatedExchange], Any]) -> Iterator[Any]:
    """A client of an exchange that takes three unfilled orders in ten seconds."""
    with SimulatedExchange(seed=7, max_orders=3, max_orders_a_day=5) as exchange:
        exchange.skew_clock(10 - time.time() % 60)
        exchange.hold()
        yield client_of(exchange)


def counts(client: Any) -> list[int]:
    return [row["count"] for row in client.rest("GET", "rateLimit/order").json()]


def test_placing_counts_and_cancelling_does_not(client: Any) -> None:
    """The FAQ's example of canceled and expired orders."""
    place, seen = client.order, []
    first = place(**FAR)
    assert first.headers["X-MBX-ORDER-COUNT-10S"] == "1"
    assert first.headers["X-MBX-ORDER-COUNT-1D"] == "1"
    client.rest("DELETE", "order", symbol="BTCUSDT", orderId=first.json()["orderId"])
    seen.append(counts(client))
    place(**FAR)
    filled = place(price="68000", quantity="0.001", timeInForce="FOK")
    assert filled.json()["status"] == "FILLED"
    seen.append(counts(client))
    expired = place(**FAR, timeInForce="FOK").json()
    assert (expired["status"], expired["expiryReason"]) == (
        "EXPIRED",
        "UNFILLED_FOK_ORDER_EXPIRED",
    )
    seen.append(counts(client))
    assert seen == [[1, 1], [2, 2], [3, 3]]


def test_a_first_fill_gives_back(client: Any, open_account: Any, price: Any) -> None:
    """One to a taker, five to a maker, once for each order, and never below nothing."""
    level, other = price("ask", "-0.01"), open_account()
    client.order(side="SELL", quantity="0.003", price=level)
    for _ in range(5):
        client.order(**FAR)
    assert counts(client) == [6, 6]
    other.order(quantity="0.001", price=level)
    assert (counts(client), counts(other)) == ([1, 1], [0, 0])
    client.order(**FAR)
    other.order(quantity="0.001", price=level)
    assert counts(client) == [2, 2]


def test_past_the_limit(strict: Any) -> None:
    """429 and -1015, which says when; the weight is not the matter, and reads go on."""
    for _ in range(3):
        assert strict.order(**FAR).status_code == 200
    answer = strict.order(**FAR)
    assert answer.status_code == 429
    assert answer.json() == {
        "code": -1015,
        "msg": "Too many new orders; current limit is 3 orders per 10 SECOND.",
    }
    assert 0 < int(answer.headers["Retry-After"]) <= 10
    terms = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
    told = strict.call("order.place", **terms, **FAR)
    assert (told["status"], told["error"]["code"]) == (429, -1015)
    assert told["error"]["data"]["retryAfter"] % 10_000 == 0
    assert [row["count"] for row in told["rateLimits"][:2]] == [3, 3]
    assert strict.rest("GET", "openOrders").status_code == 200
    strict.exchange.step_clock(10)
    assert [strict.order(**FAR).status_code for _ in range(3)] == [200, 200, 429]
    assert "5 orders per 1 DAY" in strict.order(**FAR).json()["msg"]
    assert len(strict.exchange.order_requests) == 5


def test_a_success_weighs_nothing(exchange: SimulatedExchange, client: Any) -> None:
    """CHANGELOG.md, 2026-03-27; a failure weighs what is documented."""

    def weight(answer: Any) -> int:
        after = int(answer.headers["X-MBX-USED-WEIGHT-1M"])
        spent, weight.before = after - weight.before, after  # type: ignore[attr-defined]
        return int(spent)

    weight.before = exchange.used_weight  # type: ignore[attr-defined]
    placed = client.order(**FAR)
    ids = {"symbol": "BTCUSDT", "orderId": placed.json()["orderId"]}
    assert weight(placed) == 0
    assert weight(client.rest("GET", "order", **ids)) == 4
    assert weight(client.rest("DELETE", "order", **ids)) == 0
    assert weight(client.rest("DELETE", "order", **ids)) == 1
    assert weight(client.order(quantity="0", price="1")) == 1
    assert weight(client.rest("DELETE", "openOrders", symbol="BTCUSDT")) == 1
    tested = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
    assert weight(client.rest("POST", "order/test", **tested)) == 1
    for body in (False, True):
        more = {"computeCommissionRates": "true", "body": body}
        assert weight(client.rest("POST", "order/test", **tested, **more)) == 20
    assert [received.weight for received in exchange.requests[:3]] == [0, 4, 0]


def test_the_limits_that_are_told_are_those_that_hold(strict: Any) -> None:
    """`exchangeInfo` has them, by REST and the websocket API."""
    for info in (strict.rest("GET", "rateLimit/order").json(), strict.tell("exchangeInfo", {})):
        rows = info if isinstance(info, list) else info["result"]["rateLimits"]
        assert [row["limit"] for row in rows if row["rateLimitType"] == "ORDERS"] == [3, 5]
