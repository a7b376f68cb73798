"""What the rooms tell each other; nothing of this is for users.

Where a field is `Any`, it is a live object of the process (a reply, a route, a mailbox) that
travels by reference: `actors/` has their types, and messages import nothing from there.
"""

from __future__ import annotations

import math
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
        timeout: Seconds for the answer; None for those of the configuration.
        until: When all is over (monotonic seconds), however long this message has waited.
    """

    request: Request[Any]
    reply: Any
    own: bool = False
    timed: bool = False
    timeout: float | None = None
    until: float = math.inf


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
