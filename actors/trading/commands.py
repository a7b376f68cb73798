"""Requests over the account's websocket that wait for their answers."""

from __future__ import annotations

import time
from typing import Any

from ...messages.errors import ConnectorError, ExchangeConnectionError
from ...messages.trading import Command
from ...venues.account import AccountAnswer
from ...venues.driver import Driver, MalformedError

_NONE = None, None, ""


class NotConnectedError(ConnectorError):
    """A command was not sent: there is no connection that carries the account."""


class Commands:
    """By their ids. Belongs to the account's session.

    Args:
        name: The session's, for errors.
    """

    def __init__(self, driver: Driver, name: str) -> None:
        self._driver, self._name = driver, name
        self._waiting: dict[int, tuple[Any, Command, str]] = {}

    def sent(self, id: int, line: Any, command: Command, frame: str) -> None:
        """One is about to leave on a connection, as this frame."""
        self._waiting[id] = line, command, frame

    def unsent(self, line: Any, frames: frozenset[str]) -> None:
        """A connection has ended, and these frames had never left."""
        for id, (of, command, frame) in tuple(self._waiting.items()):
            if of is line and frame in frames:
                del self._waiting[id]
                command.reply.fail(self._named(NotConnectedError()))

    def answered(self, answer: AccountAnswer) -> None:
        """Its answer came; it may be waited for no more."""
        _, command, _ = self._waiting.pop(answer.id, _NONE)
        if command is None:
            return
        if answer.refusal is not None:
            command.reply.fail(self._named(answer.refusal.error))
            return
        endpoint = self._driver.endpoints[type(command.request)]
        try:
            value = endpoint.decode(answer.body or b"", command.request, time.time_ns())
        except MalformedError as error:
            command.reply.fail(self._lost(f"an answer that cannot be read: {error}"))
        else:
            command.reply.tell(value)

    def overdue(self, id: int) -> None:
        """It has had its time."""
        _, command, _ = self._waiting.pop(id, _NONE)
        if command is not None:
            command.reply.fail(self._lost("no answer in time"))

    def fail(self, line: Any, reason: str) -> None:
        """Those of a connection, None for all: whether they were done nobody knows here."""
        for id, (of, command, _) in tuple(self._waiting.items()):
            if line is None or of is line:
                del self._waiting[id]
                command.reply.fail(self._lost(reason))

    def _lost(self, reason: str) -> ConnectorError:
        return self._named(ExchangeConnectionError(self._name, reason))

    def _named(self, error: ConnectorError) -> ConnectorError:
        error.exchange = self._driver.name
        return error
