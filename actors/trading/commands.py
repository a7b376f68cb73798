"""Requests over the account's websocket that wait for their answers."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from ...messages.errors import ConnectorError, ExchangeConnectionError
from ...messages.trading import Command
from ...venues.account import AccountAnswer
from ...venues.driver import Driver, MalformedError


class NotConnectedError(ConnectorError):
    """A command was not sent: there is no connection that carries the account."""


@dataclass(eq=False, slots=True)
class Sent:
    """A command that has left, or is about to. Its repr shows nothing that is signed.

    Attributes:
        line: The connection; None while it waits for the clock.
        signed_ns: When its frame was made, monotonic nanoseconds.
        doubt: The refusal of its timestamp, after which it is signed anew.
        is_second: Whether this is the frame that was signed anew.
    """

    command: Command
    line: Any
    frame: str = field(repr=False)
    signed_ns: int
    is_second: bool = False
    doubt: ConnectorError | None = None


class Commands:
    """By their ids. Belongs to the account's session.

    Args:
        name: The session's, for errors.
    """

    def __init__(self, driver: Driver, name: str) -> None:
        self._driver, self._name = driver, name
        self._waiting: dict[int, Sent] = {}

    def sent(self, id: int, sent: Sent) -> None:
        """One is about to leave."""
        self._waiting[id] = sent

    def unsent(self, line: Any, frames: frozenset[str]) -> None:
        """A connection has ended, and these frames had never left."""
        for id, sent in tuple(self._waiting.items()):
            if sent.line is line and sent.frame in frames:
                del self._waiting[id]
                sent.command.reply.fail(self._named(NotConnectedError()))

    def signed_ns(self, id: int) -> int:
        """When a command was signed (monotonic nanoseconds); 0 for one that is not waited for."""
        sent = self._waiting.get(id)
        return 0 if sent is None else sent.signed_ns

    def doubted(self, answer: AccountAnswer) -> Command | None:
        """One was refused for its timestamp: if it was for the first time, it waits for the clock."""
        sent = self._waiting.get(answer.id)
        if sent is None or sent.is_second or answer.refusal is None:
            return None
        sent.line, sent.doubt = None, self._named(answer.refusal.error)
        return sent.command

    def answered(self, answer: AccountAnswer) -> None:
        """Its answer came; it may be waited for no more."""
        sent = self._waiting.pop(answer.id, None)
        if sent is None:
            return
        if answer.refusal is not None:
            sent.command.reply.fail(self._named(answer.refusal.error))
            return
        command = sent.command
        endpoint = self._driver.endpoints[type(command.request)]
        try:
            value = endpoint.decode(answer.body or b"", command.request, time.time_ns())
        except MalformedError as error:
            command.reply.fail(self._lost(f"an answer that cannot be read: {error}"))
        else:
            command.reply.tell(value)

    def take_doubted(self, measured_ns: int) -> list[Command]:
        """Those that were refused for their timestamps, and signed before the clock was measured."""
        doubted = [
            (id, sent)
            for id, sent in self._waiting.items()
            if sent.doubt is not None and sent.signed_ns < measured_ns
        ]
        for id, _ in doubted:
            del self._waiting[id]
        return [sent.command for _, sent in doubted]

    def overdue(self, id: int) -> None:
        """It has had its time."""
        sent = self._waiting.pop(id, None)
        if sent is not None:
            sent.command.reply.fail(sent.doubt or self._lost("no answer in time"))

    def fail(self, line: Any, reason: str) -> None:
        """Those of a connection, None for all: whether they were done nobody knows here."""
        for id, sent in tuple(self._waiting.items()):
            if line is None or sent.line is line:
                del self._waiting[id]
                sent.command.reply.fail(sent.doubt or self._lost(reason))

    def _lost(self, reason: str) -> ConnectorError:
        return self._named(ExchangeConnectionError(self._name, reason))

    def _named(self, error: ConnectorError) -> ConnectorError:
        error.exchange = self._driver.name
        return error
