"""The union of all events."""

from __future__ import annotations

from .account import Balance
from .lifecycle import (
    ActorRestarted,
    CircuitBreakerStateChanged,
    ClockSynchronized,
    Connected,
    Disconnected,
    ErrorOccurred,
    HealthChanged,
    Ready,
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
    | Balance
    | Ready
    | Connected
    | Disconnected
    | CircuitBreakerStateChanged
    | ClockSynchronized
    | ActorRestarted
    | SubscriberLagged
    | HealthChanged
    | ErrorOccurred
    | Stopped
)
"""Everything that a subscriber can be given."""
