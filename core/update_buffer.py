"""Updates of an order book that are kept, because a snapshot may come that is older than they."""

from __future__ import annotations

from collections import deque

from ..messages.market import OrderBookUpdate
from .book import Book

MOST, MOST_BESIDE_BOOK = 512, 16
"""How many are kept for a snapshot: before there is a book, or while one is under way; and beside
a book (in case that the next snapshot comes out of a cache and is older than the question)."""


class UpdateBuffer:
    """The latest updates; each adjoins the one before it.

    Attributes:
        is_left_behind: Whether the stream has gone on with ids older than any of these.
    """

    __slots__ = ("_updates", "is_left_behind")

    def __init__(self) -> None:
        self._updates: deque[OrderBookUpdate] = deque()
        self.is_left_behind = False

    def __len__(self) -> int:
        return len(self._updates)

    @property
    def last_id(self) -> int | None:
        """Up to which id they go; None while there are none."""
        return self._updates[-1].last_update_id if self._updates else None

    def clear(self) -> None:
        """Begin anew."""
        self._updates.clear()
        self.is_left_behind = False

    def add(self, update: OrderBookUpdate, most: int) -> None:
        """Keep it, as the last of at most so many."""
        self._updates.append(update)
        self.is_left_behind = False
        while len(self._updates) > most:
            self._updates.popleft()

    def passed_over(self, update: OrderBookUpdate) -> None:
        """It is older than the last one."""
        self.is_left_behind = update.last_update_id < self._updates[0].first_update_id

    def adjoins(self, update_id: int) -> bool:
        """Whether nothing is missing between a snapshot's id and them."""
        return not self._updates or update_id >= self._updates[0].first_update_id - 1

    def newer(self, update_id: int) -> list[OrderBookUpdate]:
        """Those that change a book of this id."""
        return [each for each in self._updates if each.last_update_id > update_id]

    def carry(self, book: Book) -> None:
        """Apply to a book what adjoins it."""
        for update in self.newer(book.update_id):
            if update.first_update_id <= book.update_id + 1:
                book.apply(update)
