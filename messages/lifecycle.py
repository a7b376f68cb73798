"""The connector's own life, as events (`subscribe_events`)."""

from __future__ import annotations

import msgspec

from .enums import CircuitState, HealthState
from .errors import ConnectorError
from .market import BaseEvent


class ClockStatus(msgspec.Struct, frozen=True):
    """How well the exchange's time is known.

    Attributes:
        offset: Exchange minus local clock, in seconds.
        round_trip: Of the sample it rests on, in seconds.
        uncertainty: The offset is off by this much at most, in seconds.
        last_sync: When that sample was taken, nanoseconds since the epoch; None while there is none.
        synchronized: Whether signing may rest on it.
    """

    offset: float
    round_trip: float
    uncertainty: float
    last_sync: int | None
    synchronized: bool


class Ready(BaseEvent, frozen=True):
    """The clock is synchronised (if enabled) and a websocket session is up."""


class Connected(BaseEvent, frozen=True):
    """A websocket session is up."""

    session: str


class Disconnected(BaseEvent, frozen=True):
    """A websocket session was lost; it redials by itself."""

    reason: str
    session: str


class SessionReplaced(BaseEvent, frozen=True):
    """A new connection has taken the place of a websocket session's old one, without a gap."""

    session: str
    reason: str


class CircuitBreakerStateChanged(BaseEvent, frozen=True):
    """The circuit breaker changed its state."""

    from_state: CircuitState
    to_state: CircuitState


class ClockSynchronized(BaseEvent, frozen=True):
    """The exchange's time was measured."""

    status: ClockStatus


class ActorRestarted(BaseEvent, frozen=True):
    """A part died or hung and was replaced; `restarts` counts this one too."""

    component: str
    reason: str
    restarts: int


class SubscriberLagged(BaseEvent, frozen=True):
    """A subscriber was too slow: `dropped` events are missing here, since its last notice."""

    subscription_id: str
    dropped: int


class HealthChanged(BaseEvent, frozen=True):
    """How far something may be trusted has changed.

    Attributes:
        subject: `connector`, a component's or a session's name, or `CHANNEL:SYMBOL`.
        since: When it did, nanoseconds since the epoch.
    """

    subject: str
    state: HealthState
    cause: str
    since: int


class ErrorOccurred(BaseEvent, frozen=True):
    """Something went wrong that no request could be answered with."""

    error: ConnectorError


class Stopped(BaseEvent, frozen=True):
    """The connector has stopped; nothing follows."""

    reason: str = ""
