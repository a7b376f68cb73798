"""What is asked for when the account's session begins, or begins again: what has happened meanwhile.

First what is open, and what the account holds; then each order that was open and is no more, and the
fills of those that were executed further. It is begun anew with each connection, and where a request
fails.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

from ...core.account_view import AccountView
from ...messages.account import Balance, Fill, Order
from ...messages.base import Address, Request
from ...messages.errors import ConnectorError
from ...messages.orders import GetFills, GetOpenOrders, GetOrder
from ...messages.requests import GetBalances
from ...venues.account import Fate
from ..base.reply import Reply

_FILLS = 1000


class Refreshed(msgspec.Struct, frozen=True):
    """To the account, by itself: an answer of refresh `number`."""

    number: int
    request: Request[Any]
    value: Any
    error: ConnectorError | None


class Refresh:
    """One request after the other. Belongs to the account's room.

    Attributes:
        is_done: Whether the account is known as it is.

    Args:
        ask: Asks by REST; (request, reply).
        fate: What an error means for a request.
        tell: Delivers an order, fill or balance.
    """

    def __init__(
        self,
        view: AccountView,
        ask: Callable[[Any, Reply[Any]], None],
        fate: Callable[[ConnectorError, Request[Any]], Fate],
        tell: Callable[[Order | Fill | Balance], None],
        address: Address[Any],
    ) -> None:
        self.is_done = False
        self._view, self._ask_by_rest, self._tell, self._address = view, ask, tell, address
        self._fate = fate
        self._number = 0
        self._waiting: deque[Request[Any]] = deque()

    def begin(self) -> None:
        """Begin, anew."""
        self._number += 1
        self.is_done = False
        self._waiting = deque((GetOpenOrders(), GetBalances()))
        self._next()

    def stop(self) -> None:
        """There is no session: nothing that is under way counts."""
        self._number += 1
        self.is_done = False
        self._waiting.clear()

    def balances(self) -> None:
        """Ask for them once more; a refresh that is under way does that in its turn."""
        if self.is_done:
            self._ask(GetBalances())
        elif GetBalances() not in self._waiting:
            self._waiting.append(GetBalances())

    def fills(self) -> None:
        """Ask for those that are lacking, if any are."""
        if self.is_done and (symbols := {order.symbol for order in self._view.lacking()}):
            self.is_done = False
            self._waiting.extend(GetFills(symbol, limit=_FILLS) for symbol in sorted(symbols))
            self._next()

    def answered(self, message: Refreshed) -> bool:
        """Take an answer; False where it failed, and all is to be begun anew after a while."""
        if message.number != self._number:
            return True
        if message.error is not None:
            if not self._is_forgotten(message):
                return False
        else:
            self._take(message.request, message.value)
        if not self.is_done:
            self._next()
        return True

    def _take(self, request: Request[Any], value: Any) -> None:
        match request:
            case GetOpenOrders():
                self._open_orders(value)
            case GetBalances():
                self._balances(value)
            case GetOrder():
                self._told(value)
            case GetFills():
                self._fills(value)
            case _:
                pass
        if not self._waiting and not self.is_done:
            self._look_for_fills(request)

    def _open_orders(self, orders: tuple[Order, ...]) -> None:
        there = {(order.symbol, order.order_id) for order in orders}
        for known in self._view.open_orders():
            if (known.symbol, known.order_id) not in there:
                self._waiting.append(GetOrder(known.symbol, order_id=known.order_id))
        for order in orders:
            self._told(order)

    def _balances(self, balances: tuple[Balance, ...]) -> None:
        time = max((each.update_time for each in balances), default=0)
        for balance in (*balances, *self._view.absent(balances, time)):
            self._told(balance)

    def _look_for_fills(self, last: Request[Any]) -> None:
        """Fills that are lacking: the newest of each symbol, once."""
        if isinstance(last, GetFills):
            for order in self._view.lacking():
                if order.symbol == last.symbol:
                    self._view.given_up(order)
        for symbol in sorted({order.symbol for order in self._view.lacking()}):
            self._waiting.append(GetFills(symbol, limit=_FILLS))

    def _fills(self, fills: tuple[Fill, ...]) -> None:
        """Those of orders that lack some."""
        wanted = {(order.symbol, order.order_id) for order in self._view.lacking()}
        for fill in fills:
            if (fill.symbol, fill.order_id) in wanted and not self._view.is_history(fill):
                self._told(fill)

    def _is_forgotten(self, message: Refreshed) -> bool:
        """Whether it was about an order that the exchange no longer knows."""
        error, request = message.error, message.request
        if error is None or not isinstance(request, GetOrder):
            return False
        return self._fate(error, request) is Fate.MISSING

    def _told(self, event: Order | Fill | Balance) -> None:
        self._tell(msgspec.structs.replace(event, recovered=True))

    def _next(self) -> None:
        if self._waiting:
            self._ask(self._waiting.popleft())
        else:
            self.is_done = True

    def _ask(self, request: Request[Any]) -> None:
        number, address = self._number, self._address

        def answered(value: Any, error: Any) -> None:
            address.tell(Refreshed(number, request, value, error))

        self._ask_by_rest(request, Reply(answered))
