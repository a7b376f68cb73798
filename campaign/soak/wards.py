"""Who is subscribed to what in a soak, and what of that is to change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from .users import CHANNELS, KINDS

SYMBOLS = tuple(f"S{number:02d}USDT" for number in range(40))
BOOKS = SYMBOLS[:8]
"""Of these order books are kept."""
BOOK_OF = re.compile("@book$")


@dataclass
class Ward:
    """One subscription, or one that might be.

    Attributes:
        key: Of its present account, or of its last one; "" before the first.
        is_on: Whether it is subscribed.
        is_busy: Whether that is changing.
        is_lasting: Whether it is there at the beginning and at the end.
    """

    user: str
    channel: str
    symbol: str
    is_lasting: bool
    key: str = ""
    is_on: bool = False
    is_busy: bool = False
    turns: int = 0

    @property
    def stream(self) -> str:
        """As the exchange calls it."""
        return f"{self.symbol.lower()}@{CHANNELS[self.channel]}"

    @property
    def record(self) -> str:
        """Where the exchange's record has what comes: of an order book, the updates."""
        return BOOK_OF.sub("@depth@100ms", self.stream)

    def names(self, key: str) -> dict[str, str]:
        """As the patient is told."""
        return {"user": self.user, "channel": self.channel, "symbol": self.symbol, "key": key}

    def next_key(self) -> str:
        """Of its next account."""
        self.turns += 1
        self.key = f"{self.user}|{self.stream}|{self.turns}"
        return self.key


@dataclass
class Wards:
    """All of them."""

    all: list[Ward] = field(default_factory=lambda: list(_wards()))

    def wanting(self) -> list[Ward]:
        """Those that last, and are not subscribed."""
        return [each for each in self.all if each.is_lasting and not each.is_on]

    def passing(self) -> list[Ward]:
        """Those that are subscribed, and do not last."""
        return [each for each in self.on() if not each.is_lasting]

    def on(self) -> list[Ward]:
        """Those that are subscribed."""
        return [each for each in self.all if each.is_on and not each.is_busy]

    def off(self) -> list[Ward]:
        """Those that are not."""
        return [each for each in self.all if not each.is_on and not each.is_busy]

    def draw(self, leave: int, join: int, seed: int) -> tuple[list[Ward], list[Ward]]:
        """So many to leave, and so many to join; or the other way round, so that many are on."""
        chance = Random(seed)
        on, off = self.on(), self.off()
        lasting = sum(each.is_lasting for each in self.all)
        leave, join = sorted((leave, join), reverse=len(on) > lasting)
        leaving = chance.sample(on, min(leave, len(on)))
        return leaving, chance.sample(off, min(join, len(off)))


def _wards() -> Iterator[Ward]:
    """Each stream with one user that lasts, and one more that may come."""
    takers = [kind for kind in KINDS if kind != "books"]
    place = 0
    for symbol in SYMBOLS:
        for channel in CHANNELS:
            if channel == "order_book":
                if symbol in BOOKS:
                    yield Ward("books", channel, symbol, is_lasting=True)
                continue
            yield Ward(takers[place % len(takers)], channel, symbol, is_lasting=True)
            yield Ward(takers[(place + 2) % len(takers)], channel, symbol, is_lasting=False)
            place += 1
        place += 1  # so that not each user has one channel
