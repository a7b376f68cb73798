"""The account's session: keeps a websocket that carries the account's events, and takes commands.

What came before a connection was there, or between two, is not sent again: whoever follows the
account asks for it. A connection whose end is announced is replaced before it comes; what both bring
is told twice, and known by its content.
"""

from __future__ import annotations

import dataclasses
import itertools
import random
import time
from collections import deque
from functools import partial
from typing import Any

import msgspec

from ..core.backoff import ReconnectBackoff
from ..core.limiter import DialBudget
from ..messages.base import Address
from ..messages.config import Config
from ..messages.enums import HealthState
from ..messages.errors import AuthenticationError, ConnectorError, ExchangeConnectionError
from ..messages.rooms import ClockDoubted, ClockUpdated
from ..messages.trading import (
    AccountKeyRefused,
    AccountLost,
    AccountOpened,
    AccountSessionState,
    AccountTold,
    BalancesDoubted,
    Command,
    OrdersCounted,
)
from ..venues.account import (
    AccountAnswer,
    AccountChanged,
    AccountDriver,
    AccountEnded,
    AccountEvents,
    FrameSigner,
)
from ..venues.control import Notice
from ..venues.driver import Driver, MalformedError
from .base.exchange_clock import ExchangeClock
from .base.room import Lifeline, Room
from .sending.ledger import HostLedger
from .sockets.link import DialDue, DialOverdue
from .sockets.notices import Controlled, DialFailed, Dialled, Lost
from .sockets.pump import Pump

_KEY_REFUSED = 60.0
"""Seconds until a key that was refused is tried again."""


class NotConnectedError(ConnectorError):
    """A command was not sent: there is no connection that carries the account."""


class AnswerOverdue(msgspec.Struct, frozen=True):
    """To the session, by itself: command `id` has had its time."""

    id: int


@dataclasses.dataclass(eq=False)
class _Line:
    """One connection.

    Attributes:
        opening: What is still to be sent to open it.
        awaited: The id of the answer to what was sent last of it.
        epoch: Of the pump; 0 until it is connected.
        is_open: Whether it carries the account's events.
    """

    pump: Pump
    opening: deque[str] = dataclasses.field(default_factory=deque[str])
    awaited: int = 0
    epoch: int = 0
    is_open: bool = False


class AccountSessionActor(Room):
    """One websocket for the account."""

    def __init__(
        self,
        lifeline: Lifeline,
        root: Address[Any],
        *,
        url: str,
        config: Config,
        driver: Driver,
        account: Address[Any],
        clock: Address[Any],
        ledger: HostLedger,
        rejections: Address[Any],
    ) -> None:
        super().__init__(lifeline, root)
        assert driver.account is not None
        self._trading: AccountDriver = driver.account
        signer = self._trading.signer(config.exchange)
        assert signer is not None  # it is not started without a key
        self._signer: FrameSigner = signer
        self._url, self._config, self._driver = url, config, driver
        self._account, self._clock = account, clock
        self._ledger, self._rejections = ledger, rejections
        connection = config.connection
        delays = connection.reconnect_delay, connection.max_reconnect_wait
        self._backoff = ReconnectBackoff(*delays, random.random)
        self._time = ExchangeClock(config.clock_sync)
        self._ids = itertools.count(1)
        self._number = 0
        self._line: _Line | None = None
        self._heir: _Line | None = None
        self._commands: dict[int, tuple[_Line, Command]] = {}

    # life

    def open(self) -> None:
        """Dial at once."""
        self.after(0.0, DialDue(self._number))

    def close(self) -> None:
        """Close politely; who waits for an answer gets none."""
        for line in self._lines():
            line.pump.stop(1.0)
        self._fail_commands(None, "stopped")

    def cut(self) -> None:
        """Shut the sockets, from any thread."""
        for line in self._lines():
            line.pump.abort()

    def receive(self, message: Any) -> None:
        """Handle one message."""
        match message:
            case Command():
                self._command(message)
            case AnswerOverdue(id=id):
                self._overdue(id)
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

    def _concerning(self, line: _Line, message: Any) -> None:
        match message:
            case Dialled():
                self._dialled(line, message.epoch)
            case DialOverdue():
                if not line.is_open:
                    line.pump.abort()
                    self._gone(line, "not opened in time")
            case DialFailed():
                if message.wait is not None:
                    self._ledger.block_until(time.monotonic() + message.wait)
                self._gone(line, message.reason, message.wait or 0.0)
            case Lost():
                self._gone(line, message.reason)
            case Controlled():
                self._controlled(line, message.control)
            case _:
                pass

    # connections

    def _lines(self) -> list[_Line]:
        return [line for line in (self._line, self._heir) if line is not None]

    def _of(self, number: int) -> _Line | None:
        return next((line for line in self._lines() if line.pump.number == number), None)

    def _dial(self) -> None:
        now = time.monotonic()
        wait = self._ledger.dial(now)
        if not self._time.is_known or wait > 0:
            self.after(max(wait, 0.05), DialDue(self._number))
        else:
            self._line = self._begun()

    def _begun(self) -> _Line:
        self._number += 1
        trading = self._trading
        driver = dataclasses.replace(
            self._driver,
            frame_prefix=b"\0",  # no frame has it: each is looked at
            control=_with_time(trading),
            ping_command=trading.ping_command,
        )
        limits, connection = self._driver.limits, self._config.connection
        pump = Pump(
            self._number,
            self._url,
            driver,
            config=connection,
            pong_timeout=self._config.health.pong_timeout,
            pace=DialBudget(limits.weight, limits.weight_period),
            owner=self.address,
            root=self._rejections,
            name=f"{self._lifeline.name}-reader",
            track=self._lifeline.tape.track(self._lifeline.name),
        )
        line = _Line(pump)
        pump.start()
        self.after(2 * connection.timeout, DialOverdue(self._number))
        return line

    def _dialled(self, line: _Line, epoch: int) -> None:
        line.epoch = epoch
        first = next(self._ids)
        frames = self._trading.opening(self._signer, first, self._time.now_ns())
        for _ in frames[1:]:
            next(self._ids)
        line.opening, line.awaited = deque(frames), first - 1
        self._open_further(line)

    def _open_further(self, line: _Line) -> None:
        if line.opening:
            line.awaited += 1
            line.pump.post(line.opening.popleft())
            return
        line.is_open, line.awaited = True, 0
        self._backoff.connected(time.monotonic())
        old = None
        if line is self._heir:
            old, self._line, self._heir = self._line, line, None
        self.report(AccountSessionState(HealthState.LIVE))
        self.send(self._account, AccountOpened(line.epoch))
        if old is not None:
            self._fail_commands(old, "replaced")
            old.pump.stop(0.0)

    def _gone(self, line: _Line, reason: str, wait: float = 0.0) -> None:
        if line is self._heir:
            self._heir = None
        else:
            was_open, self._line = line.is_open, self._heir
            self._heir = None
            if was_open and not (self._line is not None and self._line.is_open):
                self.send(self._account, AccountLost(reason))
            self.report(AccountSessionState(HealthState.DOWN, reason))
        self._fail_commands(line, reason)
        if self._line is None:
            self._number += 1
            delay = max(self._backoff.delay(time.monotonic()), wait)
            self.after(delay, DialDue(self._number))

    def _replace(self) -> None:
        """Its end is announced: another is opened first."""
        if self._heir is None and self._ledger.dial(time.monotonic()) == 0.0:
            self._heir = self._begun()

    # what comes

    def _controlled(self, line: _Line, control: Any) -> None:
        match control:
            case AccountEvents():
                self.send(self._account, AccountTold(control.events))
            case AccountChanged():
                self.send(self._account, BalancesDoubted())
            case AccountAnswer() if line.awaited and control.id == line.awaited:
                self._opening_answered(line, control)
            case AccountAnswer():
                self._answered(control)
            case AccountEnded(is_ending=True) | Notice(is_ending=True):
                self._replace()
            case AccountEnded():
                line.pump.stop(0.0)
                self._gone(line, control.reason)
            case _:
                pass

    def _opening_answered(self, line: _Line, answer: AccountAnswer) -> None:
        if answer.refusal is None:
            self._open_further(line)
            return
        error = self._named(answer.refusal.error)
        if answer.refusal.clock_doubted:
            self.send(self._clock, ClockDoubted(0))
        if isinstance(error, AuthenticationError):
            self.send(self._account, AccountKeyRefused(error))
        wait = answer.refusal.wait
        line.pump.stop(0.0)
        self._gone(line, str(error), wait or _KEY_REFUSED if _is_final(error) else 0.0)

    # commands

    def _command(self, command: Command) -> None:
        line, id = self._line, next(self._ids)
        if line is None or not line.is_open:
            command.reply.fail(NotConnectedError(exchange=self._driver.name))
            return
        try:
            frame = self._trading.command(self._signer, id, command.request, self._time.now_ns())
        except ConnectorError as error:
            command.reply.fail(self._named(error))
            return
        if frame is None or not line.pump.post(frame):
            command.reply.fail(NotConnectedError(exchange=self._driver.name))
            return
        self._commands[id] = line, command
        self.after(max(0.0, command.deadline - time.monotonic()), AnswerOverdue(id))

    def _answered(self, answer: AccountAnswer) -> None:
        _, command = self._commands.pop(answer.id, (None, None))
        if answer.limits:
            self.send(self._account, OrdersCounted(answer.limits))
        if command is None:
            return
        if answer.refusal is not None or answer.body is None:
            assert answer.refusal is not None
            if answer.refusal.wait is not None:
                self._ledger.block_until(time.monotonic() + answer.refusal.wait)
            if answer.refusal.clock_doubted:
                self.send(self._clock, ClockDoubted(0))
            command.reply.fail(self._named(answer.refusal.error))
            return
        endpoint = self._driver.endpoints[type(command.request)]
        try:
            value = endpoint.decode(answer.body, command.request, time.time_ns())
        except MalformedError as error:
            reason = f"an answer that cannot be read: {error}"
            command.reply.fail(self._connection_error(reason))
        else:
            command.reply.tell(value)

    def _overdue(self, id: int) -> None:
        _, command = self._commands.pop(id, (None, None))
        if command is not None:
            command.reply.fail(self._connection_error("no answer in time"))

    def _fail_commands(self, line: _Line | None, reason: str) -> None:
        """Of a connection, or of all: whether they were done nobody knows here."""
        for id, (of, command) in tuple(self._commands.items()):
            if line is None or of is line:
                del self._commands[id]
                command.reply.fail(self._connection_error(reason))

    def _connection_error(self, reason: str) -> ConnectorError:
        return self._named(ExchangeConnectionError(self._lifeline.name, reason))

    def _named(self, error: ConnectorError) -> ConnectorError:
        error.exchange = self._driver.name
        return error


def _is_final(error: ConnectorError) -> bool:
    """Whether to try again soon makes no sense."""
    return isinstance(error, AuthenticationError)


def _with_time(trading: AccountDriver) -> Any:
    """What a frame is, as a pump asks it."""
    return partial(_control, trading)


def _control(trading: AccountDriver, frame: bytes) -> Any:
    return trading.control(frame, time.time_ns())
