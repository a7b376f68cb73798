"""How long to wait before dialling again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_MOST_DOUBLINGS: Final = 1000
"""Beyond this a float overflows; no wait is that long."""


class ReconnectBackoff:
    """A random wait whose upper bound doubles with each attempt that fails.

    The first redial after a stable session comes at once. Every other wait is uniform between
    `first` and `min(most, first * 2**n)`, where n counts the attempts that failed, or led to a
    session that did not last, since the last stable session.

    Args:
        first: The least wait, in seconds.
        most: The longest wait, in seconds.
        random: Uniform between 0.0 and 1.0, such as `random.random`.
        stable_after: Seconds that a session must have lasted to be called stable.
    """

    def __init__(
        self, first: float, most: float, random: Callable[[], float], stable_after: float = 5.0
    ) -> None:
        self._first = min(first, most)
        self._most = most
        self._random = random
        self._stable_after = stable_after
        self._attempts = 0
        self._connected_at: float | None = None

    @property
    def attempts(self) -> int:
        """Attempts that failed, or did not last, since the last stable session."""
        return self._attempts

    def connected(self, now: float) -> None:
        """A session is up."""
        self._connected_at = now

    def delay(self, now: float) -> float:
        """Seconds to wait before the next dial; to be asked once after each loss or failed dial."""
        connected_at, self._connected_at = self._connected_at, None
        if connected_at is not None and now - connected_at >= self._stable_after:
            self._attempts = 0
            return 0.0
        self._attempts += 1
        bound = min(self._most, self._first * 2.0 ** min(self._attempts, _MOST_DOUBLINGS))
        return self._first + self._random() * (bound - self._first)
