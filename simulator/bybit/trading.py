"""One symbol's market in one category, with the numbers that Bybit gives to what happens there."""

from __future__ import annotations

import hashlib
import uuid
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from ..market.events import Event, Trade
from ..market.market import Kept, SymbolMarket
from .instruments import Instrument

SEQ_PER_UPDATE = 7
FIRST_SPOT_ID = 2_280_000_000_000_000_000
TICKS = {1: "PlusTick", -1: "MinusTick"}


@dataclass(frozen=True, slots=True)
class Printed:
    """A trade as it is told: its id on the wire, its cross sequence, and which way the price went."""

    trade: Trade
    wire_id: str
    seq: int
    tick: str

    @property
    def side(self) -> str:
        """The taker's."""
        return "Sell" if self.trade.buyer_is_maker else "Buy"


class TradedSymbol:
    """A symbol's market, its trades as they are told, and the cross sequence.

    `matched_us` is when something last happened in the matching engine.
    """

    def __init__(self, instrument: Instrument, seed: int, rate: float, kept: Kept) -> None:
        self.instrument = instrument
        own = seed if instrument.category == "spot" else _seed_of(seed, instrument.category)
        first_trade = FIRST_SPOT_ID if instrument.category == "spot" else 0
        self.market = SymbolMarket(instrument.listing, own, rate, kept, first_trade)
        self.trades: deque[Printed] = deque(maxlen=kept.trades)
        self.matched_us = 0
        self._namespace = uuid.uuid5(uuid.NAMESPACE_OID, f"{seed} {instrument.symbol}")
        self._price: int = instrument.listing.start_price
        self._tick: str = "ZeroPlusTick"

    @property
    def seq(self) -> int:
        """The cross sequence now."""
        return cross_sequence(self.market.book.update_id)

    @property
    def tick(self) -> str:
        """Which way the price went with the last trade."""
        return self._tick

    def step(self, time_us: int) -> list[Printed]:
        """One step of the market; the trades in it."""
        return self._printed(self.market.step(time_us), time_us)

    def told(self, now_us: int) -> list[Printed]:
        """The trades beside the steps of the market that were not told yet."""
        return self._printed(self.market.told(), now_us)

    def seq_of(self, trade_id: int) -> int:
        """The cross sequence of a recent trade; that of now for one that is not remembered."""
        found = (one.seq for one in reversed(self.trades) if one.trade.trade_id == trade_id)
        return next(found, self.seq)

    def _printed(self, events: Iterable[Event], time_us: int) -> list[Printed]:
        self.matched_us = time_us
        printed = [self._print(event) for event in events if isinstance(event, Trade)]
        self.trades.extend(printed)
        return printed

    def _print(self, trade: Trade) -> Printed:
        """Ids of spot are numbers, those of contracts UUIDs, as recorded."""
        if self.instrument.category == "spot":
            wire_id = str(trade.trade_id)
        else:
            wire_id = str(uuid.uuid5(self._namespace, str(trade.trade_id)))
        return Printed(trade, wire_id, self.seq, self._went(trade.price))

    def _went(self, price: int) -> str:
        if price != self._price:
            self._tick = TICKS[1 if price > self._price else -1]
        elif not self._tick.startswith("Zero"):
            self._tick = f"Zero{self._tick}"
        self._price = price
        return self._tick


def cross_sequence(update_id: int) -> int:
    """What the matching engine has counted by then; much of it no book shows, so that it leaps."""
    return update_id * SEQ_PER_UPDATE


def _seed_of(seed: int, category: str) -> int:
    """Another seed for another market of the same symbols."""
    return int.from_bytes(hashlib.sha256(f"{seed} {category}".encode()).digest()[:6])
