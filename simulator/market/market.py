"""The seeded market: one symbol's book and trades, driven by a step counter.

Everything but the times follows from the seed alone: the same seed gives the same book updates,
trades and ids, step by step.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, replace

from .books import Book, BookSide, Change
from .candles import Candles
from .fixed import ONE
from .symbols import Listing

KEPT_TRADES = 20_000
LEVELS = 400  # a side begins with
FEWEST, MOST = 200, 800
TURNS = 0.05  # how often the takers' side is chosen anew
GRAIN = 100_000  # a grain, the unit of distances, is this part of the price


OUTWARD: dict[BookSide, int] = {"bid": -1, "ask": 1}


@dataclass(frozen=True)
class Trade:
    """One trade; price and quantity in units of 1e-8, time in milliseconds."""

    symbol: str
    trade_id: int
    price: int
    quantity: int
    time: int
    buyer_is_maker: bool


@dataclass(frozen=True)
class AggregateTrade:
    """The trades of one taker order at one price."""

    symbol: str
    aggregate_id: int
    price: int
    quantity: int
    first_id: int
    last_id: int
    time: int
    buyer_is_maker: bool


@dataclass(frozen=True)
class TopOfBook:
    """The best bid and ask after the update that changed one of them."""

    symbol: str
    update_id: int
    bid_price: int
    bid_quantity: int
    ask_price: int
    ask_quantity: int


Event = Trade | AggregateTrade | TopOfBook | Change


class SymbolMarket:
    """The market of one symbol."""

    def __init__(self, listing: Listing, seed: int) -> None:
        self.listing = listing
        # a text seeds the same on every machine, and each symbol has its own sequence
        self._random = random.Random(f"{seed} {listing.symbol}")
        self.book = Book(listing.symbol, self._random.randrange(10**9, 10**10))
        self.trades: deque[Trade] = deque(maxlen=KEPT_TRADES)
        self.aggregates: deque[AggregateTrade] = deque(maxlen=KEPT_TRADES)
        self.candles = Candles()
        self._trade_id = self._random.randrange(10**8, 10**9)
        self._aggregate_id = self._random.randrange(10**7, 10**8)
        self._grain = max(1, listing.start_price // GRAIN // listing.tick)  # in ticks
        self._buys = True
        self._events: list[Event] = []
        self._fill_book()

    def step(self, time_ms: int) -> list[Event]:
        """Advance by one step: some quotes change, and at least one order takes.

        Returns:
            The book changes, trades and changes of the top, in the order they happened.
        """
        self._events = []
        for _ in range(self._random.randint(2, 5)):
            self._quote()
        for _ in range(self._random.randint(1, 2)):
            self._take(time_ms)
        self._narrow()
        self._keep_depth()
        return self._events

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
                price += outward * tick * self._random.randint(1, 25 * self._grain)
                self.book.set(side, price, self._quantity(3.0))

    def _quantity(self, mean: float) -> int:
        """A quantity worth about `mean` thousand of the quote asset, in whole lot steps."""
        step = self.listing.step
        lots = 1_000 * mean * ONE / self.listing.start_price * ONE / step
        return step * max(1, int(self._random.expovariate(1.0) * lots))

    def _set(self, side: BookSide, price: int, quantity: int) -> None:
        before = self.top()
        self._events.append(self.book.set(side, price, quantity))
        now = self.top()
        if now != replace(before, update_id=now.update_id):
            self._events.append(now)

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

    def _take(self, time_ms: int) -> None:
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
            self._fill(price, taken, time_ms, buyer_is_maker=not buys)
            self._set(side, price, held - taken)
            left -= taken
            if not left:
                return

    def _wants_to_buy(self) -> bool:
        """Above the start price sellers are more likely, below it buyers."""
        start = self.listing.start_price
        lean = (self.book.best("bid") - start) / start * 20
        return self._random.random() > 0.5 + max(-0.45, min(0.45, lean))

    def _fill(self, price: int, quantity: int, time_ms: int, *, buyer_is_maker: bool) -> None:
        """The taker meets one or two resting orders at one price."""
        symbol, first_id = self.listing.symbol, self._trade_id + 1
        for part in self._parts(quantity):
            self._trade_id += 1
            trade = Trade(symbol, self._trade_id, price, part, time_ms, buyer_is_maker)
            self.trades.append(trade)
            self.candles.trade(time_ms, trade.trade_id, price, part, buyer_is_maker)
            self._events.append(trade)
        self._aggregate_id += 1
        aggregate = AggregateTrade(
            symbol,
            self._aggregate_id,
            price,
            quantity,
            first_id,
            self._trade_id,
            time_ms,
            buyer_is_maker,
        )
        self.aggregates.append(aggregate)
        self._events.append(aggregate)

    def _parts(self, quantity: int) -> list[int]:
        lots = quantity // self.listing.step
        if lots < 2 or self._random.random() < 0.7:
            return [quantity]
        first = self._random.randint(1, lots - 1) * self.listing.step
        return [first, quantity - first]

    def _narrow(self) -> None:
        """Close a spread that trading has opened."""
        tick = self.listing.tick
        while (gap := self.book.best("ask") - self.book.best("bid")) > 3 * self._grain * tick:
            side: BookSide = "bid" if self._random.random() < 0.5 else "ask"
            inward = self._random.randint(1, gap // tick // 2) * tick
            price = self.book.best(side) + (inward if side == "bid" else -inward)
            self._set(side, price, self._quantity(3.0))

    def _keep_depth(self) -> None:
        """Add levels far from the touch, or take some away, so that depth stays bounded."""
        for side, outward in OUTWARD.items():
            prices = self.book.side(side).prices
            worst = prices[0] if side == "bid" else prices[-1]
            if len(prices) < FEWEST:
                away = outward * self._random.randint(1, 25 * self._grain) * self.listing.tick
                self._set(side, worst + away, self._quantity(3.0))
            elif len(prices) > MOST:
                self._set(side, worst, 0)
