"""Orders, and what is told of them. Prices and quantities are in units of 1e-8."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from ..market.changes import BookSide
from ..market.lines import Stand

if TYPE_CHECKING:
    from .accounts import Account

Side = Literal["BUY", "SELL"]
Kind = Literal["NEW", "CANCELED", "REJECTED", "TRADE", "EXPIRED", "TRADE_PREVENTION"]
OPEN = ("NEW", "PARTIALLY_FILLED")
STOPS = ("STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT")
LIMITS = ("LIMIT", "LIMIT_MAKER", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT")
POST_ONLY = "POST_ONLY"
BOOK_SIDE: dict[Side, BookSide] = {"BUY": "bid", "SELL": "ask"}
OTHER_SIDE: dict[Side, BookSide] = {"BUY": "ask", "SELL": "bid"}


class RejectedError(Exception):
    """The matching engine refuses; the exception's text says why, in the exchange's words."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """An order as it is asked for. What was not sent is 0, or `""`.

    Attributes:
        client_order_id: What its owner calls it; `""` where the exchange takes it without a name.
        time_in_force: `GTC`, `IOC`, `FOK`, or `POST_ONLY`: such an order is accepted, and ends
            where it would trade at once. (`LIMIT_MAKER` is the type that is refused there.)
        quote_quantity: How much of the quote asset a market order is to spend, or to bring.
        trailing_delta: In basis points.
        iceberg: The most that shows in the book at once.
        prevention: What happens instead of a trade of the account with itself.
        binds_late: Whether it binds nothing while it waits for its stop.
    """

    symbol: str
    side: Side
    type: str
    client_order_id: str
    time_in_force: str = "GTC"
    price: int = 0
    quantity: int = 0
    quote_quantity: int = 0
    stop_price: int = 0
    trailing_delta: int = 0
    iceberg: int = 0
    prevention: str = "NONE"
    binds_late: bool = False
    strategy_id: int | None = None
    strategy_type: int | None = None


@dataclass(eq=False)
class Order:
    """An order that the matching engine has accepted; times in microseconds.

    Attributes:
        locked: How much of what it pays with is bound by it.
        working_us: Since when it may trade; -1 while it waits for its stop.
        expiry: Why it expired; `""` unless it did.
        last_price: That of the newest trade when it came.
        extreme: The best price since a trailing stop follows the market; 0 while it does not.
        prevented: How much of it expired by the prevention of self-trades.
    """

    account: Account
    wanted: Wanted
    order_id: int
    quantity: int
    created_us: int
    updated_us: int
    status: str = "NEW"
    executed: int = 0
    executed_quote: int = 0
    locked: int = 0
    working_us: int = -1
    trailing_us: int = -1
    expiry: str = ""
    last_price: int = 0
    extreme: int = 0
    prevented: int = 0
    prevented_match: int = -1
    stand: Stand | None = None
    fills: list[Fill] = field(default_factory=lambda: list[Fill]())

    @property
    def symbol(self) -> str:
        """What it trades."""
        return self.wanted.symbol

    @property
    def side(self) -> Side:
        """Whether it buys or sells."""
        return self.wanted.side

    @property
    def client_order_id(self) -> str:
        """What its owner calls it."""
        return self.wanted.client_order_id

    @property
    def is_open(self) -> bool:
        """Whether it may trade still."""
        return self.status in OPEN

    @property
    def is_working(self) -> bool:
        """Whether it has been where it can trade."""
        return self.working_us >= 0

    @property
    def left(self) -> int:
        """What is not executed."""
        return self.quantity - self.executed - self.prevented

    @property
    def has_limit(self) -> bool:
        """Whether it has a worst price."""
        return self.wanted.type in LIMITS

    def accepts(self, price: int) -> bool:
        """Whether it may trade at a price."""
        if not self.has_limit:
            return True
        limit = self.wanted.price
        return price <= limit if self.side == "BUY" else price >= limit


@dataclass(frozen=True)
class Fill:
    """A trade as one of its parties has it; `time_us` in microseconds."""

    order: Order
    trade_id: int
    price: int
    quantity: int
    quote: int
    commission: int
    commission_asset: str
    is_maker: bool
    time_us: int


@dataclass(frozen=True)
class Prevented:
    """A match of an account with itself that did not happen."""

    match_id: int
    maker: Order
    taker: Order
    price: int
    maker_quantity: int
    taker_quantity: int
    mode: str
    time_us: int


@dataclass(frozen=True)
class Execution:
    """A report on an order as it stood then.

    Attributes:
        client_order_id: Of a cancellation its own name, else that of the order.
        original: The name of the order that was cancelled, else `""`.
        on_book: Whether it rests in the book.
        fill: The trade, if it reports one.
    """

    kind: Kind
    order: Order
    execution_id: int
    time_us: int
    status: str
    executed: int
    executed_quote: int
    client_order_id: str
    on_book: bool
    working_us: int
    original: str = ""
    expiry: str = ""
    fill: Fill | None = None
    prevented: Prevented | None = None


@dataclass(frozen=True)
class Balances:
    """What an account holds now of the assets that may have changed: free and locked."""

    account: Account
    held: dict[str, tuple[int, int]]
    time_us: int


@dataclass(frozen=True)
class Moved:
    """So much of an asset came to an account, or left it."""

    account: Account
    asset: str
    delta: int
    time_us: int


Notice = Execution | Balances | Moved
