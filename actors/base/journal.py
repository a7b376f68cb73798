"""The connector's own life in the log: one record for each change of state, its fields in `extra`.

The host's log handlers and filters are not ours: whatever they raise ends nothing here.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping

from ...messages.lifecycle import (
    ActorRestarted,
    CircuitBreakerStateChanged,
    ClockSynchronized,
    Disconnected,
    ErrorOccurred,
    HealthChanged,
    SubscriberLagged,
)
from ...messages.market import BaseEvent

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


def say(
    level: int,
    words: str,
    *values: object,
    extra: Mapping[str, object],
    cause: BaseException | None = None,
) -> None:
    """Write a record; never raises."""
    with contextlib.suppress(BaseException):
        _log.log(level, words, *values, exc_info=cause, extra=extra)


def words_of(error: BaseException) -> str:
    """An exception's type and words, if it can say any; never raises."""
    try:
        return f"{type(error).__name__}: {error}"
    except BaseException:  # noqa: BLE001 - its own fault
        return type(error).__name__


def record(event: BaseEvent) -> None:
    """Write an event of the connector's own life down; never raises."""
    level = _LEVELS.get(type(event), logging.INFO)
    if not _log.isEnabledFor(level):
        return
    fields = {name: getattr(event, name) for name in event.__struct_fields__}
    words = ", ".join(f"{name}={value}" for name, value in fields.items())
    component = fields.get("session") or fields.get("component") or fields.get("subject")
    extra = {"event": type(event).__name__, "component": component, **fields}
    say(level, "%s: %s", type(event).__name__, words, extra=extra)
