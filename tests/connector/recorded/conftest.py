"""Servers that say what Bybit really said, frame by frame, and a connector on them.

One is written here by hand and knows nothing of the protocol but how subscriptions are answered: the
rest is in the recordings. The other is the simulated exchange that plays a recording.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from exchange_connector import Config, ConnectorActor
from exchange_connector.simulator import SimulatedExchange

FIXTURES = Path(__file__).resolve().parents[3].parent / "shared" / "fixtures"
LONG = 10.0
"""Seconds after which what a test waits for will not come."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without recordings there is nothing to test."""
    if FIXTURES.is_dir():
        return
    reason = f"no recordings: there is no {FIXTURES.parent.name}/fixtures"
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.skip(reason=reason))


def text_of(name: str) -> str:
    """A file of the recordings, unpacked."""
    data = (FIXTURES / name).read_bytes()
    return (gzip.decompress(data) if name.endswith(".gz") else data).decode()


class Recording:
    """What was recorded of one connection.

    Attributes:
        path: Its file.
        frames: What the exchange sent, as text.
        topics: Those of which there is data, and what came on each, in order.
        asked: The topics that whoever recorded it has subscribed to.
        market: `spot` or `linear`.
    """

    def __init__(self, name: str) -> None:
        self.path = FIXTURES / name
        lines = [json.loads(line) for line in text_of(name).splitlines()]
        self.frames: list[str] = [line["raw"] for line in lines if line["t"] == "ws"]
        self.topics: dict[str, list[dict[str, Any]]] = {}
        for frame in map(json.loads, self.frames):
            if "topic" in frame:
                self.topics.setdefault(frame["topic"], []).append(frame)
        sent = [json.loads(line["raw"]) for line in lines if line["t"] == "sent"]
        self.asked = {topic for command in sent for topic in command["args"]}
        self.market: str = lines[0]["url"].rpartition("/")[2]


class Server:
    """Answers subscriptions, and sends what it is told to: by hand.

    Args:
        instruments: The body of the list of what is traded.
        port: Free, of loopback.
    """

    def __init__(self, instruments: str, port: socket.socket) -> None:
        self.subscribed: list[str] = []
        self.queries: list[dict[str, str]] = []
        self._instruments = instruments
        self._port = port
        self._sockets: list[web.WebSocketResponse] = []
        self._loop = asyncio.new_event_loop()
        self._is_up = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))
        self._end = asyncio.Event()

    @property
    def rest_url(self) -> str:
        """Base URL of REST."""
        return "http://{}:{}".format(*self._port.getsockname())

    @property
    def stream_url(self) -> str:
        """Base URL of the streams."""
        return "ws://{}:{}".format(*self._port.getsockname())

    def start(self) -> None:
        """Serve."""
        self._thread.start()
        assert self._is_up.wait(LONG)

    def stop(self) -> None:
        """Do so no more."""
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(LONG)
        self._loop.close()

    def play(self, frames: list[str]) -> None:
        """Send frames on the one connection, as fast as they are taken."""

        async def send() -> None:
            (connection,) = self._sockets
            for frame in frames:
                await connection.send_str(frame)

        asyncio.run_coroutine_threadsafe(send(), self._loop).result(LONG)

    async def _run(self) -> None:
        application = web.Application()
        application.router.add_get("/v5/market/time", self._time)
        application.router.add_get("/v5/market/instruments-info", self._list)
        application.router.add_get("/v5/public/{market}", self._serve)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.SockSite(runner, self._port).start()
        self._is_up.set()
        await self._end.wait()
        for each in self._sockets:
            await each.close()
        await runner.cleanup()

    async def _time(self, request: web.Request) -> web.Response:
        now = time.time_ns()
        result = {"timeSecond": str(now // 10**9), "timeNano": str(now)}
        body = {"retCode": 0, "retMsg": "OK", "result": result, "time": now // 10**6}
        return web.json_response(body)

    async def _list(self, request: web.Request) -> web.Response:
        self.queries.append(dict(request.query))
        return web.Response(text=self._instruments, content_type="application/json")

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        connection = web.WebSocketResponse()
        await connection.prepare(request)
        self._sockets.append(connection)
        async for message in connection:
            assert message.type is WSMsgType.TEXT
            command = json.loads(message.data)
            assert command["op"] in ("subscribe", "unsubscribe")
            if command["op"] == "subscribe":
                self.subscribed += command["args"]
            answer = {"success": True, "ret_msg": "", "conn_id": "1"}
            await connection.send_json(answer | {key: command[key] for key in ("req_id", "op")})
        return connection


class Replay:
    """The simulated exchange, as it plays a recording."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._exchange = SimulatedExchange(exchange="bybit", replay=recording.path, speed=0)
        self.start, self.stop = self._exchange.start, self._exchange.stop
        self._exchange.hold()

    @property
    def rest_url(self) -> str:
        """Base URL of REST."""
        return self._exchange.rest_url

    @property
    def stream_url(self) -> str:
        """Base URL of the streams."""
        return self._exchange.stream_url

    @property
    def subscribed(self) -> list[str]:
        """The topics that were subscribed to."""
        controls = [each for each in self._exchange.controls if each.method == "subscribe"]
        return [topic for each in controls for topic in each.params]

    def play(self, frames: list[str]) -> None:
        """Play the recording; or send others than its frames."""
        if frames is self._recording.frames:
            self._exchange.release()
            assert self._exchange.replay_done.wait(LONG)
            return
        for frame in frames:
            stream = f"{self._recording.market}/{json.loads(frame)['topic']}"
            self._exchange.publish(stream, frame)


LISTED = {
    "status": "Trading",
    "quoteCoin": "USDT",
    "priceFilter": {"tickSize": "0.00001", "minPrice": "0.00001", "maxPrice": "1999.99998"},
    "lotSizeFilter": {"minOrderQty": "1", "maxOrderQty": "9", "qtyStep": "1"},
}


def listing(symbols: set[str]) -> str:
    """The body of a list of no more than these, where none was recorded."""
    symbols_listed = [LISTED | {"symbol": s, "baseCoin": s.removesuffix("USDT")} for s in symbols]
    result = {"category": "linear", "list": symbols_listed, "nextPageCursor": ""}
    return json.dumps({"retCode": 0, "retMsg": "OK", "result": result, "time": 1})


@pytest.fixture
def recording() -> Callable[[str], Recording]:
    """Reads a recording."""
    return Recording


@pytest.fixture
def listed() -> Callable[[str], Server]:
    """Makes a server that lists what a body says."""

    def make(instruments: str) -> Server:
        return Server(instruments, socket.create_server(("127.0.0.1", 0)))

    return make


@pytest.fixture
def connect() -> Iterator[Callable[[str, Any], Any]]:
    """Starts a server, and a connector of a market on it, which is ready."""
    ends: list[Callable[[], object]] = []

    def connected(market: str, server: Server | Replay) -> Any:
        server.start()
        ends.append(server.stop)
        urls = server.rest_url, server.stream_url
        builder = Config.builder()
        builder.exchange("bybit", market=market, rest_url=urls[0], stream_url=urls[1])
        ref = ConnectorActor.start(builder.build())
        ends.append(lambda: ref.stop(timeout=LONG))
        ref.proxy().ready().get(timeout=LONG)
        return ref

    yield connected
    for end in reversed(ends):
        end()


@pytest.fixture(params=["by-hand", "simulated"])
def connect_to(
    request: pytest.FixtureRequest,
    listed: Callable[[str], Server],
    connect: Callable[[str, Any], Any],
) -> Callable[[Recording], tuple[Server | Replay, Any]]:
    """The same, on each server, where what was recorded is traded."""

    def connected(recording: Recording) -> tuple[Server | Replay, Any]:
        symbols = {topic.rpartition(".")[2] for topic in recording.topics}
        is_by_hand = request.param == "by-hand"
        server = listed(listing(symbols)) if is_by_hand else Replay(recording)
        return server, connect(recording.market, server)

    return connected


@pytest.fixture
def body() -> Callable[[str], str]:
    """Reads a body that was recorded."""
    return text_of
