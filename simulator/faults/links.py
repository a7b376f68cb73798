"""What is done to connections at once: cut, closed, spoken to."""

from __future__ import annotations

from ..wire.connections import Connection
from ..wire.frames import Opcode, encode_frame
from ..wire.hub import Hub
from ..wire.names import matches


def cut(hub: Hub, connection: int | None) -> int:
    """Reset every websocket, or one; how many it were."""
    chosen = _chosen(hub, connection)
    for one in chosen:
        one.reset()
    return len(chosen)


def close(hub: Hub, connection: int | None, code: int, reason: str) -> int:
    """Close every websocket in order, or one; how many it were."""
    chosen = _chosen(hub, connection)
    for one in chosen:
        one.close(code, reason)
    return len(chosen)


def forget(hub: Hub, pattern: str) -> int:
    """End subscriptions without a word; how many they were."""
    count = 0
    for connection in list(hub.connections.values()):
        names = [name for name in connection.streams if matches(name, pattern)]
        hub.unsubscribe(connection, names)
        count += len(names)
    return count


def inject(hub: Hub, payload: bytes, stream: str | None, *, binary: bool) -> int:
    """Send a message to the subscribers of a stream, or to everyone; how many they were."""
    return hub.inject(encode_frame(payload, Opcode.BINARY if binary else Opcode.TEXT), stream)


def _chosen(hub: Hub, connection: int | None) -> list[Connection]:
    held = list(hub.connections.values())
    return [one for one in held if connection in (None, one.id) and not one.closing]
