"""The seeded market: one symbol's book and trades, driven by a step counter.

Everything but the times follows from the seed alone: the same seed gives the same book updates,
trades and ids, step by step.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass

from .books import REMEMBERED, Book
from .changes import BookSide
from .events import AggregateTrade, BlockTrade, Event, TopOfBook, Trade
from .fixed import ONE
from .history import KEPT_MINUTES, KEPT_SECONDS, Candles
from .lines import Hit, Lines, Part
from .past import Past
from .reference import ReferencePrice
from .symbols import Listing

LEVELS = 400  # a side begins with
FEWEST, MOST = 200, 800
TURNS = 0.05  # how often the takers' side is chosen anew
GRAIN = 100_000  # a grain, the unit of distances, is this part of the price
TRADES_A_STEP = 2.6  # on the average
STEPS_A_BLOCK_TRADE = 500  # on the average
BLOCK_SIZE = 200  # a block trade is so much larger than others
BACKWARD_US = 1_000_000  # a clock that goes back further than this was set

OUTWARD: dict[BookSide, int] = {"bid": -1, "ask": 1}


@dataclass(frozen=True)
class Kept:
    """How much of the newest a symbol remembers: book updates, trades, seconds, minutes."""

    updates: int = REMEMBERED
    trades: int = 20_000
    seconds: int = KEPT_SECONDS
    minutes: int = KEPT_MINUTES

    @classmethod
    def by(cls, symbols: int) -> Kept:
        """So much that `symbols` of them take some hundred megabytes at most."""
        return cls(
            updates=max(10_000, min(cls.updates, 10_000_000 // symbols)),
            trades=max(1_000, min(cls.trades, 400_000 // symbols)),
            seconds=max(600, min(cls.seconds, 1_000_000 // symbols)),
            minutes=max(2_000, min(cls.minutes, 5_000_000 // symbols)),
        )


class SymbolMarket:
    """The market of one symbol. Orders of accounts stand in its book too (`lines`, `guests`).

    Args:
        listing: what is traded.
        seed: what everything follows from.
        rate: steps in a second, by which the past has been as busy as the present is.
        kept: how much is remembered.
        first_trade: from where trades are counted, so much further on.

    Attributes:
        events: What has happened since it was last told.
        hits: The trades of the present step that took orders of accounts.
        not_before_us: When an account took last; the market's steps do not fall behind that.
    """

    def __init__(
        self,
        listing: Listing,
        seed: int,
        rate: float = 10.0,
        kept: Kept | None = None,
        first_trade: int = 0,
    ) -> None:
        kept = kept or Kept()
        self.listing = listing
        # a text seeds the same on every machine, and each symbol has its own sequence
        self._random = random.Random(f"{seed} {listing.symbol}")
        self._chance_of_blocks = random.Random(f"{seed} {listing.symbol} block trades")
        self.book = Book(listing.symbol, self._random.randrange(10**9, 10**10), kept.updates)
        self.trades: deque[Trade] = deque(maxlen=kept.trades)
        self.aggregates: deque[AggregateTrade] = deque(maxlen=kept.trades)
        self.blocks: deque[BlockTrade] = deque(maxlen=1_000)
        self.candles = Candles(
            Past(listing, seed, rate * TRADES_A_STEP * 60), kept.seconds, kept.minutes
        )
        self.reference = ReferencePrice()
        self._trade_id = first_trade + self._random.randrange(10**8, 10**9)
        self._aggregate_id = self._random.randrange(10**7, 10**8)
        self._block_id = self._chance_of_blocks.randrange(100, 1_000)
        self._grain = max(1, listing.start_price // GRAIN // listing.tick)  # in ticks
        self._lots = listing.typical * ONE / listing.start_price / listing.step  # a typical size
        self._buys = True
        self.lines = Lines()
        self.hits: list[Hit] = []
        self.not_before_us = 0
        self.events: list[Event] = []
        self._fill_book()

    def step(self, time_us: int) -> list[Event]:
        """Advance by one step: some quotes change, and at least one order takes.

        Returns:
            The trades and changes of the top, in the order they happened.
        """
        if 0 < self.not_before_us - time_us < BACKWARD_US:
            time_us = self.not_before_us
        for _ in range(2 + self._below(4)):
            self._quote()
        for _ in range(1 + self._below(2)):
            self._take(time_us)
        self._narrow()
        self._keep_depth()
        if self._chance_of_blocks.random() * STEPS_A_BLOCK_TRADE < 1:
            self._block_trade(time_us)
        return self.told()

    def told(self) -> list[Event]:
        """What has happened since this was asked last, in order."""
        events, self.events = self.events, []
        return events

    def top(self) -> TopOfBook:
        """The best bid and ask now."""
        book = self.book
        bid, ask = book.best("bid"), book.best("ask")
        bids, asks = book.bids.levels, book.asks.levels
        return TopOfBook(self.listing.symbol, book.update_id, bid, bids[bid], ask, asks[ask])

    def _fill_book(self) -> None:
        tick = self.listing.tick
        for side, outward in OUTWARD.items():
            price = self.listing.start_price
            for _ in range(LEVELS):
                price += outward * tick * (1 + self._below(25 * self._grain))
                self.book.set(side, price, self._quantity(3.0))

    def _below(self, end: int) -> int:
        """A whole number from 0 up to and without `end`; far cheaper than `randrange`."""
        return int(self._random.random() * end)

    def _quantity(self, mean: float) -> int:
        """A quantity worth about `mean` thousand dollars, in whole lot steps."""
        lots = int(self._random.expovariate(1.0) * mean * self._lots)
        return self.listing.step * max(1, lots)

    def show(self, side: BookSide, price: int, quantity: int) -> None:
        """Let the book show so much in all at a price of a side where something is."""
        book = self.book
        best = book.best(side)
        before = book.set(side, price, quantity)
        is_top = price >= best if side == "bid" else price <= best
        if is_top and quantity != before and book.bids.prices and book.asks.prices:
            self.events.append(self.top())

    def _set(self, side: BookSide, price: int, quantity: int) -> None:
        """Let the market's own orders at a price be so much."""
        if self.lines and (line := self.lines.get((side, price))) is not None:
            line.offer(quantity)
            quantity = line.total
        self.show(side, price, quantity)

    def _quote(self) -> None:
        """Place, change or cancel one resting order near the touch, never crossing the book."""
        side: BookSide = "bid" if self._random.random() < 0.5 else "ask"
        inward = 1 if side == "bid" else -1
        distance = int(self._random.expovariate(1 / 12 / self._grain)) - self._grain
        price = self.book.best(side) - inward * distance * self.listing.tick
        other = self.book.best("ask" if side == "bid" else "bid")
        if inward * (other - price) <= 0:
            return
        held = self.book.side(side)
        if price in held.levels and len(held.prices) > FEWEST and self._random.random() < 0.5:
            self._set(side, price, 0)
        else:
            self._set(side, price, self._quantity(3.0))

    def _take(self, time_us: int) -> None:
        """One taker order, usually on the side of the last."""
        if self._random.random() < TURNS:
            self._buys = self._wants_to_buy()
        buys = self._buys
        side: BookSide = "ask" if buys else "bid"
        left = self._quantity(1.0)
        for _ in range(5):
            price = self.book.best(side)
            held = self.book.side(side).levels[price]
            taken = min(held, left)
            line = self.lines.get((side, price)) if self.lines else None
            parts = self._parts(taken) if line is None else line.hit(taken)
            self._fill(price, taken, parts, time_us, buyer_is_maker=not buys)
            if line is not None:
                self.lines.tidy(side, price)
            self.show(side, price, held - taken if line is None else line.total)
            left -= taken
            if not left:
                return

    def _wants_to_buy(self) -> bool:
        """Above the start price sellers are more likely, below it buyers."""
        start = self.listing.start_price
        lean = (self.book.best("bid") - start) / start * 20
        return self._random.random() > 0.5 + max(-0.45, min(0.45, lean))

    def _fill(
        self,
        price: int,
        quantity: int,
        parts: list[Part],
        time_us: int,
        *,
        buyer_is_maker: bool,
    ) -> None:
        """A taker meets resting orders at one price."""
        first_id = self._trade_id + 1
        for part, owner in parts:
            trade = self.trade(price, part, time_us, buyer_is_maker=buyer_is_maker)
            if owner is not None:
                self.hits.append(Hit(trade, owner))
        self.aggregate(price, quantity, first_id, time_us, buyer_is_maker=buyer_is_maker)

    def trade(self, price: int, quantity: int, time_us: int, *, buyer_is_maker: bool) -> Trade:
        """One resting order is taken, in whole or in part."""
        self._trade_id += 1
        symbol = self.listing.symbol
        trade = Trade(symbol, self._trade_id, price, quantity, time_us, buyer_is_maker)
        self.trades.append(trade)
        self.candles.trade(trade)
        self.reference.add(time_us, price)
        self.events.append(trade)
        return trade

    def aggregate(
        self, price: int, quantity: int, first_id: int, time_us: int, *, buyer_is_maker: bool
    ) -> None:
        """The newest trades, from `first_id` on, were of one taker at one price."""
        self._aggregate_id += 1
        aggregate = AggregateTrade(
            self.listing.symbol,
            self._aggregate_id,
            price,
            quantity,
            first_id,
            self._trade_id,
            time_us,
            buyer_is_maker,
        )
        self.aggregates.append(aggregate)
        self.events.append(aggregate)

    def _block_trade(self, time_us: int) -> None:
        """Two parties agree at the last price, beside the book."""
        draw, last = self._chance_of_blocks, self.trades[-1]
        self._block_id += 1
        lots = int((1 + draw.random()) * BLOCK_SIZE * self._lots)
        quantity = self.listing.step * max(1, lots)
        trade = BlockTrade(
            last.symbol, self._block_id, last.price, quantity, time_us, draw.random() < 0.5
        )
        self.blocks.append(trade)
        self.events.append(trade)

    def _parts(self, quantity: int) -> list[Part]:
        """One or two resting orders."""
        lots = quantity // self.listing.step
        if lots < 2 or self._random.random() < 0.7:
            return [(quantity, None)]
        first = (1 + self._below(lots - 1)) * self.listing.step
        return [(first, None), (quantity - first, None)]

    def _narrow(self) -> None:
        """Close a spread that trading has opened."""
        tick = self.listing.tick
        while (gap := self.book.best("ask") - self.book.best("bid")) > 3 * self._grain * tick:
            side: BookSide = "bid" if self._random.random() < 0.5 else "ask"
            inward = (1 + self._below(gap // tick // 2)) * tick
            price = self.book.best(side) + (inward if side == "bid" else -inward)
            self._set(side, price, self._quantity(3.0))

    def _keep_depth(self) -> None:
        """Add levels far from the touch, or take some away, so that depth stays bounded."""
        for side, outward in OUTWARD.items():
            prices = self.book.side(side).prices
            worst = prices[0] if side == "bid" else prices[-1]
            if len(prices) < FEWEST:
                away = outward * (1 + self._below(25 * self._grain)) * self.listing.tick
                self._set(side, worst + away, self._quantity(3.0))
            elif len(prices) > MOST:
                self._set(side, worst, 0)
