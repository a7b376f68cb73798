"""What sessions, the registry and the root tell each other; nothing of this is for users."""

from __future__ import annotations

from typing import Any

import msgspec

from .errors import ConnectorError


class Converge(msgspec.Struct, frozen=True):
    """To a session: these are all the streams that are wanted of it, and where they lead.

    Attributes:
        anew: Whether the registry is a new one, and knows nothing of what was confirmed.
        asked: Streams of which the registry wants to hear, once their routes are in place, which
            are carried.
    """

    routes: dict[bytes, Any]
    anew: bool = False
    asked: frozenset[str] = frozenset()


class StreamsConfirmed(msgspec.Struct, frozen=True):
    """From a session: the exchange has confirmed these streams on connection `epoch`."""

    shard: int
    epoch: int
    names: tuple[str, ...]


class StreamRefused(msgspec.Struct, frozen=True):
    """From a session: the exchange has refused this stream."""

    shard: int
    name: str
    error: ConnectorError


class StreamsLost(msgspec.Struct, frozen=True):
    """From a session: connection `epoch` is gone, and with it every stream."""

    shard: int
    epoch: int
    reason: str


class StreamsDropped(msgspec.Struct, frozen=True):
    """From a session: the exchange does not carry these any more, though nobody has left them.

    They are subscribed to anew.
    """

    shard: int
    epoch: int
    names: tuple[str, ...]


class CarriedWanted(msgspec.Struct, frozen=True):
    """From the registry to a session: look at what the exchange says that it carries.

    One that lists nothing answers at least, or else the session is cut.
    """


class RenewalWanted(msgspec.Struct, frozen=True):
    """From the registry to a session: have this stream begin anew, with a snapshot."""

    name: str


class StreamsStalled(msgspec.Struct, frozen=True):
    """From the registry to a session: it carries nothing of these streams; another one is needed."""

    reason: str


class RollOverWanted(msgspec.Struct, frozen=True):
    """From the root to a session: have a new connection take the place of this one."""

    reason: str


class SessionRolled(msgspec.Struct, frozen=True):
    """From a session to the root: a new connection has taken over; `error` where none could."""

    name: str
    reason: str
    error: str = ""


class SessionDoubted(msgspec.Struct, frozen=True):
    """From a session to the root: it is connected, but may not be trusted; "" where it may again."""

    name: str
    cause: str


class SessionUp(msgspec.Struct, frozen=True):
    """From a session to the root: connected."""

    name: str


class SessionDown(msgspec.Struct, frozen=True):
    """From a session to the root: not connected; `was_up` where it was until now."""

    name: str
    reason: str
    was_up: bool


class LinkLost(msgspec.Struct, frozen=True):
    """From the root to `rest`: a session was lost; connections that idle may be dead as well."""


class SessionStarted(msgspec.Struct, frozen=True):
    """From the root to the registry: this session is new and wants to know its streams."""

    shard: int


class SessionsNeeded(msgspec.Struct, frozen=True):
    """From the registry to the root: so many sessions are needed."""

    count: int
