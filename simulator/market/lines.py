"""Who stands in line at a price: the market's own orders and those of accounts, in time priority.

A line exists only at prices where an account's order rests; everywhere else the market's own
orders are one number. What the market adds stands behind, what it takes away leaves from behind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from .changes import BookSide
from .events import Trade


@dataclass(eq=False, slots=True)
class Stand:
    """One place in a line.

    Attributes:
        quantity: What it shows.
        owner: Whose order it is; `None` for the market's own.
        hidden: What comes after it has been taken, `slice` at a time and behind all others.
        slice: The most that it shows at once.
    """

    quantity: int
    owner: object | None = None
    hidden: int = 0
    slice: int = 0


Part = tuple[int, object | None]
"""What was taken from one stand, and whose it is."""


class Hit(NamedTuple):
    """A trade that took an account's resting order."""

    trade: Trade
    owner: object


@dataclass(eq=False, slots=True)
class Line:
    """The stands at one price, the first in time first."""

    stands: list[Stand] = field(default_factory=list[Stand])

    @property
    def total(self) -> int:
        """What is shown at the price."""
        return sum(stand.quantity for stand in self.stands)

    @property
    def has_guests(self) -> bool:
        """Whether an order of an account is there."""
        return any(stand.owner is not None for stand in self.stands)

    def offer(self, quantity: int) -> None:
        """Let the market's own orders be so much in all."""
        own = [stand for stand in self.stands if stand.owner is None]
        more = quantity - sum(stand.quantity for stand in own)
        if more > 0:
            self.stands.append(Stand(more))
        for stand in reversed(own):
            less = min(stand.quantity, max(0, -more))
            stand.quantity -= less
            more += less
        self.stands = [stand for stand in self.stands if stand.quantity]

    def hit(self, quantity: int, most: int | None = None) -> list[Part]:
        """Take `quantity`, which is there, from the first on, of at most so many stands."""
        parts: list[Part] = []
        while quantity and len(parts) != most:
            first = self.stands[0]
            taken = min(quantity, first.quantity)
            parts.append((taken, first.owner))
            quantity -= taken
            first.quantity -= taken
            if not first.quantity:
                self._refill(self.stands.pop(0))
        return parts

    def _refill(self, stand: Stand) -> None:
        """An iceberg shows its next part, behind all others."""
        if stand.hidden:
            stand.quantity = min(stand.slice, stand.hidden)
            stand.hidden -= stand.quantity
            self.stands.append(stand)


class Lines(dict[tuple[BookSide, int], Line]):
    """The lines of one symbol by side and price, of which there are few if any."""

    def join(self, side: BookSide, price: int, stand: Stand, before: int) -> Line:
        """Stand behind all others; the market's own show `before` where there is no line yet."""
        line = self.get((side, price))
        if line is None:
            line = self[side, price] = Line([Stand(before)] if before else [])
        line.stands.append(stand)
        return line

    def leave(self, side: BookSide, price: int, stand: Stand) -> Line:
        """Go away."""
        line = self[side, price]
        line.stands.remove(stand)
        self.tidy(side, price)
        return line

    def tidy(self, side: BookSide, price: int) -> None:
        """A line where no account's order is left is none."""
        if not self[side, price].has_guests:
            del self[side, price]
