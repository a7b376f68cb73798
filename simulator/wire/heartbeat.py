"""Server pings of one connection, and the end of its life.

Source: web-socket-streams.md, "General WSS information": a ping every 20 seconds; a connection
whose pong does not arrive within a minute is disconnected; a pong echoes the ping's payload, and
unsolicited pongs do not keep a connection alive; no connection lives longer than 24 hours.
"""

from __future__ import annotations

import asyncio
import time

from .connections import Connection
from .frames import Opcode
from .hub import Hub

POLICY_VIOLATION = 1008


class Heartbeat:
    """Pings one connection and closes it when it stays silent, or has become too old."""

    def __init__(
        self,
        connection: Connection,
        hub: Hub,
        ping_interval: float,
        pong_timeout: float,
        max_age: float,
    ) -> None:
        self._connection = connection
        self._hub = hub
        self._interval = ping_interval
        self._timeout = pong_timeout
        self._end = time.monotonic() + max_age
        self._unanswered: dict[bytes, float] = {}

    def pong(self, payload: bytes) -> None:
        """A pong arrived; it answers its ping and those before it."""
        if payload not in self._unanswered:
            return
        sent = self._unanswered[payload]
        self._unanswered = {
            waiting: since for waiting, since in self._unanswered.items() if since > sent
        }

    async def run(self) -> None:
        """Ping until the connection ends, is too late with its pongs, or too old."""
        next_ping = time.monotonic() + self._interval
        while True:
            deadline = min(self._unanswered.values(), default=float("inf")) + self._timeout
            await asyncio.sleep(max(0.0, min(next_ping, deadline, self._end) - time.monotonic()))
            await self._hub.thawed.passed()
            now = time.monotonic()
            oldest = min(self._unanswered.values(), default=float("inf"))
            if now >= oldest + self._timeout:
                self._connection.close(POLICY_VIOLATION, "Pong timeout")
                return
            if now >= self._end:
                self._connection.close(POLICY_VIOLATION, "disconnected")
                return
            if now >= next_ping:
                next_ping = now + self._interval
                self._ping(now)

    def _ping(self, now: float) -> None:
        payload = str(time.time_ns()).encode()
        self._unanswered[payload] = now
        self._connection.answer(payload, Opcode.PING)
