"""Answers about orders and events of accounts, beside the documentation's own examples."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange

Documented = Callable[[str], list[tuple[str, Any]]]
Compare = Callable[[dict[str, str]], Any]
Figure = Callable[[str, object], None]
FAR = {"quantity": "0.001", "price": "60000"}
LIMIT = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", **FAR}
MARKET = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.3"}
CROSSING = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT_MAKER",
    "quantity": "0.001",
    "price": "68000",
}
NOT_SERVED = (
    *("Order Amend", "New OCO", "New Order list", "New Order List", "Cancel Order list"),
    *("New order using SOR", "Test new order using SOR", "Query Order list"),
    *("Query all Order lists", "Query Open Order lists", "Query Order Amendments"),
    *("Place new OCO", "Place new Order list", "OPO", "Place new order using SOR"),
    *("Current open Order lists", "Account order list history"),
)
DECIMALS = r".* is 8 decimals, documented (\d decimals|digits)"
ACCEPTED = {
    DECIMALS: "the examples shorten prices and quantities",
    r".*: \$\[1\] .*": "an order list, which is not served",
    r".*\.(expiryReason|icebergQty|stopPrice|strategyId) is not documented": "conditional",
    r".* is constant, documented text": "a name that looks like a constant",
    r".* is text, documented constant": "a name that looks like a constant",
}

CONDITIONAL = "stopPrice|trailingDelta|trailingTime|icebergQty|strategyId|strategyType"
WEBSOCKET_ACCEPTED = {
    r".*rateLimits is not documented": "left out in the example",
    r"Place new order \(TRADE\) 3: .*selfTradePreventionMode is not documented": "left out there",
    rf".*\.({CONDITIONAL}|preventedMatchId|preventedQuantity) is missing": (
        "the example shows every field that some orders have"
    ),
}


@pytest.fixture
def strict(client_of: Callable[[SimulatedExchange], Any]) -> Iterator[Any]:
    """A client of an exchange that takes one unfilled order in ten seconds, as in the examples."""
    with SimulatedExchange(seed=7, max_orders=1) as exchange:
        exchange.skew_clock(10 - time.time() % 60)
        exchange.hold()
        yield client_of(exchange)


def placed(client: Any, **more: Any) -> dict[str, Any]:
    """An order that rests: what its cancellation needs."""
    answer = client.rest("POST", "order", **(LIMIT | more)).json()
    return {"symbol": "BTCUSDT", "orderId": answer["orderId"]}


def replaced(client: Any, mode: str, new: Any, *, opened: bool = True, **more: Any) -> Any:
    """What a cancel-replace is answered."""
    first = placed(client)["orderId"] if opened else 1
    more |= {"cancelReplaceMode": mode, "cancelOrderId": first}
    return client.rest("POST", "order/cancelReplace", **new, **more).json()


def rest_answers(client: Any, strict: Any) -> dict[str, Any]:
    """The answers that the documentation has examples of, by their titles."""
    post, get, delete = "POST", "GET", "DELETE"
    replace = "Cancel an Existing Order and Send a New Order (TRADE)"
    found = {
        f"New order (TRADE) {number}": client.rest(post, "order", newOrderRespType=kind, **MARKET)
        for number, kind in enumerate(("ACK", "RESULT", "FULL"))
    }
    tested = {"computeCommissionRates": "true", **LIMIT}
    found |= {
        "Test new order (TRADE) 0": client.rest(post, "order/test", **LIMIT),
        "Test new order (TRADE) 1": client.rest(post, "order/test", **tested),
        "Cancel order (TRADE) 0": client.rest(delete, "order", **placed(client)),
        "Cancel order (TRADE) 1": client.rest(
            delete, "order", cancelRestrictions="NONE", **placed(client)
        ),
        "Cancel order (TRADE) 2": client.rest(
            delete, "order", cancelRestrictions="ONLY_PARTIALLY_FILLED", **placed(client)
        ),
        "Query order (USER_DATA) 0": client.rest(get, "order", **placed(client)),
        "Current open orders (USER_DATA) 0": client.rest(get, "openOrders"),
        "All orders (USER_DATA) 0": client.rest(get, "allOrders", symbol="BTCUSDT"),
        "Account trade list (USER_DATA) 0": client.rest(get, "myTrades", symbol="BTCUSDT"),
        "Query Unfilled Order Count (USER_DATA) 0": client.rest(get, "rateLimit/order"),
        "Cancel All Open Orders on a Symbol (TRADE) 0": client.rest(
            delete, "openOrders", symbol="BTCUSDT"
        ),
    }
    answers = {title: answer.json() for title, answer in found.items()}
    halves = (
        ("STOP_ON_FAILURE", LIMIT, False),
        ("STOP_ON_FAILURE", CROSSING, True),
        ("ALLOW_FAILURE", LIMIT | {"newOrderRespType": "ACK"}, False),
        ("ALLOW_FAILURE", CROSSING, False),
    )
    for number, (mode, new, opened) in enumerate(halves):
        answers[f"{replace} {number}"] = replaced(client, mode, new, opened=opened)
    answers[f"{replace} 4"] = replaced(strict, "STOP_ON_FAILURE", LIMIT)
    strict.exchange.step_clock(10)
    exceeded: dict[str, Any] = {"orderRateLimitExceededMode": "CANCEL_ONLY"}
    answers[f"{replace} 5"] = replaced(strict, "STOP_ON_FAILURE", LIMIT, **exceeded)
    return answers


def without_lists(example: Any) -> Any:
    """An example of all that was cancelled, without the order lists among them."""
    if not isinstance(example, list):
        return example
    return [row for row in example if "contingencyType" not in row]


def test_rest(
    client: Any, strict: Any, comparison: Compare, documented: Documented, figure: Figure
) -> None:
    """Same fields, same kinds, as many decimals, the same unit of time."""
    made = comparison(ACCEPTED)
    answers = rest_answers(client, strict)
    examples = dict(documented("docs/binance_rest.jsonl"))
    for title, answer in answers.items():
        made.compare(title, without_lists(examples[title]), answer)
    assert "\n".join(made.differences) == ""
    missing = [
        title
        for title in examples
        if "(TRADE)" in title and title not in answers and not title.startswith(NOT_SERVED)
    ]
    assert missing == []
    figure(
        "documented REST answers about orders compared", f"{made.examples}, {made.fields} fields"
    )


def test_websocket_api(
    client: Any, comparison: Compare, documented: Documented, figure: Figure
) -> None:
    """The documented requests, signed anew and at our prices, give answers of the same form."""
    made = comparison(ACCEPTED | WEBSOCKET_ACCEPTED)
    requests: dict[str, Any] = {}
    examples: dict[str, Any] = {}
    for title, example in documented("docs/binance_ws_api.jsonl"):
        (requests if "method" in example else examples)[title] = example
    asked = {
        "Place new order (TRADE) 1": ("order.place", MARKET | {"newOrderRespType": "ACK"}),
        "Place new order (TRADE) 2": ("order.place", MARKET | {"newOrderRespType": "RESULT"}),
        "Place new order (TRADE) 3": ("order.place", MARKET),
        "Test new order (TRADE) 1": ("order.test", LIMIT),
        "Test new order (TRADE) 2": ("order.test", LIMIT | {"computeCommissionRates": "true"}),
        "Cancel order (TRADE) 1": ("order.cancel", placed(client)),
        "Query order (USER_DATA) 1": ("order.status", placed(client)),
        "Current open orders (USER_DATA) 1": ("openOrders.status", {"symbol": "BTCUSDT"}),
        "Account order history (USER_DATA) 1": ("allOrders", {"symbol": "BTCUSDT"}),
        "Account trade history (USER_DATA) 1": ("myTrades", {"symbol": "BTCUSDT"}),
        "Unfilled Order Count (USER_DATA) 1": ("account.rateLimits.orders", {}),
        "Cancel open orders (TRADE) 1": ("openOrders.cancelAll", {"symbol": "BTCUSDT"}),
        "Unfilled Order Count 0": ("order.place", LIMIT | {"newOrderRespType": "RESULT"}),
    }
    methods = {request["method"] for request in requests.values()}
    for title, (method, parameters) in asked.items():
        assert method in methods
        answer = client.call(method, **parameters)
        example = examples[title] | {"id": answer["id"]}
        example["result"] = without_lists(example["result"])
        made.compare(title, example, answer)
    assert "\n".join(made.differences) == ""
    figure("documented websocket API answers about orders compared", f"{made.examples}")


def test_events(client: Any, comparison: Compare, documented: Documented, figure: Figure) -> None:
    """Each event of an account that is sent has the documented fields."""
    only_then = r".*executionReport: \$\.event\.(v|A|B|u|U|Cs|pl|pL|pY|d|D|j|J|eR) is .*"
    made = comparison({**ACCEPTED, only_then: "conditional"})
    client.listen()
    client.order(**FAR)
    client.exchange.deposit("BTC", "1")
    client.tell("userDataStream.unsubscribe", {})
    while not any(one["event"]["e"] == "eventStreamTerminated" for one in client.events):
        client.events.append(json.loads(client.socket.recv()))
    ours = {one["event"]["e"]: one for one in client.events}
    for title, example in documented("docs/binance_user_data_stream.jsonl"):
        kind = example["event"]["e"]
        if kind in ours:
            made.compare(f"{title} {kind}", example, ours[kind])
        else:
            assert kind in ("listStatus", "externalLockUpdate"), kind
    assert "\n".join(made.differences) == ""
    assert made.examples == 4
    figure("documented user data events compared", f"{made.examples}, {made.fields} fields")
