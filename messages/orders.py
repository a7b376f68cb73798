"""What a bot can ask of its account: orders, fills, and their events."""

from __future__ import annotations

from decimal import Decimal

from .account import Fill, Order
from .base import Request
from .requests import Subscriber
from .subscriptions import Subscription


class OrderTerms(Request[Order], frozen=True):
    """What an order is to be; which fields a type needs is the exchange's rule.

    Attributes:
        symbol: As the exchange writes it.
        side: A `Side`.
        type: An `OrderType`.
        quantity: Of the base asset.
        price: In the quote asset, of limit orders.
        quote_quantity: Instead of `quantity`: how much of the quote asset a market order spends.
        stop_price: At which a stop or take-profit order becomes one.
        trailing_delta: The same as a distance that follows the price, in basis points.
        iceberg_quantity: How much of it shows.
        time_in_force: A `TimeInForce`; None is the exchange's own for the type.
        client_order_id: One of its own, which is never to be used twice; "" has one made.
    """

    symbol: str
    side: str
    type: str
    quantity: Decimal | None = None
    price: Decimal | None = None
    quote_quantity: Decimal | None = None
    stop_price: Decimal | None = None
    trailing_delta: int | None = None
    iceberg_quantity: Decimal | None = None
    time_in_force: str | None = None
    client_order_id: str = ""


class PlaceOrder(OrderTerms, frozen=True):
    """Place an order, exactly once.

    The order as the exchange has it; a refusal is an error. Where the answer is lost, the truth is
    found out; `UnknownExecutionError` if that takes longer than `max(timeout, 10) + 2` seconds, and
    an `Order` event then tells how it ended.

    Attributes:
        test: Whether the exchange is only to check it; nothing is placed.
    """

    test: bool = False


class ReplaceOrder(OrderTerms, frozen=True):
    """Cancel an order and place another; nothing is placed if the first cannot be cancelled."""

    cancel_client_order_id: str = ""


class CancelOrder(Request[Order], frozen=True):
    """Cancel an open order, by one of its ids."""

    symbol: str
    client_order_id: str | None = None
    order_id: str | None = None


class GetOrder(Request[Order], frozen=True):
    """How an order is, by one of its ids."""

    symbol: str
    client_order_id: str | None = None
    order_id: str | None = None


class CancelAll(Request[tuple[Order, ...]], frozen=True):
    """Cancel all open orders of a symbol; those that were."""

    symbol: str


class GetOpenOrders(Request[tuple[Order, ...]], frozen=True):
    """All open orders, or those of a symbol."""

    symbol: str | None = None


class GetFills(Request[tuple[Fill, ...]], frozen=True):
    """Executions of one's own orders of a symbol, oldest first.

    Attributes:
        from_id: A trade id, from which on (included); None is the latest.
        limit: At most so many.
        order_id: The exchange's id of an order, as `Order.order_id` has it or as a number: its
            executions alone; None is all.
    """

    symbol: str
    from_id: str | None = None
    limit: int = 500
    order_id: str | int | None = None


class SubscribeOrders(Request[Subscription], frozen=True):
    """`Order`s and `Fill`s of the account; opens the user session."""

    subscriber: Subscriber | None = None
    max_pending: int = 10_000
    overflow: str | None = None
    batch: bool = False


class SubscribeBalances(Request[Subscription], frozen=True):
    """`Balance`s of the account, each when it changes; opens the user session."""

    subscriber: Subscriber | None = None
    max_pending: int = 10_000
    overflow: str | None = None
    batch: bool = False
