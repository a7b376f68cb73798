"""Whatever a client sends, it gets an answer, and the others are served on."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest
import requests
import websocket

from exchange_connector.simulator import SimulatedExchange

Dial = Callable[[str], websocket.WebSocket]
DEEP = "[" * 100_000


def status_of(exchange: SimulatedExchange, request: bytes) -> int:
    """Send a request byte for byte and return the status of its answer."""
    with socket.create_connection(("127.0.0.1", exchange.port), timeout=5) as raw:
        raw.sendall(request)
        return int(raw.recv(64).split()[1])


@pytest.mark.parametrize(
    "query",
    [
        b"depth?symbol=BTCUSDT&limit=" + b"9" * 5_000,
        b"depth?symbol=%FF%FE",
        b"depth?symbol=\xff\xfe",
        b"depth?symbol=BTCUSDT&symbol",
        b"exchangeInfo?symbols=" + b"[" * 5_000,
        b"exchangeInfo?permissions=[1]",
        b"klines?symbol=BTCUSDT&interval=1m&startTime=" + b"9" * 20,
        b"ticker?symbol=BTCUSDT&windowSize=" + b"9" * 1_000 + b"d",
    ],
)
def test_odd_queries_are_refused(exchange: SimulatedExchange, query: bytes) -> None:
    """With 400, or found empty; never with a failure of the server."""
    answer = status_of(exchange, b"GET /api/v3/" + query + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer in (200, 400)


def test_a_body_that_is_no_text(exchange: SimulatedExchange) -> None:
    """A signature over it is as wrong as any other."""
    now = requests.get(f"{exchange.rest_url}/api/v3/time", timeout=5).json()["serverTime"]
    answer = requests.get(
        f"{exchange.rest_url}/api/v3/account?timestamp={now}&signature=\u00e9",
        data=b"\xff\xfe",
        headers={"X-MBX-APIKEY": exchange.api_key},
        timeout=5,
    )
    assert (answer.status_code, answer.json()["code"]) == (400, -1022)


@pytest.mark.parametrize(
    "text",
    [
        DEEP,
        '{"method":"SUBSCRIBE","params":' + DEEP,
        '{"method":"SUBSCRIBE","params":["\\ud800@trade"],"id":1}',
        '{"method":{"a":1},"id":1}',
        '{"method":"SUBSCRIBE","params":[NaN],"id":NaN}',
        '{"method":"SUBSCRIBE","params":["a@trade"],"id":' + "9" * 5_000 + "}",
    ],
)
def test_odd_control_messages_are_refused(
    exchange: SimulatedExchange, dial: Dial, text: str
) -> None:
    """Each with an error, on a connection that goes on."""
    client = dial(f"{exchange.stream_url}/ws")
    client.send(text)
    assert json.loads(client.recv())["code"] in (2, 3)
    client.send('{"method":"LIST_SUBSCRIPTIONS","id":2}')
    assert json.loads(client.recv()) == {"result": [], "id": 2}


@pytest.mark.parametrize(
    "text",
    [
        DEEP,
        '{"id":' + DEEP,
        '{"id":1,"method":"ping","params":' + DEEP,
        '{"id":"\\ud800","method":"ping"}',
        '{"id":' + "9" * 5_000 + ',"method":"ping"}',
        '{"id":1,"method":["ping"]}',
        '{"id":1,"method":"depth","params":{"symbol":{"a":[1]},"limit":1e400}}',
        '{"id":1,"method":"depth","params":{"symbol":"BTCUSDT","limit":' + "9" * 5_000 + "}}",
        '{"id":1,"method":"account.status","params":{"apiKey":5,"signature":null}}',
    ],
)
def test_odd_requests_of_the_websocket_api_are_refused(
    exchange: SimulatedExchange, dial: Dial, text: str
) -> None:
    """Each with an error, on a connection that goes on."""
    client = dial(f"{exchange.ws_api_url}/ws-api/v3")
    client.send(text)
    refused: Any = json.loads(client.recv())
    assert refused["status"] in (400, 401)
    client.send('{"id":2,"method":"ping"}')
    assert json.loads(client.recv())["result"] == {}


def test_a_binary_frame_is_read_as_text(exchange: SimulatedExchange, dial: Dial) -> None:
    """What is in it is refused if it is none."""
    client = dial(f"{exchange.stream_url}/ws")
    client.send_binary(b"\xff\xfe")
    assert json.loads(client.recv())["code"] == 3
    client.send_binary(b'{"method":"LIST_SUBSCRIPTIONS","id":2}')
    assert json.loads(client.recv())["result"] == []
