"""Who is subscribed to what, and the sending of data to them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from ..faults.rules import FrameFaults
from ..journal import Journal
from .connections import Connection
from .frames import encode_frame
from .gate import Gate

HIGH_WATER = 512 * 1024
DRAIN_POLL_S = 0.001


class Hub:
    """All websocket connections and their subscriptions.

    `flowing` is shut by a stall, `thawed` by a freeze.
    """

    def __init__(self, journal: Journal) -> None:
        self.connections: dict[int, Connection] = {}
        self.faults = FrameFaults()
        self.flowing = Gate()
        self.thawed = Gate()
        self.subscribed = Gate(is_open=False)
        self._subscribers: dict[str, dict[Connection, None]] = {}
        self._dirty: dict[Connection, None] = {}
        self._journal = journal

    @property
    def streams(self) -> set[str]:
        """Names of all streams that any connection is subscribed to."""
        return set(self._subscribers)

    def wanted(self, stream: str) -> bool:
        """Whether anyone is subscribed to `stream`."""
        return stream in self._subscribers

    def add(self, connection: Connection) -> None:
        """Take up a connection."""
        self.connections[connection.id] = connection
        self._journal.notify()

    def remove(self, connection: Connection) -> None:
        """Forget a connection and its subscriptions."""
        self.unsubscribe(connection, list(connection.streams))
        self.connections.pop(connection.id, None)
        self._dirty.pop(connection, None)
        self._journal.notify()

    def subscribe(self, connection: Connection, streams: Iterable[str]) -> None:
        """Subscribe a connection; data flows once its answer was sent (`start`)."""
        for stream in streams:
            connection.streams[stream] = None
            self._subscribers.setdefault(stream, {})[connection] = None
        self._journal.notify()

    def start(self) -> None:
        """A first subscription has been answered: a replay may begin."""
        if self._subscribers:
            self.subscribed.open()

    def unsubscribe(self, connection: Connection, streams: Iterable[str]) -> None:
        """End subscriptions; names that were not subscribed do no harm."""
        for stream in streams:
            connection.streams.pop(stream, None)
            subscribers = self._subscribers.get(stream, {})
            subscribers.pop(connection, None)
            if not subscribers:
                self._subscribers.pop(stream, None)
        self._journal.notify()

    def publish(self, stream: str, payload: bytes) -> None:
        """Send `payload` (JSON) to the subscribers of `stream`, wrapped where they want it.

        A stall loses it, as a feed that went silent does. Leaves at `flush`.
        """
        subscribers = self._subscribers.get(stream)
        if not subscribers or not self.flowing.is_open:
            return
        copies = self.faults.copies(stream, payload)
        frames: dict[bool, bytes] = {}
        for connection in subscribers:
            frame = frames.get(connection.combined)
            if frame is None:
                frame = encode_frame(wrap(stream, payload) if connection.combined else payload)
                frames[connection.combined] = frame
            for _ in range(copies):
                connection.send(frame)
            self._dirty[connection] = None

    def broadcast(self, stream: str, payload: bytes) -> None:
        """Send `payload` to every connection, wrapped as of `stream` where it is combined."""
        for connection in self.connections.values():
            connection.answer(wrap(stream, payload) if connection.combined else payload)

    def flush(self) -> None:
        """Let everything leave that was published."""
        for connection in self._dirty:
            connection.flush()
        self._dirty.clear()
        self._journal.notify()

    async def drained(self) -> None:
        """Wait until no subscriber is far behind.

        aiohttp shows no way to wait for bytes written beside its own writer, so the buffers are
        looked at; a millisecond is far less than it takes to empty one.
        """
        while any(connection.backlog > HIGH_WATER for connection in self.connections.values()):
            await asyncio.sleep(DRAIN_POLL_S)

    def inject(self, frame: bytes, stream: str | None) -> int:
        """Send an encoded frame as it is to the subscribers of `stream`, or to everyone."""
        subscribers = self._subscribers.get(stream, {}) if stream else self.connections.values()
        targets = list(subscribers)
        for connection in targets:
            connection.send(frame)
            connection.flush()
        return len(targets)


def wrap(stream: str, payload: bytes) -> bytes:
    """The envelope of combined streams: `{"stream":"<name>","data":<payload>}`."""
    return b'{"stream":"%b","data":%b}' % (stream.encode(), payload)
