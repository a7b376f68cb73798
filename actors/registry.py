"""The subscriber registry: who wants which stream, and where its frames lead.

What users want is remembered by the root as well (`Wanted`), so that it survives this room. A
session is told all that it should carry, as a table of routes, at each change.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable
from functools import partial
from typing import Any

from ..messages.base import Address
from ..messages.config import HealthConfig
from ..messages.enums import HealthState
from ..messages.errors import ConnectorError, NotRunningError
from ..messages.kept_books import BookConfirmed, BookRefused, BooksStarted, SnapshotLacking
from ..messages.requests import SubscribeEvents
from ..messages.rooms import (
    AddSubscription,
    EndSubscription,
    FramesDrifted,
    ListingFailed,
    ListingKnown,
    ReplaceHandlers,
    StreamForgotten,
    SubscriberGone,
    Tick,
    Trouble,
    Want,
    WeightLimitKnown,
)
from ..messages.sessions import (
    Converge,
    RenewalWanted,
    SessionsNeeded,
    SessionStarted,
    StreamRefused,
    StreamsConfirmed,
    StreamsDropped,
    StreamsLost,
)
from ..messages.streams import Stream
from ..messages.trading import AccountConfirmed, AccountRefused, AccountStarted
from ..venues.driver import Driver
from .base.office import NOBODY
from .base.room import Lifeline, Room
from .feeds.feed import Feed
from .feeds.feeds import Feeds
from .feeds.mailbox import Mailbox
from .feeds.recovering import Way
from .streams.desk import Desk
from .streams.freshness import Freshness, ProbeAnswered
from .streams.lines import Lines, account_stream, is_elsewhere
from .streams.publisher import PublishDue, Publisher
from .streams.stream_table import Entry, StreamTable
from .streams.symbols import Symbols, unlisted

_LOOK = 0.5
"""Seconds between two looks for subscribers that have died, and for a list that is due."""


class RegistryActor(Room):
    """Keeps the subscriptions; `wants` is what an earlier registry of this connector left."""

    def __init__(
        self,
        lifeline: Lifeline,
        root: Address[Any],
        *,
        driver: Driver,
        health: HealthConfig,
        rest: Address[Any],
        sessions: Callable[[int], Address[Any]],
        books: Address[Any],
        account: Address[Any],
        office: Address[Any],
        rejections: Address[Any],
        complaints: Address[Any],
        ending: dict[Hashable, Feed],
        ender: Callable[[str], None],
        wants: Iterable[Want],
        way: Way | None = None,
    ) -> None:
        super().__init__(lifeline, root)
        self._driver, self._rest, self._sessions = driver, rest, sessions
        self._line = Lines(partial(self.send, books), partial(self.send, account))
        feeds = Feeds(driver.name, complaints, office, ending)
        self._desk = Desk(driver, feeds, self.report, ender, wants, way, lifeline.tape)
        self._table = StreamTable(driver, rejections, self.address)
        self._symbols = Symbols(partial(self.send, rest), self.address)
        self._freshness = Freshness(
            driver,
            health,
            streams=self._table.carried_by,
            address=self.address,
            ask=partial(self.send, rest),
            tell_session=self._tell_session,
            tell_health=self._tell_health_of,
        )
        self._needed = 0  # the root is told once in any case
        self._drifted = 0
        self._publisher = Publisher(self._table.routes, self._tell_session, self.address)

    def open(self) -> None:
        """Take up what users want, and tell the sessions."""
        for want in self._desk.wants():
            if want.stream is not None and not is_elsewhere(want.stream):
                self._table.join(want.stream, want.mailbox)
        self._line.all(self._desk.wants())
        self._symbols.look()
        self._need_sessions()
        for shard in range(self._table.sessions):
            self._tell_session(shard, Converge(self._table.routes(shard), anew=True))
        self.after(_LOOK, Tick())

    def receive(self, message: Any) -> None:
        """Handle one message."""
        match message:
            case AddSubscription():
                self._add(message)
            case EndSubscription():
                self._end(message.subscription_id, message.reply)
            case ReplaceHandlers():
                self._desk.replace_handlers(message)
            case StreamsConfirmed():
                self._confirmed(message)
            case StreamRefused():
                if entry := self._table.get(message.name):
                    self._refuse(entry.mailboxes, message.error)
            case StreamsDropped():
                self._dropped(message)
            case ProbeAnswered():
                self._freshness.answered(message)
            case StreamsLost():
                self._lost(message.shard, message.epoch, message.reason)
            case SessionStarted():
                self._lost(message.shard, 0, "the session was restarted")
                self._publisher.publish(message.shard)
            case ListingKnown():
                self._listing_known(message)
            case ListingFailed():
                self._listing_failed()
            case SnapshotLacking():
                self._renew(message.stream)
            case BookConfirmed() | AccountConfirmed():
                for mailbox in message.mailboxes:
                    self._desk.settle(mailbox, 0)
            case BookRefused() | AccountRefused():
                self._refuse(message.mailboxes, message.error)
            case BooksStarted() | AccountStarted():
                self._line.all(self._desk.wants(), message)
            case SubscriberGone():
                self._gone(message.feed)
            case PublishDue():
                self._publisher.publish_all()
            case Tick():
                self.after(_LOOK, Tick())
                self._look()
            case _:
                self.not_understood(message)

    def close(self) -> None:
        """Answer who waits for the list of symbols; feeds and wants live on with the root."""
        self.cut()

    def cut(self) -> None:
        """The same, from any thread."""
        for message in tuple(self._symbols.held):
            message.reply.fail(NotRunningError("stopped before the exchange confirmed it"))

    # subscriptions

    def _add(self, message: AddSubscription, *, on_trust: bool = False) -> None:
        try:
            if isinstance(message.request, SubscribeEvents):
                self._desk.open(message, None)
                return
            stream = account_stream(message.request) or self._driver.stream(message.request)
            if on_trust or not stream.symbol or stream.symbol in self._symbols:
                self._joined(self._desk.open(message, stream), stream, on_trust=on_trust)
            else:
                self._symbols.hold(message, stream.symbol)
        except ConnectorError as error:
            error.exchange = self._driver.name
            message.reply.fail(error)

    def _joined(self, want: Want, stream: Stream, *, on_trust: bool) -> None:
        """A stream leads to one more mailbox; the exchange may have confirmed it long ago."""
        self._line.joined(want)
        if is_elsewhere(stream):
            return
        entry = self._table.join(stream, want.mailbox)
        entry.is_on_trust |= on_trust
        self._need_sessions()
        self._publisher.publish(entry.shard, entry.name)
        self._tell_health(stream)

    def _end(
        self, identity: str, reply: Address[None], error: ConnectorError | None = None
    ) -> None:
        want = self._desk.end(identity, reply, error)
        if want is None or want.stream is None:
            return
        self._line.left(want)
        if not is_elsewhere(want.stream):
            entry = self._table.leave(want.stream, want.mailbox)
            self._publisher.publish(entry.shard)
            self._tell_health(want.stream)
            self._need_sessions()

    def _gone(self, feed: Feed) -> None:
        """A subscriber's actor is dead: it leaves by itself."""
        for identity in self._desk.of_feed(feed):
            self._end(identity, NOBODY)

    def _look(self) -> None:
        for feed in self._desk.dead():
            self._gone(feed)
        if (drifted := self._table.drifted) != self._drifted:
            self._drifted = drifted
            self.report(FramesDrifted(drifted))
        self._symbols.look()
        self._renew(*self._table.due_renewals())
        self._freshness.look(self._table.all())

    # sessions

    def _tell_session(self, shard: int, message: Any) -> None:
        self.send(self._sessions(shard), message)

    def _renew(self, *streams: Stream) -> None:
        for stream in streams:
            if entry := self._table.renewal(stream, time.monotonic()):
                self._tell_session(entry.shard, RenewalWanted(entry.name))

    def _need_sessions(self) -> None:
        if self._table.sessions != self._needed:
            self._needed = self._table.sessions
            self.report(SessionsNeeded(self._needed))

    def _confirmed(self, message: StreamsConfirmed) -> None:
        for name in message.names:
            entry = self._table.get(name)
            if entry is not None and entry.shard == message.shard:
                self._freshness.confirmed(entry, message.epoch)
                # one that is stale is alive again when it has data
                live_on = 0 if entry.state is HealthState.STALE else message.epoch
                for mailbox in entry.mailboxes:
                    self._desk.settle(mailbox, live_on)
                self._tell_health_of(entry)

    def _refuse(self, mailboxes: Iterable[Mailbox], error: ConnectorError) -> None:
        """Nobody can have it: these claims to it end, with the exchange's error."""
        error.exchange = self._driver.name
        for mailbox in tuple(mailboxes):
            if not self._desk.is_unconfirmed(mailbox):
                self.report(Trouble(error))
            self._end(mailbox.subscription.subscription_id, NOBODY, error)

    def _lost(self, shard: int, epoch: int, reason: str) -> None:
        for entry in self._table.carried_by(shard):
            if epoch and entry.confirmed_on > epoch:
                continue  # a newer connection has confirmed it already
            self._table.lose(entry, reason)
            for mailbox in entry.mailboxes:
                mailbox.feed.interrupt(mailbox, epoch)
            self._tell_health(entry.stream)

    def _dropped(self, message: StreamsDropped) -> None:
        """The exchange carries these no more, though it has never said so."""
        for entry in filter(None, map(self._table.get, message.names)):
            if entry.confirmed_on == message.epoch:
                self._freshness.dropped(entry)

    def _tell_health_of(self, entry: Entry) -> None:
        self._line.updates_are(entry.stream, entry.state, entry.cause)
        self._tell_health(entry.stream)

    def _tell_health(self, stream: Stream) -> None:
        subject = stream.subject
        self.report(self._table.health(subject) or StreamForgotten(subject))

    # what the exchange lists

    def _listing_known(self, message: ListingKnown) -> None:
        if message.weight_limit is not None:
            self.send(self._rest, WeightLimitKnown(message.weight_limit))
        for each in self._symbols.known(message.symbols):
            self._add(each)
        for entry in self._table.all():
            was_on_trust, entry.is_on_trust = entry.is_on_trust, False
            if was_on_trust and entry.stream.symbol not in self._symbols:
                self._refuse(entry.mailboxes, unlisted(entry.stream.symbol))

    def _listing_failed(self) -> None:
        """Without a newer list, what is asked for is taken on trust, until there is one."""
        for each in self._symbols.failed():
            self._add(each, on_trust=True)
