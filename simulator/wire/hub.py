"""Who is subscribed to what, and the sending of data to them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from itertools import count

from ..clock import TimeUnit
from ..faults.frames import Delivery, FrameFaults
from ..journal import Journal
from .connections import Connection, wrap
from .frames import encode_frame
from .gate import Gate
from .names import is_called
from .record import Record

MICROSECOND = TimeUnit.MICROSECOND  # an enum's own look-up is slow
HIGH_WATER = 512 * 1024
DRAIN_POLL_S = 0.001


class Hub:
    """All websocket connections and their subscriptions.

    `flowing` is shut by a stall, `thawed` by a freeze.
    """

    def __init__(self, journal: Journal, kept: int = 0) -> None:
        self.connections: dict[int, Connection] = {}
        self.flowing = Gate()
        self.thawed = Gate()
        self.subscribed = Gate(is_open=False)
        self.record = Record(kept)
        self.revision = 0  # counts changes of the subscriptions
        self.faults = FrameFaults(self._post, self.flowing, self.thawed)
        self._subscribers: dict[str, dict[Connection, None]] = {}
        self._dirty: dict[Connection, None] = {}
        self._journal = journal
        self._ids = count(1)

    @property
    def streams(self) -> set[str]:
        """Names of all streams that any connection is subscribed to."""
        return set(self._subscribers)

    @property
    def served(self) -> set[str]:
        """Those, and the streams that are recorded."""
        return self._subscribers.keys() | set(self.record.streams)

    def wanted(self, stream: str) -> bool:
        """Whether anyone is subscribed to `stream`."""
        return stream in self._subscribers

    def add(self, connection: Connection) -> None:
        """Take up a connection, and number it."""
        connection.id = next(self._ids)
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
        self.revision += 1
        for stream in streams:
            connection.streams[stream] = None
            self.record.follow(stream)
            self._subscribers.setdefault(stream, {})[connection] = None
        self._journal.notify()

    def start(self) -> None:
        """A first subscription has been answered: a replay may begin."""
        if self._subscribers:
            self.subscribed.open()

    def unsubscribe(self, connection: Connection, streams: Iterable[str]) -> None:
        """End subscriptions; names that were not subscribed do no harm."""
        self.revision += 1
        for stream in streams:
            connection.streams.pop(stream, None)
            subscribers = self._subscribers.get(stream, {})
            subscribers.pop(connection, None)
            if not subscribers:
                self._subscribers.pop(stream, None)
        self._journal.notify()

    def publish(
        self, stream: str, payload: bytes, in_microseconds: Callable[[], bytes] | None = None
    ) -> None:
        """Send `payload` (JSON) to the subscribers of `stream`, wrapped where they want it.

        `in_microseconds` writes it for the connections that asked for that unit; without it they
        get the same payload. A stall loses it, as a feed that went silent does, though not from the
        record. Leaves at `flush`.
        """
        if self.record.kept:
            self.record.add(stream, payload)
        subscribers = self._subscribers.get(stream)
        if not subscribers or not self.flowing.is_open:
            return
        fine: bytes | None = None
        frames: dict[tuple[bool, bool], bytes] = {}
        deliveries: list[Delivery] = []
        for connection in subscribers:
            form = connection.combined, connection.unit is MICROSECOND
            frame = frames.get(form)
            if frame is None:
                told = payload
                if in_microseconds is not None and form[1]:
                    told = fine = fine or in_microseconds()
                frame = encode_frame(wrap(stream, told) if connection.combined else told)
                frames[form] = frame
            deliveries.append((connection, frame))
        if self.faults.active:
            self.faults.pass_on(stream, payload, deliveries)
        else:
            self._post(deliveries)

    def _post(self, deliveries: Iterable[Delivery]) -> None:
        """Hand frames to their connections; they leave at `flush`."""
        for connection, frame in deliveries:
            connection.send(frame)
            self._dirty[connection] = None

    def broadcast(self, stream: str, payload: bytes) -> None:
        """Send `payload` to every connection, as an event of `stream` in its form."""
        for connection in self.connections.values():
            connection.answer(connection.event(stream, payload))

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

    def tell(self, connection: Connection, stream: str, payload: bytes) -> None:
        """Send one connection what a stream begins with; faults and a stall are as for `publish`.

        The record has it as a beginning, unless it has nothing else of the stream. Leaves at
        `flush`.
        """
        if self.record.kept:
            self.record.begin(stream, payload)
        if not self.flowing.is_open:
            return
        deliveries: list[Delivery] = [(connection, encode_frame(payload))]
        if self.faults.active:
            self.faults.pass_on(stream, payload, deliveries)
        else:
            self._post(deliveries)

    def inject(self, frame: bytes, stream: str | None) -> int:
        """Send an encoded frame as it is to the subscribers of `stream`, or to everyone."""
        targets = list(self.connections.values()) if not stream else self._subscribed_to(stream)
        for connection in targets:
            connection.send(frame)
            connection.flush()
        return len(targets)

    def _subscribed_to(self, name: str) -> list[Connection]:
        """Who is subscribed to a stream, whether it is called by its whole name or the last part."""
        streams = [stream for stream in self._subscribers if is_called(stream, name)]
        return list(dict.fromkeys(one for stream in streams for one in self._subscribers[stream]))
