"""The public sockets `/v5/public/spot` and `/v5/public/linear`, and the private one.

Source: websocket/wss-authentication.mdx.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Any, cast

from aiohttp import web

from ..clock import Clock
from ..wire.connections import Connection
from ..wire.sockets import Beat, Manner, Sockets
from . import control
from .callers import Keys
from .connection import PRIVATE, BybitConnection, Idleness
from .control import ControlError, Operation
from .payloads import encode
from .signing import is_authentic
from .source import Source
from .topics import Topic, parse_topic, stream_name

ALIVE = re.compile(r"([0-9]{1,5})([sm])")
SHORTEST_ALIVE_S, LONGEST_ALIVE_S = 30, 600


@dataclass
class BybitSockets:
    """Speaks with the clients of all three.

    `max_age` is in seconds; `idle_timeout` too, and a private client may ask for another one.
    """

    sockets: Sockets
    source: Source
    keys: Keys
    clock: Clock
    seed: int
    idle_timeout: float
    max_age: float
    messages_per_second: int

    async def public(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection to the topics of a category."""
        return await self._serve(request, request.match_info["category"])

    async def private(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection to the topics of an account."""
        return await self._serve(request, PRIVATE)

    async def _serve(self, request: web.Request, category: str) -> web.StreamResponse:
        def connect(transport: asyncio.Transport, _: web.Request) -> Connection:
            return BybitConnection(transport, category, self.seed)

        def beat(connection: Connection) -> Beat:
            timeout = alive(request.query.get("max_active_time")) if category == PRIVATE else None
            one = cast(BybitConnection, connection)
            return Idleness(one, self.sockets.hub, timeout or self.idle_timeout, self.max_age)

        manner = Manner(_admit, connect, _begin, self._text, beat, self.messages_per_second)
        return await self.sockets.serve(request, manner)

    def _text(self, text: str, connection: Connection) -> None:
        one = cast(BybitConnection, connection)
        try:
            operation = control.read(text)
        except ControlError as error:
            self.sockets.journal.control("", text, one.id)
            one.answer(encode(control.refused(None, one, error)))
            return
        params = [] if operation.op == "auth" else operation.args  # what proves who somebody is
        self.sockets.journal.control(operation.op, params, one.id)
        fault = self.sockets.faults.controls.take(operation.op)
        if fault is not None and not fault.message:
            return
        try:
            if fault is not None:
                raise ControlError(fault.message)
            self._do(operation, one)
        except ControlError as error:
            one.answer(encode(control.refused(operation, one, error)))
        self.sockets.hub.flush()
        self.sockets.hub.start()

    def _do(self, operation: Operation, connection: BybitConnection) -> None:
        match operation.op:
            case "ping":
                connection.pinged()
                now_ms = self.clock.milliseconds()
                self._send(connection, control.pong(operation, connection, now_ms))
            case "auth":
                self._authenticate(operation, connection)
                self._send(connection, control.done(operation, connection))
            case _ if connection.category == PRIVATE:
                self._choose_private(operation, connection)
                self._send(connection, control.done(operation, connection))
            case "subscribe":
                self._subscribe(operation, connection)
            case _:
                names = control.topics(operation)
                streams = [stream_name(connection.category, name) for name in names]
                self.sockets.hub.unsubscribe(connection, streams)
                self._send(connection, control.done(operation, connection))

    def _subscribe(self, operation: Operation, connection: BybitConnection) -> None:
        """Subscribe to all topics, or to none; contracts send data before the answer."""
        names, hub = control.topics(operation), self.sockets.hub
        held = [stream.partition("/")[2] for stream in connection.streams]
        control.check_size(names, connection, held)
        topics = [self._topic(connection.category, name) for name in names]
        hub.subscribe(connection, [topic.stream for topic in topics])
        first = [(topic.stream, self.source.first(topic)) for topic in topics]
        if connection.category == "spot":
            self._send(connection, control.done(operation, connection))
        for stream, payload in first:
            if payload is not None:
                hub.tell(connection, stream, payload)
        if connection.category != "spot":
            self._send(connection, control.done(operation, connection))

    def _topic(self, category: str, name: str) -> Topic:
        topic = parse_topic(category, name)
        if topic is None or not self.source.serves(topic):
            raise control.no_topic(name)
        return topic

    def _authenticate(self, operation: Operation, connection: BybitConnection) -> None:
        if connection.category != PRIVATE or len(operation.args) != 3:
            raise ControlError(control.NO_SENSE)
        key, expires, signature = map(str, operation.args)
        if key not in self.keys:
            raise ControlError("API key is invalid.")
        if not expires.isdecimal() or int(expires) <= self.clock.milliseconds():
            raise ControlError(control.NO_SENSE)
        account, found = self.keys[key]
        if not is_authentic(found, expires, signature):
            raise ControlError("Error sign, please check your signature generation algorithm.")
        connection.account = account

    def _choose_private(self, operation: Operation, connection: BybitConnection) -> None:
        """Choose topics of the account, all of a message or none; nothing is told at first."""
        if connection.account is None:
            raise ControlError("Request not authorized")
        names = control.topics(operation)
        for name in names:
            if name not in control.PRIVATE_TOPICS:
                raise control.no_topic(name)
        if operation.op == "subscribe":
            control.check_kinds(names)
        for name in names:
            if operation.op == "subscribe":
                connection.private_topics[name] = None
            else:
                connection.private_topics.pop(name, None)

    def _send(self, connection: BybitConnection, answer: dict[str, Any]) -> None:
        self.sockets.hub.flush()  # what was told before it leaves before it
        connection.answer(encode(answer))


def alive(text: str | None) -> float | None:
    """Read `max_active_time`: `30s` to `600s`, or minutes; `None` for anything else."""
    match = ALIVE.fullmatch(text or "")
    if match is None:
        return None
    seconds = int(match[1]) * (60 if match[2] == "m" else 1)
    return float(seconds) if SHORTEST_ALIVE_S <= seconds <= LONGEST_ALIVE_S else None


def _admit(request: web.Request) -> None:
    """Nothing in the URL is a reason to refuse."""


def _begin(connection: Connection, request: web.Request) -> None:
    """Nothing is subscribed by the URL."""
