"""A house with one seeded market, and accounts that trade there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest

from exchange_connector.simulator.market.events import Trade
from exchange_connector.simulator.market.fixed import ONE
from exchange_connector.simulator.market.market import SymbolMarket
from exchange_connector.simulator.market.symbols import listing
from exchange_connector.simulator.trading.accounts import Account
from exchange_connector.simulator.trading.customs import Customs
from exchange_connector.simulator.trading.house import House
from exchange_connector.simulator.trading.orders import Execution, Notice, Order, Wanted

SYMBOL = "BTCUSDT"
BEGIN_US = 1_700_000_000_000_000
STEP_US = 100_000
RICH = {"BTC": 1_000 * ONE, "USDT": 100_000_000 * ONE}


@dataclass
class Floor:
    """A house whose time is told by hand."""

    seed: int = 1
    customs: Customs | None = None
    now_us: int = BEGIN_US
    notices: list[Notice] = field(default_factory=list[Notice])

    def __post_init__(self) -> None:
        self.market = SymbolMarket(listing(SYMBOL), self.seed)
        self.house = House({SYMBOL: self.market}, self.seed, self.customs)
        self.engine = self.house.engines[SYMBOL]
        self.names = (f"order-{number}" for number in count())
        self.step()

    def account(self, **amounts: int) -> Account:
        """An account that has enough, or as much as is said."""
        return self.house.add_account(amounts or RICH, self.now_us)

    def step(self, steps: int = 1) -> None:
        """Let the market make steps."""
        for _ in range(steps):
            self.now_us += STEP_US
            events = self.market.step(self.now_us)
            trades = [event for event in events if isinstance(event, Trade)]
            self.house.stepped(SYMBOL, trades)
            self.market.told()
            self.notices += self.house.drain()

    def place(self, account: Account, side: Any, kind: str, quantity: int, **more: Any) -> Order:
        """Place an order of so many lots; raises as the house does."""
        self.now_us += 1
        wanted = Wanted(
            symbol=SYMBOL,
            side=side,
            type=kind,
            client_order_id=more.pop("name", None) or next(self.names),
            quantity=quantity * self.market.listing.step,
            **more,
        )
        try:
            return self.house.place(account, wanted, self.now_us)
        finally:
            self.market.told()
            self.notices += self.house.drain()

    def cancel(self, order: Order) -> None:
        """Cancel an order; raises as the house does."""
        self.now_us += 1
        try:
            self.house.cancel(order, "cancellation", self.now_us)
        finally:
            self.notices += self.house.drain()

    def best(self, side: Any, ticks: int = 0) -> int:
        """The best price of a side, or one so many ticks above it."""
        return self.market.book.best(side) + ticks * self.market.listing.tick

    def reports(self, order: Order) -> list[Execution]:
        """What was told of an order."""
        return [one for one in self.notices if isinstance(one, Execution) and one.order is order]


@pytest.fixture
def floor() -> Floor:
    """A market that trades, and nobody in it yet."""
    return Floor()


@pytest.fixture
def make_floor() -> Callable[[int], Floor]:
    """A market of a seed."""
    return Floor
