"""The connector's own life in the log: one record for each change of state, its fields in `extra`."""

from __future__ import annotations

import logging

from ..messages.lifecycle import (
    ActorRestarted,
    CircuitBreakerStateChanged,
    ClockSynchronized,
    Disconnected,
    ErrorOccurred,
    HealthChanged,
    SubscriberLagged,
)
from ..messages.market import BaseEvent

_log = logging.getLogger("exchange_connector")

_LEVELS: dict[type[BaseEvent], int] = {
    Disconnected: logging.WARNING,
    ActorRestarted: logging.ERROR,
    ErrorOccurred: logging.WARNING,
    CircuitBreakerStateChanged: logging.WARNING,
    ClockSynchronized: logging.DEBUG,
    SubscriberLagged: logging.WARNING,
    HealthChanged: logging.DEBUG,
}


def record(event: BaseEvent) -> None:
    """Write an event of the connector's own life down."""
    level = _LEVELS.get(type(event), logging.INFO)
    if not _log.isEnabledFor(level):
        return
    fields = {name: getattr(event, name) for name in event.__struct_fields__}
    words = ", ".join(f"{name}={value}" for name, value in fields.items())
    component = fields.get("session") or fields.get("component") or fields.get("subject")
    extra = {"event": type(event).__name__, "component": component, **fields}
    _log.log(level, "%s: %s", type(event).__name__, words, extra=extra)
