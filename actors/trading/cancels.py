"""Cancellations whose answer was lost, or only says that they were accepted: what has become of the
order is found out.

A cancellation is never sent twice either; whether the order is still open says whether it was done.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from ...messages.account import Order
from ...messages.base import Address
from ...messages.errors import ConnectorError, NotRunningError, UnknownExecutionError
from ...messages.orders import CancelAll, CancelOrder, GetOrder, ReplaceOrder
from ...venues import account as venue
from ..base.reply import Reply

_SOONEST, _SLOWEST = 0.2, 5.0
_OF_MANY = 1.0
"""Seconds until the first question for one of many: their events are nearly always sooner."""


class CancelAnswered(msgspec.Struct, frozen=True):
    """To the account, by itself: what came of a cancellation, or of the question after it."""

    number: int
    value: Any
    error: ConnectorError | None


class CancelDue(msgspec.Struct, frozen=True):
    """To the account, by itself: time to ask for the order."""

    number: int


class AllAnswered(msgspec.Struct, frozen=True):
    """To the account, by itself: what came of cancelling all, for who has asked with `reply`."""

    symbol: str
    reply: Any
    value: Any
    error: ConnectorError | None


class ReplacementLost(msgspec.Struct, frozen=True):
    """To the account, by itself: the answer to a replacement was lost, and with it what has become
    of the order that was to be cancelled."""

    request: ReplaceOrder


Message = CancelAnswered | CancelDue | AllAnswered | ReplacementLost


class _Cancel(msgspec.Struct):
    """One that is under way.

    Attributes:
        is_doubted: Whether the order itself is to say what has become of it.
    """

    request: CancelOrder
    reply: Any
    deadline: float
    is_doubted: bool = False
    wait: float = _SOONEST

    def is_of(self, order: Order) -> bool:
        """Whether it is about that order."""
        asked, id = self.request, self.request.order_id
        if asked.symbol.upper() != order.symbol:
            return False
        return id == order.order_id if id else asked.client_order_id == order.client_order_id


class _Gathered:
    """The answer for many orders, of which some are still to be found out."""

    def __init__(self, reply: Reply[Any], orders: list[Order]) -> None:
        self._reply, self._orders, self._left = reply, orders, 1

    def begin(self, count: int) -> None:
        """So many are to be found out."""
        self._left += count
        self._less()

    def take(self, index: int, order: Any, error: Any) -> None:
        """What has become of one; an error is that of all."""
        if error is not None:
            self._reply.fail(error)
            return
        self._orders[index] = order
        self._less()

    def _less(self) -> None:
        self._left -= 1
        if not self._left:
            self._reply.tell(tuple(self._orders))


class Cancels:
    """Belongs to the account's room.

    Args:
        send: Sends a request, by the way that is open; (request, seconds, reply).
        ask: Asks by REST; (request, reply).
        tell: Takes an order that is known now.
        find: An order as it is known, by symbol and the exchange's id.
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
        find: Callable[[str, str], Order | None],
        after: Callable[[float, Any], None],
        address: Address[Any],
    ) -> None:
        self._trading, self._exchange, self._timeout = trading, exchange, timeout
        self._send, self._ask, self._tell, self._after = send, ask, tell, after
        self._address, self._find = address, find
        self._numbers = itertools.count(1)
        self._open: dict[int, _Cancel] = {}

    def cancel(self, request: CancelOrder, reply: Reply[Any]) -> None:
        """Send it, once."""
        number, deadline = next(self._numbers), time.monotonic() + self._timeout
        self._open[number] = _Cancel(request, reply, deadline)
        # where no answer comes in half of the time, the rest is for asking what has become of it
        self._send(request, self._timeout / 2, self._back(number))
        self._after(self._timeout, CancelDue(number))  # a question may be under way then

    def take(self, message: Message) -> None:
        """Handle a message that was told to the room."""
        match message:
            case CancelAnswered():
                self.answered(message)
            case AllAnswered():
                self.all_answered(message)
            case CancelDue():
                self.due(message)
            case ReplacementLost():
                self.replacement_lost(message.request)

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

    def cancel_all(self, request: CancelAll, reply: Reply[Any]) -> None:
        """Send it, once."""
        address = self._address

        def answered(value: Any, error: Any) -> None:
            address.tell(AllAnswered(request.symbol, reply, value, error))

        self._send(request, 0.0, Reply(answered))

    def all_answered(self, message: AllAnswered) -> None:
        """Those that were open; how each has ended is found out where the answer does not say it."""
        if message.error is not None:
            message.reply.fail(message.error)
            return
        parts = [(self._latest(each), each) for each in message.value]
        gathered = _Gathered(message.reply, [latest or each for latest, each in parts])
        for index, (latest, accepted) in enumerate(parts):
            if latest is None:
                request = CancelOrder(message.symbol, order_id=accepted.order_id)
                number, deadline = next(self._numbers), time.monotonic() + self._timeout
                part: Reply[Any] = Reply(partial(gathered.take, index))
                cancel = _Cancel(request, part, deadline, is_doubted=True, wait=_OF_MANY)
                self._open[number] = cancel
                self._again(number, cancel)
        gathered.begin(sum(latest is None for latest, _ in parts))

    def seen(self, order: Order) -> None:
        """An event has told of an order."""
        if not self._open or not self._trading.is_final(order.status):
            return
        for number, cancel in tuple(self._open.items()):
            if cancel.is_doubted and cancel.is_of(order):
                del self._open[number]
                cancel.reply.tell(order)

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

    def _known(self, number: int, cancel: _Cancel, answer: Order) -> None:
        self._tell(answer)
        order = self._latest(answer)
        if order is None:  # it was accepted, and no more
            cancel.is_doubted, order = True, answer
        if cancel.is_doubted and not self._trading.is_final(order.status):
            self._again(number, cancel)  # it may be on its way
            return
        del self._open[number]
        cancel.reply.tell(order)

    def _latest(self, answer: Order) -> Order | None:
        """An order as an answer tells it; one that does not say how it is, by the event of its end."""
        if answer.status:
            return answer
        known = self._find(answer.symbol, answer.order_id)
        return known if known is not None and self._trading.is_final(known.status) else None

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
