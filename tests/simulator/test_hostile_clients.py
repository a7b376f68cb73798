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


def test_what_is_no_request_is_kept_in_part(exchange: SimulatedExchange, dial: Dial) -> None:
    """Twenty thousand long messages would fill the memory."""
    socket = dial(f"{exchange.ws_api_url}/ws-api/v3")
    socket.send("x" * 2**19)
    socket.recv()
    (control,) = exchange.controls
    assert control.params == "x" * 10_000


def test_a_body_that_is_too_long_is_in_the_journal(exchange: SimulatedExchange) -> None:
    """With the status that it was refused with."""
    url = f"{exchange.rest_url}/api/v3/ping"
    answer = requests.get(url, data=b"x" * (2**20 + 1), timeout=5)
    assert [answer.status_code, exchange.requests[-1].status] == [413, 413]


def test_a_client_that_closes_and_reads_no_more_is_dropped(exchange: SimulatedExchange) -> None:
    """What it did not take is not kept for it."""
    exchange.hold()
    with socket.create_connection(("127.0.0.1", exchange.port), timeout=5) as raw:
        raw.sendall(
            b"GET /ws/btcusdt@trade HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert exchange.wait_until(lambda seen: seen.connections == 1)
        for _ in range(8):
            exchange.inject("x" * 4 * 2**20)
        (held,) = exchange._box.hub.connections.values()
        transport = held._transport
        raw.sendall(b"\x88\x80\0\0\0\0")
        assert exchange.wait_until(lambda _: transport.get_extra_info("socket").fileno() < 0)
