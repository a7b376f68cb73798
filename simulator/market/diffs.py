"""The diff stream of one symbol: which levels changed since it last spoke."""

from __future__ import annotations

from .books import Change


class DiffWindow:
    """Changes gathered until the next `depthUpdate`.

    Each event's first update id is the last one's final id plus one, also where nobody listened
    in between (web-socket-streams.md, "How to manage a local order book correctly").
    """

    def __init__(self, update_id: int) -> None:
        self._first = update_id + 1
        self._last = update_id
        self._bids: dict[int, int] = {}
        self._asks: dict[int, int] = {}

    def add(self, change: Change) -> None:
        """Take in the change of the next update id."""
        self._last += 1
        levels = self._bids if change.side == "bid" else self._asks
        levels[change.price] = change.quantity

    def take(self) -> tuple[tuple[int, int], dict[int, int], dict[int, int]] | None:
        """The ids, bids and asks gathered, leaving the window empty; `None` without a change."""
        if self._last < self._first:
            return None
        taken = (self._first, self._last), self._bids, self._asks
        self._first, self._bids, self._asks = self._last + 1, {}, {}
        return taken
