"""Where the events of subscriptions without a subscriber go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...messages import account, lifecycle, market
from ...messages.market import BaseEvent
from ...messages.subscriptions import Handlers

_FIELDS: dict[type[BaseEvent], str] = {
    market.Ticker: "on_ticker",
    market.OrderBook: "on_order_book",
    market.OrderBookUpdate: "on_order_book_update",
    market.Trade: "on_trade",
    market.BookTicker: "on_book_ticker",
    market.Kline: "on_kline",
    market.StreamGap: "on_gap",
    account.Order: "on_order",
    account.Fill: "on_fill",
    account.Balance: "on_balance",
    lifecycle.Connected: "on_connect",
    lifecycle.Disconnected: "on_disconnect",
    lifecycle.ErrorOccurred: "on_error",
}


class HandlersRecipient:
    """The handlers now in force; an event that none of them is for is taken and forgotten.

    Attributes:
        handlers: Exchanged as a whole.
    """

    def __init__(self) -> None:
        self.handlers = Handlers()
        self.call: Callable[[Any], object] | None = self._handle

    def take(self, events: Sequence[BaseEvent]) -> int:
        """They are called instead."""
        raise NotImplementedError

    def _handle(self, event: BaseEvent) -> None:
        name = _FIELDS.get(type(event))
        handler: Callable[[Any], object] | None = getattr(self.handlers, name) if name else None
        if handler is not None:
            handler(event)

    def is_gone(self) -> bool:
        """Handlers stay."""
        return False
