"""The connections of the account's session: opened, lost, opened again, and replaced by another."""

from __future__ import annotations

import dataclasses
import random
import time
from collections import deque
from functools import partial
from typing import Any

from ...core.backoff import ReconnectBackoff
from ...core.limiter import DialBudget
from ...messages.base import Address
from ...messages.config import Config
from ...messages.enums import HealthState
from ...messages.errors import ProtocolError
from ...messages.rooms import FrameRejected
from ...messages.trading import AccountLost, AccountOpened, AccountSessionState
from ...venues.account import AccountDriver, FrameSigner
from ...venues.driver import Driver
from ..base.exchange_clock import ExchangeClock
from ..base.room import Lifeline, Room
from ..sending.ledger import HostLedger
from ..tapes.redaction import Redaction
from ..tapes.tape import BLANK
from ..trading.commands import Commands
from .account_inlet import Inlet
from .link import DialDue, DialOverdue
from .notices import Controlled, DialFailed, Dialled, FramesLost, Lost
from .pump import Pump


class Unread:
    """Told of a frame that could not be read; so are the root and the session then.

    An answer to a logon names the key, so what is shown of a frame is shown without.
    """

    def __init__(self, root: Address[Any], session: Address[Any], redaction: Redaction) -> None:
        self._root, self._session, self._redaction = root, session, redaction

    def tell(self, message: FrameRejected, /) -> None:
        """Pass it on."""
        error = message.error
        if isinstance(error, ProtocolError):
            error.excerpt = self._redaction.text(error.excerpt)
        self._root.tell(message)
        self._session.tell(FramesLost())


@dataclasses.dataclass(eq=False)
class Line:
    """One connection. Its repr shows nothing that is signed.

    Attributes:
        opening: What is still to be sent to open it.
        awaited: The id of the answer to what was sent last of it.
        epoch: Of the pump; 0 until it is connected.
        is_open: Whether it carries the account's events.
        signed_ns: When its opening was signed, monotonic nanoseconds.
    """

    pump: Pump
    opening: deque[str] = dataclasses.field(default_factory=deque[str], repr=False)
    awaited: int = 0
    epoch: int = 0
    is_open: bool = False
    signed_ns: int = 0


class AccountConnections(Room):
    """Keeps one connection open; what it brings is the business of the session."""

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
        rest_ledger: HostLedger,
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
        self._ledger = ledger
        self._unread = Unread(rejections, self.address, Redaction(config.exchange))
        self._ledgers = ledger, rest_ledger  # of two hosts it may be; for the exchange one address
        connection = config.connection
        delays = connection.reconnect_delay, connection.max_reconnect_wait
        self._backoff = ReconnectBackoff(*delays, random.random)
        self._time = ExchangeClock(config.clock_sync)
        self._number = 0
        self._line: Line | None = None
        self._heir: Line | None = None
        self._commands = Commands(
            driver,
            signer,
            clock=self._time,
            silence=self._silence,
            name=lifeline.name,
            session=self.address,
        )
        self._inlet = Inlet(
            self.address, self._commands, account=account, be_silent=self._be_silent
        )

    def open(self) -> None:
        """Dial at once."""
        self.after(0.0, DialDue(self._number))

    def close(self) -> None:
        """Close politely; who waits for an answer gets none."""
        self._commands.way = None
        for line in self._lines():
            line.pump.stop(1.0)
        self._commands.fail(None, "stopped")

    def cut(self) -> None:
        """Shut the sockets, and answer who waits, from any thread."""
        self._commands.way = None
        for line in self._lines():
            line.pump.abort()
        self._commands.fail(None, "given up")

    def _concerning(self, line: Line, message: Any) -> None:
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
            case Lost():  # its thread has ended: what it has not sent in full never leaves
                self._commands.unsent(line.pump, line.pump.outbox.left())
                self._gone(line, message.reason)
            case Controlled():
                self._controlled(line, message.control)
            case _:
                pass

    def _controlled(self, line: Line, control: Any) -> None:
        """A frame came."""
        raise NotImplementedError  # pragma: no cover

    # connections

    def _lines(self) -> list[Line]:
        return [line for line in (self._line, self._heir) if line is not None]

    def _of(self, number: int) -> Line | None:
        return next((line for line in self._lines() if line.pump.number == number), None)

    def _silence(self, now: float) -> float:
        """For how many seconds the exchange still wants silence, wherever it has said so."""
        return max(ledger.blocked(now) or 0.0 for ledger in self._ledgers)

    def _be_silent(self, seconds: float) -> None:
        for ledger in self._ledgers:
            ledger.block_until(time.monotonic() + seconds)

    def _dial(self) -> None:
        now = time.monotonic()
        wait = self._silence(now) or self._ledger.dial(now)
        if not self._time.is_known or wait > 0:
            self.after(max(wait, 0.05), DialDue(self._number))
        else:
            self._line = self._begun()

    def _begun(self) -> Line:
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
            owner=self._inlet,
            root=self._unread,
            name=f"{self._lifeline.name}-reader",
            track=BLANK.track(self._lifeline.name),  # signatures are sent, and balances come
        )
        line = Line(pump)
        pump.start()
        self.after(2 * connection.timeout, DialOverdue(self._number))
        return line

    def _dialled(self, line: Line, epoch: int) -> None:
        line.epoch, line.signed_ns = epoch, time.monotonic_ns()
        first = next(self._commands.ids)
        frames = self._trading.opening(self._signer, first, self._time.now_ns())
        for _ in frames[1:]:
            next(self._commands.ids)
        line.opening, line.awaited = deque(frames), first - 1
        self._open_further(line)

    def _open_further(self, line: Line) -> None:
        if line.opening:
            line.awaited += 1
            line.pump.post(line.opening.popleft())
            return
        line.is_open, line.awaited = True, 0
        self._backoff.connected(time.monotonic())
        old = None
        if line is self._heir:
            old, self._line, self._heir = self._line, line, None
        self._commands.way = line.pump
        self.report(AccountSessionState(HealthState.LIVE))
        self.send(self._account, AccountOpened(line.epoch, self._commands))
        if old is not None:
            self._commands.fail(old.pump, "replaced")
            old.pump.stop(0.0)

    def _gone(self, line: Line, reason: str, wait: float = 0.0) -> None:
        if line is self._heir:
            self._heir = None
        else:
            was_open, self._line = line.is_open, self._heir
            self._heir = self._commands.way = None  # an heir is not open before it is the line
            if was_open:
                self.send(self._account, AccountLost(reason))
            self.report(AccountSessionState(HealthState.DOWN, reason))
        self._commands.fail(line.pump, reason)
        if self._line is None:
            self._number += 1
            delay = max(self._backoff.delay(time.monotonic()), wait)
            self.after(delay, DialDue(self._number))

    def _replace(self) -> None:
        """Its end is announced: another is opened first."""
        if self._heir is None and self._ledger.dial(time.monotonic()) == 0.0:
            self._heir = self._begun()


def _with_time(trading: AccountDriver) -> Any:
    """What a frame is, as a pump asks it."""
    return partial(_control, trading)


def _control(trading: AccountDriver, frame: bytes) -> Any:
    return trading.control(frame, time.time_ns())
