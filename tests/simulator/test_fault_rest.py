"""Faults of chosen REST requests, and answers that are lost after the effect."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
import websocket

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.faults import Answer, LoseAnswer

PING = "/api/v3/ping"
TIME = "/api/v3/time"
DEPTH = "/api/v3/depth"


def get(exchange: SimulatedExchange, path: str) -> requests.Response:
    return requests.get(exchange.rest_url + path, timeout=5)


def statuses(exchange: SimulatedExchange, *paths: str) -> list[int]:
    return [get(exchange, path).status_code for path in paths]


def test_an_answer_is_lost_after_the_effect(exchange: SimulatedExchange) -> None:
    """The request has been done, and has cost its weight; a reset before costs nothing."""
    exchange.lose_answer(PING)
    with pytest.raises(requests.ConnectionError):
        get(exchange, PING)
    assert exchange.used_weight == 1
    exchange.reset_rest(PING)
    with pytest.raises(requests.ConnectionError):
        get(exchange, PING)
    assert exchange.used_weight == 1
    assert [received.status for received in exchange.requests] == [0, 0]
    assert get(exchange, PING).ok


def test_an_effect_without_the_handler_is_none(exchange: SimulatedExchange) -> None:
    """The handler runs before the answer is lost: a refusal of its own is used up."""
    exchange.answer(PING, 400, {"code": -1, "msg": "once"})
    exchange.lose_answer(PING)
    with pytest.raises(requests.ConnectionError):
        get(exchange, PING)
    assert get(exchange, PING).json() == {}


def test_a_lost_answer_may_be_told_as_unknown(exchange: SimulatedExchange) -> None:
    """The status and code of a request whose execution nobody knows."""
    exchange.lose_answer(PING, status=504)
    answer = get(exchange, PING)
    assert (answer.status_code, answer.json()["code"]) == (504, -1007)
    assert exchange.used_weight == 1


def test_paths_are_chosen_by_pattern(exchange: SimulatedExchange) -> None:
    """A rule of the very path comes before a pattern, whatever came first."""
    exchange.answer("/api/v3/t*", 500, count=None)
    exchange.answer(TIME, 418)
    assert statuses(exchange, TIME, TIME, PING) == [418, 500, 200]
    exchange.clear("/api/v3/t*")
    assert statuses(exchange, TIME) == [200]


def test_requests_are_chosen_by_turn(exchange: SimulatedExchange) -> None:
    """The first ones pass, then so many are taken."""
    exchange.apply(Answer(path=PING, status=503, skip=2, count=1))
    assert statuses(exchange, *[PING] * 4) == [200, 200, 503, 200]


def test_requests_are_chosen_by_chance() -> None:
    """The same seed takes the same ones."""

    def answered() -> list[int]:
        with SimulatedExchange(seed=5) as exchange:
            exchange.apply(Answer(path=PING, status=503, chance=0.5, count=None))
            return statuses(exchange, *[PING] * 20)

    first = answered()
    assert first == answered()
    assert {200, 503} == set(first)


def test_bytes_that_are_no_text_may_be_answered(exchange: SimulatedExchange) -> None:
    """They arrive as they are."""
    exchange.answer(PING, body=b"\xff\x00")
    assert get(exchange, PING).content == b"\xff\x00"


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"path": ""}, "path"),
        ({"path": PING, "status": 99}, "status"),
        ({"path": PING, "count": -1}, "count"),
    ],
)
def test_what_makes_no_sense_is_refused(
    exchange: SimulatedExchange, arguments: dict[str, object], field: str
) -> None:
    """By the name of the field."""
    with pytest.raises(ValueError, match=f"^{field}: "):
        exchange.apply(Answer(**arguments))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^status: "):
        exchange.apply(LoseAnswer(path=PING, status=404))
    assert statuses(exchange, PING) == [200]


def call(socket: websocket.WebSocket, method: str) -> Any:
    """The answer of the websocket API."""
    socket.send(json.dumps({"id": method, "method": method}))
    return json.loads(socket.recv())


def test_faults_of_the_websocket_apis_methods(exchange: SimulatedExchange, dial: Any) -> None:
    """They are called by the method's name: refused, ignored, or done and not answered."""
    socket = dial(f"{exchange.ws_api_url}/ws-api/v3")
    before = exchange.used_weight
    exchange.refuse_controls(-1000, "no", method="ping")
    assert call(socket, "ping")["error"] == {"code": -1000, "msg": "no"}
    exchange.ignore_controls("p*")
    socket.send('{"id": 1, "method": "ping"}')
    assert call(socket, "time")["id"] == "time"
    assert exchange.used_weight == before + 1
    exchange.lose_answer("ping", status=503)
    answer = call(socket, "ping")
    assert (answer["status"], answer["error"]["code"]) == (503, -1007)
    exchange.lose_answer("ping")
    with pytest.raises(ConnectionResetError):
        call(socket, "ping")
    assert exchange.used_weight == before + 3
