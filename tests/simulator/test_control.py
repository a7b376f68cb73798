"""Control messages of the websocket (web-socket-streams.md)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import websocket

from exchange_connector.simulator import SimulatedExchange

Dial = Callable[[str], websocket.WebSocket]
Ask = Callable[..., Any]
PREFIX = "Invalid request: "


def test_subscribing_and_unsubscribing(exchange: SimulatedExchange, dial: Dial, ask: Ask) -> None:
    """Both are answered with a null result, and the list of subscriptions follows."""
    socket = dial(f"{exchange.stream_url}/ws")
    names = ["btcusdt@trade", "ethusdt@depth@100ms"]
    assert ask(socket, "SUBSCRIBE", names, 1) == {"result": None, "id": 1}
    assert ask(socket, "LIST_SUBSCRIPTIONS", id=2) == {"result": names, "id": 2}
    assert exchange.streams == set(names)
    assert ask(socket, "UNSUBSCRIBE", names[:1], "three") == {"result": None, "id": "three"}
    uuid = "4a7dd69a-01e7-42aa-907c-27dcb86edb7b"  # the official client's kind of id
    assert ask(socket, "LIST_SUBSCRIPTIONS", id=uuid)["id"] == uuid
    assert ask(socket, "LIST_SUBSCRIPTIONS", id=None) == {"result": names[1:], "id": None}
    assert [control.method for control in exchange.controls][:2] == [
        "SUBSCRIBE",
        "LIST_SUBSCRIPTIONS",
    ]
    assert exchange.controls[0].params == names


@pytest.mark.parametrize(
    ("path", "combined"),
    [("/ws", False), ("/ws/btcusdt@trade", False), ("/stream?streams=btcusdt@trade", True)],
)
def test_the_combined_property_begins_as_the_path_says(
    exchange: SimulatedExchange, dial: Dial, ask: Ask, path: str, combined: bool
) -> None:
    """`/ws` is raw, `/stream` is combined, and it can be changed."""
    socket = dial(exchange.stream_url + path)
    assert ask(socket, "GET_PROPERTY", ["combined"])["result"] is combined
    assert ask(socket, "SET_PROPERTY", ["combined", not combined])["result"] is None
    assert ask(socket, "GET_PROPERTY", ["combined"])["result"] is not combined


@pytest.mark.parametrize(
    "path",
    [
        "/ws/btcusdt%40trade/ethusdt%40depth%40100ms",
        "/stream?streams=btcusdt%40trade%2Fethusdt%40depth%40100ms",
        "/stream?timeUnit=microsecond&streams=btcusdt@trade/ethusdt@depth@100ms",
    ],
)
def test_urls_may_be_encoded(exchange: SimulatedExchange, dial: Dial, path: str) -> None:
    """A name is the same, percent-encoded or not."""
    dial(exchange.stream_url + path)
    names = {"btcusdt@trade", "ethusdt@depth@100ms"}
    assert exchange.wait_until(lambda seen: seen.streams == names)


@pytest.mark.parametrize(
    "names", [["nosuch@trade"], ["BTCUSDT@trade"], ["btcusdt@nothing"], ["!ticker@arr"]]
)
def test_well_formed_names_of_nothing_are_acknowledged(
    exchange: SimulatedExchange, dial: Dial, ask: Ask, names: list[str]
) -> None:
    """Unknown symbols and channels are acknowledged and stay silent."""
    socket = dial(f"{exchange.stream_url}/ws")
    assert ask(socket, "SUBSCRIBE", names) == {"result": None, "id": 1}
    socket.settimeout(0.4)
    with pytest.raises(websocket.WebSocketTimeoutException):
        socket.recv()


@pytest.mark.parametrize(
    ("message", "code", "text"),
    [
        ({"method": "SUBSCRIBE", "params": ["btcusdt"], "id": 1}, 2, "invalid stream name"),
        ({"method": "SUBSCRIBE", "params": [1], "id": 1}, 2, "invalid stream name"),
        ({"method": "SUBSCRIBE", "params": "x", "id": 1}, 2, "invalid type"),
        ({"method": "SUBSCRIBE", "params": [], "id": 1}, 2, "at least one stream"),
        ({"method": "SUBSCRIBES", "params": ["a@trade"], "id": 1}, 2, "unknown variant"),
        ({"params": ["btcusdt@trade"], "id": 1}, 2, "missing field `method`"),
        ({"method": "SUBSCRIBE", "params": ["a@trade"]}, 2, "request ID must be an unsigned"),
        ({"method": "SUBSCRIBE", "params": ["a@trade"], "id": 1.5}, 2, "request ID must be"),
        ({"method": "SUBSCRIBE", "params": ["a@trade"], "id": "x" * 37}, 2, "request ID must be"),
        ({"method": "SUBSCRIBE", "params": ["a@trade"], "id": 2**63}, 2, "request ID must be"),
        ({"method": "LIST_SUBSCRIPTIONS", "params": [1], "id": 1}, 2, "too many parameters"),
        ({"method": "GET_PROPERTY", "params": [], "id": 1}, 2, "property name must be a string"),
        ({"method": "GET_PROPERTY", "params": ["x"], "id": 1}, 0, "Unknown property"),
        ({"method": "SET_PROPERTY", "params": ["combined", 1], "id": 1}, 1, "expected Boolean"),
        ({"method": "SET_PROPERTY", "params": ["x", True], "id": 1}, 0, "Unknown property"),
        ([1], 2, "expected an object"),
    ],
)
def test_wrong_messages_are_refused(
    exchange: SimulatedExchange, dial: Dial, message: Any, code: int, text: str
) -> None:
    """Each kind of mistake has its documented code, and changes nothing."""
    socket = dial(f"{exchange.stream_url}/ws")
    socket.send(json.dumps(message))
    answer = json.loads(socket.recv())
    assert answer["code"] == code
    assert text in answer["msg"]
    assert answer.get("id", 1) == 1
    assert exchange.streams == set()


def test_broken_json_is_code_3(exchange: SimulatedExchange, dial: Dial) -> None:
    """The place of the error is told, and the connection stays."""
    socket = dial(f"{exchange.stream_url}/ws")
    socket.send('{"method": SUBSCRIBE}')
    answer = json.loads(socket.recv())
    assert answer == {"code": 3, "msg": "Invalid JSON: expected value at line 1 column 12"}
    assert exchange.controls[0].method == ""
    assert exchange.connections == 1


def test_refusals_can_be_nested_as_seen_in_the_wild(dial: Dial) -> None:
    """`nested_errors` gives the undocumented form that clients have met."""
    with SimulatedExchange(nested_errors=True) as exchange:
        socket = dial(f"{exchange.stream_url}/ws")
        socket.send('{"method": "GET_PROPERTY", "params": ["x"], "id": 4}')
        answer = json.loads(socket.recv())
    assert answer == {"error": {"code": 0, "msg": "Unknown property"}, "id": 4}


def test_control_messages_can_be_refused_or_ignored(
    exchange: SimulatedExchange, dial: Dial, ask: Ask
) -> None:
    """Then nothing of them is done, and the next one is served."""
    socket = dial(f"{exchange.stream_url}/ws")
    exchange.refuse_controls(code=2, message="Invalid request: not today")
    refused = ask(socket, "SUBSCRIBE", ["x@trade"], 7)
    assert refused == {"code": 2, "msg": "Invalid request: not today", "id": 7}
    exchange.ignore_controls()
    socket.send('{"method":"SUBSCRIBE","params":["y@trade"],"id":8}')
    assert ask(socket, "LIST_SUBSCRIPTIONS", id=9) == {"result": [], "id": 9}
    exchange.ignore_controls(method="*", count=None)
    exchange.clear_controls()
    assert ask(socket, "SUBSCRIBE", ["z@trade"], 10) == {"result": None, "id": 10}
    assert [control.params for control in exchange.controls if control.params] == [
        ["x@trade"],
        ["y@trade"],
        ["z@trade"],
    ]


def test_a_connection_holds_1024_streams(exchange: SimulatedExchange, dial: Dial, ask: Ask) -> None:
    """One more is refused and none of that request is taken."""
    socket = dial(f"{exchange.stream_url}/ws")
    names = [f"coin{number}@trade" for number in range(1_024)]
    assert ask(socket, "SUBSCRIBE", names)["result"] is None
    assert ask(socket, "SUBSCRIBE", ["one@trade"])["code"] == 2
    assert ask(socket, "SUBSCRIBE", names[:3])["result"] is None
    assert len(exchange.streams) == 1_024
