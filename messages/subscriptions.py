"""Subscriptions, and the handlers that stand in for subscribers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from .account import Balance, Fill, Order
from .lifecycle import Connected, Disconnected, ErrorOccurred
from .market import (
    BookTicker,
    Kline,
    OrderBook,
    OrderBookUpdate,
    StreamGap,
    Ticker,
    Trade,
)


class Subscription(msgspec.Struct, frozen=True, eq=False):
    """One subscriber's claim to one stream of events.

    Attributes:
        subscription_id: Unique within the process.
        channel: A `Channel`.
        symbol: Upper case; "" for the connector's own events.
    """

    subscription_id: str
    channel: str
    symbol: str
    ender: Callable[[str], None] | None = None

    def unsubscribe(self) -> None:
        """End it, from any thread; when this returns nothing more is delivered.

        Called from the subscription's own callback it returns at once. Ending it twice, or after
        the connector stopped, does nothing.
        """
        if self.ender is not None:
            self.ender(self.subscription_id)

    def __repr__(self) -> str:
        return f"Subscription({self.subscription_id!r}, {self.channel!r}, {self.symbol!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Subscription):
            return NotImplemented
        return self.subscription_id == other.subscription_id

    def __hash__(self) -> int:
        return hash(self.subscription_id)

    def __reduce__(self) -> tuple[Any, ...]:
        return Subscription, (self.subscription_id, self.channel, self.symbol)


class Handlers(msgspec.Struct, frozen=True, kw_only=True):
    """Callables for the events of subscriptions without a subscriber, and for the connector's life.

    All of them run on one thread, one event at a time. `on_order`, `on_fill` and `on_balance`
    are for the account's events.
    """

    on_ticker: Callable[[Ticker], object] | None = None
    on_order_book: Callable[[OrderBook], object] | None = None
    on_order_book_update: Callable[[OrderBookUpdate], object] | None = None
    on_trade: Callable[[Trade], object] | None = None
    on_book_ticker: Callable[[BookTicker], object] | None = None
    on_kline: Callable[[Kline], object] | None = None
    on_order: Callable[[Order], object] | None = None
    on_fill: Callable[[Fill], object] | None = None
    on_balance: Callable[[Balance], object] | None = None
    on_gap: Callable[[StreamGap], object] | None = None
    on_connect: Callable[[Connected], object] | None = None
    on_disconnect: Callable[[Disconnected], object] | None = None
    on_error: Callable[[ErrorOccurred], object] | None = None
