"""Websockets from their upgrade to their end, whoever it is that is spoken with.

Where the exchange ends a connection by itself it closes it with code 1008.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiohttp import WSMsgType, web

from ..faults.rules import SocketFaults
from ..journal import Journal
from .connections import Connection
from .frames import Opcode
from .hub import Hub
from .rate import MessageRate
from .refusal import Refused

POLICY_VIOLATION = 1008
LARGEST_MESSAGE = 2**20


class Beat(Protocol):
    """What watches whether a client is still there."""

    def pong(self, payload: bytes) -> None:
        """A pong arrived."""
        ...

    async def run(self) -> None:
        """Watch until the connection ends, and end it if need be."""
        ...


class Dials(Protocol):
    """Whoever counts upgrades, and connections that were ended for their many messages."""

    def dial(self) -> None:
        """Count an upgrade; raise `Refused` past the limit."""
        ...

    def flooded(self) -> None:
        """A connection was ended for its many messages."""
        ...


@dataclass(frozen=True)
class Manner:
    """How the clients of a URL are spoken with.

    `admit` raises `Refused` if an upgrade is to be refused, `begin` runs once the connection is
    taken up, `text` takes each of its messages, and `beat` watches it.
    """

    admit: Callable[[web.Request], None]
    connect: Callable[[asyncio.Transport, web.Request], Connection]
    begin: Callable[[Connection, web.Request], None]
    text: Callable[[str, Connection], None]
    beat: Callable[[Connection], Beat]
    messages_per_second: int = 0


@dataclass
class Sockets:
    """Accepts websocket upgrades and serves each connection."""

    hub: Hub
    journal: Journal
    limits: Dials
    faults: SocketFaults = field(default_factory=SocketFaults)

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
        except Refused as error:
            headers = error.media | error.headers
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
        beat = manner.beat(connection)
        beating = asyncio.ensure_future(beat.run())
        try:
            manner.begin(connection, request)
            await self._receive(socket, connection, beat, manner)
        finally:
            beating.cancel()
            self.hub.remove(connection)
            connection.end()
            with contextlib.suppress(asyncio.CancelledError):
                await beating

    async def _receive(
        self, socket: web.WebSocketResponse, connection: Connection, beat: Beat, manner: Manner
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
                self._message(message.type, message.data, connection, beat, manner)

    def _message(
        self, kind: WSMsgType, data: Any, connection: Connection, beat: Beat, manner: Manner
    ) -> None:
        if kind is WSMsgType.PING:
            self.journal.pings += 1
            connection.answer(bytes(data), Opcode.PONG)
        elif kind is WSMsgType.PONG:
            self.journal.pongs += 1
            beat.pong(bytes(data))
        else:
            text = data if kind is WSMsgType.TEXT else bytes(data).decode("utf-8", "replace")
            manner.text(text, connection)
        self.journal.notify()
