"""The connections of a session: dialled, lost, dialled again, and replaced one by the other.

In a rollover there are two for a moment: the carrier, and the heir that takes its place.
"""

from __future__ import annotations

import random
import time
from typing import Any

from ...core.backoff import ReconnectBackoff
from ...core.limiter import DialBudget
from ...core.rollover import rollover_at
from ...messages.base import Address
from ...messages.config import Config
from ...messages.rooms import Tick
from ...messages.sessions import (
    SessionDown,
    SessionRolled,
    SessionUp,
    StreamsConfirmed,
    StreamsLost,
)
from ...venues.driver import Driver
from ..base.room import Lifeline, Room
from ..feeds.frame import Route
from ..sending.ledger import HostLedger
from .link import DialDue, DialOverdue, Link, RollOverDue
from .notices import DialFailed, Dialled, Lost, TookOver
from .overlap import Overlap
from .pump import Pump
from .succession import Succession

_POLITE = 1.0
"""Seconds that closing politely may take."""
_SPARE_CONTROLS = 2
"""Of the exchange's messages a second: one for our ping, one for our pong."""
_CONTROL_MARGIN = 1.1
"""Messages sent evenly may arrive closer together."""
_LEAST_STAY = 5.0
"""Seconds after which a connection is left that announced its end before it was the carrier."""
_REPAIRS = 30.0, 600.0
"""The least and the longest wait between two replacements of a session that carries no data."""


class Connections(Room):
    """Keeps one connection up; what is wanted of it is the business of the session."""

    def __init__(
        self,
        lifeline: Lifeline,
        root: Address[Any],
        *,
        shard: int,
        url: str,
        config: Config,
        driver: Driver,
        registry: Address[Any],
        ledger: HostLedger,
        rejections: Address[Any],
    ) -> None:
        super().__init__(lifeline, root)
        connection = config.connection
        self._shard, self._url, self._config, self._driver = shard, url, config, driver
        self._registry, self._ledger, self._rejections = registry, ledger, rejections
        delays = connection.reconnect_delay, connection.max_reconnect_wait
        self._backoff = ReconnectBackoff(*delays, random.random)
        self._heirs_backoff = ReconnectBackoff(*delays, random.random)
        self._repair_at, self._repair_wait = 0.0, _REPAIRS[0]
        self._routes: dict[bytes, Route] = {}
        self._number = 0
        self._carrier: Link | None = None
        self._succession = Succession(driver)
        self._is_doubted = False
        self._planned = 0, 0.0  # which carrier is to be replaced soon, and when
        self._is_owed = False  # whether who asked for that waits for it
        self._spared = 0  # how many heirs in a row were given up for being refused something

    @property
    def _name(self) -> str:
        return self._lifeline.name

    def open(self) -> None:
        """Dial at once."""
        self.after(0.0, DialDue(self._number))
        self.after(1.0, Tick())

    def close(self) -> None:
        """Unsubscribe and close politely; the pump tells the subscribers."""
        for link in self._links():
            link.leave(_POLITE)

    def cut(self) -> None:
        """Shut the sockets, from any thread."""
        for link in self._links():
            link.pump.abort()

    # what a session fills in

    def _command(self, link: Link) -> None:
        """Send what brings a connection nearer to what is wanted."""
        raise NotImplementedError  # pragma: no cover

    # connections

    def _links(self) -> list[Link]:
        return [link for link in (self._carrier, self._succession.heir) if link is not None]

    def _link(self, number: int) -> Link | None:
        """None for a connection that is gone."""
        return next((link for link in self._links() if link.number == number), None)

    def _concerning(self, link: Link, message: Any) -> None:
        match message:
            case DialOverdue():
                if not link.is_up:  # a name look-up may hang for longer; its thread ends unheard
                    link.pump.abort()
                    wait = self._config.connection.timeout
                    self._undialled(link, f"not connected within {wait:g} s", None)
            case Dialled():
                self._connected(link, message.epoch)
            case DialFailed():
                if message.wait is not None:
                    self._ledger.block_until(time.monotonic() + message.wait)
                self._undialled(link, message.reason, message.wait)
            case Lost():
                self._lost(link, message)
            case TookOver():
                self._succeeded(link)
            case _:
                link.is_paced = False
                self._command(link)

    def _dial(self) -> None:
        wait = self._ledger.dial(time.monotonic())
        if wait > 0:
            self.after(wait, DialDue(self._number))
        else:
            self._carrier = self._begin(None)

    def _begin(self, overlap: Overlap | None) -> Link:
        self._number += 1
        limits, connection = self._driver.limits, self._config.connection
        most, period = limits.controls - _SPARE_CONTROLS, limits.control_period * _CONTROL_MARGIN
        pump = Pump(
            self._number,
            self._url,
            self._driver,
            config=connection,
            pong_timeout=self._config.health.pong_timeout,
            pace=DialBudget(most, period),
            owner=self.address,
            root=self._rejections,
            name=f"{self._name}-reader",
            track=self._lifeline.tape.track(self._name),
            overlap=overlap,
        )
        link = Link(pump, self._driver, connection.timeout, DialBudget(most, period))
        link.want(self._routes)
        pump.start()
        self.after(connection.timeout, DialOverdue(self._number))
        return link

    def _connected(self, link: Link, epoch: int) -> None:
        link.connected(epoch, time.monotonic())
        if link is self._carrier:
            self._backoff.connected(time.monotonic())
            self.report(SessionUp(self._name))
            self._plan_rollover(link)
        self._command(link)
        self._look_at_heir()

    def _undialled(self, link: Link, reason: str, wait: float | None) -> None:
        if link is self._succession.heir:
            self._without_heir(reason)
        else:
            self._redial(link, reason, wait)

    def _redial(self, lost: Link, reason: str, wait: float | None) -> None:
        self._carrier = None
        self._number += 1
        delay = max(self._backoff.delay(time.monotonic()), wait or 0.0)
        self.after(delay, DialDue(self._number))
        self._is_doubted = False
        self.report(SessionDown(self._name, reason, was_up=lost.is_up))
        if self._is_owed:
            self._rolled(reason)

    def _lost(self, link: Link, lost: Lost) -> None:
        succession = self._succession
        if link is succession.heir and not succession.is_open:
            self._without_heir(lost.reason)
            return
        if link is self._carrier and succession.inherit():
            return
        if not lost.told:
            for route in self._routes.values():
                route.interrupt(link.epoch)
        heir = succession.end()
        self._is_gone(link, lost.reason)
        if heir is not None:
            self._rolled(lost.reason)
            if heir is not link:  # it is being dialled already
                heir.pump.overlap = None
                self._carrier = heir

    def _is_gone(self, link: Link, reason: str) -> None:
        self.send(self._registry, StreamsLost(self._shard, link.epoch, reason))
        self._redial(link, reason, None)

    # one connection after the other

    def _plan_rollover(self, link: Link) -> None:
        config = self._config.rollover
        if config.enabled:
            now = time.time()
            at = rollover_at(now, config.after, config.quiet_hour, random.random())
            reason = f"connected for {at - now:.0f} s"
            self.after(at - now, RollOverDue(link.number, reason))

    def _roll_over(self, reason: str, *, is_asked: bool = False) -> None:
        carrier = self._carrier
        if self._succession.heir is not None:
            return  # who asks is told when it is done
        if carrier is None or not carrier.is_up:
            if is_asked:
                self.report(SessionRolled(self._name, reason, "it is not connected"))
            return
        wait = self._ledger.dial(time.monotonic())
        if wait > 0:
            self._is_owed |= is_asked
            self._roll_over_later(carrier, wait, reason)
            return
        self._succession.begin(carrier, reason, self._begin)

    def _roll_over_later(self, carrier: Link, wait: float, reason: str) -> None:
        """In so many seconds, unless that is planned already."""
        now = time.monotonic()
        number, at = self._planned
        if number != carrier.number or not now < at <= now + wait:
            self._planned = carrier.number, now + wait
            self.after(wait, RollOverDue(carrier.number, reason))

    def _repair(self, reason: str) -> None:
        now = time.monotonic()
        least, most = _REPAIRS
        if now < self._repair_at:
            return
        if now - self._repair_at > most:
            self._repair_wait = least
        self._repair_at = now + self._repair_wait
        self._repair_wait = min(2 * self._repair_wait, most)
        self._roll_over(reason)
        self._succession.hurry()

    def _look_at_heir(self) -> None:
        if self._carrier is not None:
            self._succession.look(self._carrier)

    def _succeeded(self, heir: Link) -> None:
        old = self._carrier
        self._succession.end()
        self._spared = 0
        self._carrier = heir
        self._plan_rollover(heir)
        now = time.monotonic()
        self._backoff.connected(now)
        self._heirs_backoff.connected(now)
        carried = tuple(heir.convergence.carried)
        self.send(self._registry, StreamsConfirmed(self._shard, heir.epoch, carried))
        if old is not None:  # what is not carried yet is interrupted
            self.send(self._registry, StreamsLost(self._shard, old.epoch, "another connection"))
        self._rolled("")
        if heir.ending:
            self._roll_over_later(heir, _LEAST_STAY, heir.ending)

    def _without_heir(self, reason: str) -> None:
        """The carrier goes on."""
        carrier = self._carrier
        heir = self._succession.end(carrier)
        if heir is not None:
            heir.pump.abort()
        if carrier is not None:
            delay = self._heirs_backoff.delay(time.monotonic())
            self._roll_over_later(carrier, max(delay, 1.0), self._succession.reason)
            self._command(carrier)
        self._rolled(reason)

    def _rolled(self, error: str) -> None:
        self._is_owed = False
        self.report(SessionRolled(self._name, self._succession.reason, error))
