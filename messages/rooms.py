"""What the rooms tell each other; nothing of this is for users.

Where a field is `Any`, it is a live object of the process (a reply, a route, a mailbox) that
travels by reference: `actors/` has their types, and messages import nothing from there.
"""

from __future__ import annotations

from typing import Any

import msgspec

from .base import Request
from .errors import ConnectorError
from .streams import Stream


class Fetch(msgspec.Struct, frozen=True):
    """To `rest`: send this request.

    Attributes:
        reply: A `Reply` for the decoded answer, or for `Timed` where `timed` is set.
        own: Whether it is the connector's own request, which yields to the users'.
    """

    request: Request[Any]
    reply: Any
    own: bool = False
    timed: bool = False


class Timed(msgspec.Struct, frozen=True):
    """A decoded answer, with the monotonic nanoseconds when it was asked and answered."""

    value: Any
    sent_ns: int
    received_ns: int


class ListingKnown(msgspec.Struct, frozen=True):
    """To the registry, by itself: the exchange's symbols, and its limit of request weight."""

    symbols: frozenset[str]
    weight_limit: int | None


class ListingFailed(msgspec.Struct, frozen=True):
    """To the registry, by itself: the exchange's symbols cannot be had now."""


class PermitWanted(msgspec.Struct, frozen=True):
    """To the breaker: may call `number` leave?"""

    number: int
    own: bool


class PermitGiven(msgspec.Struct, frozen=True):
    """From the breaker: it may; `permit` goes back with the report."""

    number: int
    permit: Any


class BreakerStarted(msgspec.Struct, frozen=True):
    """From the root to `rest`: the breaker is a new one."""


class PermitDenied(msgspec.Struct, frozen=True):
    """From the breaker: it may not."""

    number: int
    state: str
    retry_after: float


class OutcomeReported(msgspec.Struct, frozen=True):
    """To the breaker: what became of a permit (`success`, `failure` or `excluded`)."""

    permit: Any
    outcome: str


class StatsWanted(msgspec.Struct, frozen=True):
    """To the breaker: what has it seen? `reset` closes it first."""

    reply: Any
    reset: bool = False


class ClockUpdated(msgspec.Struct, frozen=True):
    """From the clock: the newest estimate of the exchange's time."""

    offset_ns: int
    """Exchange time minus monotonic time."""
    round_trip_ns: int
    uncertainty_ns: int
    taken_ns: int
    """Monotonic."""


class ClockDoubted(msgspec.Struct, frozen=True):
    """To the clock: the exchange found a timestamp wrong, of a request sent at `sent_ns`."""

    sent_ns: int


class SyncWanted(msgspec.Struct, frozen=True):
    """To the clock: measure anew."""

    reply: Any


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
    """From the registry to a session: look at what the exchange says that it carries."""


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


class SessionStarted(msgspec.Struct, frozen=True):
    """From the root to the registry: this session is new and wants to know its streams."""

    shard: int


class SessionsNeeded(msgspec.Struct, frozen=True):
    """From the registry to the root: so many sessions are needed."""

    count: int


class AddSubscription(msgspec.Struct, frozen=True):
    """To the registry: `request` is one of the `Subscribe…` messages."""

    subscription_id: str
    request: Any
    reply: Any


class EndSubscription(msgspec.Struct, frozen=True):
    """To the registry."""

    subscription_id: str
    reply: Any


class ReplaceHandlers(msgspec.Struct, frozen=True):
    """To the registry: who gets the events of subscriptions without a subscriber."""

    handlers: Any
    reply: Any


class Want(msgspec.Struct, frozen=True):
    """One thing that a user wants; the root keeps them all, whatever becomes of the registry.

    Attributes:
        stream: None for the connector's own events.
        mailbox: The `Mailbox` that leads to the subscriber.
        reply: The `Reply` that still waits for the exchange's confirmation, else None.
        is_own: Whether it is the connector itself that wants it, for a user's sake.
    """

    subscription_id: str
    stream: Stream | None
    mailbox: Any
    reply: Any = None
    is_own: bool = False


class Wanted(msgspec.Struct, frozen=True):
    """From the registry to the root: remember this (instead of what has the same id)."""

    want: Want


class Unwanted(msgspec.Struct, frozen=True):
    """From the registry to the root: forget this."""

    subscription_id: str


class StreamHealth(msgspec.Struct, frozen=True):
    """From the registry to the root: how a stream is."""

    subject: str
    state: str
    cause: str = ""


class StreamForgotten(msgspec.Struct, frozen=True):
    """From the registry to the root: nobody wants this stream any more."""

    subject: str


class FrameRejected(msgspec.Struct, frozen=True):
    """To the root: a frame could not be trusted."""

    error: ConnectorError


class Trouble(msgspec.Struct, frozen=True):
    """To the root: something that no request could be answered with."""

    error: ConnectorError


class SubscriberGone(msgspec.Struct, frozen=True):
    """To the registry: this subscriber's actor is dead."""

    feed: Any


class Tick(msgspec.Struct, frozen=True):
    """A room's own heartbeat."""


class FramesDrifted(msgspec.Struct, frozen=True):
    """From the registry to the root: so many frames had fields or values not known here."""

    count: int


class WeightLimitKnown(msgspec.Struct, frozen=True):
    """To `rest`: what the exchange allows; to the root: what will be sent at most, a minute."""

    limit: int
