"""Orders whose fate the client does not learn at once: the faults that matter."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import websocket

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.faults import (
    AnnounceShutdown,
    Delay,
    FaultError,
    LoseAnswer,
    Plan,
    PlannedFault,
)

ORDER = "/api/v3/order"
FAR = {"quantity": "0.001", "price": "60000", "newClientOrderId": "mine"}
BUY = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", **FAR}


def names(exchange: SimulatedExchange) -> list[str]:
    return [order.client_order_id for order in exchange.orders()]


@pytest.fixture(params=[True, False], ids=["accepted", "not accepted"])
def done(request: pytest.FixtureRequest) -> bool:
    """Whether the order that the client learns nothing of is accepted."""
    return bool(request.param)


def test_a_reset_by_rest(exchange: SimulatedExchange, client: Any, done: bool) -> None:
    """The connection is cut; a query tells the truth, and the client's own query is not cut."""
    exchange.lose_answer(f"POST {ORDER}", done=done)
    assert (
        client.rest("GET", "order", symbol="BTCUSDT", origClientOrderId="mine").status_code == 400
    )
    with pytest.raises(requests.ConnectionError):
        client.order(**FAR)
    seen = client.rest("GET", "order", symbol="BTCUSDT", origClientOrderId="mine")
    assert seen.status_code == (200 if done else 400)
    assert exchange.order_requests == ({"mine": 1} if done else {})
    assert client.order(**(FAR | {"newClientOrderId": "next"})).status_code == 200


@pytest.mark.parametrize("status", [503, 504])
def test_execution_unknown_by_rest(
    exchange: SimulatedExchange, client: Any, done: bool, status: int
) -> None:
    """-1007, and the order is there or is not."""
    exchange.lose_answer(f"POST {ORDER}", status=status, done=done)
    answer = client.order(**FAR)
    assert (answer.status_code, answer.json()["code"]) == (status, -1007)
    assert names(exchange) == (["mine"] if done else [])


def test_silence_by_rest(exchange: SimulatedExchange, client: Any, done: bool) -> None:
    """The connection stays open; who waits is the client."""
    exchange.lose_answer(f"POST {ORDER}", silent=True, done=done)
    text = "&".join(
        f"{name}={value}" for name, value in (BUY | {"timestamp": client.now()}).items()
    )
    url = f"{exchange.rest_url}{ORDER}?{text}&signature={client.sign(text)}"
    with pytest.raises(requests.ReadTimeout):
        requests.post(url, headers={"X-MBX-APIKEY": client.api_key}, timeout=0.3)
    assert names(exchange) == (["mine"] if done else [])


def test_a_late_answer_by_rest(exchange: SimulatedExchange, client: Any) -> None:
    """It comes after its order's events, since the order was taken at once."""
    client.listen()
    exchange.delay(f"POST {ORDER}", 0.3, count=1, where="after")
    begun = time.monotonic()
    answer = client.order(**FAR)
    assert time.monotonic() - begun >= 0.3
    assert answer.status_code == 200
    late_us = exchange._box.clock.microseconds() - exchange.orders()[0].events[0].time_us
    assert late_us >= 300_000


def test_a_request_that_is_late_itself(exchange: SimulatedExchange, client: Any) -> None:
    """Held up on its way until it is too old, it is refused and nothing has happened."""
    exchange.delay(f"POST {ORDER}", 0.3, count=1)
    answer = client.order(**FAR, recvWindow=200)
    assert (answer.status_code, answer.json()["code"]) == (400, -1021)
    assert exchange.order_requests == {}


def test_a_cut_by_websocket(exchange: SimulatedExchange, client: Any, done: bool) -> None:
    """The socket is reset under the request."""
    exchange.lose_answer("order.place", done=done)
    with pytest.raises((ConnectionError, websocket.WebSocketConnectionClosedException)):
        client.call("order.place", **BUY)
    assert names(exchange) == (["mine"] if done else [])


def test_silence_by_websocket(exchange: SimulatedExchange, client: Any, done: bool) -> None:
    """That request is never answered; others are."""
    exchange.lose_answer("order.place", silent=True, done=done)
    client.send("order.place", client.signed(**BUY))
    assert client.tell("ping", {})["status"] == 200
    assert client.events == []
    assert names(exchange) == (["mine"] if done else [])


def test_execution_unknown_by_websocket(
    exchange: SimulatedExchange, client: Any, done: bool
) -> None:
    """-1007 as its answer."""
    exchange.lose_answer("order.place", status=504, done=done)
    answer = client.call("order.place", **BUY)
    assert (answer["status"], answer["error"]["code"]) == (504, -1007)
    assert names(exchange) == (["mine"] if done else [])


def test_a_late_answer_by_websocket(exchange: SimulatedExchange, client: Any) -> None:
    """Other requests are answered in the meantime; the events come before it."""
    client.listen()
    exchange.delay("order.place", 0.3, count=1, where="after")
    number = client.send("order.place", client.signed(**BUY))
    assert client.tell("ping", {})["status"] == 200
    client.heard(lambda seen: len(seen) >= 2)
    late = json.loads(client.socket.recv())
    assert (late["id"], late["result"]["clientOrderId"]) == (number, "mine")


def test_a_late_request_by_websocket(exchange: SimulatedExchange, client: Any) -> None:
    """The clock is read when it arrives at last."""
    exchange.delay("order.place", 0.3, count=1)
    number = client.send("order.place", client.signed(**BUY, recvWindow=200))
    assert client.tell("ping", {})["status"] == 200
    late = json.loads(client.socket.recv())
    assert (late["id"], late["error"]["code"]) == (number, -1021)
    assert exchange.order_requests == {}


@pytest.mark.parametrize("ahead", [False, True])
def test_refused_timestamps(exchange: SimulatedExchange, client: Any, ahead: bool) -> None:
    """-1021 in either of its texts, by REST and the websocket API, and nothing done."""
    words = "1000ms ahead" if ahead else "outside of the recvWindow"
    exchange.refuse_timestamps(f"POST {ORDER}", ahead=ahead)
    exchange.refuse_timestamps("order.place", ahead=ahead)
    answer = client.order(**FAR)
    assert (answer.status_code, answer.json()["code"]) == (400, -1021)
    told = client.call("order.place", **BUY)["error"]
    assert told["code"] == -1021
    assert words in told["msg"]
    assert words in answer.json()["msg"]
    assert client.order(**FAR).status_code == 200


def test_events_may_come_after_the_answer(exchange: SimulatedExchange, client: Any) -> None:
    """Usually before it, on a socket that does both; a delay of frames turns that around."""
    client.listen()
    client.call("order.place", **BUY)
    assert len(client.events) == 2
    client.events.clear()
    exchange.delay_frames("userData@*", seconds=0.1, count=2)
    client.call("order.place", **(BUY | {"newClientOrderId": "other"}))
    assert client.events == []
    report, _ = client.heard(lambda seen: len(seen) >= 2)
    assert report["c"] == "other"


def test_by_http_and_by_plan(client_of: Callable[[SimulatedExchange], Any]) -> None:
    """The same faults for programs in other languages, and at their times."""
    plan = Plan(
        (PlannedFault(LoseAnswer(path=f"POST {ORDER}", status=503, count=None), after="start"),)
    )
    with SimulatedExchange(seed=7, plan=plan) as exchange:
        client = client_of(exchange)
        assert exchange.wait_until(lambda seen: seen.faults_applied == 1)
        assert client.order(**FAR).status_code == 503
        control = f"{exchange.rest_url}/_exchange/faults"
        assert requests.delete(control, timeout=5).json() == {"ended": 1}
        fault: dict[str, Any] = {
            "fault": "lose_answer",
            "path": "order.place",
            "silent": True,
            "done": False,
        }
        assert requests.post(control, json=fault, timeout=5).status_code == 200
        client.send("order.place", client.signed(**(BUY | {"newClientOrderId": "unheard"})))
        assert client.tell("ping", {})["status"] == 200
        assert names(exchange) == ["mine"]
        wrong = fault | {"status": 503}
        assert requests.post(control, json=wrong, timeout=5).status_code == 400
        with SimulatedExchange(exchange="bybit") as other, pytest.raises(FaultError):
            other.apply(AnnounceShutdown())


def test_methods_are_told_apart(exchange: SimulatedExchange, client: Any) -> None:
    """A fault of one HTTP method leaves the others of its path alone; a path means them all."""
    exchange.apply(Delay(path=f"DELETE {ORDER}", seconds=0.3, count=1))
    begun = time.monotonic()
    assert client.order(**FAR).status_code == 200
    assert client.rest("GET", "order", symbol="BTCUSDT", origClientOrderId="mine").ok
    assert time.monotonic() - begun < 0.3
    assert client.rest("DELETE", "order", symbol="BTCUSDT", origClientOrderId="mine").ok
    assert time.monotonic() - begun >= 0.3
    exchange.lose_answer(ORDER, status=500, count=2)
    assert client.order(**FAR).status_code == 500
    gone = client.rest("DELETE", "order", symbol="BTCUSDT", origClientOrderId="mine")
    assert gone.status_code == 500
    assert [order.status for order in exchange.orders()] == ["CANCELED", "CANCELED"]


@pytest.fixture
def restarted(exchange: SimulatedExchange) -> Iterator[SimulatedExchange]:
    """An exchange that closes every connection when it is told to."""
    yield exchange
    exchange.accept_upgrades()


def test_a_restart(restarted: SimulatedExchange, client: Any) -> None:
    """Connections end and are refused; orders go on, and their events are not told later."""
    client.listen()
    placed = client.order(**FAR).json()
    restarted.refuse_upgrades()
    restarted.close(1001)
    client.rest("DELETE", "order", symbol="BTCUSDT", orderId=placed["orderId"])
    client._socket = None
    with pytest.raises(websocket.WebSocketBadStatusException):
        client.listen()
    restarted.accept_upgrades()
    client.events.clear()
    assert client.listen() == 0
    assert client.tell("ping", {})["status"] == 200
    assert client.events == []
    assert client.rest("GET", "openOrders").json() == []
