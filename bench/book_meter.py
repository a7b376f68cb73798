"""The client's side where an order book is kept: which update its book has come to, and its top.

As `meter`, it needs the standard library alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from .meter import Job, Meter, say

SHOWN = 20
"""Levels a side that the client looks at."""
Top = Callable[[], tuple[Iterable[Any], Iterable[Any]]]
"""Gives the best bids and asks, levels of price and quantity."""


class BookMeter(Meter):
    """Says when there is a book, and reports when it has come to the last update."""

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self._last = math.inf
        self._delivered = 0
        self._is_kept = False

    def told(self, begin: dict[str, Any]) -> None:
        """The frames are about to come; what is counted begins here."""
        self._delivered = 0
        self._last = begin["last"]

    def kept(self, update_id: int, top: Top) -> None:
        """The client has been given its book, or has looked at it, as it is with this update."""
        self._delivered += 1
        if not self._is_kept:
            self._is_kept = True
            say(kept=True)
        if update_id >= self._last and not self.done.is_set():
            bids, asks = top()
            self.extra = {"delivered": self._delivered / self.job.count}
            self.extra["book"] = {"bids": as_text(bids), "asks": as_text(asks)}
            self.finish()


def as_text(levels: Iterable[Any]) -> list[list[str]]:
    """Levels as text, as they are: of exact numbers, their digits."""
    return [[str(price), str(quantity)] for price, quantity in levels]
