"""What a symbol's orders must keep to, known before the first of them leaves."""

from __future__ import annotations

import time
from collections.abc import Callable, Container
from typing import Any, NamedTuple

from ...core.order_prices import AGED, Verdict, judge, kinds_for
from ...messages.base import Address, Request
from ...messages.errors import ConnectorError, ExchangeError
from ...messages.instruments import ExchangeInfo, RateLimit, SymbolInfo
from ...messages.orders import OrderTerms
from ...venues.account import Fate
from ..base.reply import Reply
from .certain import Certain
from .inquiry import Asks, Inquiries, RulesCame
from .prices import MarketPrices
from .symbol_filters import SymbolFilters

_ORDERS = "ORDERS"
_SURE = 60.0
"""Seconds for which filters may refuse an order; by older ones it may leave, but is not refused."""


class _Waiting(NamedTuple):
    """An order of which is not known yet whether it keeps the rules, and when it came."""

    request: OrderTerms
    reply: Reply[Any]
    came: float


class Rules:
    """Belongs to the account's room.

    An order that can be judged at once leaves at once, also before one that waits.

    Args:
        ask: Asks by REST.
        asked: What there is to ask the exchange.
        go_on: Takes an order that keeps the rules, or one of which that cannot be said.
        learn: Takes the account's limits of orders: periods in seconds, and the most in each.
        account: What the account has.
    """

    def __init__(
        self,
        exchange: str,
        *,
        ask: Asks,
        asked: Container[type[Request[Any]]],
        fate: Callable[[ConnectorError, Request[Any]], Fate],
        go_on: Callable[[OrderTerms, Reply[Any]], None],
        learn: Callable[[list[tuple[float, int]]], None],
        account: Certain,
        address: Address[Any],
    ) -> None:
        self._exchange, self._account = exchange, account
        self._go_on, self._learn = go_on, learn
        self._inquiries = Inquiries(ask, address)
        self._filters = SymbolFilters(self._inquiries, asked, self._told, self._filters_came)
        self._prices = MarketPrices(self._inquiries, asked, fate, self._price_came)
        self._waiting: dict[str, list[_Waiting]] = {}

    def take(self, request: OrderTerms, reply: Reply[Any]) -> None:
        """Check an order, now or as soon as the rules are known."""
        self._consider(_Waiting(request, reply, time.monotonic()))

    def came(self, message: RulesCame) -> None:
        """An answer: perhaps the last that somebody waits for."""
        self._inquiries.came(message)

    def _consider(self, order: _Waiting) -> None:
        symbol = order.request.symbol
        info = self._filters.known(symbol)
        if info is None:
            self._waiting.setdefault(symbol, []).append(order)
            self._filters.ask(symbol)
            priced = self._prices.known(symbol)
            if priced is None or time.monotonic() - priced.asked > AGED:
                self._prices.ask(symbol, kinds_for(order.request, None))
            return
        try:
            verdict = self._judged(order, info)
        except ConnectorError as error:
            if self._filters.asked(symbol) < order.came - _SURE:  # they may have changed since
                self._filters.forget(symbol)
                self._consider(order)
                return
            error.exchange = self._exchange
            order.reply.fail(error)
            return
        if verdict is Verdict.WAITS:
            self._waiting.setdefault(symbol, []).append(order)
        else:
            self._go_on(order.request, order.reply)
        if verdict is not Verdict.LEAVES:
            self._prices.ask(symbol, kinds_for(order.request, info))

    def _judged(self, order: _Waiting, info: SymbolInfo) -> Verdict:
        return judge(
            info,
            order.request,
            self._prices.known(order.request.symbol),
            came=order.came,
            now=time.monotonic(),
            open_orders=self._account.open_orders(),
            holding=self._account.holding(info.base_asset),
        )

    def _filters_came(self, symbol: str, error: ConnectorError | None) -> None:
        """They are known now, or there are none to be had."""
        is_known = self._filters.known(symbol) is not None
        for order in self._waiting.pop(symbol, ()):
            if is_known:
                self._consider(order)
            elif isinstance(error, ExchangeError) and error.http_status < 500:
                order.reply.fail(error)  # the exchange knows no such symbol
            else:
                self._go_on(order.request, order.reply)

    def _price_came(self, symbol: str) -> None:
        """A new one, or that there is none to be had."""
        for order in self._waiting.pop(symbol, ()):
            self._consider(order)

    def _told(self, info: ExchangeInfo) -> None:
        self._learn(_order_limits(info.rate_limits))


def _order_limits(limits: tuple[RateLimit, ...]) -> list[tuple[float, int]]:
    return [(each.period, each.limit) for each in limits if each.kind == _ORDERS and each.limit]
