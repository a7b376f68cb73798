"""Requests over the account's websocket: sent, and waiting for their answers."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from ...messages.base import Address
from ...messages.errors import ConnectorError, ExchangeConnectionError, RateLimitError
from ...messages.trading import Command
from ...venues.account import AccountAnswer, FrameSigner
from ...venues.driver import Driver, MalformedError
from ..base.exchange_clock import ExchangeClock


class NotConnectedError(ConnectorError):
    """A command was not sent: there is no connection that carries the account."""


class AnswerAwaited(msgspec.Struct, frozen=True):
    """To the session: command `id` was sent, and is `overdue` at `deadline` (monotonic seconds)."""

    id: int
    deadline: float


class AnswerOverdue(msgspec.Struct, frozen=True):
    """To the session, by itself: command `id` has had its time."""

    id: int


class Way(Protocol):
    """A connection, to who sends on it."""

    def post(self, text: str) -> bool:
        """Have it sent; False where it is not."""
        ...


@dataclass(eq=False, slots=True)
class Sent:
    """A command that has left, or is about to. Its repr shows nothing that is signed.

    Attributes:
        way: The connection; None while it waits for the clock.
        signed_ns: When its frame was made, monotonic nanoseconds.
        doubt: The refusal of its timestamp, after which it is signed anew.
        is_second: Whether this is the frame that was signed anew.
    """

    command: Command
    way: Way | None
    frame: str = field(repr=False)
    signed_ns: int
    is_second: bool = False
    doubt: ConnectorError | None = None


class Commands:
    """Those of one session. Its own thread is not needed for them: they are sent on the thread of who
    tells them, and answered on that of the connection.

    Attributes:
        way: The connection that carries the account; None while there is none.
        ids: Of frames that are answered.

    Args:
        clock: The session's.
        silence: For how many seconds the exchange wants silence, at a time (monotonic seconds).
        name: The session's, for errors.
        session: The room that keeps the time.
    """

    def __init__(
        self,
        driver: Driver,
        signer: FrameSigner,
        *,
        clock: ExchangeClock,
        silence: Callable[[float], float],
        name: str,
        session: Address[Any],
    ) -> None:
        assert driver.account is not None
        self._driver, self._trading, self._signer = driver, driver.account, signer
        self._clock, self._silence = clock, silence
        self._name, self._session = name, session
        self.way: Way | None = None
        self.ids = itertools.count(1)
        self._waiting: dict[int, Sent] = {}  # of several threads: each step on it is a single one

    def tell(self, command: Command, /) -> None:
        """Send it at once, or not at all."""
        self.send(command, is_second=False)

    def send(self, command: Command, *, is_second: bool) -> None:
        """The same, for the second time where the first was refused for its timestamp."""
        way, id, now = self.way, next(self.ids), time.monotonic()
        try:
            if way is None:
                raise NotConnectedError
            self._check(command, now)
            signed_ns = time.monotonic_ns()
            frame = self._trading.command(self._signer, id, command.request, self._clock.now_ns())
            if frame is None:
                raise NotConnectedError
        except ConnectorError as error:
            command.reply.fail(self._named(error))
            return
        self._waiting[id] = Sent(
            command, way, frame, signed_ns, is_second
        )  # it may be answered soon
        if not way.post(frame):
            del self._waiting[id]
            command.reply.fail(self._named(NotConnectedError()))
        elif self.way is not way:  # it was lost meanwhile, and may have been before this waited
            self._lose(id, "lost")
        else:
            self._session.tell(AnswerAwaited(id, command.deadline))

    def _check(self, command: Command, now: float) -> None:
        if (seconds := self._silence(now)) > 0.0:
            raise RateLimitError(seconds)
        if now >= command.deadline:  # it would come after all is believed to be over
            raise self._lost("too late")

    def answered(self, answer: AccountAnswer) -> bool:
        """An answer came; False where nobody waits for it (any more)."""
        sent = self._waiting.pop(answer.id, None)
        if sent is None:
            return False
        command = sent.command
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

    # refused for the timestamp

    def signed_ns(self, id: int) -> int:
        """When a command was signed (monotonic nanoseconds); 0 for one that is not waited for."""
        sent = self._waiting.get(id)
        return 0 if sent is None else sent.signed_ns

    def doubted(self, answer: AccountAnswer) -> Command | None:
        """One was refused for its timestamp: if it was for the first time, it waits for the clock."""
        sent = self._waiting.get(answer.id)
        if sent is None or sent.is_second or answer.refusal is None:
            return None
        sent.way, sent.doubt = None, self._named(answer.refusal.error)
        return sent.command

    def take_doubted(self, measured_ns: int) -> list[Command]:
        """Those that were refused for their timestamps, and signed before the clock was measured."""
        return [
            sent.command
            for id, sent in tuple(self._waiting.items())
            if sent.doubt is not None
            and sent.signed_ns < measured_ns
            and self._waiting.pop(id, None) is not None
        ]

    # not answered

    def unsent(self, way: Way, frames: frozenset[str]) -> None:
        """A connection has ended, and these frames had never left."""
        for id, sent in tuple(self._waiting.items()):
            if sent.way is way and sent.frame in frames and self._waiting.pop(id, None) is not None:
                sent.command.reply.fail(self._named(NotConnectedError()))

    def overdue(self, id: int) -> None:
        """It has had its time."""
        self._lose(id, "no answer in time")

    def fail(self, way: Way | None, reason: str) -> None:
        """Those of a connection, None for all: whether they were done nobody knows here."""
        for id, sent in tuple(self._waiting.items()):
            if way is None or sent.way is way:
                self._lose(id, reason)

    def _lose(self, id: int, reason: str) -> None:
        sent = self._waiting.pop(id, None)
        if sent is not None:
            sent.command.reply.fail(sent.doubt or self._lost(reason))

    def _lost(self, reason: str) -> ConnectorError:
        return self._named(ExchangeConnectionError(self._name, reason))

    def _named(self, error: ConnectorError) -> ConnectorError:
        error.exchange = self._driver.name
        return error
