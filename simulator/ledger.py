"""What a test can do with accounts, and the truth about them: orders, fills, balances."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from .faults.door import FaultDoor
from .interface import AccountDesk
from .market.fixed import ONE, text
from .trading import keys
from .trading.accounts import Account, Key, KeyKind
from .trading.house import House
from .trading.orders import Execution, Fill, Order


@dataclass(frozen=True)
class AccountKey:
    """A key of an account, as its owner has it.

    Attributes:
        api_key: Its public name.
        api_secret: What an HMAC key signs with.
        private_key: What any other signs with, in PEM; `""` where the exchange has not made it.
    """

    api_key: str
    kind: KeyKind
    api_secret: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)


@dataclass(frozen=True)
class HeldAsset:
    """How much of an asset is free, and how much is bound by open orders."""

    free: Decimal
    locked: Decimal


@dataclass(frozen=True)
class FillSeen:
    """A trade as one of its parties has it; `time_us` in microseconds."""

    symbol: str
    order_id: int
    client_order_id: str
    trade_id: int
    side: str
    price: Decimal
    quantity: Decimal
    quote: Decimal
    commission: Decimal
    commission_asset: str
    is_maker: bool
    time_us: int


@dataclass(frozen=True)
class OrderEvent:
    """A report on an order: `kind` is what has happened, the rest how the order stood then."""

    kind: str
    status: str
    executed: Decimal
    execution_id: int
    trade_id: int | None
    time_us: int


@dataclass(frozen=True)
class OrderSeen:
    """An order that the matching engine has accepted; `events` are all reports on it so far."""

    symbol: str
    order_id: int
    client_order_id: str
    side: str
    type: str
    time_in_force: str
    price: Decimal
    quantity: Decimal
    status: str
    executed: Decimal
    executed_quote: Decimal
    events: tuple[OrderEvent, ...]


class Ledger(FaultDoor):
    """Accounts. Each method may be called from any thread; `api_key` is that of the account to try
    if none is given.
    """

    def add_account(
        self,
        key_type: KeyKind = "HMAC",
        *,
        balances: Mapping[str, str | Decimal] | None = None,
        can_trade: bool = True,
        public_key: str = "",
        api_key_of: str = "",
    ) -> AccountKey:
        """Open an account and make a key for it.

        Args:
            key_type: how its requests are signed; all but `HMAC` take the `keys` extra, and Bybit
                has no `ED25519`.
            balances: what it holds, by asset; `None` is as much as the account to try begins with.
            can_trade: whether the key may place and cancel orders.
            public_key: in PEM, of a key that the client has already; else one is made.
            api_key_of: a key of an account that gets another key, instead of a new account.

        Raises:
            ValueError: if `public_key` holds no such key, or the exchange has none of that kind,
                or for a balance below 0.
            LookupError: if there is no such account.
            ImportError: without the `keys` extra.
        """
        return self._server.call(
            lambda: self._add_account(key_type, balances, can_trade, public_key, api_key_of)
        )

    def deposit(self, asset: str, amount: str | Decimal, *, api_key: str = "") -> None:
        """Let so much come to an account, or leave it; it is told of it (`balanceUpdate`).

        Raises:
            ValueError: if the account has not so much.
            LookupError: if there is no such account.
        """
        self._server.call(lambda: self._desk.deposit(self._account(api_key), asset, units(amount)))

    def balances(self, *, api_key: str = "") -> dict[str, HeldAsset]:
        """What an account holds, by asset."""

        def look() -> dict[str, HeldAsset]:
            held = self._account(api_key).held.items()
            return {name: HeldAsset(_number(one.free), _number(one.locked)) for name, one in held}

        return self._server.call(look)

    def orders(self, *, api_key: str = "") -> list[OrderSeen]:
        """Every order ever of an account, oldest first."""

        def look() -> list[OrderSeen]:
            account = self._account(api_key)
            events = defaultdict[int, list[Execution]](list)
            for report in account.events:
                events[id(report.order)].append(report)
            return [_order(one, events[id(one)]) for one in account.orders.values()]

        return self._server.call(look)

    def fills(self, *, api_key: str = "") -> list[FillSeen]:
        """Every trade ever of an account, oldest first."""
        return self._server.call(lambda: [_fill(one) for one in self._account(api_key).fills])

    @property
    def order_requests(self) -> dict[str, int]:
        """How often an order of each client order id has reached the matching engine."""
        return self._server.call(lambda: dict(self._house.reached))

    @property
    def fees(self) -> dict[str, Decimal]:
        """Commission that the exchange has earned, by asset."""
        return self._server.call(
            lambda: {name: _number(one) for name, one in self._house.ledger.fees.items()}
        )

    def _add_account(
        self,
        kind: KeyKind,
        balances: Mapping[str, str | Decimal] | None,
        can_trade: bool,
        public_key: str,
        api_key_of: str,
    ) -> AccountKey:
        if kind not in self._desk.key_kinds:
            raise ValueError(f"key_type: {kind} is none of {', '.join(self._desk.key_kinds)}")
        amounts = None
        if balances is not None:
            amounts = {asset: units(amount) for asset, amount in balances.items()}
            if min(amounts.values(), default=0) < 0:
                raise ValueError("balances must not be below 0")
        made = self._made_key(kind, public_key)
        key = Key(made.api_key, kind, made.api_secret, made.public, can_trade)
        account = self._account(api_key_of) if api_key_of else self._desk.open(amounts)
        self._house.add_key(account, key)
        return AccountKey(made.api_key, kind, made.api_secret, made.private_key)

    def _made_key(self, kind: KeyKind, public_key: str) -> keys.Made:
        return keys.made(kind, f"{self._box.settings.seed} {len(self._house.keys)}", public_key)

    def _account(self, api_key: str) -> Account:
        found = self._house.keys.get(api_key or self._box.interface.credentials.api_key)
        if found is None:
            raise LookupError("api_key: of no account")
        return found[0]

    @property
    def _house(self) -> House:
        return self._desk.house

    @property
    def _desk(self) -> AccountDesk:
        return self._box.interface.desk


def units(amount: str | Decimal) -> int:
    """In units of 1e-8; `ValueError` for what has more decimals."""
    number = Decimal(amount) * ONE
    if number != number.to_integral_value():
        raise ValueError(f"amount: {amount} has more than eight decimals")
    return int(number)


def _number(amount: int) -> Decimal:
    return Decimal(text(amount))


def _order(order: Order, events: list[Execution]) -> OrderSeen:
    wanted = order.wanted
    return OrderSeen(
        order.symbol,
        order.order_id,
        order.client_order_id,
        wanted.side,
        wanted.type,
        wanted.time_in_force,
        _number(wanted.price),
        _number(order.quantity),
        order.status,
        _number(order.executed),
        _number(order.executed_quote),
        tuple(_event(one) for one in events),
    )


def _event(report: Execution) -> OrderEvent:
    return OrderEvent(
        report.kind,
        report.status,
        _number(report.executed),
        report.execution_id,
        report.fill.trade_id if report.fill is not None else None,
        report.time_us,
    )


def _fill(fill: Fill) -> FillSeen:
    return FillSeen(
        fill.order.symbol,
        fill.order.order_id,
        fill.order.client_order_id,
        fill.trade_id,
        fill.order.side,
        _number(fill.price),
        _number(fill.quantity),
        _number(fill.quote),
        _number(fill.commission),
        fill.commission_asset,
        fill.is_maker,
        fill.time_us,
    )
