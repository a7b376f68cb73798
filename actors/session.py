"""The websocket session: keeps one connection, and makes it carry what is wanted of it.

What is wanted comes from the registry as a whole (`Converge`); what the exchange has confirmed is
kept here, apart. Reconnecting is converging from nothing.
"""

from __future__ import annotations

import random
import time
from typing import Any

import msgspec

from ..core.backoff import ReconnectBackoff
from ..core.convergence import Convergence
from ..core.limiter import DialBudget
from ..messages.base import Address
from ..messages.config import ConnectionConfig
from ..messages.errors import ConnectorError, ExchangeError
from ..messages.rooms import (
    Converge,
    SessionDown,
    SessionUp,
    StreamRefused,
    StreamsConfirmed,
    StreamsLost,
    Tick,
)
from ..venues.driver import Answered, Driver
from .frame import Route
from .ledger import HostLedger
from .pump import Controlled, DialFailed, Dialled, Lost, Pump
from .room import Lifeline, Room

_POLITE = 1.0
"""Seconds that closing politely may take."""
_SPARE_CONTROLS = 2
"""Of the exchange's messages a second: one for our ping, one for our pong."""
_CONTROL_MARGIN = 1.1
"""Messages sent evenly may arrive closer together."""


class DialDue(msgspec.Struct, frozen=True):
    """Time for connection attempt `number`."""

    number: int


class DialOverdue(msgspec.Struct, frozen=True):
    """Connection attempt `number` has had its time."""

    number: int


class CommandsDue(msgspec.Struct, frozen=True):
    """The exchange's limit admits another command."""


class SessionActor(Room):
    """One websocket session, number `shard`."""

    def __init__(
        self,
        lifeline: Lifeline,
        root: Address[Any],
        *,
        shard: int,
        url: str,
        config: ConnectionConfig,
        driver: Driver,
        registry: Address[Any],
        ledger: HostLedger,
        rejections: Address[Any],
    ) -> None:
        super().__init__(lifeline, root)
        limits = driver.limits
        self._shard, self._url, self._config, self._driver = shard, url, config, driver
        self._registry, self._ledger, self._rejections = registry, ledger, rejections
        self._convergence = Convergence(limits.names, config.timeout, limits.streams)
        self._backoff = ReconnectBackoff(
            config.reconnect_delay, config.max_reconnect_wait, random.random
        )
        self._controls = DialBudget(
            limits.controls - _SPARE_CONTROLS, limits.control_period * _CONTROL_MARGIN
        )
        self._routes: dict[bytes, Route] = {}
        self._pump: Pump | None = None
        self._number = 0
        self._epoch = 0
        self._is_paced = False

    @property
    def _name(self) -> str:
        return self._lifeline.name

    def open(self) -> None:
        """Dial at once."""
        self.after(0.0, DialDue(self._number))
        self.after(1.0, Tick())

    def receive(self, message: Any) -> None:
        """Handle one message."""
        match message:
            case Converge():
                self._converge(message)
            case DialDue() if message.number == self._number and self._pump is None:
                self._dial()
            case DialOverdue() if message.number == self._number and not self._epoch:
                self._give_up_dialling()
            case Dialled() if message.number == self._number:
                self._connected(message)
            case DialFailed() if message.number == self._number:
                if message.wait is not None:
                    self._ledger.block_until(time.monotonic() + message.wait)
                self._redial(message.reason, message.wait)
            case Lost() if message.number == self._number:
                self._lost(message)
            case Controlled(control=Answered() as answer) if message.number == self._number:
                self._answered(answer)
            case CommandsDue():
                self._is_paced = False
                self._command()
            case Tick():
                self.after(1.0, Tick())
                self._check_answers()
            case DialDue() | DialOverdue() | Dialled() | DialFailed() | Lost() | Controlled():
                pass  # of a connection that is gone, or a notice that the pump's end will follow
            case _:
                self.not_understood(message)

    def close(self) -> None:
        """Unsubscribe and close politely; the pump tells the subscribers."""
        if self._pump is None:
            return
        names = tuple(sorted(self._convergence.confirmed))
        if names:
            most = self._driver.limits.names
            self._pump.post(self._driver.command(1 << 31, False, names[:most]))
        self._pump.stop(_POLITE)

    def cut(self) -> None:
        """Shut the socket, from any thread."""
        if self._pump is not None:
            self._pump.abort()

    # dialling

    def _dial(self) -> None:
        wait = self._ledger.dial(time.monotonic())
        if wait > 0:
            self.after(wait, DialDue(self._number))
            return
        self._pump = Pump(
            self._number,
            self._url,
            self._driver,
            timeout=self._config.timeout,
            ping_interval=self._config.ping_interval,
            proxy=self._config.proxy,
            ca_file=self._config.ca_file,
            owner=self.address,
            root=self._rejections,
            name=f"{self._name}-reader",
            track=self._lifeline.tape.track(self._name),
        )
        self._pump.routes = self._routes
        self._pump.start()
        self.after(self._config.timeout, DialOverdue(self._number))

    def _give_up_dialling(self) -> None:
        """A name look-up may hang for longer; its thread ends by itself, unheard."""
        if self._pump is not None:
            self._pump.abort()
            self._redial(f"not connected within {self._config.timeout:g} s", None)

    def _redial(self, reason: str, wait: float | None) -> None:
        self._pump = None
        self._number += 1
        delay = max(self._backoff.delay(time.monotonic()), wait or 0.0)
        self.after(delay, DialDue(self._number))
        self.report(SessionDown(self._name, reason, was_up=bool(self._epoch)))
        self._epoch = 0

    def _connected(self, message: Dialled) -> None:
        now = time.monotonic()
        self._epoch = message.epoch
        self._backoff.connected(now)
        self._convergence.connected(now)
        self.report(SessionUp(self._name))
        self._command()

    def _lost(self, message: Lost) -> None:
        self._convergence.disconnected()
        self.send(self._registry, StreamsLost(self._shard, message.epoch, message.reason))
        self._redial(message.reason, None)

    # subscriptions

    def _converge(self, message: Converge) -> None:
        known = frozenset[bytes]() if message.anew else self._routes.keys()
        new = {name.decode() for name in message.routes.keys() - known} | message.asked
        if message.anew:
            self._convergence.retry_refused()
        # one that was refused, left, and came back before this was sent, has somebody new
        self._convergence.retry_refused(message.asked)
        self._routes = message.routes
        if self._pump is not None:
            self._pump.routes = message.routes
        self._convergence.want([name.decode() for name in message.routes])
        if self._epoch and (carried := tuple(new & self._convergence.carried)):
            # it left and came back before the exchange was told
            self.send(self._registry, StreamsConfirmed(self._shard, self._epoch, carried))
        self._command()

    def _command(self) -> None:
        """Send what brings the exchange nearer to what is wanted, as fast as it admits."""
        if not self._epoch or self._pump is None or self._is_paced:
            return
        while True:
            now = time.monotonic()
            wait = self._controls.ready_at(now) - now
            if wait > 0:
                self._is_paced = True
                self.after(wait, CommandsDue())
                return
            command = self._convergence.next_command(now)
            if command is None:
                return
            self._controls.dialled(now)
            self._pump.post(self._driver.command(command.id, command.subscribe, command.names))

    def _answered(self, answer: Answered) -> None:
        outcome = self._convergence.answered(answer.id, answer.error, time.monotonic())
        if outcome.confirmed:
            confirmed = StreamsConfirmed(self._shard, self._epoch, outcome.confirmed)
            self.send(self._registry, confirmed)
        for name in outcome.removed:  # one that has come back meanwhile has missed something
            if (route := self._routes.get(name.encode())) is not None:
                for mailbox in route.mailboxes:
                    mailbox.feed.interrupt(mailbox, self._epoch, is_over=False)
        for name, error in outcome.refused:
            refusal = error if isinstance(error, ConnectorError) else ExchangeError(0, str(error))
            self.send(self._registry, StreamRefused(self._shard, name, refusal))
        self._command()

    def _check_answers(self) -> None:
        """A peer that owes an answer is left: its silence may hide lost subscriptions."""
        if self._epoch and self._pump is not None and self._convergence.overdue(time.monotonic()):
            self._pump.abort()
