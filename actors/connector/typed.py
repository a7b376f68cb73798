"""The connector's door, as type checkers see it; at run time refs and proxies are Pykka's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, cast

import pykka
from pykka.typing import proxy_method

from ..base.reply import Answer
from .door import Door

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Later(Protocol, Generic[P, R_co]):
    """A proxy's method, as `pykka.typing` shapes it: bound, it is a plain callable."""

    def __get__(self, instance: Any, owner: type | None = None) -> Callable[P, R_co]:
        """The bound method."""
        ...


def later(method: Callable[Concatenate[Any, P], Answer[R]]) -> Later[P, pykka.Future[R]]:
    """Type a proxy method whose answer comes later: its future resolves to the reply itself."""
    return cast("Later[P, pykka.Future[R]]", method)


class ConnectorProxy(pykka.ActorProxy[Door]):
    """What `ref.proxy()` offers, for type checkers."""

    is_running = proxy_method(Door.is_running)
    is_connected = proxy_method(Door.is_connected)
    exchange = proxy_method(Door.exchange)
    clock_offset = proxy_method(Door.clock_offset)
    ready = later(Door.ready)
    health = later(Door.health)
    ping = later(Door.ping)
    server_time = later(Door.server_time)
    exchange_info = later(Door.exchange_info)
    order_book = later(Door.order_book)
    balances = later(Door.balances)
    key_permissions = later(Door.key_permissions)
    key_restrictions = later(Door.key_restrictions)
    circuit_breaker_stats = later(Door.circuit_breaker_stats)
    reset_circuit_breaker = later(Door.reset_circuit_breaker)
    roll_over = later(Door.roll_over)
    sync_clock = later(Door.sync_clock)
    exchange_time = later(Door.exchange_time)
    subscribe_ticker = later(Door.subscribe_ticker)
    subscribe_trades = later(Door.subscribe_trades)
    subscribe_book_ticker = later(Door.subscribe_book_ticker)
    subscribe_klines = later(Door.subscribe_klines)
    subscribe_order_book = later(Door.subscribe_order_book)
    subscribe_order_book_updates = later(Door.subscribe_order_book_updates)
    subscribe_events = later(Door.subscribe_events)
    unsubscribe = later(Door.unsubscribe)
    set_handlers = later(Door.set_handlers)
    place_order = later(Door.place_order)
    replace_order = later(Door.replace_order)
    cancel_order = later(Door.cancel_order)
    order = later(Door.order)
    cancel_all = later(Door.cancel_all)
    open_orders = later(Door.open_orders)
    fills = later(Door.fills)
    subscribe_orders = later(Door.subscribe_orders)
    subscribe_balances = later(Door.subscribe_balances)
    save_recording = later(Door.save_recording)


class ConnectorRef(pykka.ActorRef[Door]):
    """What `ConnectorActor.start()` returns, for type checkers."""

    def proxy(self) -> ConnectorProxy:
        """A proxy with typed methods."""
        return cast("ConnectorProxy", super().proxy())
