"""How far each part may be trusted, and what has changed."""

from __future__ import annotations

from typing import Literal

from ..messages.enums import HealthState
from ..messages.health import ComponentHealth
from ..messages.lifecycle import HealthChanged

Kind = Literal["component", "session", "stream"]

_ORDER = tuple(HealthState)  # from the best to the worst
CONNECTOR = "connector"


class HealthBoard:
    """The states of all parts; each change comes back as the events that tell of it.

    Args:
        exchange: Named in the events.
        now: Nanoseconds since the epoch, as everywhere in this class.
    """

    def __init__(self, exchange: str, now: int) -> None:
        self._exchange = exchange
        self._parts: dict[Kind, dict[str, ComponentHealth]] = {
            "component": {},
            "session": {},
            "stream": {},
        }
        self._connector = ComponentHealth(HealthState.DOWN, "starting", now)
        self._counts = dict.fromkeys(_ORDER, 0)  # there may be thousands of streams

    @property
    def state(self) -> HealthState:
        """The connector's: the worst of all parts."""
        return self._connector.state

    def parts(self, kind: Kind) -> dict[str, ComponentHealth]:
        """A copy of all parts of a kind, by name."""
        return dict(self._parts[kind])

    def set(
        self,
        kind: Kind,
        name: str,
        state: HealthState,
        now: int,
        cause: str = "",
        restarts: int = 0,
    ) -> list[HealthChanged]:
        """A part is in this state; nothing comes back where it was already."""
        known = self._parts[kind].get(name)
        changed = known is None or (known.state, known.cause) != (state, cause)
        since = now if known is None or known.state is not state else known.since
        restarts = max(restarts, known.restarts if known else 0)
        self._parts[kind][name] = ComponentHealth(state, cause, since, restarts)
        if known is not None:
            self._counts[known.state] -= 1
        self._counts[state] += 1
        if not changed:
            return []
        return [HealthChanged(self._exchange, name, state, cause, since), *self._judge(now)]

    def forget(self, kind: Kind, name: str, now: int) -> list[HealthChanged]:
        """A part is gone for good."""
        gone = self._parts[kind].pop(name, None)
        if gone is not None:
            self._counts[gone.state] -= 1
        return self._judge(now)

    def _judge(self, now: int) -> list[HealthChanged]:
        worst = next((state for state in reversed(_ORDER) if self._counts[state]), _ORDER[0])
        if worst is self._connector.state:
            return []
        cause = "" if worst is _ORDER[0] else self._first(worst)
        self._connector = ComponentHealth(worst, cause, now)
        return [HealthChanged(self._exchange, CONNECTOR, worst, cause, now)]

    def _first(self, state: HealthState) -> str:
        """A part that is in this state, and why."""
        for parts in self._parts.values():
            for name, part in parts.items():
                if part.state is state:
                    return f"{name}: {part.cause}" if part.cause else name
        raise AssertionError("it was counted")  # pragma: no cover
