"""Orders whose fate the client does not learn at once: the faults that matter."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
import requests

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.faults import LoseAnswer, Plan, PlannedFault

CREATE, CANCEL = "POST /v5/order/create", "POST /v5/order/cancel"
TOPICS = ("order", "execution", "wallet")


def names(exchange: SimulatedExchange) -> list[str]:
    return [order.client_order_id for order in exchange.orders()]


@pytest.fixture(params=[True, False], ids=["accepted", "not accepted"])
def done(request: pytest.FixtureRequest) -> bool:
    """Whether the order that the client learns nothing of is accepted."""
    return bool(request.param)


def test_a_reset(still: SimulatedExchange, trader: Any, done: bool) -> None:
    """The connection is cut; a query tells the truth, and the same name says whether it was."""
    still.lose_answer(CREATE, done=done)
    with pytest.raises(requests.ConnectionError):
        trader.order(orderLinkId="mine")
    seen = trader.rows("order/realtime", "category=spot&orderLinkId=mine")
    assert len(seen) == done
    assert still.order_requests == ({"mine": 1} if done else {})
    assert trader.order(orderLinkId="mine")["retCode"] == (170141 if done else 0)
    assert names(still) == ["mine"]


@pytest.mark.parametrize("status", [200, 500, 503])
def test_an_unknown_outcome(still: SimulatedExchange, trader: Any, done: bool, status: int) -> None:
    """10000, "Server Timeout", by HTTP 200 too; and the order is there or is not."""
    still.lose_answer(CREATE, status=status, done=done)
    answer = trader.post("order/create", body(orderLinkId="mine"))
    assert (answer.status_code, answer.json()["retCode"]) == (status, 10000)
    assert names(still) == (["mine"] if done else [])


def test_silence(still: SimulatedExchange, trader: Any, done: bool) -> None:
    """The connection stays open; who waits is the client."""
    still.lose_answer(CREATE, silent=True, done=done)
    text = json.dumps(body(orderLinkId="mine"))
    url = f"{still.rest_url}/v5/order/create"
    with pytest.raises(requests.ReadTimeout):
        requests.post(url, data=text, headers=trader._headers(text, "5000"), timeout=0.3)
    assert names(still) == (["mine"] if done else [])


def test_a_late_answer(still: SimulatedExchange, trader: Any) -> None:
    """It comes after its order's messages, since the order was taken at once."""
    trader.listen(*TOPICS)
    still.delay(CREATE, 0.3, count=1, where="after")
    begun = time.monotonic()
    order_id = trader.placed()
    assert time.monotonic() - begun >= 0.3
    order, _ = trader.told(2)
    assert order["data"][0]["orderId"] == order_id
    assert trader.now() - int(order["creationTime"]) >= 300


def test_a_request_that_is_late_itself(still: SimulatedExchange, trader: Any) -> None:
    """Held up on its way until it is too old, it is refused and nothing has happened."""
    still.delay(CREATE, 0.3, count=1)
    answer = trader.post("order/create", body(), window="200")
    assert answer.json()["retCode"] == 10002
    assert still.order_requests == {}


@pytest.mark.parametrize("ahead", [False, True])
def test_refused_timestamps(still: SimulatedExchange, trader: Any, ahead: bool) -> None:
    """10002 with the two times, and nothing done; the next one is taken."""
    still.refuse_timestamps(CREATE, ahead=ahead)
    answer = trader.order()
    assert answer["retCode"] == 10002
    sent, server = map(int, re.findall(r"timestamp\[(\d+)\]", answer["retMsg"]))
    assert server - sent == (-1_000 if ahead else 5_001)
    assert still.order_requests == {}
    assert trader.order()["retCode"] == 0


def test_messages_may_come_after_the_answer(still: SimulatedExchange, trader: Any) -> None:
    """Usually before it; a delay of frames turns that around."""
    trader.listen(*TOPICS)
    still.delay_frames("private/*", seconds=0.2, count=2)
    trader.placed()
    trader._quiet()
    assert trader.heard == []
    assert [one["topic"] for one in (trader._socket.next(), trader._socket.next())] == [
        "order",
        "wallet",
    ]


def test_executions_may_come_before_their_order(still: SimulatedExchange, trader: Any) -> None:
    """The topics may change places."""
    trader.listen("order", "execution")
    still.delay_frames("private/order", seconds=0.2, count=1)
    trader.placed(orderType="Market", qty="100", price=None)
    assert trader._socket.next()["topic"] == "execution"
    assert trader._socket.next()["topic"] == "order"


def test_messages_may_be_doubled_or_lost(still: SimulatedExchange, trader: Any) -> None:
    """The very same message again, or none; the truth is told by queries."""
    trader.listen("order", "execution")
    still.duplicate("private/execution", count=1)
    trader.placed(orderType="Market", qty="100", price=None)
    order, first, second = trader.told(3)
    assert order["topic"] == "order"
    assert first == second
    still.lose("private/execution", count=1)
    still.lose("private/order", count=1)
    trader.placed(orderType="Market", qty="100", price=None)
    trader._quiet()
    assert trader.heard == []
    assert len(trader.rows("execution/list")) == len(still.fills())


def test_a_lost_cancellation(still: SimulatedExchange, trader: Any, done: bool) -> None:
    """What became of it is told by the order, and by cancelling again."""
    order_id = trader.placed()
    still.lose_answer(CANCEL, done=done)
    with pytest.raises(requests.ConnectionError):
        trader.cancel(orderId=order_id)
    assert trader.state(order_id)["orderStatus"] == ("Cancelled" if done else "New")
    assert trader.cancel(orderId=order_id)["retCode"] == (170142 if done else 0)


def test_by_http_and_by_plan(trader_of: Any) -> None:
    """The same faults for programs in other languages, and at their times."""
    plan = Plan((PlannedFault(LoseAnswer(path=CREATE, status=503, count=None), after="start"),))
    with SimulatedExchange(exchange="bybit", seed=7, plan=plan) as exchange:
        trader = trader_of(exchange)
        assert exchange.wait_until(lambda seen: seen.faults_applied == 1)
        assert trader.post("order/create", body(orderLinkId="a")).status_code == 503
        control = f"{exchange.rest_url}/_exchange/faults"
        assert requests.delete(control, timeout=5).json() == {"ended": 1}
        fault: dict[str, Any] = {"fault": "lose_answer", "path": CREATE, "status": 200}
        assert requests.post(control, json=fault, timeout=5).status_code == 200
        assert trader.order(orderLinkId="b")["retCode"] == 10000
        assert names(exchange) == ["a", "b"]
        wrong = fault | {"status": 404}
        assert requests.post(control, json=wrong, timeout=5).status_code == 400


def test_a_restart(still: SimulatedExchange, trader: Any) -> None:
    """Connections end; orders go on, and their messages are not told later."""
    trader.listen(*TOPICS)
    order_id = trader.placed()
    trader.told(2)
    still.close(1001)
    trader.cancel(orderId=order_id)
    trader.leave()
    trader.listen(*TOPICS)
    trader._quiet()
    assert trader.heard == []
    assert trader.state(order_id)["orderStatus"] == "Cancelled"


def body(**changed: Any) -> dict[str, Any]:
    """A purchase of 0.001 BTC at 60,000."""
    usual = {"category": "spot", "symbol": "BTCUSDT", "side": "Buy", "orderType": "Limit"}
    return {**usual, "qty": "0.001", "price": "60000", **changed}
