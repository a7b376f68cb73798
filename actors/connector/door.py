"""The connector's public door: every request as a proxy method, with the types of its reply."""

from __future__ import annotations

from typing import Any, TypeVar

from ...messages import requests as ask_for
from ...messages.account import Balance, KeyPermissions, KeyRestrictions
from ...messages.enums import Delivery
from ...messages.errors import ConnectorError, ValidationError
from ...messages.health import (
    CircuitBreakerStats,
    ExchangeTime,
    Health,
    Pong,
    RolledOver,
    ServerTime,
)
from ...messages.instruments import ExchangeInfo
from ...messages.lifecycle import ClockStatus, Ready
from ...messages.market import OrderBook
from ...messages.recording import RecordingSaved
from ...messages.requests import Subscriber
from ...messages.rooms import StatsWanted, SyncWanted, Trouble
from ...messages.subscriptions import Handlers, Subscription
from ..base.reply import Answer, Reply
from .orders_door import OrdersDoor

R = TypeVar("R")


class Door(OrdersDoor):
    """What users may call through a proxy; each method's future resolves to the reply itself.

    A request that fails raises a `ConnectorError` from `future.get()`. The messages of the same
    meaning, in `messages/requests.py`, say what each one does.
    """

    def _sync_clock(self, reply: Reply[Any]) -> None:
        if not self._config.clock_sync.enabled:
            raise ValidationError("clock_sync.enabled", False, "the clock is not synchronised")
        self._offices.of("clock").tell(SyncWanted(reply))

    def _ask_breaker(self, message: StatsWanted) -> None:
        if not self._config.circuit_breaker.enabled:
            raise ValidationError("circuit_breaker.enabled", False, "there is no circuit breaker")
        self._offices.of("breaker").tell(message)

    def _unheard(self, _: Any, error: BaseException | None) -> None:
        """The outcome of a request that was told without an address for the answer."""
        if isinstance(error, ConnectorError):
            self._address.tell(Trouble(error))

    def is_running(self) -> bool:
        """Whether the connector is neither stopping nor stopped."""
        return not self._is_stopping

    def is_connected(self) -> bool:
        """Whether every websocket session is up."""
        return bool(self._sessions_up) and self._sessions_up == self._session_names()

    def exchange(self) -> str:
        """The exchange's lower-case name."""
        return self._exchange

    def clock_offset(self) -> float:
        """Exchange minus local clock, in seconds; 0.0 while it is not known."""
        return self._time.status().offset

    def ready(self) -> Answer[Ready]:
        """`WaitReady`."""
        return self._request(ask_for.WaitReady())

    def health(self) -> Answer[Health]:
        """`GetHealth`."""
        return self._request(ask_for.GetHealth())

    def ping(self) -> Answer[Pong]:
        """`Ping`."""
        return self._request(ask_for.Ping())

    def server_time(self) -> Answer[ServerTime]:
        """`GetServerTime`."""
        return self._request(ask_for.GetServerTime())

    def exchange_info(self, symbols: tuple[str, ...] = ()) -> Answer[ExchangeInfo]:
        """`GetExchangeInfo`."""
        return self._request(ask_for.GetExchangeInfo(symbols))

    def order_book(self, symbol: str, depth: int = 100) -> Answer[OrderBook]:
        """`GetOrderBook`."""
        return self._request(ask_for.GetOrderBook(symbol, depth))

    def balances(self) -> Answer[tuple[Balance, ...]]:
        """`GetBalances`."""
        return self._request(ask_for.GetBalances())

    def key_permissions(self) -> Answer[KeyPermissions]:
        """`GetKeyPermissions`."""
        return self._request(ask_for.GetKeyPermissions())

    def key_restrictions(self) -> Answer[KeyRestrictions]:
        """`GetKeyRestrictions`."""
        return self._request(ask_for.GetKeyRestrictions())

    def circuit_breaker_stats(self) -> Answer[CircuitBreakerStats]:
        """`GetCircuitBreakerStats`."""
        return self._request(ask_for.GetCircuitBreakerStats())

    def reset_circuit_breaker(self) -> Answer[CircuitBreakerStats]:
        """`ResetCircuitBreaker`."""
        return self._request(ask_for.ResetCircuitBreaker())

    def roll_over(self) -> Answer[RolledOver]:
        """`RollOver`."""
        return self._request(ask_for.RollOver())

    def sync_clock(self) -> Answer[ClockStatus]:
        """`SyncClock`."""
        return self._request(ask_for.SyncClock())

    def exchange_time(self) -> Answer[ExchangeTime]:
        """`GetExchangeTime`."""
        return self._request(ask_for.GetExchangeTime())

    def subscribe_ticker(
        self,
        symbol: str,
        subscriber: Subscriber | None = None,
        max_pending: int = 10_000,
        overflow: str | None = None,
        batch: bool = False,
        delivery: str = Delivery.THREAD,
    ) -> Answer[Subscription]:
        """`SubscribeTicker`."""
        return self._request(
            ask_for.SubscribeTicker(symbol, subscriber, max_pending, overflow, batch, delivery)
        )

    def subscribe_trades(
        self,
        symbol: str,
        subscriber: Subscriber | None = None,
        max_pending: int = 10_000,
        overflow: str | None = None,
        batch: bool = False,
        delivery: str = Delivery.THREAD,
    ) -> Answer[Subscription]:
        """`SubscribeTrades`."""
        return self._request(
            ask_for.SubscribeTrades(symbol, subscriber, max_pending, overflow, batch, delivery)
        )

    def subscribe_book_ticker(
        self,
        symbol: str,
        subscriber: Subscriber | None = None,
        max_pending: int = 10_000,
        overflow: str | None = None,
        batch: bool = False,
        delivery: str = Delivery.THREAD,
    ) -> Answer[Subscription]:
        """`SubscribeBookTicker`."""
        request = ask_for.SubscribeBookTicker(
            symbol, subscriber, max_pending, overflow, batch, delivery
        )
        return self._request(request)

    def subscribe_klines(
        self,
        symbol: str,
        interval: str,
        subscriber: Subscriber | None = None,
        max_pending: int = 10_000,
        overflow: str | None = None,
        batch: bool = False,
        delivery: str = Delivery.THREAD,
    ) -> Answer[Subscription]:
        """`SubscribeKlines`."""
        request = ask_for.SubscribeKlines(
            symbol, interval, subscriber, max_pending, overflow, batch, delivery
        )
        return self._request(request)

    def subscribe_order_book(
        self,
        symbol: str,
        subscriber: Subscriber | None = None,
        depth: int = 20,
        max_pending: int = 10_000,
        overflow: str | None = None,
        batch: bool = False,
        delivery: str = Delivery.THREAD,
    ) -> Answer[Subscription]:
        """`SubscribeOrderBook`."""
        request = ask_for.SubscribeOrderBook(
            symbol, subscriber, depth, max_pending, overflow, batch, delivery
        )
        return self._request(request)

    def subscribe_order_book_updates(
        self,
        symbol: str,
        subscriber: Subscriber | None = None,
        max_pending: int = 10_000,
        overflow: str | None = None,
        batch: bool = False,
        delivery: str = Delivery.THREAD,
        depth: int = 0,
    ) -> Answer[Subscription]:
        """`SubscribeOrderBookUpdates`."""
        request = ask_for.SubscribeOrderBookUpdates(
            symbol, subscriber, max_pending, overflow, batch, delivery, depth
        )
        return self._request(request)

    def subscribe_events(
        self, subscriber: Subscriber, max_pending: int = 10_000, overflow: str | None = None
    ) -> Answer[Subscription]:
        """`SubscribeEvents`."""
        return self._request(ask_for.SubscribeEvents(subscriber, max_pending, overflow))

    def unsubscribe(self, subscription: Subscription | str) -> Answer[None]:
        """`Unsubscribe`."""
        identity: Any = getattr(subscription, "subscription_id", subscription)
        return self._request(ask_for.Unsubscribe(identity))

    def set_handlers(self, handlers: Handlers) -> Answer[None]:
        """`SetHandlers`."""
        return self._request(ask_for.SetHandlers(handlers))

    def save_recording(self, path: str) -> Answer[RecordingSaved]:
        """`SaveRecording`."""
        return self._request(ask_for.SaveRecording(path))
