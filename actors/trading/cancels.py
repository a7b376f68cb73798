"""Cancellations whose answer was lost: what has become of the order is found out.

A cancellation is never sent twice either; whether the order is still open says whether it was done.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

import msgspec

from ...messages.account import Order
from ...messages.base import Address
from ...messages.errors import ConnectorError, NotRunningError, UnknownExecutionError
from ...messages.orders import CancelOrder, GetOrder, ReplaceOrder
from ...venues import account as venue
from ..base.reply import Reply

_SOONEST, _SLOWEST = 0.2, 5.0


class CancelAnswered(msgspec.Struct, frozen=True):
    """To the account, by itself: what came of a cancellation, or of the question after it."""

    number: int
    value: Any
    error: ConnectorError | None


class CancelDue(msgspec.Struct, frozen=True):
    """To the account, by itself: time to ask for the order."""

    number: int


class ReplacementLost(msgspec.Struct, frozen=True):
    """To the account, by itself: the answer to a replacement was lost, and with it what has become
    of the order that was to be cancelled."""

    request: ReplaceOrder


class _Cancel(msgspec.Struct):
    request: CancelOrder
    reply: Any
    deadline: float
    is_doubted: bool = False
    wait: float = _SOONEST


class Cancels:
    """Belongs to the account's room.

    Args:
        send: Sends a request, by the way that is open; (request, seconds, reply).
        ask: Asks by REST; (request, reply).
        tell: Takes an order that is known now.
        after: Has a message come back after so many seconds.
    """

    def __init__(
        self,
        trading: venue.AccountDriver,
        exchange: str,
        *,
        timeout: float,
        send: Callable[[Any, float, Reply[Any]], None],
        ask: Callable[[Any, Reply[Any]], None],
        tell: Callable[[Order], None],
        after: Callable[[float, Any], None],
        address: Address[Any],
    ) -> None:
        self._trading, self._exchange, self._timeout = trading, exchange, timeout
        self._send, self._ask, self._tell, self._after = send, ask, tell, after
        self._address = address
        self._numbers = itertools.count(1)
        self._open: dict[int, _Cancel] = {}

    def cancel(self, request: CancelOrder, reply: Reply[Any]) -> None:
        """Send it, once."""
        number, deadline = next(self._numbers), time.monotonic() + self._timeout
        self._open[number] = _Cancel(request, reply, deadline)
        # where no answer comes in half of the time, the rest is for asking what has become of it
        self._send(request, self._timeout / 2, self._back(number))
        self._after(self._timeout, CancelDue(number))  # a question may be under way then

    def overheard(self, request: Any, reply: Reply[Any]) -> Reply[Any]:
        """The reply for a request on its way out: if it replaces an order, both are followed."""
        if not isinstance(request, ReplaceOrder):
            return reply
        address, fate = self._address, self._trading.fate

        def answered(value: Any, error: Any) -> None:
            if error is None:
                reply.tell(value)
                return
            if fate(error, request) is venue.Fate.UNKNOWN:
                address.tell(ReplacementLost(request))
            reply.fail(error)

        return Reply(answered)

    def replacement_lost(self, request: ReplaceOrder) -> None:
        """Find out about the order that was to be cancelled; nobody waits, but it is told."""
        number, deadline = next(self._numbers), time.monotonic() + self._timeout
        cancelled = CancelOrder(request.symbol, client_order_id=request.cancel_client_order_id)
        reply = Reply[Any](_nobody_waits)
        cancel = self._open[number] = _Cancel(cancelled, reply, deadline, is_doubted=True)
        self._again(number, cancel)

    def close(self, *, is_lost: bool) -> None:
        """Nobody here follows them any more: `is_lost`, or the connector stops."""
        for cancel in tuple(self._open.values()):
            id = cancel.request.client_order_id or cancel.request.order_id or ""
            error = UnknownExecutionError(id) if is_lost else NotRunningError()
            error.exchange = self._exchange
            cancel.reply.fail(error)

    def answered(self, message: CancelAnswered) -> None:
        """What came of it."""
        cancel = self._open.get(message.number)
        if cancel is None:
            if message.error is None:  # too late for who asked
                self._tell(message.value)
        elif message.error is None:
            self._known(message.number, cancel, message.value)
        elif self._trading.fate(message.error, cancel.request) is venue.Fate.UNKNOWN or (
            cancel.is_doubted
        ):
            cancel.is_doubted = True
            self._again(message.number, cancel)
        else:
            self._fail(message.number, message.error)

    def due(self, message: CancelDue) -> None:
        """Ask for the order, unless nobody waits any more."""
        cancel = self._open.get(message.number)
        if cancel is None:
            return
        request = cancel.request
        if time.monotonic() >= cancel.deadline:
            id = request.client_order_id or request.order_id or ""
            self._fail(message.number, UnknownExecutionError(id))
            return
        question = GetOrder(request.symbol, request.client_order_id, request.order_id)
        self._ask(question, self._back(message.number))

    def _known(self, number: int, cancel: _Cancel, order: Order) -> None:
        self._tell(order)
        if cancel.is_doubted and not self._trading.is_final(order.status):
            self._again(number, cancel)  # it may be on its way
            return
        del self._open[number]
        cancel.reply.tell(order)

    def _again(self, number: int, cancel: _Cancel) -> None:
        left = max(0.0, cancel.deadline - time.monotonic())
        self._after(min(cancel.wait, left), CancelDue(number))
        cancel.wait = min(2 * cancel.wait, _SLOWEST)

    def _fail(self, number: int, error: ConnectorError) -> None:
        error.exchange = self._exchange
        self._open.pop(number).reply.fail(error)

    def _back(self, number: int) -> Reply[Any]:
        address = self._address

        def answered(value: Any, error: Any) -> None:
            address.tell(CancelAnswered(number, value, error))

        return Reply(answered)


def _nobody_waits(_value: Any, _error: Any) -> None:
    """What has come of it was told as an event."""
