"""The websocket endpoints `/ws`, `/ws/<stream>`, `/stream` and `/stream?streams=a/b`.

Source: web-socket-streams.md, "General WSS information" and "WebSocket Limits". The documentation
says no more of the end of a connection's life than that it is disconnected; here it is closed
with code 1008, as in every other case in which the exchange ends a connection by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from ..faults.rules import SocketFaults
from ..journal import Journal
from ..wire.connections import Connection
from ..wire.frames import Opcode
from ..wire.heartbeat import Heartbeat
from ..wire.hub import Hub
from .control import MAX_STREAMS, ControlError, Request, answer, check_request, is_id, read_request
from .errors import ApiError, bad_request
from .limits import AddressLimits, MessageRate
from .parameters import time_unit
from .payloads import encode
from .rest import JSON
from .streams import is_well_formed

POLICY_VIOLATION = 1008
LARGEST_MESSAGE = 2**20


@dataclass(frozen=True)
class Manner:
    """How the clients of a URL are spoken with.

    `admit` raises `ApiError` if an upgrade is to be refused, `begin` runs once the connection is
    taken up, and `text` takes each of its messages.
    """

    admit: Callable[[web.Request], None]
    connect: Callable[[asyncio.Transport, web.Request], Connection]
    begin: Callable[[Connection, web.Request], None]
    text: Callable[[str, Connection], None]
    messages_per_second: int


@dataclass
class Sockets:
    """Accepts websocket upgrades and serves each connection.

    `nested_errors` writes a refusal as `{"error": {"code", "msg"}, "id"}`, as seen in the wild,
    instead of the documented `{"code", "msg", "id"}`.
    """

    hub: Hub
    journal: Journal
    ping_interval: float
    pong_timeout: float
    messages_per_second: int
    limits: AddressLimits
    max_age: float
    nested_errors: bool = False
    faults: SocketFaults = field(default_factory=SocketFaults)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection to the market streams from upgrade to end."""
        manner = Manner(_admit, _connect, self._begin, self._control, self.messages_per_second)
        return await self.serve(request, manner)

    async def serve(self, request: web.Request, manner: Manner) -> web.StreamResponse:
        """Serve one connection in its manner."""
        self.journal.dials += 1
        self.journal.notify()
        await self.hub.thawed.passed()
        refused = self._refused(request.path) or self._not_admitted(request, manner)
        if refused is not None:
            return refused
        # what is sent goes round aiohttp (`frames`), so it must compress nothing, and answer
        # neither pings nor close frames by itself
        socket = web.WebSocketResponse(
            autoping=False,
            autoclose=False,
            compress=False,
            timeout=0.1,
            max_msg_size=LARGEST_MESSAGE,
        )
        await socket.prepare(request)
        transport = request.transport
        if isinstance(transport, asyncio.Transport):
            await self._serve(socket, transport, request, manner)
        return socket

    def _not_admitted(self, request: web.Request, manner: Manner) -> web.Response | None:
        try:
            self.limits.dial()
            manner.admit(request)
        except ApiError as error:
            headers = JSON | error.headers
            return web.Response(status=error.status, body=error.body(), headers=headers)
        return None

    def _refused(self, path: str) -> web.Response | None:
        refusal = self.faults.upgrades.take(path)
        if refusal is None:
            return None
        headers: dict[str, str] = {}
        if refusal.retry_after is not None:
            headers["Retry-After"] = f"{refusal.retry_after:g}"
        return web.Response(status=refusal.status, headers=headers)

    async def _serve(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport,
        request: web.Request,
        manner: Manner,
    ) -> None:
        connection = manner.connect(transport, request)
        self.hub.add(connection)
        heartbeat = Heartbeat(
            connection, self.hub, self.ping_interval, self.pong_timeout, self.max_age
        )
        beating = asyncio.ensure_future(heartbeat.run())
        try:
            manner.begin(connection, request)
            await self._receive(socket, connection, heartbeat, manner)
        finally:
            beating.cancel()
            self.hub.remove(connection)
            connection.end()
            with contextlib.suppress(asyncio.CancelledError):
                await beating

    def _begin(self, connection: Connection, request: web.Request) -> None:
        self.hub.subscribe(connection, _streams_of(request))
        self.hub.start()

    async def _receive(
        self,
        socket: web.WebSocketResponse,
        connection: Connection,
        heartbeat: Heartbeat,
        manner: Manner,
    ) -> None:
        rate = MessageRate(manner.messages_per_second)
        while True:
            message = await socket.receive()
            await self.hub.thawed.passed()
            if message.type is WSMsgType.CLOSE:
                code: int | None = message.data
                connection.closed_by_client(code or 1005)
                return
            if message.type in (WSMsgType.CLOSED, WSMsgType.CLOSING, WSMsgType.ERROR):
                return
            if connection.closing:
                continue
            if rate.exceeded(time.monotonic()):
                self.limits.flooded()
                connection.close(POLICY_VIOLATION, "Too many requests")
            else:
                self._message(message.type, message.data, connection, heartbeat, manner)

    def _message(
        self,
        kind: WSMsgType,
        data: Any,
        connection: Connection,
        heartbeat: Heartbeat,
        manner: Manner,
    ) -> None:
        if kind is WSMsgType.PING:
            self.journal.pings += 1
            connection.answer(bytes(data), Opcode.PONG)
        elif kind is WSMsgType.PONG:
            self.journal.pongs += 1
            heartbeat.pong(bytes(data))
        else:
            text = data if kind is WSMsgType.TEXT else bytes(data).decode("utf-8", "replace")
            manner.text(text, connection)
        self.journal.notify()

    def _control(self, text: str, connection: Connection) -> None:
        message: dict[str, Any] = {}
        try:
            message = read_request(text)
            request = check_request(message, len(text))
        except ControlError as error:
            self.journal.control("", text, connection.id)
            connection.answer(encode(self._refusal_of(error, message)))
        else:
            self.journal.control(request.method, request.params, connection.id)
            self._do(request, connection, message)

    def _do(self, request: Request, connection: Connection, message: dict[str, Any]) -> None:
        refused = self.faults.controls.take(request.method)
        if refused is not None and not refused.message:
            return
        reply: dict[str, Any]
        try:
            if refused is not None:
                raise ControlError(refused.code, refused.message)
            reply = {"result": answer(request, connection, self.hub), "id": request.id}
        except ControlError as error:
            reply = self._refusal_of(error, message)
        connection.answer(encode(reply))
        self.hub.start()

    def _refusal_of(self, error: ControlError, message: dict[str, Any]) -> dict[str, Any]:
        refusal: dict[str, Any] = {"code": error.code, "msg": error.message}
        known = {"id": message["id"]} if "id" in message and is_id(message["id"]) else {}
        return {"error": refusal, **known} if self.nested_errors else {**refusal, **known}


def _admit(request: web.Request) -> None:
    """Refuse a time unit that is none, and more streams than a connection may hold."""
    time_unit(request.query.get("timeUnit"))
    if len(set(_streams_of(request))) > MAX_STREAMS:
        raise bad_request(-1130, f"A connection holds at most {MAX_STREAMS} streams.")


def _connect(transport: asyncio.Transport, request: web.Request) -> Connection:
    unit = time_unit(request.query.get("timeUnit"))
    return Connection(transport, combined=request.path.startswith("/stream"), unit=unit)


def _streams_of(request: web.Request) -> list[str]:
    """Streams named in the URL; what is no stream name there is passed over."""
    if request.path.startswith("/stream"):
        names = request.query.get("streams", "").split("/")
    else:
        names = request.path.removeprefix("/ws").strip("/").split("/")
    return [name for name in names if is_well_formed(name)]
