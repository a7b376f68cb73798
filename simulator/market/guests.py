"""How orders of accounts take from a symbol's market, and rest in its book."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from .changes import BookSide
from .events import Trade
from .lines import Stand
from .market import BACKWARD_US, OUTWARD, SymbolMarket

FEWEST = 50  # levels that a side has at least; a step of the market takes ten at most
MOST_LOTS = 10_000  # at a level that comes back


class First(NamedTuple):
    """Who is first in line at the best price of a side; `owner` is `None` for the market's own."""

    price: int
    quantity: int
    owner: object | None


class Guests:
    """The part of a market that is open to orders of accounts.

    Args:
        market: whose book it is.
        seed: what follows where the market's own orders come back to an emptied side.
    """

    def __init__(self, market: SymbolMarket, seed: int) -> None:
        self.market = market
        self._random = Random(f"{seed} {market.listing.symbol} guests")
        self._trades: list[Trade] = []

    @property
    def last_price(self) -> int:
        """The price of the newest trade."""
        return self.market.trades[-1].price

    def first(self, side: BookSide) -> First | None:
        """Who is taken next on a side; `None` if nobody is there."""
        book = self.market.book
        if not book.side(side).prices:
            return None
        price = book.best(side)
        line = self.market.lines.get((side, price))
        if line is None:
            return First(price, book.side(side).levels[price], None)
        stand = line.stands[0]
        return First(price, stand.quantity, stand.owner)

    def hit(self, side: BookSide, quantity: int, time_us: int) -> Trade:
        """Take so much from the first, who has it, at `time_us`."""
        market = self.market
        price = market.book.best(side)
        if self._trades and self._trades[0].price != price:
            self.taken()
        line = market.lines.get((side, price))
        if line is None:
            left = market.book.side(side).levels[price] - quantity
        else:
            line.hit(quantity, most=1)
            market.lines.tidy(side, price)
            left = line.total
        trade = market.trade(price, quantity, time_us, buyer_is_maker=side == "bid")
        market.not_before_us = time_us
        market.show(side, price, left)
        self._trades.append(trade)
        return trade

    def taken(self) -> None:
        """A taker has all it wants at a price."""
        trades, self._trades = self._trades, []
        if trades:
            first, much = trades[0], sum(trade.quantity for trade in trades)
            self.market.aggregate(
                first.price,
                much,
                first.trade_id,
                first.time_us,
                buyer_is_maker=first.buyer_is_maker,
            )

    def join(self, side: BookSide, price: int, stand: Stand) -> None:
        """Rest at a price, behind all that is there."""
        market = self.market
        before = market.book.side(side).levels.get(price, 0)
        line = market.lines.join(side, price, stand, before)
        self._show(side, price, line.total)

    def leave(self, side: BookSide, price: int, stand: Stand) -> None:
        """Rest there no more."""
        line = self.market.lines.leave(side, price, stand)
        self.market.show(side, price, line.total)

    def levels(
        self,
        side: BookSide,
        limit: int | None = None,
        without: Callable[[object], bool] = lambda _: False,
    ) -> list[tuple[int, int]]:
        """Price and quantity of a side, best first, as far as `limit`; icebergs' rest too.

        Orders of the owners that are to be left `without` do not count.
        """
        held = self.market.book.side(side)
        prices = reversed(held.prices) if side == "bid" else held.prices
        found: list[tuple[int, int]] = []
        for price in prices:
            if limit is not None and (price < limit if side == "bid" else price > limit):
                break
            line = self.market.lines.get((side, price))
            if line is None:
                found.append((price, held.levels[price]))
                continue
            counted = [one for one in line.stands if one.owner is None or not without(one.owner)]
            found.append((price, sum(one.quantity + one.hidden for one in counted)))
        return found

    def restock(self) -> None:
        """Where takers have emptied a side the market's own orders come back, further out."""
        market, tick = self.market, self.market.listing.tick
        for side, outward in OUTWARD.items():
            prices = market.book.side(side).prices
            while len(prices) < FEWEST:
                price = self._end(side) + outward * tick * (1 + self._random.randrange(20))
                if price < tick:
                    break
                lots = 1 + self._random.randrange(MOST_LOTS)
                self._show(side, price, market.listing.step * lots)

    def _show(self, side: BookSide, price: int, quantity: int) -> None:
        """As the market's `show`, on a side that may be empty, too."""
        book = self.market.book
        if book.side(side).prices:
            self.market.show(side, price, quantity)
            return
        book.set(side, price, quantity)
        if book.bids.prices and book.asks.prices:
            self.market.events.append(self.market.top())

    def _end(self, side: BookSide) -> int:
        """The worst price of a side, or where one that is empty may begin."""
        bids, asks = self.market.book.bids.prices, self.market.book.asks.prices
        if side == "bid":
            return bids[0] if bids else min([self.last_price, *asks[:1]])
        return asks[-1] if asks else max([self.last_price, *bids[-1:]])

    def moment(self, now_us: int) -> int:
        """The time of something that happens now: never before the newest trade."""
        newest = self.market.trades[-1].time_us
        return newest if 0 < newest - now_us < BACKWARD_US else now_us
