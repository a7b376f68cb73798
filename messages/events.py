"""The union of all events."""

from __future__ import annotations

import msgspec

from .account import Balance, Fill, Order
from .lifecycle import (
    ActorRestarted,
    CircuitBreakerStateChanged,
    ClockSynchronized,
    Connected,
    Disconnected,
    ErrorOccurred,
    HealthChanged,
    Ready,
    SessionReplaced,
    Stopped,
    SubscriberLagged,
)
from .market import BookTicker, Kline, OrderBook, OrderBookUpdate, StreamGap, Ticker, Trade

Event = (
    Ticker
    | Trade
    | BookTicker
    | Kline
    | OrderBook
    | OrderBookUpdate
    | StreamGap
    | Order
    | Fill
    | Balance
    | Ready
    | Connected
    | Disconnected
    | SessionReplaced
    | CircuitBreakerStateChanged
    | ClockSynchronized
    | ActorRestarted
    | SubscriberLagged
    | HealthChanged
    | ErrorOccurred
    | Stopped
)
"""Everything that a subscriber can be given."""


class EventBatch(msgspec.Struct, frozen=True):
    """What came together, for subscriptions with `batch=True`.

    Attributes:
        exchange: The exchange's lower-case name.
        events: In the order of their arrival, at least one.
    """

    exchange: str
    events: tuple[Event, ...]
