"""The websocket session: keeps a connection, and makes it carry what is wanted of it.

What is wanted comes from the registry as a whole (`Converge`); what the exchange has confirmed is
kept with each connection, apart. Reconnecting is converging from nothing.
"""

from __future__ import annotations

import time
from typing import Any

from ..messages.errors import ConnectorError, ExchangeError
from ..messages.rooms import Tick
from ..messages.sessions import (
    CarriedWanted,
    Converge,
    RenewalWanted,
    RollOverWanted,
    SessionDoubted,
    StreamRefused,
    StreamsConfirmed,
    StreamsDropped,
    StreamsStalled,
)
from ..venues.control import Answered, Control, Listed, Notice, Ponged
from .feeds.frame import Route
from .sockets.connections import Connections
from .sockets.link import CommandsDue, DialDue, DialOverdue, Link, RollOverDue
from .sockets.notices import Controlled, DialFailed, Dialled, Lost, TookOver

Routes = dict[bytes, Route]

_SPARED = 5
"""So many heirs in a row are given up rather than a stream that they are refused."""
_ROUND_TRIP = 2.0
"""Seconds for the answer to a ping, before its lack is told."""


class SessionActor(Connections):
    """One websocket session."""

    def receive(self, message: Any) -> None:
        """Handle one message."""
        match message:
            case Converge():
                self._converge(message)
            case DialDue() if message.number == self._number and self._carrier is None:
                self._dial()
            case Tick():
                self.after(1.0, Tick())
                self._look()
            case RollOverWanted():
                self._roll_over(message.reason, is_asked=True)
            case RollOverDue():
                if self._carrier is not None and message.number == self._carrier.number:
                    self._roll_over(message.reason)
            case StreamsStalled():
                self._repair(message.reason)
            case RenewalWanted():
                if self._carrier is not None and self._carrier.is_up:
                    self._carrier.convergence.renew(message.name)
                    self._command(self._carrier)
            case CarriedWanted():
                if self._carrier is not None and self._carrier.is_up:
                    self._carrier.ask_what_is_carried()
            case DialDue():
                pass  # it was dialled meanwhile
            case DialOverdue() | Dialled() | DialFailed() | Lost() | TookOver() | CommandsDue():
                if (link := self._link(message.number)) is not None:
                    self._concerning(link, message)
            case Controlled():
                if (link := self._link(message.number)) is not None:
                    self._controlled(link, message.control)
            case _:
                self.not_understood(message)

    # subscriptions

    def _converge(self, message: Converge) -> None:
        known = frozenset[bytes]() if message.anew else self._routes.keys()
        new = {name.decode() for name in message.routes.keys() - known} | message.asked
        if message.anew:
            _inherit(self._routes, message.routes)
        self._routes = message.routes
        for link in self._links():
            # one that was refused, left, and came back before this was sent, has somebody new
            link.convergence.retry_refused(None if message.anew else message.asked)
            link.want(message.routes)
        carrier = self._carrier
        if carrier is not None and (carried := tuple(new & carrier.convergence.carried)):
            # it left and came back before the exchange was told
            self.send(self._registry, StreamsConfirmed(self._shard, carrier.epoch, carried))
        for link in self._links():
            self._command(link)
        self._look_at_heir()  # what it waited for may be wanted no more

    def _command(self, link: Link) -> None:
        """Nothing new is begun on a connection that is about to be left."""
        if self._succession.heir in (link, None):
            number = link.number
            link.send_commands(lambda seconds: self.after(seconds, CommandsDue(number)))

    def _controlled(self, link: Link, control: Control) -> None:
        match control:
            case Ponged():
                question = link.question_of(control)
                link.listed(question, None)
                self._succession.is_answered(link, question, time.monotonic())
            case Answered():
                link.listed(control.id, None)  # or refused to list them
                if not self._succession.is_answered(link, control.id, time.monotonic()):
                    self._answered(link, control)
            case Listed():
                dropped = link.listed(control.id, control.names)
                if link is self._carrier:
                    self._succession.lacks(dropped)
                if not self._succession.is_answered(link, control.id, time.monotonic()) and dropped:
                    names = tuple(dropped)
                    self.send(self._registry, StreamsDropped(self._shard, link.epoch, names))
                    self._command(link)
            case Notice(is_ending=True):
                link.ending = f"the exchange has announced: {control.text}"
                if link is self._carrier:
                    self._roll_over(link.ending)
            case _:
                pass  # a notice that the connection's end will follow

    def _answered(self, link: Link, answer: Answered) -> None:
        outcome = link.convergence.answered(answer.id, answer.error, time.monotonic())
        if link is self._carrier:
            if outcome.confirmed:
                confirmed = StreamsConfirmed(self._shard, link.epoch, outcome.confirmed)
                self.send(self._registry, confirmed)
            for name in outcome.removed:  # one that has come back has missed something
                if (route := self._routes.get(name.encode())) is not None:
                    route.interrupt(link.epoch, is_over=False)
        for name, error in outcome.refused:
            if self._is_spared(link, name):
                self._without_heir(f"{name} was refused: {error}")
                return
            refusal = error if isinstance(error, ConnectorError) else ExchangeError(0, str(error))
            self.send(self._registry, StreamRefused(self._shard, name, refusal))
        self._command(link)
        self._look_at_heir()

    def _is_spared(self, link: Link, name: str) -> bool:
        """Whether the heir is refused what the carrier has: then that is the better one."""
        carrier, succession = self._carrier, self._succession
        if carrier is None or link is not succession.heir or succession.is_open:
            return False
        self._spared += name in carrier.convergence.carried
        return name in carrier.convergence.carried and self._spared <= _SPARED

    # trust

    def _look(self) -> None:
        now = time.monotonic()
        for link in self._links():
            if link.is_up and link.is_overdue(now):
                link.pump.abort()  # what it owes an answer to may be lost
        carrier = self._carrier
        if carrier is None or not carrier.is_up:
            return
        self._command(carrier)  # what was refused for a while is tried again
        self._look_at_heir()
        silent, limit = now - carrier.pump.heard, self._config.health.suspect_after
        if self._routes and silent > limit:
            carrier.pump.doubt()  # who is only quiet answers that
        is_doubted = bool(self._routes) and silent > limit + _ROUND_TRIP
        if is_doubted is not self._is_doubted:
            self._is_doubted = is_doubted
            cause = f"not a byte for {silent:.0f} s" if is_doubted else ""
            self.report(SessionDoubted(self._name, cause))


def _inherit(old: Routes, new: Routes) -> None:
    """A new registry sees how long each stream has been silent: nothing has interrupted it."""
    for name, route in new.items():
        if (before := old.get(name)) is not None:
            route.source.inherit(before.source)
