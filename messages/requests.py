"""What a bot can ask of a connector.

Each request names its reply: `ask(connector, GetServerTime())` is a `ServerTime`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .account import Balance, KeyPermissions, KeyRestrictions
from .base import Address, Request
from .enums import Delivery
from .health import CircuitBreakerStats, ExchangeTime, Health, Pong, RolledOver, ServerTime
from .instruments import ExchangeInfo
from .lifecycle import ClockStatus, Ready
from .market import OrderBook
from .recording import RecordingSaved
from .subscriptions import Handlers, Subscription

Subscriber = Address[Any] | Callable[[Any], object]
"""An actor (events arrive in its `on_receive`) or a callable that takes the event."""


class WaitReady(Request[Ready], frozen=True):
    """Answered once the clock is synchronised (if enabled) and a websocket session is up."""


class GetHealth(Request[Health], frozen=True):
    """How far the connector may be trusted."""


class Ping(Request[Pong], frozen=True):
    """Whether the exchange's REST API answers, and how fast."""


class GetServerTime(Request[ServerTime], frozen=True):
    """The exchange's clock."""


class GetExchangeInfo(Request[ExchangeInfo], frozen=True):
    """What can be traded; all symbols, or those named.

    Where the exchange gives its list page by page, this is more than one HTTP request: one a page,
    all within the one `timeout`.

    Bybit lists those that trade; where several are named, one that it does not list is left out.
    """

    symbols: tuple[str, ...] = ()


class GetOrderBook(Request[OrderBook], frozen=True):
    """The order book from REST, `depth` levels a side (1 to 5000; Bybit: 1 to 1000)."""

    symbol: str
    depth: int = 100


class GetBalances(Request[tuple[Balance, ...]], frozen=True):
    """What the account holds (signed); assets of which it holds nothing are left out."""


class GetKeyPermissions(Request[KeyPermissions], frozen=True):
    """What the account behind the key may do (signed)."""


class GetKeyRestrictions(Request[KeyRestrictions], frozen=True):
    """What the key itself is allowed (signed); an `ExchangeError` where the exchange tells it not.

    Binance's test network does not.
    """


class SaveRecording(Request[RecordingSaved], frozen=True):
    """Write what the flight recorder holds to a file, in place of one that is there.

    Nobody else can read the file, and no key, secret or signature is in it. `ValidationError` where
    the recorder is disabled, or the file cannot be written.
    """

    path: str


class GetCircuitBreakerStats(Request[CircuitBreakerStats], frozen=True):
    """What the circuit breaker has seen; `ValidationError` where it is disabled."""


class ResetCircuitBreaker(Request[CircuitBreakerStats], frozen=True):
    """Close the circuit breaker and forget its failures in a row."""


class GetClockStatus(Request[ClockStatus], frozen=True):
    """How well the exchange's time is known."""


class SyncClock(Request[ClockStatus], frozen=True):
    """Measure the exchange's time anew."""


class RollOver(Request[RolledOver], frozen=True):
    """Have each websocket session replaced by a new one, one after the other, without a gap.

    An `ExchangeConnectionError` where one could not be; the session that there was goes on.
    """


class GetExchangeTime(Request[ExchangeTime], frozen=True):
    """The exchange's time by the corrected clock; sends nothing."""


class Subscribe(Request[Subscription], frozen=True):
    """What every subscription to market data has.

    Attributes:
        symbol: As the exchange writes it; lower case is accepted.
        subscriber: An actor's ref, a callable, or None: then the handlers get the events.
        max_pending: Below so many undelivered events the subscriber gets every one.
        overflow: An `Overflow` for what happens beyond; None is the channel's default.
        batch: What came together comes as one `EventBatch`.
        delivery: A `Delivery`: on which thread a callable runs.
    """

    symbol: str
    subscriber: Subscriber | None = None
    max_pending: int = 10_000
    overflow: str | None = None
    batch: bool = False
    delivery: str = Delivery.THREAD


class SubscribeTicker(Subscribe, frozen=True):
    """`Ticker`s of one symbol; conflates by default."""


class SubscribeTrades(Subscribe, frozen=True):
    """`Trade`s of one symbol; drops the oldest by default."""


class SubscribeBookTicker(Subscribe, frozen=True):
    """`BookTicker`s of one symbol; conflates by default."""


class SubscribeOrderBookUpdates(Subscribe, frozen=True):
    """`OrderBookUpdate`s of one symbol; drops the oldest by default.

    Attributes:
        depth: How many levels a side they are to be about at least, where the exchange has several
            such streams (Bybit: 50, 200 and 1000); 0 is its usual one (Bybit: 200).
    """

    depth: int = 0


class SubscribeOrderBook(Request[Subscription], frozen=True):
    """`OrderBook`s of one symbol, at most `depth` levels a side; conflates by default."""

    symbol: str
    subscriber: Subscriber | None = None
    depth: int = 20
    max_pending: int = 10_000
    overflow: str | None = None
    batch: bool = False
    delivery: str = Delivery.THREAD


class SubscribeKlines(Request[Subscription], frozen=True):
    """`Kline`s of one symbol and interval (`1m`, `5m`, `1h`, `1d`, …); conflates by default."""

    symbol: str
    interval: str
    subscriber: Subscriber | None = None
    max_pending: int = 10_000
    overflow: str | None = None
    batch: bool = False
    delivery: str = Delivery.THREAD


class SubscribeEvents(Request[Subscription], frozen=True):
    """The connector's own life: `Ready`, `Connected`, `ErrorOccurred` and the like."""

    subscriber: Subscriber
    max_pending: int = 10_000
    overflow: str | None = None


class Unsubscribe(Request[None], frozen=True):
    """End a subscription; answered when nothing more will be delivered."""

    subscription_id: str


class SetHandlers(Request[None], frozen=True):
    """Who gets the events of subscriptions without a subscriber of their own."""

    handlers: Handlers


SubscribeMarket = Subscribe | SubscribeOrderBook | SubscribeKlines
