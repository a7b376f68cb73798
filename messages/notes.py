"""What a flight recording is made of: one note a line, oldest first, behind one `Header`.

Notes are JSON objects whose field `note` says which they are; times are nanoseconds since the Unix
epoch by this machine's clock. What is raw stands as text where it is UTF-8, else as base64.
"""

from __future__ import annotations

import base64
from typing import Any, Self

import msgspec

FORMAT = 1
"""Of the file; another number means that an older version cannot read it."""


class Note(msgspec.Struct, frozen=True, tag_field="note", omit_defaults=True):
    """Something that came, went out, was decided or changed.

    Attributes:
        at: When.
    """

    at: int


class ConnectionOpened(Note, frozen=True, tag="opened"):
    """A session is connected; `connection` numbers its connection, uniquely in the process."""

    connection: int
    session: str


class ConnectionClosed(Note, frozen=True, tag="closed"):
    """A connection has ended, behind its last frame."""

    connection: int
    session: str
    reason: str


class CommandSent(Note, frozen=True, tag="sent"):
    """A message left for the exchange on a connection."""

    connection: int
    text: str


class FrameRead(Note, frozen=True, tag="frame"):
    """A message came on a connection."""

    connection: int
    raw: str = ""
    base64: str = ""

    @classmethod
    def of(cls, at: int, connection: int, data: bytes) -> Self:
        """The note of these bytes."""
        return cls(at, connection, *as_text(data))

    @property
    def data(self) -> bytes:
        """The bytes."""
        return as_bytes(self.raw, self.base64)


class RestAnswered(Note, frozen=True, tag="rest"):
    """A REST request has ended: answered, or not.

    Attributes:
        query: Of a request that is not signed; of others nothing is kept but path and status.
        status: The HTTP status; 0 where there was no answer, for the `reason`.
        is_own: Whether it is the connector's own request.
        took: Seconds that it was under way.
        size: The body's, in bytes, where it was too long to be kept, or of a signed request.
    """

    method: str
    path: str
    query: str = ""
    status: int = 0
    reason: str = ""
    is_signed: bool = False
    is_own: bool = False
    took: float = 0.0
    size: int = 0
    body: str = ""
    base64: str = ""

    @property
    def data(self) -> bytes:
        """The body."""
        return as_bytes(self.body, self.base64)


class SubscriptionOpened(Note, frozen=True, tag="subscribed"):
    """Something is wanted.

    Attributes:
        is_own: Whether it is the connector itself that wants it, for a user's sake.
    """

    subscription: str
    channel: str
    symbol: str
    interval: str = ""
    depth: int = 0
    is_own: bool = False


class SubscriptionEnded(Note, frozen=True, tag="unsubscribed"):
    """It is wanted no more."""

    subscription: str


class GapTold(Note, frozen=True, tag="gap"):
    """A `StreamGap` was made: for one subscription, or for an order book and all its readers ("")."""

    subscription: str
    channel: str
    symbol: str
    reason: str
    first_missed_id: int | None = None
    last_missed_id: int | None = None


class LagTold(Note, frozen=True, tag="lagged"):
    """A subscriber was too slow, and missed so many events."""

    subscription: str
    dropped: int


class Happened(Note, frozen=True, tag="event"):
    """An event of the connector's own life; in a file its fields, with its `type`."""

    event: Any


AnyNote = (
    ConnectionOpened
    | ConnectionClosed
    | CommandSent
    | FrameRead
    | RestAnswered
    | SubscriptionOpened
    | SubscriptionEnded
    | GapTold
    | LagTold
    | Happened
)
"""Every kind of line but the first."""


class Header(msgspec.Struct, frozen=True, tag_field="note", tag="header", kw_only=True):
    """The first line of a recording.

    Attributes:
        version: Of this library.
        market: The exchange's; spot where an older version has written the file.
        cause: Why it was written.
        began: Nothing from before is in it, and of what came since all is.
        ended: When it was written.
        frames: How many frames follow.
        config: Every table and field, without secrets.
        subscriptions: What was wanted when it began.
        connections: Which connections stood then.
        states: How each stream was then, by its name in the connector's health.
    """

    format: int
    version: str
    exchange: str
    cause: str
    began: int
    ended: int
    frames: int
    config: dict[str, dict[str, Any]]
    subscriptions: list[SubscriptionOpened]
    connections: list[ConnectionOpened]
    states: dict[str, str]
    market: str = "spot"


def as_text(data: bytes) -> tuple[str, str]:
    """Bytes as text and "", or as "" and base64 where they are no text."""
    try:
        return data.decode(), ""
    except UnicodeDecodeError:
        return "", base64.b64encode(data).decode()


def as_bytes(text: str, encoded: str) -> bytes:
    """What `as_text` was given."""
    return base64.b64decode(encoded) if encoded else text.encode()
