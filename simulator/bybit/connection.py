"""A websocket of a client, and the end of one whose client has fallen silent."""

from __future__ import annotations

import asyncio
import hashlib
import time

from ..trading.accounts import Account
from ..wire.connections import Connection
from ..wire.hub import Hub
from ..wire.sockets import POLICY_VIOLATION

PRIVATE = "private"
LONGEST_SLEEP_S = 86_400.0


class BybitConnection(Connection):
    """A websocket, and what is known of its client.

    Attributes:
        category: Whose topics it has: `spot`, `linear`, or `PRIVATE`.
        account: Whose client has proved who it is; `None` until then.
        private_topics: What it is subscribed to of its account.
    """

    def __init__(self, transport: asyncio.Transport, category: str, seed: int) -> None:
        super().__init__(transport, combined=False)
        self.category = category
        self.account: Account | None = None
        self.private_topics: dict[str, None] = {}
        self._seed = seed
        self._heard = time.monotonic()

    @property
    def conn_id(self) -> str:
        """The id in every answer, which follows from the seed and the connection's number."""
        told = hashlib.sha256(f"connection {self._seed} {self.id}".encode()).hexdigest()
        return f"{told[:20]}-{told[20:25]}"

    @property
    def silent_since(self) -> float:
        """Monotonic time of the last ping, or of the beginning."""
        return self._heard

    def pinged(self) -> None:
        """The client has shown that it is there."""
        self._heard = time.monotonic()


class Idleness:
    """Closes a websocket whose client has sent no ping for too long, or that is too old.

    Source: websocket/wss-authentication.mdx: after ten minutes without ping-pong and without data
    the connection is cut off. Here data alone does not keep it, so that a client that never pings
    is found out; and of pings only those in JSON count.
    """

    def __init__(
        self, connection: BybitConnection, hub: Hub, idle_timeout: float, max_age: float
    ) -> None:
        self._connection = connection
        self._hub = hub
        self._timeout = idle_timeout
        self._end = time.monotonic() + max_age

    def pong(self, payload: bytes) -> None:
        """The server sends no pings; what answers them is no sign of life."""

    async def run(self) -> None:
        """Watch until the connection ends, or has to."""
        while True:
            end = min(self._connection.silent_since + self._timeout, self._end)
            left = end - time.monotonic()
            if left > 0:
                await asyncio.sleep(min(left, LONGEST_SLEEP_S))
            elif not self._hub.thawed.is_open:
                await self._hub.thawed.passed()
                self._connection.pinged()  # nobody could be heard meanwhile
            else:
                self._connection.close(POLICY_VIOLATION, "disconnected")
                return
