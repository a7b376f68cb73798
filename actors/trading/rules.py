"""What a symbol's orders must keep to, known before the first of them leaves."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import msgspec

from ...core.filters import check_filters
from ...messages.account import Order
from ...messages.base import Address
from ...messages.errors import ConnectorError, ExchangeError
from ...messages.instruments import ExchangeInfo, RateLimit, SymbolInfo
from ...messages.orders import OrderTerms
from ...messages.requests import GetExchangeInfo
from ..base.reply import Reply

_FRESH = 3600.0
"""Seconds for which what the exchange says of a symbol is believed."""
_ORDERS = "ORDERS"


class RulesCame(msgspec.Struct, frozen=True):
    """To the account, by itself: what the exchange says of a symbol, or why it says nothing."""

    symbol: str
    info: ExchangeInfo | None
    error: ConnectorError | None


Waiting = tuple[OrderTerms, Reply[Any]]


class Rules:
    """Belongs to the account's room.

    Args:
        ask: Asks by REST; (request, reply).
        go_on: Takes an order that keeps the rules, or one of which that cannot be said.
        learn: Takes the account's limits of orders: periods in seconds, and the most in each.
    """

    def __init__(
        self,
        exchange: str,
        *,
        ask: Callable[[Any, Reply[Any]], None],
        go_on: Callable[[OrderTerms, Reply[Any]], None],
        learn: Callable[[list[tuple[float, int]]], None],
        open_orders: Callable[[], tuple[Order, ...]],
        address: Address[Any],
    ) -> None:
        self._exchange = exchange
        self._ask, self._go_on, self._learn = ask, go_on, learn
        self._open_orders, self._address = open_orders, address
        self._known: dict[str, tuple[SymbolInfo, float]] = {}
        self._waiting: dict[str, list[Waiting]] = {}

    def take(self, request: OrderTerms, reply: Reply[Any]) -> None:
        """Check an order, now or as soon as the rules are known."""
        symbol = request.symbol
        info, at = self._known.get(symbol, (None, 0.0))
        if info is not None and time.monotonic() < at + _FRESH:
            self._check(info, request, reply)
            return
        waiting = self._waiting.setdefault(symbol, [])
        waiting.append((request, reply))
        if len(waiting) == 1:
            address = self._address

            def came(value: Any, error: Any) -> None:
                address.tell(RulesCame(symbol, value, error))

            self._ask(GetExchangeInfo((symbol,)), Reply(came))

    def came(self, message: RulesCame) -> None:
        """They are known now, or there are none to be had."""
        info = None
        if message.info is not None:
            self._learn(_order_limits(message.info.rate_limits))
            info = next(iter(message.info.symbols), None)
        if info is not None:
            self._known[message.symbol] = info, time.monotonic()
        for request, reply in self._waiting.pop(message.symbol, ()):
            if info is not None:
                self._check(info, request, reply)
            elif isinstance(message.error, ExchangeError) and message.error.http_status < 500:
                reply.fail(message.error)  # the exchange knows no such symbol
            else:
                self._go_on(request, reply)

    def doubt(self, symbol: str) -> None:
        """An order was refused: the rules may have changed."""
        self._known.pop(symbol, None)

    def _check(self, info: SymbolInfo, request: OrderTerms, reply: Reply[Any]) -> None:
        try:
            check_filters(info, request, open_orders=self._open_orders())
        except ConnectorError as error:
            error.exchange = self._exchange
            reply.fail(error)
        else:
            self._go_on(request, reply)


def _order_limits(limits: tuple[RateLimit, ...]) -> list[tuple[float, int]]:
    return [(each.period, each.limit) for each in limits if each.kind == _ORDERS and each.limit]
