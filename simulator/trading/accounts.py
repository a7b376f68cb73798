"""Accounts: what they hold, their keys, and everything that they ever ordered.

Amounts are integers in units of 1e-8, as everywhere in the simulated exchange.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Literal

from .orders import Execution, Fill, Order, Prevented

KeyKind = Literal["HMAC", "ED25519", "RSA"]
RATE = 100_000  # 0.1 percent of what is received, for maker and taker


@dataclass(frozen=True)
class Key:
    """An API key of an account.

    Attributes:
        api_key: Its public name.
        kind: How its owner signs.
        secret: Of an HMAC key.
        public_key: Of the others, an object of `cryptography`.
        can_trade: Whether it may place and cancel orders.
    """

    api_key: str
    kind: KeyKind = "HMAC"
    secret: str = ""
    public_key: Any = None
    can_trade: bool = True


@dataclass
class Held:
    """How much of an asset is free, and how much is bound by orders."""

    free: int = 0
    locked: int = 0


@dataclass(eq=False)
class Account:
    """One account.

    Attributes:
        uid: Its number.
        held: Its assets; one stays there once it was held.
        orders: Every order ever, by symbol and id.
        open: Those that may trade still, by id within the symbol.
        named: The newest order of each client order id, by symbol.
        names: Every client order id ever.
        fills: Every trade, oldest first.
        events: Every report on an order, oldest first.
        prevented: Matches with itself that were prevented.
        updated_us: When it changed last, in microseconds.
    """

    uid: int
    maker_rate: int = RATE
    taker_rate: int = RATE
    held: defaultdict[str, Held] = field(default_factory=lambda: defaultdict[str, Held](Held))
    orders: dict[tuple[str, int], Order] = field(default_factory=dict[tuple[str, int], Order])
    open: dict[tuple[str, int], Order] = field(default_factory=dict[tuple[str, int], Order])
    named: dict[tuple[str, str], Order] = field(default_factory=dict[tuple[str, str], Order])
    names: set[str] = field(default_factory=set[str])
    fills: list[Fill] = field(default_factory=list[Fill])
    events: list[Execution] = field(default_factory=list[Execution])
    prevented: list[Prevented] = field(default_factory=list[Prevented])
    updated_us: int = 0

    def free(self, asset: str) -> int:
        """How much of an asset it may use."""
        return self.held[asset].free

    def lock(self, asset: str, amount: int) -> None:
        """Bind so much of what is free; less than 0 sets it free."""
        held = self.held[asset]
        held.free -= amount
        held.locked += amount

    def add(self, order: Order) -> None:
        """Take up an accepted order; one without a name is found by its id only."""
        place = order.symbol, order.order_id
        self.orders[place] = self.open[place] = order
        if order.client_order_id:
            self.named[order.symbol, order.client_order_id] = order
            self.names.add(order.client_order_id)

    def is_open(self, client_order_id: str) -> bool:
        """Whether an order of that name may trade still, on whatever symbol."""
        return any(order.client_order_id == client_order_id for order in self.open.values())

    def find(self, symbol: str, order_id: int | None, client_order_id: str | None) -> Order | None:
        """An order by its id or else by its name; of several of a name the newest."""
        if order_id is not None:
            return self.orders.get((symbol, order_id))
        return self.named.get((symbol, client_order_id or ""))
