"""The websocket endpoints `/ws`, `/ws/<stream>`, `/stream` and `/stream?streams=a/b`.

Source: web-socket-streams.md, "General WSS information" and "WebSocket Limits". The documentation
says no more of the end of a connection's life than that it is disconnected; here it is closed
with code 1008, as in every other case in which the exchange ends a connection by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from ..wire.connections import Connection
from ..wire.sockets import Beat, Manner, Sockets
from .control import MAX_STREAMS, ControlError, Request, answer, check_request, is_id, read_request
from .errors import bad_request
from .parameters import time_unit
from .payloads import encode
from .streams import is_well_formed


@dataclass
class MarketSockets:
    """The sockets of the market streams.

    `nested_errors` writes a refusal as `{"error": {"code", "msg"}, "id"}`, as seen in the wild,
    instead of the documented `{"code", "msg", "id"}`.
    """

    sockets: Sockets
    beat: Callable[[Connection], Beat]
    messages_per_second: int
    nested_errors: bool = False

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection to the market streams from upgrade to end."""
        manner = Manner(
            _admit, _connect, self._begin, self._control, self.beat, self.messages_per_second
        )
        return await self.sockets.serve(request, manner)

    def _begin(self, connection: Connection, request: web.Request) -> None:
        self.sockets.hub.subscribe(connection, _streams_of(request))
        self.sockets.hub.start()

    def _control(self, text: str, connection: Connection) -> None:
        message: dict[str, Any] = {}
        try:
            message = read_request(text)
            request = check_request(message, len(text))
        except ControlError as error:
            self.sockets.journal.control("", text, connection.id)
            connection.answer(encode(self._refusal_of(error, message)))
        else:
            self.sockets.journal.control(request.method, request.params, connection.id)
            self._do(request, connection, message)

    def _do(self, request: Request, connection: Connection, message: dict[str, Any]) -> None:
        refused = self.sockets.faults.controls.take(request.method)
        if refused is not None and not refused.message:
            return
        reply: dict[str, Any]
        try:
            if refused is not None:
                raise ControlError(refused.code, refused.message)
            reply = {"result": answer(request, connection, self.sockets.hub), "id": request.id}
        except ControlError as error:
            reply = self._refusal_of(error, message)
        connection.answer(encode(reply))
        self.sockets.hub.start()

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
