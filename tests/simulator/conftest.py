"""An exchange for each test, and plain clients: requests and websocket-client."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import websocket

from exchange_connector.simulator import SimulatedExchange

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT.parent / "shared" / "fixtures"


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """A seeded exchange whose clock stands ten seconds into a minute."""
    with SimulatedExchange(seed=7) as running:
        running.skew_clock(10 - time.time() % 60)
        yield running


@pytest.fixture
def dial() -> Iterator[Callable[[str], websocket.WebSocket]]:
    """Open a websocket to a URL; closed at the end of the test."""
    opened: list[Any] = []

    def dial(url: str) -> websocket.WebSocket:
        socket = websocket.create_connection(url, timeout=5)
        opened.append(socket)
        return socket

    yield dial
    for socket in opened:
        socket.shutdown()


@pytest.fixture
def ask() -> Callable[..., Any]:
    """Send a control message and return its answer, passing over data."""

    def ask(socket: websocket.WebSocket, method: str, params: Any = None, id: Any = 1) -> Any:
        message = {"method": method, "id": id}
        if params is not None:
            message["params"] = params
        socket.send(json.dumps(message))
        while True:
            answer = json.loads(socket.recv())
            if "result" in answer or "code" in answer or "error" in answer:
                return answer

    return ask


@pytest.fixture
def data() -> Callable[[websocket.WebSocket], Any]:
    """The next message of a websocket, decoded."""

    def data(socket: websocket.WebSocket) -> Any:
        return json.loads(socket.recv())

    return data


@pytest.fixture
def frame() -> Callable[[Any], tuple[int, bytes]]:
    """The next frame of a websocket, control frames too: opcode and payload."""

    def frame(socket: Any) -> tuple[int, bytes]:
        opcode, payload = socket.recv_data(control_frame=True)
        return opcode, payload

    return frame


@pytest.fixture
def fixture_file() -> Callable[[str], Path]:
    """The path of a recorded or documented file; skips where there is none."""

    def find(name: str) -> Path:
        path = FIXTURES / name
        if not path.exists():
            pytest.skip(f"no recorded file {name} (../shared/fixtures is absent)")
        return path

    return find


@pytest.fixture
def examples(fixture_file: Callable[[str], Path]) -> Callable[[str, str], list[Any]]:
    """The documentation's JSON examples of the section that ends with a title."""

    def find(name: str, title: str) -> list[Any]:
        lines = [json.loads(line) for line in fixture_file(name).read_text("utf-8").splitlines()]
        return [json.loads(line["raw"]) for line in lines if line["section"].endswith(title)]

    return find
