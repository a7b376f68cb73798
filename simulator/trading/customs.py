"""What differs between exchanges in how their matching engines take orders."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Customs:
    """An exchange's own way.

    Attributes:
        names_return: Whether the name of an order may be used again once that has ended.
        first_ids: Between which numbers the ids of orders begin.
        counts_as_one: Whether the orders of all symbols are counted together.
    """

    names_return: bool = True
    first_ids: tuple[int, int] = (10**9, 10**10)
    counts_as_one: bool = False
