"""When a session should be replaced by a new one, before the exchange ends it.

Binance ends each connection after 24 hours.

Source: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
("General WSS information")
"""

from __future__ import annotations

from typing import Final

_HOUR: Final = 3600.0
_DAY: Final = 24 * _HOUR
SPREAD: Final = 0.05
"""Of the time after which a session is replaced, the share by which sessions differ."""
_YOUTH: Final = 1 / 24
"""Of that time, the share for which a session is too young to be replaced."""


def rollover_at(connected: float, after: float, quiet_hour: int, chance: float) -> float:
    """When to replace a session.

    Args:
        connected: When it was connected, seconds since the epoch; so is what comes back.
        after: The most seconds from then on.
        quiet_hour: An hour of the day in UTC, 0 to 23, that is kept to if it comes within that
            time; -1 is any. Where it comes again only after that time, a session is replaced
            shortly before, and once more within it.
        chance: 0.0 to 1.0, drawn for each session, so that they take turns.
    """
    latest = connected + after
    if quiet_hour >= 0:
        begin = latest // _DAY * _DAY + quiet_hour * _HOUR
        if begin > latest:
            begin -= _DAY
        first, last = max(begin, connected + after * _YOUTH), min(begin + _HOUR, latest)
        if first < last:
            return last - chance * (last - first)
    return latest - chance * SPREAD * after
