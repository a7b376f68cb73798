"""The account's session: keeps a websocket that carries the account's events, and takes commands.

What came before a connection was there, or between two, is not sent again: whoever follows the
account asks for it. A connection whose end is announced is replaced before it comes; what both bring
is told twice, and known by its content.
"""

from __future__ import annotations

import time
from typing import Any

from ..messages.errors import AuthenticationError, ConnectorError
from ..messages.rooms import ClockUpdated
from ..messages.trading import (
    AccountKeyRefused,
    AccountOpened,
    AccountStarted,
)
from ..venues.account import AccountAnswer, AccountEnded
from ..venues.control import UNNUMBERED, Notice
from .sockets.account_connections import AccountConnections, Line
from .sockets.link import DialDue, DialOverdue
from .sockets.notices import Controlled, DialFailed, Dialled, Lost
from .trading.commands import AnswerAwaited, AnswerOverdue

_KEY_REFUSED = 60.0
"""Seconds until a key that was refused is tried again."""


class AccountSessionActor(AccountConnections):
    """One websocket for the account."""

    def receive(self, message: Any) -> None:
        """Handle one message."""
        match message:
            case AnswerAwaited():
                wait = max(0.0, message.deadline - time.monotonic())
                self.after(wait, AnswerOverdue(message.id))
            case AccountStarted():
                if self._line is not None and self._line.is_open:
                    self.send(self._account, AccountOpened(self._line.epoch, self._commands))
            case AnswerOverdue(id=id):
                self._commands.overdue(id)
            case ClockUpdated():
                self._time.update = message
            case DialDue():
                if self._line is None and message.number == self._number:
                    self._dial()
            case DialOverdue() | DialFailed() | Dialled() | Lost() | Controlled():
                line = self._of(message.number)
                if line is not None:
                    self._concerning(line, message)
            case _:
                self.not_understood(message)

    # what comes

    def _controlled(self, line: Line, control: Any) -> None:
        match control:
            case AccountAnswer(id=id) if line.awaited and id in (line.awaited, UNNUMBERED):
                self._opening_answered(line, control)
            case AccountEnded(is_ending=True) | Notice(is_ending=True):
                self._replace()
            case AccountEnded():
                line.pump.stop(0.0)
                self._gone(line, control.reason)
            case _:
                pass

    def _opening_answered(self, line: Line, answer: AccountAnswer) -> None:
        if answer.refusal is None:
            self._open_further(line)
            return
        error = self._named(answer.refusal.error)
        if isinstance(error, AuthenticationError):
            self.send(self._account, AccountKeyRefused(error))
        wait = answer.refusal.wait
        line.pump.stop(0.0)
        self._gone(line, str(error), wait or _KEY_REFUSED if _is_final(error) else 0.0)

    def _named(self, error: ConnectorError) -> ConnectorError:
        error.exchange = self._driver.name
        return error


def _is_final(error: ConnectorError) -> bool:
    """Whether to try again soon makes no sense."""
    return isinstance(error, AuthenticationError)
