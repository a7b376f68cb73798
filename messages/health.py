"""What `health()` and the other questions about the connector itself answer."""

from __future__ import annotations

import msgspec

from .enums import CircuitState, HealthState


class Restart(msgspec.Struct, frozen=True):
    """A part of the connector was lost, and replaced.

    Attributes:
        component: Its name, as in `Health.components`.
        reason: What it died of.
        at: When that was seen, nanoseconds since the epoch.
        is_hung: Whether it had not died, but did not come back from a message.
        restarts: How often it was replaced so far, this time included.
    """

    component: str
    reason: str
    at: int
    is_hung: bool
    restarts: int


class ComponentHealth(msgspec.Struct, frozen=True):
    """One part, session or stream.

    Attributes:
        cause: Why it is in this state; "" while nothing is wrong.
        since: Since when, nanoseconds since the epoch.
        restarts: How often it was replaced.
        restarts_left: How often it may be replaced again before the connector gives up; it grows
            back as restarts become older than `supervision.period`. None for what is no component.
        last_restart: When and why it was replaced last; None if it never was.
    """

    state: HealthState
    cause: str
    since: int
    restarts: int = 0
    restarts_left: int | None = None
    last_restart: Restart | None = None


class Health(msgspec.Struct, frozen=True):
    """How far the connector may be trusted.

    Attributes:
        state: The worst of what follows.
        components: The actors by name.
        sessions: The websocket sessions by name.
        streams: The subscribed streams, as `CHANNEL:SYMBOL`.
        subscribers: How many subscriptions there are.
        weight_used: Request weight sent to the exchange's host within the last minute.
        weight_limit: The most that will be sent within a minute.
        rejected_frames: Frames that could not be trusted, since the start.
        unknown_fields: Frames with fields that this version does not know, since the start.
        dead_letters: Messages whose addressee was gone, since the start.
        restarts: The parts that were replaced, oldest first; the last 100 times.
    """

    state: HealthState
    components: dict[str, ComponentHealth]
    sessions: dict[str, ComponentHealth]
    streams: dict[str, ComponentHealth]
    subscribers: int
    weight_used: int
    weight_limit: int
    rejected_frames: int = 0
    unknown_fields: int = 0
    dead_letters: int = 0
    restarts: tuple[Restart, ...] = ()


class CircuitBreakerStats(msgspec.Struct, frozen=True):
    """What the circuit breaker has seen.

    Attributes:
        total_requests: Requests admitted.
        rejected: Requests refused.
        last_failure: When the last failure was, nanoseconds since the epoch; None if there was none.
        retry_after: Seconds until it may admit a request; 0.0 unless it is open.
    """

    exchange: str
    state: CircuitState
    total_requests: int
    total_successes: int
    total_failures: int
    consecutive_failures: int
    rejected: int
    last_failure: int | None
    retry_after: float


class RolledOver(msgspec.Struct, frozen=True):
    """How many websocket sessions were replaced by new ones."""

    sessions: int


class Pong(msgspec.Struct, frozen=True):
    """The exchange answered; `round_trip` in seconds."""

    round_trip: float


class ServerTime(msgspec.Struct, frozen=True):
    """The exchange's clock, nanoseconds since the epoch, as its answer gave it."""

    server_time: int


class ExchangeTime(msgspec.Struct, frozen=True):
    """The exchange's clock by our corrected one, nanoseconds since the epoch."""

    exchange_time: int
