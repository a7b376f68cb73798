"""The websocket endpoints `/ws`, `/ws/<stream>`, `/stream` and `/stream?streams=a/b`.

Source: web-socket-streams.md, "General WSS information" and "WebSocket Limits".
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from ..faults.rules import ControlRefusal, Refusal, Rules
from ..journal import Journal
from ..wire.connections import Connection
from ..wire.frames import Opcode
from ..wire.heartbeat import Heartbeat
from ..wire.hub import Hub
from .control import ControlError, Request, answer, check_request, is_id, read_request
from .limits import MessageRate
from .payloads import encode
from .streams import is_well_formed

POLICY_VIOLATION = 1008
LARGEST_MESSAGE = 2**20


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
    nested_errors: bool = False
    refusal: Refusal | None = None
    refused_controls: Rules[ControlRefusal] = field(default_factory=lambda: Rules[ControlRefusal]())

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection from upgrade to end."""
        self.journal.dials += 1
        self.journal.notify()
        await self.hub.thawed.passed()
        refused = self._refused()
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
            await self._serve(socket, transport, request)
        return socket

    def _refused(self) -> web.Response | None:
        refusal = self.refusal
        if refusal is None:
            return None
        if refusal.remaining is not None:
            refusal.remaining -= 1
            self.refusal = refusal if refusal.remaining > 0 else None
        headers: dict[str, str] = {}
        if refusal.retry_after is not None:
            headers["Retry-After"] = f"{refusal.retry_after:g}"
        return web.Response(status=refusal.status, headers=headers)

    async def _serve(
        self, socket: web.WebSocketResponse, transport: asyncio.Transport, request: web.Request
    ) -> None:
        connection = Connection(transport, combined=request.path.startswith("/stream"))
        self.hub.add(connection)
        heartbeat = Heartbeat(connection, self.hub, self.ping_interval, self.pong_timeout)
        beating = asyncio.ensure_future(heartbeat.run())
        try:
            self.hub.subscribe(connection, _streams_of(request))
            self.hub.start()
            await self._receive(socket, connection, heartbeat)
        finally:
            beating.cancel()
            self.hub.remove(connection)
            connection.end()
            with contextlib.suppress(asyncio.CancelledError):
                await beating

    async def _receive(
        self, socket: web.WebSocketResponse, connection: Connection, heartbeat: Heartbeat
    ) -> None:
        rate = MessageRate(self.messages_per_second)
        while True:
            message = await socket.receive()
            await self.hub.thawed.passed()
            if message.type is WSMsgType.CLOSE:
                code: int | None = message.data
                connection.closed_by_client(code or 1005)
                return
            if message.type in (WSMsgType.CLOSED, WSMsgType.CLOSING, WSMsgType.ERROR):
                return
            if rate.exceeded(time.monotonic()):
                connection.close(POLICY_VIOLATION, "Too many requests")
            elif not connection.closing:
                self._message(message.type, message.data, connection, heartbeat)

    def _message(
        self, kind: WSMsgType, data: Any, connection: Connection, heartbeat: Heartbeat
    ) -> None:
        if kind is WSMsgType.PING:
            self.journal.pings += 1
            connection.answer(bytes(data), Opcode.PONG)
        elif kind is WSMsgType.PONG:
            self.journal.pongs += 1
            heartbeat.pong(bytes(data))
        else:
            self._control(data if kind is WSMsgType.TEXT else bytes(data).decode(), connection)
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
        refused = self.refused_controls.take(request.method)
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


def _streams_of(request: web.Request) -> list[str]:
    """Streams named in the URL; what is no stream name there is passed over."""
    if request.path.startswith("/stream"):
        names = request.query.get("streams", "").split("/")
    else:
        names = request.path.removeprefix("/ws").strip("/").split("/")
    return [name for name in names if is_well_formed(name)]
