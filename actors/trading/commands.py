"""Requests over the account's websocket: sent, and waiting for their answers."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from ...messages.base import Address
from ...messages.errors import ConnectorError, ExchangeConnectionError
from ...messages.trading import Command
from ...venues.account import AccountAnswer, FrameSigner
from ...venues.driver import Driver, MalformedError
from ..base.exchange_clock import ExchangeClock
from ..base.reply import Reply


class NotConnectedError(ConnectorError):
    """A command was not sent: there is no connection that carries the account."""


def only_the_order(reply: Reply[Any]) -> Callable[[Any, Any], None]:
    """A sink for what an order's endpoint decodes: `reply` gets the order."""

    def answered(value: Any, error: Any) -> None:
        if error is not None:
            reply.fail(error)
        else:
            reply.tell(value.order)

    return answered


class AnswerAwaited(msgspec.Struct, frozen=True):
    """To the session: command `id` was sent, and is `overdue` at `deadline` (monotonic seconds)."""

    id: int
    deadline: float


class AnswerOverdue(msgspec.Struct, frozen=True):
    """To the session, by itself: command `id` has had its time."""

    id: int


class Sending(Protocol):
    """A connection, to who sends on it."""

    def post(self, text: str) -> bool:
        """Have it sent; False where it is not."""
        ...


class Commands:
    """Those of one session. Its own thread is not needed for them: they are sent on the thread of who
    tells them, and answered on that of the connection.

    Attributes:
        way: The connection that carries the account; None while there is none.
        ids: Of frames that are answered.

    Args:
        name: The session's, for errors.
        session: The room that keeps the time.
    """

    def __init__(
        self,
        driver: Driver,
        signer: FrameSigner,
        clock: ExchangeClock,
        name: str,
        session: Address[Any],
    ) -> None:
        assert driver.account is not None
        self._driver, self._trading, self._signer = driver, driver.account, signer
        self._clock, self._name, self._session = clock, name, session
        self.way: Sending | None = None
        self.ids = itertools.count(1)
        self._waiting: dict[int, tuple[Sending, Command]] = {}

    def tell(self, command: Command, /) -> None:
        """Send it at once, or not at all."""
        way, id = self.way, next(self.ids)
        if time.monotonic() >= command.deadline:  # it would come after all is believed to be over
            command.reply.fail(self._lost("too late"))
            return
        try:
            frame = self._trading.command(self._signer, id, command.request, self._clock.now_ns())
        except ConnectorError as error:
            command.reply.fail(self._named(error))
            return
        if way is not None:
            self._waiting[id] = way, command  # before it can be answered
        if way is None or frame is None or not way.post(frame):
            self._waiting.pop(id, None)
            command.reply.fail(self._named(NotConnectedError()))
        elif self.way is not way:  # it was lost meanwhile, and may have been before this waited
            self._lose(id, "lost")
        else:
            self._session.tell(AnswerAwaited(id, command.deadline))

    def answered(self, answer: AccountAnswer) -> bool:
        """An answer came; False where nobody waits for it (any more)."""
        _, command = self._waiting.pop(answer.id, (None, None))
        if command is None:
            return False
        if answer.refusal is not None:
            command.reply.fail(self._named(answer.refusal.error))
            return True
        endpoint = self._driver.endpoints[type(command.request)]
        try:
            value = endpoint.decode(answer.body or b"", command.request, time.time_ns())
        except MalformedError as error:
            command.reply.fail(self._lost(f"an answer that cannot be read: {error}"))
        else:
            command.reply.tell(value)
        return True

    def overdue(self, id: int) -> None:
        """It has had its time."""
        self._lose(id, "no answer in time")

    def fail(self, way: Sending | None, reason: str) -> None:
        """Those of a connection, None for all: whether they were done nobody knows here."""
        for id, (of, _) in tuple(self._waiting.items()):
            if way is None or of is way:
                self._lose(id, reason)

    def _lose(self, id: int, reason: str) -> None:
        _, command = self._waiting.pop(id, (None, None))
        if command is not None:
            command.reply.fail(self._lost(reason))

    def _lost(self, reason: str) -> ConnectorError:
        return self._named(ExchangeConnectionError(self._name, reason))

    def _named(self, error: ConnectorError) -> ConnectorError:
        error.exchange = self._driver.name
        return error
