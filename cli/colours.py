"""The screen's colours: the terminal's own, by name, and never the only sign of anything."""

from __future__ import annotations

from decimal import Decimal

from rich.text import Text

from ..messages import HealthState

UP, DOWN, NEWS, QUIET = "green", "red", "magenta", "dim"

_MARKS = {
    HealthState.LIVE: ("●", UP),
    HealthState.SUSPECT: ("◐", NEWS),
    HealthState.STALE: ("◐", NEWS),
    HealthState.RESYNCING: ("◌", NEWS),
    HealthState.DOWN: ("○", DOWN),
}


def mark(state: HealthState) -> Text:
    """The mark of a state."""
    return Text(*_MARKS[state])


def state_text(state: HealthState, *, has_mark: bool = True) -> Text:
    """A state in words, with its mark."""
    sign, style = _MARKS[state]
    return Text(f"{sign} {state}" if has_mark else str(state), style)


def tint(change: Decimal) -> str:
    """The colour of a change."""
    return UP if change > 0 else DOWN if change < 0 else ""
