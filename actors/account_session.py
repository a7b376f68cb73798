"""The account's session: keeps a websocket that carries the account's events, and takes commands.

What came before a connection was there, or between two, is not sent again: whoever follows the
account asks for it. A connection whose end is announced is replaced before it comes; what both bring
is told twice, and known by its content.
"""

from __future__ import annotations

import time
from typing import Any

import msgspec

from ..messages.errors import AuthenticationError, ConnectorError
from ..messages.rooms import ClockDoubted, ClockUpdated
from ..messages.trading import (
    AccountKeyRefused,
    AccountOpened,
    AccountStarted,
)
from ..venues.account import AccountAnswer, AccountEnded
from ..venues.control import UNNUMBERED, Notice
from .sockets.account_connections import AccountConnections, Line
from .sockets.link import DialDue, DialOverdue
from .sockets.notices import Controlled, DialFailed, Dialled, FramesLost, Lost
from .trading.commands import AnswerAwaited, AnswerOverdue

_KEY_REFUSED = 60.0
"""Seconds until a key that was refused is tried again."""

_DOUBT = 5.0
"""Seconds until the account is asked for after a frame that could not be read; there may be more."""
_FOR_THE_CLOCK = 0.8
"""Of the time that is left, the part in which the clock is waited for."""


class DoubtDue(msgspec.Struct, frozen=True):
    """To the session, by itself: frames could not be read, so the account is to be asked for."""


class AccountSessionActor(AccountConnections):
    """One websocket for the account."""

    _is_doubted = False

    def receive(self, message: Any) -> None:
        """Handle one message."""
        match message:
            case AnswerAwaited():
                wait = max(0.0, message.deadline - time.monotonic())
                self.after(wait, AnswerOverdue(message.id))
            case AccountStarted():
                self._have_it_asked_for()
            case FramesLost():
                if not self._is_doubted:
                    self._is_doubted = True
                    self.after(_DOUBT, DoubtDue())
            case DoubtDue():
                self._is_doubted = False
                self._have_it_asked_for()
            case AnswerOverdue(id=id):
                self._commands.overdue(id)
            case ClockUpdated():
                self._time.update = message
                self._sign_anew()
            case DialDue():
                if self._line is None and message.number == self._number:
                    self._dial()
            case DialOverdue() | DialFailed() | Dialled() | Lost() | Controlled():
                line = self._of(message.number)
                if line is not None:
                    self._concerning(line, message)
            case _:
                self.not_understood(message)

    def _have_it_asked_for(self) -> None:
        """The account is not told all that has happened: it has to ask."""
        if self._line is not None and self._line.is_open:
            self.send(self._account, AccountOpened(self._line.epoch, self._commands))

    # what comes

    def _controlled(self, line: Line, control: Any) -> None:
        match control:
            case AccountAnswer(id=id) if line.awaited and id in (line.awaited, UNNUMBERED):
                self._opening_answered(line, control)
            case AccountAnswer() if control.refusal is not None and control.refusal.clock_doubted:
                self._doubted(control)
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
        error, wait = self._named(answer.refusal.error), answer.refusal.wait
        if answer.refusal.clock_doubted:
            self.send(self._clock, ClockDoubted(line.signed_ns))
        if isinstance(error, AuthenticationError):
            self.send(self._account, AccountKeyRefused(error))
        line.pump.stop(0.0)
        self._gone(line, str(error), wait or (_KEY_REFUSED if _is_final(error) else 0.0))

    # commands whose timestamps are refused

    def _doubted(self, answer: AccountAnswer) -> None:
        self.send(self._clock, ClockDoubted(self._commands.signed_ns(answer.id)))
        command = self._commands.doubted(answer) if self._config.clock_sync.enabled else None
        if command is None:
            self._commands.answered(answer)
            return
        # if the clock is not measured in time, the asker is to hear of it, and not that time is over
        left = command.deadline - time.monotonic()
        self.after(max(0.0, _FOR_THE_CLOCK * left), AnswerOverdue(answer.id))
        self._sign_anew()  # it may have been measured while this was under way

    def _sign_anew(self) -> None:
        """Send once more what was refused for its timestamp, now that the clock is right."""
        if (update := self._time.update) is not None:
            for command in self._commands.take_doubted(update.taken_ns):
                self._commands.send(command, is_second=True)

    def _named(self, error: ConnectorError) -> ConnectorError:
        error.exchange = self._driver.name
        return error


def _is_final(error: ConnectorError) -> bool:
    """Whether to try again soon makes no sense."""
    return isinstance(error, AuthenticationError)
