"""Every kind of fault by every door: from Python, by HTTP, and from a plan."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
import websocket

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.faults import Plan
from exchange_connector.simulator.faults.kinds import KINDS

Case = tuple[dict[str, Any], Callable[[SimulatedExchange, Any], None]]
TRADES = "btcusdt@trade"
PING = "/api/v3/ping"
TEXT, CLOSE, PONG = 0x1, 0x8, 0xA


def get(exchange: SimulatedExchange, path: str, timeout: float = 5) -> requests.Response:
    return requests.get(exchange.rest_url + path, timeout=timeout)


def trades(socket: Any, enough: Callable[[list[int]], bool]) -> list[int]:
    """Ids of the trades that arrive, until there are enough."""
    ids: list[int] = []
    while not enough(ids):
        ids.append(json.loads(socket.recv())["t"])
    return ids


def answer_to(socket: Any, method: str, id: int) -> dict[str, Any]:
    """The next answer to any control message, after this one has been sent."""
    socket.send(json.dumps({"method": method, "params": [TRADES], "id": id}))
    while "t" in (message := json.loads(socket.recv())):
        pass
    return dict(message)


def cut(_: SimulatedExchange, socket: Any) -> None:
    with pytest.raises(ConnectionResetError):
        trades(socket, lambda ids: False)


def closed(_: SimulatedExchange, socket: Any) -> None:
    opcode, payload = TEXT, b""
    while opcode != CLOSE:
        opcode, payload = socket.recv_data(control_frame=True)
    assert payload == (1012).to_bytes(2, "big") + b"restart"


def shut_down(_: SimulatedExchange, socket: Any) -> None:
    while json.loads(socket.recv())["e"] != "serverShutdown":
        pass


def injected(_: SimulatedExchange, socket: Any) -> None:
    while socket.recv() != "{not json":
        pass


def stalled(exchange: SimulatedExchange, socket: Any) -> None:
    socket.ping(b"alive?")
    while socket.recv_data(control_frame=True) != (PONG, b"alive?"):
        pass
    told = exchange.book("BTCUSDT").update_id
    assert exchange.wait_until(lambda seen: seen.book("BTCUSDT").update_id > told + 5)
    socket.settimeout(0.1)
    with pytest.raises(websocket.WebSocketTimeoutException):
        socket.recv()


def forgotten(exchange: SimulatedExchange, _: Any) -> None:
    assert exchange.wait_until(lambda seen: TRADES not in seen.streams)
    assert exchange.connections == 1


def frozen(exchange: SimulatedExchange, _: Any) -> None:
    with pytest.raises(requests.Timeout):
        get(exchange, PING, timeout=0.2)


def held(exchange: SimulatedExchange, _: Any) -> None:
    told = exchange.book("BTCUSDT").update_id
    assert not exchange.wait_until(lambda seen: seen.book("BTCUSDT").update_id > told, 0.3)
    assert get(exchange, PING).ok


def upgrades_refused(exchange: SimulatedExchange, _: Any) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        websocket.create_connection(f"{exchange.stream_url}/ws", timeout=5)
    error: Any = refused.value
    assert (error.status_code, error.resp_headers["retry-after"]) == (429, "7")


def controls_refused(_: SimulatedExchange, socket: Any) -> None:
    assert answer_to(socket, "UNSUBSCRIBE", 1) == {"code": 7, "msg": "no", "id": 1}


def controls_ignored(_: SimulatedExchange, socket: Any) -> None:
    socket.send(json.dumps({"method": "UNSUBSCRIBE", "params": [TRADES], "id": 1}))
    assert answer_to(socket, "UNSUBSCRIBE", 2) == {"result": None, "id": 2}


def lost(exchange: SimulatedExchange, socket: Any) -> None:
    assert exchange.wait_until(lambda seen: len(seen.lost) == 2)
    gone = {json.loads(payload)["t"] for _, payload in exchange.lost}
    ids = trades(socket, lambda ids: ids[-1:] > [max(gone)])
    assert not gone & set(ids)


def doubled(_: SimulatedExchange, socket: Any) -> None:
    ids = trades(socket, lambda ids: len(ids) > len(set(ids)) + 1)
    assert ids[-1] == ids[-2] == ids[-3]


def out_of_order(_: SimulatedExchange, socket: Any) -> None:
    ids = trades(socket, lambda ids: ids != sorted(ids))
    assert ids[-2] == ids[-1] + 1


def spoilt(_: SimulatedExchange, socket: Any) -> None:
    with pytest.raises(json.JSONDecodeError):
        trades(socket, lambda ids: False)


def late(_: SimulatedExchange, socket: Any) -> None:
    ids = trades(socket, lambda ids: ids != sorted(ids))
    assert len(ids) == len(set(ids))


def in_fragments(_: SimulatedExchange, socket: Any) -> None:
    while socket.recv_frame().fin:
        pass


def canned(exchange: SimulatedExchange, _: Any) -> None:
    answer = get(exchange, PING)
    assert (answer.status_code, answer.json(), answer.headers["X-A"]) == (503, {"a": [1]}, "b")


def slow(exchange: SimulatedExchange, _: Any) -> None:
    begun = time.monotonic()
    assert get(exchange, PING).json() == {}
    assert time.monotonic() - begun > 0.3


def reset_before(exchange: SimulatedExchange, _: Any) -> None:
    with pytest.raises(requests.ConnectionError):
        get(exchange, PING)
    assert exchange.used_weight == 0


def reset_after(exchange: SimulatedExchange, _: Any) -> None:
    with pytest.raises(requests.ConnectionError):
        get(exchange, PING)
    assert exchange.used_weight == 1


def clock_off(exchange: SimulatedExchange, _: Any) -> None:
    told = get(exchange, "/api/v3/time").json()["serverTime"] / 1_000
    assert told == pytest.approx(time.time() - 3_600, abs=2)


def banned(exchange: SimulatedExchange, _: Any) -> None:
    assert get(exchange, PING).status_code == 418


def stale(exchange: SimulatedExchange, _: Any) -> None:
    headers = {"X-MBX-APIKEY": exchange.api_key}
    url = f"{exchange.rest_url}/api/v3/account?timestamp={time.time_ns() // 10**6}&signature=0"
    assert requests.get(url, headers=headers, timeout=5).json()["code"] == -1021


CASES: dict[str, Case] = {
    "cut": ({}, cut),
    "close": ({"code": 1012, "reason": "restart"}, closed),
    "announce_shutdown": ({}, shut_down),
    "forget": ({"stream": "*@trade"}, forgotten),
    "inject": ({"payload": "{not json", "stream": TRADES}, injected),
    "stall": ({}, stalled),
    "freeze": ({}, frozen),
    "hold": ({}, held),
    "refuse_upgrades": ({"status": 429, "retry_after": 7}, upgrades_refused),
    "refuse_controls": ({"method": "*", "code": 7, "message": "no"}, controls_refused),
    "ignore_controls": ({"method": "UNSUBSCRIBE"}, controls_ignored),
    "lose": ({"stream": "*@trade", "count": 2}, lost),
    "duplicate": ({"copies": 3}, doubled),
    "reorder": ({"stream": TRADES, "skip": 1}, out_of_order),
    "corrupt": ({"how": "garbled"}, spoilt),
    "delay_frames": ({"seconds": 0.2, "containing": '"e":"trade"'}, late),
    "split": ({"as_fragments": True, "pieces": 3, "pause": 0}, in_fragments),
    "answer": (
        {"path": PING, "status": 503, "body": {"a": [1]}, "headers": {"X-A": "b"}},
        canned,
    ),
    "delay": ({"path": "*", "seconds": 0.3, "where": "after"}, slow),
    "drip": ({"path": PING, "bytes_per_second": 2}, slow),
    "reset_rest": ({"path": PING}, reset_before),
    "lose_answer": ({"path": "/api/v3/p*"}, reset_after),
    "refuse_timestamps": ({"path": "GET /api/v3/account"}, stale),
    "skew_clock": ({"seconds": -3600}, clock_off),
    "step_clock": ({"seconds": -3600}, clock_off),
    "ban": ({"seconds": 60}, banned),
}


def test_there_is_a_case_of_every_kind() -> None:
    """None is left out but those of another exchange, which have a test there."""
    assert CASES.keys() == KINDS.keys() - {"resend_snapshots", "restart_books", "lag_trades"}


@pytest.mark.parametrize("kind", CASES)
def test_from_python(kind: str, seen_by: Any) -> None:
    """`apply`, with the fault as a value."""
    fields, look = CASES[kind]
    with SimulatedExchange(rate=50) as exchange:
        socket = seen_by(exchange)
        exchange.apply(KINDS[kind](**fields))
        look(exchange, socket)


@pytest.mark.parametrize("kind", CASES)
def test_by_http(kind: str, seen_by: Any) -> None:
    """`POST /_exchange/faults`, while it runs."""
    fields, look = CASES[kind]
    with SimulatedExchange(rate=50) as exchange:
        socket = seen_by(exchange)
        url = f"{exchange.rest_url}/_exchange/faults"
        answer = requests.post(url, json={"fault": kind, **fields}, timeout=5)
        assert answer.json() == {"id": 1}
        look(exchange, socket)


@pytest.mark.parametrize("kind", CASES)
def test_from_a_plan(kind: str, seen_by: Any) -> None:
    """At its time after the first subscription."""
    fields, look = CASES[kind]
    lines = [f"{name} = {_toml(value)}" for name, value in fields.items()]
    plan = Plan.parse("\n".join(["[[fault]]", "at = 0.1", f'fault = "{kind}"', *lines]))
    with SimulatedExchange(rate=50, plan=plan) as exchange:
        socket = seen_by(exchange)
        assert exchange.wait_until(lambda seen: seen.faults_applied == 1)
        look(exchange, socket)


@pytest.fixture
def seen_by(dial: Any) -> Callable[[SimulatedExchange], Any]:
    """A client that is subscribed to trades."""
    return lambda exchange: dial(f"{exchange.stream_url}/ws/{TRADES}")


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_toml(each)}" for name, each in value.items()) + "}"
    return json.dumps(value)
