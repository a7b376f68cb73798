"""What is asked for when the account's session begins, or begins again: what has happened meanwhile.

First what is open, and what the account holds; then each order that was open and is no more, and the
fills that orders lack, however many they are. It is begun anew with each connection, and where a
request fails.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

from ...core.account_view import AccountView
from ...core.fill_search import FillSearch, Missing
from ...core.recovery import Allowance
from ...messages.account import Balance, Fill, Order
from ...messages.base import Address, Request
from ...messages.errors import (
    AuthenticationError,
    ConnectorError,
    ExchangeError,
    MissingFillsError,
    ValidationError,
)
from ...messages.orders import GetFills, GetOpenOrders, GetOrder
from ...messages.requests import GetBalances
from ...venues.account import Fate
from ..base.reply import Reply

_LATE_FILLS = 5.0
"""Seconds until the account's events have told of the fills of an order, if they do."""


class Refreshed(msgspec.Struct, frozen=True):
    """To the account, by itself: an answer of refresh `number`."""

    number: int
    request: Request[Any]
    value: Any
    error: ConnectorError | None


class FillsDue(msgspec.Struct, frozen=True):
    """To the account, by itself: fills may be asked for.

    Attributes:
        number: Of the refresh that goes on now; 0 for those that no event has told of by now.
    """

    number: int = 0


class Refresh:
    """One request after the other. Belongs to the account's room.

    Attributes:
        is_done: Whether the account is known as it is, on the connection that there is.

    Args:
        ask: Asks by REST; (request, reply).
        after: Has a message come back after so many seconds.
        weight: What a request weighs.
        max_weight: The most request weight a minute that is spent on fills: orders need the rest.
        fate: What an error means for a request.
        tell: Delivers an order, fill or balance.
        complain: Tells of what cannot be had.
        has_numbers: Whether fills can be asked for from a trade id on.
    """

    def __init__(
        self,
        view: AccountView,
        *,
        ask: Callable[[Any, Reply[Any]], None],
        after: Callable[[float, Any], None],
        weight: Callable[[Request[Any]], int],
        max_weight: int,
        fate: Callable[[ConnectorError, Request[Any]], Fate],
        tell: Callable[[Order | Fill | Balance], None],
        complain: Callable[[ConnectorError], None],
        has_numbers: bool = True,
        address: Address[Any],
    ) -> None:
        self.is_done = False
        self._view, self._ask_by_rest, self._tell, self._address = view, ask, tell, address
        self._fate, self._after, self._weight, self._complain = fate, after, weight, complain
        self._number = 0
        self._waiting: deque[Request[Any]] = deque()
        self._search = FillSearch(view, self._told, has_numbers=has_numbers)
        self._max_weight, self._allowance = max_weight, Allowance(max_weight)
        self._is_held = True  # an answer is awaited, or a beginning
        self._is_searching = self._will_look = False

    def begin(self) -> None:
        """Begin, anew."""
        self._number += 1
        self.is_done = False
        self._waiting = deque((GetOpenOrders(), GetBalances()))
        self._look_for_fills()
        self._next()

    def stop(self) -> None:
        """There is no session: nothing that is under way counts."""
        self._number += 1
        self.is_done, self._is_held = False, True
        self._waiting.clear()

    def balances(self) -> None:
        """Ask for them once more; where something else is under way, in their turn."""
        if GetBalances() not in self._waiting:
            self._waiting.append(GetBalances())
        self._go_on()

    def look(self) -> None:
        """Whatever has happened, an order may lack fills that no event tells of: a little later."""
        if self._view.is_lacking and self.is_done and not (self._is_searching or self._will_look):
            self._will_look = True
            self._after(_LATE_FILLS, FillsDue())

    def due(self, message: FillsDue) -> None:
        """Ask for fills that are lacking, if any are; or go on with that."""
        if not message.number:
            self._will_look = False
            if self._view.is_lacking and self.is_done and not self._is_searching:
                self._look_for_fills()
                self._go_on()
        elif message.number == self._number:
            self._go_on()

    def answered(self, message: Refreshed) -> bool:
        """Take an answer; False where it failed, and all is to be begun anew after a while."""
        if message.number != self._number:
            return True
        if message.error is None:
            self._take(message.request, message.value)
        elif not self._is_settled(message.error, message.request):
            return False
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
                self._search.take(request, value)
            case _:
                pass

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

    def _is_settled(self, error: ConnectorError, request: Request[Any]) -> bool:
        """Whether to ask again makes no sense, and the rest goes on without."""
        if isinstance(request, GetOrder):  # the exchange no longer knows it
            return self._fate(error, request) is Fate.MISSING
        if not isinstance(request, GetFills) or isinstance(error, AuthenticationError):
            return False
        is_refusal = isinstance(error, ExchangeError) and (
            self._fate(error, request) in (Fate.REFUSED, Fate.MISSING)
        )
        if is_refusal or isinstance(error, ValidationError):
            self._search.refused(request)
            return True
        return False

    def _told(self, event: Order | Fill | Balance) -> None:
        self._tell(msgspec.structs.replace(event, recovered=True))

    def _look_for_fills(self) -> None:
        self._is_searching = True
        self._search.begin()

    def _go_on(self) -> None:
        if not self._is_held:
            self._next()

    def _next(self) -> None:
        self._is_held = False
        if self._waiting:
            self._ask(self._waiting.popleft())
        elif self._is_searching and (request := self._search.next_request()) is not None:
            self._ask_in_time(request)
        else:
            self.is_done = True
            self._end_search()

    def _end_search(self) -> None:
        if self._is_searching:
            self._is_searching = False
            for missing in self._search.end(time.monotonic()):
                self._complain(_error_of(missing))

    def _ask_in_time(self, request: GetFills) -> None:
        """Now, or when there is request weight for it."""
        now, weight = time.monotonic(), min(self._weight(request), self._max_weight)
        if (at := self._allowance.ready_at(weight, now)) > now:
            self._after(at - now, FillsDue(self._number))
            return
        self._allowance.spend(weight, now)
        self._ask(request)

    def _ask(self, request: Request[Any]) -> None:
        number, address = self._number, self._address
        self._is_held = True

        def answered(value: Any, error: Any) -> None:
            address.tell(Refreshed(number, request, value, error))

        self._ask_by_rest(request, Reply(answered))


def _error_of(missing: Missing) -> MissingFillsError:
    order, quantity = missing
    ids = order.symbol, order.order_id, order.client_order_id
    return MissingFillsError(*ids, order.executed_quantity, quantity)
