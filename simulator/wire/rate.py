"""How many messages a websocket's client may send."""

from __future__ import annotations

from collections import deque


class MessageRate:
    """At most `limit` incoming websocket messages in any second; 0 allows all."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._times: deque[float] = deque(maxlen=limit + 1)

    def exceeded(self, now: float) -> bool:
        """Count a message at monotonic time `now` and say whether it was one too many."""
        self._times.append(now)
        return 0 < self._limit < len(self._times) and now - self._times[0] < 1.0
