"""An exchange with Bybit's interface, and a plain client of its sockets."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.bybit.signing import sign

CATEGORIES = ("spot", "linear")
Frame = dict[str, Any]


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """A lively one that remembers what it has told."""
    with SimulatedExchange(exchange="bybit", seed=7, rate=50.0, keep_published=20_000) as running:
        yield running


@pytest.fixture
def held() -> Iterator[SimulatedExchange]:
    """One whose market stands still, forty seconds into a minute."""
    exchange = SimulatedExchange(
        exchange="bybit", seed=7, rate=10.0, keep_published=20_000, start_time=1_786_310_860.0
    )
    exchange.hold()
    with exchange:
        yield exchange


class Client:
    """A websocket whose messages are read one by one."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket

    def send(self, op: str, *args: Any, req_id: str | None = None) -> None:
        """Send a message."""
        named = {} if req_id is None else {"req_id": req_id}
        self.socket.send(json.dumps({"op": op, "args": list(args), **named}))

    def next(self) -> Frame:
        """The next message."""
        message: Frame = json.loads(self.socket.recv())
        return message

    def answer(self) -> Frame:
        """The next message that is no data."""
        while "op" not in (message := self.next()):
            pass
        return message

    def ask(self, op: str, *args: Any, req_id: str | None = None) -> Frame:
        """Send a message; its answer, passing over data."""
        self.send(op, *args, req_id=req_id)
        return self.answer()

    def frames(self, topic: str, count: int) -> list[Frame]:
        """The next frames of a topic."""
        found: list[Frame] = []
        while len(found) < count:
            message = self.next()
            if message.get("topic") == topic:
                found.append(message)
        return found


@pytest.fixture
def client(dial: Any) -> Callable[[SimulatedExchange, str], Client]:
    """A client of a category, or of the private socket."""

    def client(exchange: SimulatedExchange, category: str) -> Client:
        path = "private" if category.startswith("private") else f"public/{category}"
        return Client(dial(f"{exchange.stream_url}/v5/{path}"))

    return client


class Book:
    """A book that is kept as the documentation has it."""

    def __init__(self) -> None:
        self.sides: dict[str, dict[str, str]] = {"b": {}, "a": {}}
        self.u = 0

    def take(self, frame: Frame) -> None:
        """Take a frame; deltas have to follow on each other."""
        data = frame["data"]
        if frame["type"] == "snapshot":
            self.sides = {"b": dict(data["b"]), "a": dict(data["a"])}
        else:
            assert data["u"] == self.u + 1
            for side in ("b", "a"):
                for price, size in data[side]:
                    if size == "0":
                        del self.sides[side][price]  # never one that was not told before
                    else:
                        self.sides[side][price] = size
        self.u = data["u"]

    def agrees(self, truth: Any) -> bool:
        """Whether it is that view, digit by digit."""
        bids = sorted(self.sides["b"].items(), key=lambda level: -Decimal(level[0]))
        asks = sorted(self.sides["a"].items(), key=lambda level: Decimal(level[0]))
        return (self.u, tuple(bids), tuple(asks)) == (truth.update_id, truth.bids, truth.asks)


@pytest.fixture
def book() -> type[Book]:
    """A book to be kept."""
    return Book


@pytest.fixture
def get() -> Callable[..., Any]:
    """A GET: its decoded answer."""

    def get(exchange: SimulatedExchange, path: str, **query: Any) -> Any:
        answer = requests.get(f"{exchange.rest_url}/v5/{path}", params=query, timeout=5)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return get


@pytest.fixture
def signed() -> Callable[..., requests.Response]:
    """A GET with a signature; `headers` replaces or, by None, leaves out some of its own."""

    def signed(
        exchange: SimulatedExchange,
        path: str,
        query: str = "",
        *,
        late_ms: int = 0,
        headers: dict[str, str | None] | None = None,
    ) -> requests.Response:
        timestamp = str(time.time_ns() // 1_000_000 - late_ms)
        text = f"{timestamp}{exchange.api_key}5000{query}"
        own: dict[str, str | None] = {
            "X-BAPI-API-KEY": exchange.api_key,
            "X-BAPI-TIMESTAMP": timestamp,
            "X-BAPI-RECV-WINDOW": "5000",
            "X-BAPI-SIGN": sign(exchange.api_secret, text),
        }
        sent = {name: value for name, value in (own | (headers or {})).items() if value is not None}
        url = f"{exchange.rest_url}/v5/{path}" + (f"?{query}" if query else "")
        return requests.get(url, headers=sent, timeout=5)

    return signed
