"""Orders on their way: written down, sent once, and followed until their fate is known."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

from ...core.intents import Action, Ask, End, Ending, Fate, Intent, Intents, Settle, State
from ...core.nonce import NonceGenerator
from ...messages.account import Fill, Order
from ...messages.base import Address
from ...messages.enums import OrderStatus
from ...messages.errors import (
    ConnectorError,
    ExchangeConnectionError,
    ExchangeError,
    NotRunningError,
    UnknownExecutionError,
    ValidationError,
)
from ...messages.orders import GetOrder, OrderTerms
from ...messages.trading import OpenIntent, OrdersCounted, WriteIntent
from ...venues import account as venue
from ..base.exchange_clock import ExchangeClock
from ..base.reply import Reply
from .counts import AccountCounts
from .own_messages import Answered, Looked, Written
from .terms import Wanted, end_of, fate_of, not_left, written_terms

HORIZON = 17.0
"""Seconds after the last moment at which an order may leave, after which it is not taken any more:
the exchange's own deadline (10), and how old a request may be (5), and two more."""


class Orders:
    """Belongs to the account's room.

    Attributes:
        counts: How many may leave.

    Args:
        send: Sends a request about an order, by the way that is open; (request, seconds, reply).
        ask: Asks by REST; (request, reply).
        write: Tells the journal.
        tell: Takes an order or a fill that is known now.
        clock: The exchange's time.
        expect: Takes the id of an order of which all fills are to be told.
        asked_at: When somebody has asked for an order (monotonic seconds).
        address: The room's.
    """

    def __init__(
        self,
        trading: venue.AccountDriver,
        exchange: str,
        *,
        timeout: float,
        send: Callable[[Any, float, Reply[Any]], None],
        ask: Callable[[Any, Reply[Any]], None],
        write: Callable[[Any], None],
        tell: Callable[[Order | Fill], None],
        clock: ExchangeClock,
        expect: Callable[[str], None],
        asked_at: Callable[[Reply[Any]], float],
        address: Address[Any],
    ) -> None:
        self._trading, self._exchange, self._timeout = trading, exchange, timeout
        self._send, self._ask, self._write, self._tell = send, ask, write, tell
        self._address = address
        self._intents = Intents(HORIZON)
        self._nonces = NonceGenerator()
        self.counts = AccountCounts(clock)
        self._ready: deque[Intent] = deque()
        self._room_at = math.inf
        self._clock, self._expect, self._asked_at = clock, expect, asked_at
        self._requests: dict[str, tuple[OrderTerms, Reply[Any]]] = {}
        self._wanted: dict[str, Wanted] = {}

    @property
    def next_due(self) -> float:
        """When `look` has something to do (monotonic seconds)."""
        return min(self._intents.next_due(), self._room_at)

    def counted(self, message: OrdersCounted) -> None:
        """What the exchange counts."""
        self.counts.counted(message)
        self._let_go()

    # on the way out

    def named(self, request: OrderTerms) -> OrderTerms:
        """It, with an id of its own, and its symbol as the exchange writes it."""
        id = request.client_order_id or self._nonces.generate()
        symbol = request.symbol.upper()
        return msgspec.structs.replace(request, client_order_id=id, symbol=symbol)

    def place(self, request: OrderTerms, reply: Reply[Any]) -> None:
        """Write it down first."""
        id = (request := self.named(request)).client_order_id
        try:
            self._intents.write(id, request.symbol, self._asked_at(reply) + self._timeout)
        except KeyError:
            reason = "is on its way already, and an id is never used twice"
            reply.fail(ValidationError("client_order_id", id, reason))
            return
        self._requests[id] = request, reply
        terms = written_terms(request)
        self._wanted[id] = Wanted(request.symbol, terms)
        address = self._address

        def written(_: Any, error: Any) -> None:
            address.tell(Written(id, error))

        self._write(WriteIntent(id, request.symbol, terms, time.time_ns(), Reply(written)))

    def written(self, message: Written) -> None:
        """It may leave, for the only time."""
        intent = self._intents.get(message.id)
        if intent is None:
            return
        if message.error is not None:
            self._do(self._intents.failed(intent, Fate.REFUSED, message.error, time.monotonic()))
            return
        intent.is_written = True
        self._ready.append(intent)
        self._let_go()

    def _let_go(self) -> None:
        """Let leave what the exchange admits; what waits longer than its asker is given up."""
        while self._ready:
            intent, now = self._ready[0], time.monotonic()
            at = now + self.counts.wait()
            if intent.state is State.ENDED:
                self._ready.popleft()
            elif now >= intent.deadline or at > intent.deadline:
                self._ready.popleft()
                self._do(self._intents.failed(intent, Fate.REFUSED, not_left(at - now), now))
            elif at <= now:
                self._ready.popleft()
                self._leave(intent)
            else:
                self._room_at = at
                return
        self._room_at = math.inf

    def _leave(self, intent: Intent) -> None:
        id, address = intent.id, self._address
        request, _ = self._requests[id]
        self.counts.leaves()

        def answered(value: Any, error: Any) -> None:
            address.tell(Answered(id, value, error))

        now = time.monotonic()
        self._wanted[id].left_ns = time.monotonic_ns()
        self._intents.left(intent, now)
        self._expect(id)
        self._send(request, intent.deadline - now, Reply(answered))

    # what comes of it

    def answered(self, message: Answered) -> None:
        """The answer, or that there is none."""
        self.counts.answered()
        if message.error is None:
            answer: venue.OrderAnswer = message.value
            for event in (answer.cancelled, answer.order, *answer.fills):
                if event is not None:
                    self._tell(event)
            if answer.order.status:
                self._do(self._intents.answered(message.id, answer.order))
            else:
                self._do(self._intents.accepted(message.id, time.monotonic()))
            return
        if (intent := self._intents.get(message.id)) is not None:
            request, _ = self._requests[message.id]
            fate = fate_of(self._trading, message.error, request)
            self.counts.refused(message.error)
            if fate is Fate.MISSING:  # what was to be replaced
                fate = Fate.REFUSED
            self._do(self._intents.failed(intent, fate, message.error, time.monotonic()))

    def looked(self, message: Looked) -> None:
        """The exchange was asked for it."""
        if (intent := self._intents.get(message.id)) is None:
            return
        if message.error is None:
            self._found(intent, message.value)
            return
        question = GetOrder(intent.symbol, client_order_id=intent.id)
        fate = fate_of(self._trading, message.error, question)
        wait = getattr(message.error, "retry_after", 0.0)
        wait = wait if math.isfinite(wait) else 0.0
        now = time.monotonic()
        self._do(self._intents.not_found(intent, fate, message.error, now, wait))

    def seen(self, order: Order) -> None:
        """An event has told of an order."""
        wanted = self._wanted.get(order.client_order_id)
        if wanted is None or not wanted.may_be(order, self._clock):
            return
        if order.status == OrderStatus.REJECTED:
            if (intent := self._intents.get(order.client_order_id)) is not None:
                error = ExchangeError(0, "the order was rejected", exchange=self._exchange)
                self._do(self._intents.failed(intent, Fate.REFUSED, error, time.monotonic()))
            return
        is_final = self._trading.is_final(order.status)
        self._do(self._intents.seen(order.client_order_id, order, is_final=is_final))

    def _found(self, intent: Intent, order: Order) -> None:
        if not self._wanted[intent.id].may_be(order, self._clock):
            other = ExchangeError(0, "its client order id is another order's")
            self._do(self._intents.not_found(intent, Fate.MISSING, other, time.monotonic()))
            return
        recovered = msgspec.structs.replace(order, recovered=True)
        self._tell(recovered)
        if order.status == OrderStatus.REJECTED:
            self.seen(recovered)
        else:
            self._do(self._intents.answered(order.client_order_id, recovered))

    def inherit(self, intents: tuple[OpenIntent, ...]) -> None:
        """These were on their way when an earlier room, or process, was lost."""
        now = time.monotonic()
        for each in intents:
            if self._intents.get(each.id) is None:
                self._wanted[each.id] = Wanted(each.symbol, each.terms)
                self._expect(each.id)
                # as if it were new: how old it is only a clock could say that may have been set
                self._intents.inherit(each.id, each.symbol, now + self._timeout, now)

    def look(self) -> None:
        """See what is due."""
        self._let_go()
        self._do(self._intents.due(time.monotonic()))

    def write_end(self, id: str, ending: str) -> None:
        """Write down what has become of one; where that cannot be, the room hears of it."""
        self._write(end_of(id, ending, self._address))

    def close(self, *, is_lost: bool) -> None:
        """Nobody here follows them any more: `is_lost`, or the connector stops."""
        for id, (_, reply) in tuple(self._requests.items()):
            reply.fail(self._named(UnknownExecutionError(id) if is_lost else NotRunningError()))

    # what is to be done

    def _do(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Ask(intent):
                    self._inquire(intent)
                case Settle():
                    self._settle(action)
                case End():
                    self._end(action)

    def _inquire(self, intent: Intent) -> None:
        id, address = intent.id, self._address

        def looked(value: Any, error: Any) -> None:
            address.tell(Looked(id, value, error))

        self._intents.asked(intent, time.monotonic())
        self._ask(GetOrder(intent.symbol, client_order_id=id), Reply(looked))

    def _settle(self, action: Settle) -> None:
        take = self._requests.pop if action.intent.state is State.ENDED else self._requests.get
        _, reply = take(action.intent.id, (None, None))
        if reply is None:
            return
        if action.order is not None:
            reply.tell(action.order)
        else:
            error = action.error or UnknownExecutionError(action.intent.id)
            reply.fail(self._named(error))

    def _end(self, action: End) -> None:
        id = action.intent.id
        if action.intent.is_written:  # else what is written of this id is about an earlier order
            self.write_end(id, action.ending)
        wanted = self._wanted.pop(id)
        if action.is_news:
            self._requests.pop(id, None)
            if action.ending is not Ending.PLACED:
                self._tell(wanted.never_placed(self._exchange, id))
        elif action.ending is Ending.NEVER:
            _, reply = self._requests[id]
            reason = "the order has not reached the exchange"
            reply.fail(self._named(ExchangeConnectionError("account", reason)))

    def _named(self, error: ConnectorError) -> ConnectorError:
        error.exchange = self._exchange
        return error
