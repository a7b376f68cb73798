"""Cancel-replace: the documented table of outcomes (rest-api.md, web-socket-api.md)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange

FAR = {"quantity": "0.001", "price": "60000"}
NEW = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", **FAR}
MAKER = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT_MAKER", "quantity": "0.001"}
CROSSING = MAKER | {"price": "68000"}


@pytest.fixture
def strict(client_of: Callable[[SimulatedExchange], Any]) -> Iterator[Any]:
    """A client of an exchange that takes one unfilled order in ten seconds."""
    with SimulatedExchange(seed=7, max_orders=1) as exchange:
        exchange.skew_clock(10 - time.time() % 60)
        exchange.hold()
        yield client_of(exchange)


def outcome(answer: Any) -> tuple[int, int | None, str, str]:
    """Status, code, and the result of each half."""
    if isinstance(answer, dict):
        status, told = answer["status"], answer.get("error") or answer["result"]
    else:
        status, told = answer.status_code, answer.json()
    halves = told.get("data", told)
    return status, told.get("code"), halves["cancelResult"], halves["newOrderResult"]


def replace(client: Any, by: str, mode: str, cancel: int, terms: Any, **more: Any) -> Any:
    parameters = {**terms, "cancelReplaceMode": mode, "cancelOrderId": cancel, **more}
    if by == "ws":
        return client.call("order.cancelReplace", **parameters)
    return client.rest("POST", "order/cancelReplace", **parameters)


@pytest.mark.parametrize("by", ["rest", "ws"])
@pytest.mark.parametrize(
    ("mode", "is_open", "new", "expected"),
    [
        ("STOP_ON_FAILURE", True, NEW, (200, None, "SUCCESS", "SUCCESS")),
        ("STOP_ON_FAILURE", False, NEW, (400, -2022, "FAILURE", "NOT_ATTEMPTED")),
        ("STOP_ON_FAILURE", True, CROSSING, (409, -2021, "SUCCESS", "FAILURE")),
        ("ALLOW_FAILURE", True, NEW, (200, None, "SUCCESS", "SUCCESS")),
        ("ALLOW_FAILURE", False, CROSSING, (400, -2022, "FAILURE", "FAILURE")),
        ("ALLOW_FAILURE", False, NEW, (409, -2021, "FAILURE", "SUCCESS")),
        ("ALLOW_FAILURE", True, CROSSING, (409, -2021, "SUCCESS", "FAILURE")),
    ],
)
def test_outcomes(
    client: Any, by: str, mode: str, is_open: bool, new: Any, expected: tuple[Any, ...]
) -> None:
    """Within the limits; what is said is what has become of the two orders."""
    first = client.order(**FAR).json()["orderId"]
    if not is_open:
        client.rest("DELETE", "order", symbol="BTCUSDT", orderId=first)
    answer = replace(client, by, mode, first, new, newClientOrderId="new")
    assert outcome(answer) == expected
    orders = {order.client_order_id: order for order in client.exchange.orders()}
    assert len(orders) == 1 + (expected[3] == "SUCCESS")
    assert all(order.status == "CANCELED" for name, order in orders.items() if name != "new")
    if expected[3] == "SUCCESS":
        assert orders["new"].status == "NEW"
    reached = client.exchange.order_requests.get("new", 0)
    assert reached == (expected[3] != "NOT_ATTEMPTED")


@pytest.mark.parametrize(
    ("mode", "exceeded", "is_open", "expected"),
    [
        ("STOP_ON_FAILURE", "CANCEL_ONLY", False, (429, -2022, "FAILURE", "NOT_ATTEMPTED")),
        ("STOP_ON_FAILURE", "CANCEL_ONLY", True, (429, -2021, "SUCCESS", "FAILURE")),
        ("ALLOW_FAILURE", "CANCEL_ONLY", False, (400, -2022, "FAILURE", "FAILURE")),
        ("ALLOW_FAILURE", "CANCEL_ONLY", True, (409, -2021, "SUCCESS", "FAILURE")),
    ],
)
def test_past_the_order_limit(
    strict: Any, mode: str, exceeded: str, is_open: bool, expected: tuple[Any, ...]
) -> None:
    """Only the cancellation is tried, if that is wanted."""
    first = strict.order(**FAR).json()["orderId"] if is_open else 1
    if not is_open:
        strict.order(**FAR)
    answer = replace(strict, "rest", mode, first, NEW, orderRateLimitExceededMode=exceeded)
    assert outcome(answer) == expected
    data = answer.json()["data"]
    if expected[3] == "FAILURE":
        words = "Too many new orders; current limit is 1 orders per 10 SECOND."
        assert data["newOrderResponse"] == {"code": -1015, "msg": words}
    assert ("Retry-After" in answer.headers) == (expected[0] == 429)


def test_past_the_limit_nothing_is_done_otherwise(strict: Any) -> None:
    """`DO_NOTHING` is the default, whatever the mode: a plain -1015."""
    first = strict.order(**FAR).json()["orderId"]
    for mode in ("STOP_ON_FAILURE", "ALLOW_FAILURE"):
        answer = replace(strict, "rest", mode, first, NEW)
        assert (answer.status_code, answer.json()["code"]) == (429, -1015)
    assert [order.status for order in strict.exchange.orders()] == ["NEW"]


def test_filters_come_first(client: Any) -> None:
    """A new order that breaks one leaves the old one alone."""
    first = client.order(**FAR).json()["orderId"]
    wrong = NEW | {"quantity": "0.0000001"}
    answer = replace(client, "rest", "ALLOW_FAILURE", first, wrong)
    assert (answer.status_code, answer.json()["code"]) == (400, -1013)
    assert [order.status for order in client.exchange.orders()] == ["NEW"]


def test_what_was_not_attempted_counts(client: Any) -> None:
    """As the documentation says; and the old order may be named by its name."""
    parameters = NEW | {"cancelReplaceMode": "STOP_ON_FAILURE"}
    named = client.rest("POST", "order/cancelReplace", cancelOrigClientOrderId="x", **parameters)
    assert outcome(named) == (400, -2022, "FAILURE", "NOT_ATTEMPTED")
    assert named.json()["data"]["newOrderResponse"] is None
    counts = client.rest("GET", "rateLimit/order").json()
    assert [row["count"] for row in counts] == [1, 1]
    nobody = client.rest("POST", "order/cancelReplace", **parameters)
    assert (nobody.status_code, nobody.json()["code"]) == (400, -1102)
