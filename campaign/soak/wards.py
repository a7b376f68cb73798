"""Who is subscribed to what in a soak, and what of that is to change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from ..markets import Market
from .users import BOOK_TAKER, CHANNELS, KINDS

SYMBOLS = tuple(f"S{number:02d}USDT" for number in range(40))
BOOKS = SYMBOLS[:8]
"""Of these order books are kept."""


@dataclass
class Ward:
    """One subscription, or one that might be.

    Attributes:
        stream: As the exchange calls it; of an order book, the one that it is kept with.
        key: Of its present account, or of its last one; "" before the first.
        is_on: Whether it is subscribed.
        is_busy: Whether that is changing.
        is_lasting: Whether it is there at the beginning and at the end.
    """

    user: str
    channel: str
    symbol: str
    stream: str
    is_lasting: bool
    key: str = ""
    is_on: bool = False
    is_busy: bool = False
    turns: int = 0

    def names(self, key: str) -> dict[str, str]:
        """As the patient is told."""
        return {"user": self.user, "channel": self.channel, "symbol": self.symbol, "key": key}

    def next_key(self) -> str:
        """Of its next account."""
        self.turns += 1
        self.key = f"{self.user}|{self.stream}|{self.turns}"
        return self.key


def stream_of(key: str) -> str:
    """The stream of an account."""
    return key.split("|")[1]


def is_of_a_book(key: str) -> bool:
    """Whether an account is one of order books."""
    return key.startswith(f"{BOOK_TAKER}|")


class Wards:
    """All of them."""

    def __init__(self, market: Market) -> None:
        self.all = list(_wards(market))

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


def _wards(market: Market) -> Iterator[Ward]:
    """Each stream with one user that lasts, and one more that may come."""
    takers = [kind for kind in KINDS if kind != BOOK_TAKER]
    place = 0
    for symbol in SYMBOLS:
        for channel in CHANNELS:
            stream = market.stream(channel, symbol)
            if channel == "order_book":
                if symbol in BOOKS:
                    yield Ward(BOOK_TAKER, channel, symbol, stream, is_lasting=True)
                continue
            for more in (0, 2):
                taker = takers[(place + more) % len(takers)]
                yield Ward(taker, channel, symbol, stream, is_lasting=not more)
            place += 1
        place += 1  # so that not each user has one channel
