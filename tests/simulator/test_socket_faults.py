"""Switches that make the websockets misbehave."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import requests
import websocket

from exchange_connector.simulator import SimulatedExchange

Dial = Callable[[str], websocket.WebSocket]
Ask = Callable[..., Any]
Data = Callable[[websocket.WebSocket], Any]
NextFrame = Callable[[websocket.WebSocket], tuple[int, bytes]]
TEXT, BINARY, CLOSE = 0x1, 0x2, 0x8


def read_into(events: list[Any], socket: websocket.WebSocket) -> None:
    while True:
        events.append(json.loads(socket.recv()))


def test_cut_resets_every_websocket(exchange: SimulatedExchange, dial: Dial) -> None:
    """The client sees a reset, no close frame; REST goes on."""
    sockets = [dial(f"{exchange.stream_url}/ws/") for _ in range(3)]
    assert exchange.wait_until(lambda seen: seen.connections == 3)
    assert exchange.cut() == 3
    for socket in sockets:
        with pytest.raises(ConnectionResetError):
            socket.recv()
    assert exchange.wait_until(lambda seen: seen.connections == 0)
    assert exchange.cut() == 0
    assert requests.get(f"{exchange.rest_url}/api/v3/ping", timeout=5).ok


def test_cut_can_choose_one(exchange: SimulatedExchange, dial: Dial, ask: Ask) -> None:
    """By the id that the log of control messages names."""
    first, second = dial(f"{exchange.stream_url}/ws"), dial(f"{exchange.stream_url}/ws")
    ask(second, "LIST_SUBSCRIPTIONS")
    assert exchange.cut(exchange.controls[0].connection) == 1
    with pytest.raises(ConnectionResetError):
        second.recv()
    assert ask(first, "LIST_SUBSCRIPTIONS")["result"] == []


def test_close_is_a_clean_one(exchange: SimulatedExchange, dial: Dial, frame: NextFrame) -> None:
    """A close frame with the code, then the connection ends."""
    socket = dial(f"{exchange.stream_url}/ws")
    assert exchange.wait_until(lambda seen: seen.connections == 1)
    assert exchange.close(1012, "restart") == 1
    assert frame(socket) == (CLOSE, (1012).to_bytes(2, "big") + b"restart")
    assert exchange.wait_until(lambda seen: seen.connections == 0)


def test_a_client_may_close(exchange: SimulatedExchange, dial: Dial, frame: NextFrame) -> None:
    """Its close frame is answered and its subscriptions end."""
    socket = dial(f"{exchange.stream_url}/ws/btcusdt@kline_1M")
    assert exchange.wait_until(lambda seen: seen.streams == {"btcusdt@kline_1M"})
    socket.send_close(1000, b"bye")
    while frame(socket)[0] != CLOSE:
        pass
    assert exchange.wait_until(lambda seen: seen.connections == 0)
    assert exchange.streams == set()


def test_upgrades_are_refused_a_number_of_times(exchange: SimulatedExchange, dial: Dial) -> None:
    """With status and Retry-After; every attempt counts as a dial."""
    exchange.refuse_upgrades(429, retry_after=7, count=2)
    for _ in range(2):
        with pytest.raises(websocket.WebSocketBadStatusException) as refused:
            dial(f"{exchange.stream_url}/ws")
        assert refused.value.status_code == 429
        error: Any = refused.value
        assert error.resp_headers["retry-after"] == "7"
    dial(f"{exchange.stream_url}/ws")
    assert exchange.dials == 3


def test_upgrades_are_refused_until_accepted(exchange: SimulatedExchange, dial: Dial) -> None:
    """Without a count it lasts."""
    exchange.refuse_upgrades()
    for _ in range(3):
        with pytest.raises(websocket.WebSocketBadStatusException):
            dial(f"{exchange.stream_url}/ws")
    exchange.accept_upgrades()
    dial(f"{exchange.stream_url}/ws")


def test_a_stall_loses_data_and_answers_the_rest(
    exchange: SimulatedExchange, dial: Dial, data: Data, frame: NextFrame
) -> None:
    """Pings and control messages are answered; the diff stream goes on with a gap."""
    socket = dial(f"{exchange.stream_url}/ws/btcusdt@depth@100ms")
    before = data(socket)
    exchange.stall()
    socket.ping(b"still there?")
    socket.send('{"method":"GET_PROPERTY","params":["combined"],"id":1}')
    answers: list[bytes] = []
    while len(answers) < 2:
        payload = frame(socket)[1]
        if b"depthUpdate" in payload:
            before = json.loads(payload)
        else:
            answers.append(payload)
    assert answers[0] == b"still there?"
    told = exchange.book("BTCUSDT").update_id
    assert exchange.wait_until(lambda seen: seen.book("BTCUSDT").update_id > told + 20)
    exchange.resume()
    assert data(socket)["U"] > before["u"] + 1


def test_a_freeze_answers_nothing_and_loses_nothing(
    exchange: SimulatedExchange, dial: Dial, data: Data
) -> None:
    """REST, upgrades, pings and data all wait for the thaw; the stream has no gap."""
    socket = dial(f"{exchange.stream_url}/ws/btcusdt@depth@100ms")
    events = [data(socket)]
    exchange.freeze()
    socket.settimeout(0.3)
    socket.ping(b"x")
    with pytest.raises(websocket.WebSocketTimeoutException):
        read_into(events, socket)
    with pytest.raises(requests.Timeout):
        requests.get(f"{exchange.rest_url}/api/v3/ping", timeout=0.2)
    with pytest.raises(websocket.WebSocketTimeoutException):
        websocket.create_connection(f"{exchange.stream_url}/ws", timeout=0.2)
    exchange.thaw()
    socket.settimeout(5)
    events += [data(socket) for _ in range(3)]
    assert all(later["U"] == earlier["u"] + 1 for earlier, later in pairwise(events))
    assert requests.get(f"{exchange.rest_url}/api/v3/ping", timeout=5).ok


def test_chosen_frames_are_lost(exchange: SimulatedExchange, dial: Dial, data: Data) -> None:
    """The next ones of a stream, or those that a predicate accepts, and the log has them."""
    socket = dial(f"{exchange.stream_url}/ws/btcusdt@trade")
    first = data(socket)["t"]
    exchange.lose(stream="btcusdt@trade", count=2)
    exchange.lose(when=lambda _, payload: json.loads(payload)["t"] == first + 8, count=None)
    assert exchange.wait_until(lambda seen: len(seen.lost) == 3)
    lost = {json.loads(payload)["t"] for _, payload in exchange.lost}
    ids = [first]
    while ids[-1] < first + 10:
        ids.append(data(socket)["t"])
    assert set(range(first, ids[-1] + 1)) - set(ids) == lost
    assert first + 8 in lost
    exchange.clear_frames()


def test_chosen_frames_are_doubled(exchange: SimulatedExchange, dial: Dial, data: Data) -> None:
    """Once, and the stream goes on."""
    socket = dial(f"{exchange.stream_url}/ws/btcusdt@trade")
    data(socket)
    exchange.duplicate(stream="btcusdt@trade", count=1)
    ids = [data(socket)["t"] for _ in range(12)]
    assert len(ids) - len(set(ids)) == 1


@pytest.mark.parametrize(
    ("payload", "binary", "opcode"),
    [
        ("{not json", False, TEXT),
        (b"\xff\xfe not utf-8", False, TEXT),
        (b"\x00\x01", True, BINARY),
        ("x" * 3_000_000, False, TEXT),
        ("y" * 300, False, TEXT),
    ],
)
def test_anything_can_be_injected(
    exchange: SimulatedExchange, dial: Dial, payload: str | bytes, binary: bool, opcode: int
) -> None:
    """Malformed, undecodable, binary and huge messages arrive as they are."""
    socket: Any = dial(f"{exchange.stream_url}/ws")
    assert exchange.wait_until(lambda seen: seen.connections == 1)
    assert exchange.inject(payload, binary=binary) == 1
    received = socket.recv_frame()
    raw = payload.encode() if isinstance(payload, str) else payload
    assert (received.opcode, received.data) == (opcode, raw)


def test_injection_and_publication_reach_the_subscribers_of_a_stream(
    exchange: SimulatedExchange, dial: Dial
) -> None:
    """Published data is wrapped on combined connections, injected messages never."""
    raw = dial(f"{exchange.stream_url}/ws/x@trade")
    combined = dial(f"{exchange.stream_url}/stream?streams=x@trade")
    dial(f"{exchange.stream_url}/ws")
    assert exchange.wait_until(lambda seen: seen.connections == 3 and bool(seen.streams))
    assert exchange.inject("hello", stream="x@trade") == 2
    exchange.publish("x@trade", '{"t":1}')
    assert [raw.recv(), raw.recv()] == ["hello", '{"t":1}']
    assert [combined.recv(), combined.recv()] == ["hello", '{"stream":"x@trade","data":{"t":1}}']


def test_a_shutdown_is_announced_to_everyone(
    exchange: SimulatedExchange, dial: Dial, data: Data
) -> None:
    """Bare on raw connections, as `!serverShutdown` on combined ones."""
    raw, combined = dial(f"{exchange.stream_url}/ws"), dial(f"{exchange.stream_url}/stream")
    assert exchange.wait_until(lambda seen: seen.connections == 2)
    exchange.announce_shutdown()
    assert data(raw)["e"] == "serverShutdown"
    message = data(combined)
    assert (message["stream"], message["data"]["e"]) == ("!serverShutdown", "serverShutdown")


def test_waiting_is_woken_by_a_change(exchange: SimulatedExchange, dial: Dial) -> None:
    """A dial from another thread ends the wait, long before its timeout."""
    timer = threading.Timer(0.05, dial, [f"{exchange.stream_url}/ws"])
    timer.start()
    begun = time.monotonic()
    assert exchange.wait_until(lambda seen: seen.connections == 1, timeout=5)
    assert time.monotonic() - begun < 1
    assert not exchange.wait_until(lambda seen: seen.connections == 2, timeout=0.05)
    timer.join()
