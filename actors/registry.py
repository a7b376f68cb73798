"""The subscriber registry: who wants which stream, and where its frames lead.

What users want is remembered by the root as well (`Wanted`), so that it survives this room. A
session is told all that it should carry, as a table of routes, at each change.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from ..core.sequence import Rule
from ..messages.base import Address
from ..messages.enums import Channel
from ..messages.errors import ConnectorError, NotRunningError, ValidationError
from ..messages.requests import SubscribeEvents, SubscribeOrderBook
from ..messages.rooms import (
    AddSubscription,
    Converge,
    EndSubscription,
    FramesDrifted,
    ListingFailed,
    ListingKnown,
    ListingWanted,
    ReplaceHandlers,
    SessionsNeeded,
    SessionStarted,
    StreamForgotten,
    StreamRefused,
    StreamsConfirmed,
    StreamsLost,
    SubscriberGone,
    Tick,
    Trouble,
    Unwanted,
    Want,
    Wanted,
)
from ..messages.streams import Stream
from ..messages.subscriptions import Subscription
from ..venues.driver import Driver
from .feed import Feed
from .feeds import Feeds
from .frame import Source
from .mailbox import Mailbox, checked_policy
from .office import NOBODY
from .room import Lifeline, Room
from .stream_table import Entry, StreamTable

_LOOK = 0.5
"""Seconds between two looks for subscribers that have died."""
_LISTING_AGE = 10.0
"""Seconds after which a symbol that is not listed is looked up once more."""
HANDLERS_ID = "handlers"


class RegistryActor(Room):
    """Keeps the subscriptions; `wants` is what an earlier registry of this connector left."""

    def __init__(
        self,
        lifeline: Lifeline,
        root: Address[Any],
        *,
        driver: Driver,
        rest: Address[Any],
        sessions: Callable[[int], Address[Any]],
        office: Address[Any],
        ender: Callable[[str], None],
        wants: Iterable[Want],
    ) -> None:
        super().__init__(lifeline, root)
        self._driver, self._rest, self._sessions, self._ender = driver, rest, sessions, ender
        self._feeds = Feeds(driver.name, root, office)
        self._table = StreamTable(driver.limits.streams, driver.stream_name, self._source)
        self._wants = {want.subscription_id: want for want in wants}
        self._listing: frozenset[str] | None = None
        self._listed_at = 0.0
        self._held: list[AddSubscription] = []
        self._needed = 1
        self._drifted = 0

    def open(self) -> None:
        """Take up what users want, and tell the sessions."""
        for want in self._wants.values():
            self._feeds.adopt(want.mailbox.feed)
            if want.stream is not None:
                self._table.join(want.stream, want.mailbox)
        self.send(self._rest, ListingWanted())
        self._need_sessions()
        for shard in range(self._table.sessions):
            self._publish(shard)
        self.after(_LOOK, Tick())

    def receive(self, message: Any) -> None:
        """Handle one message."""
        match message:
            case AddSubscription():
                self._add(message)
            case EndSubscription():
                self._end(message.subscription_id, message.reply)
            case ReplaceHandlers():
                self._replace_handlers(message)
            case StreamsConfirmed():
                self._confirmed(message)
            case StreamRefused():
                self._refused(message)
            case StreamsLost():
                self._lost(message.shard, message.epoch, message.reason)
            case SessionStarted():
                self._lost(message.shard, 0, "the session was restarted")
                self._publish(message.shard)
            case ListingKnown():
                self._listing_known(message.symbols)
            case ListingFailed():
                self._listing_failed()
            case SubscriberGone():
                self._gone(message.feed)
            case Tick():
                self.after(_LOOK, Tick())
                self._look()
            case _:
                self.not_understood(message)

    def close(self) -> None:
        """Refuse what was held back; feeds and wants live on with the root."""
        for message in self._held:
            message.reply.fail(NotRunningError(exchange=self._driver.name))

    # subscribing

    def _add(self, message: AddSubscription, *, is_checked: bool = False) -> None:
        request = message.request
        try:
            if isinstance(request, SubscribeEvents):
                self._open(message, None, Channel.EVENTS, "")
                return
            stream = self._driver.stream(request)
            if is_checked or self._is_listed(stream.symbol):
                self._open(message, stream, stream.channel, stream.symbol)
            else:
                self._hold(message, stream.symbol)
        except ConnectorError as error:
            error.exchange = self._driver.name
            message.reply.fail(error)

    def _open(
        self, message: AddSubscription, stream: Stream | None, channel: Channel, symbol: str
    ) -> None:
        request, identity = message.request, message.subscription_id
        overflow = checked_policy(channel, request.max_pending, request.overflow)
        feed = self._feeds.of(request.subscriber)
        subscription = Subscription(identity, channel, symbol, self._ender)
        mailbox = Mailbox(
            self._driver.name,
            subscription,
            feed,
            max_pending=request.max_pending,
            overflow=overflow,
            rule=self._driver.rules.get(channel, Rule.NONE),
            depth=request.depth if isinstance(request, SubscribeOrderBook) else 0,
        )
        feed.mailboxes += 1
        if request.subscriber is None:
            self._remember_handlers()
        if stream is None:
            self._want(Want(identity, None, mailbox))
            message.reply.tell(subscription)
            return
        self._want(Want(identity, stream, mailbox, message.reply))
        self._joined(self._table.join(stream, mailbox))

    def _joined(self, entry: Entry) -> None:
        """A mailbox was added; the exchange may have confirmed the stream long ago."""
        self._need_sessions()
        if entry.confirmed_on:
            self._settle(entry)
        self._publish(entry.shard)
        self._tell_health(entry.stream.subject)

    def _settle(self, entry: Entry) -> None:
        """The exchange carries the stream: whoever waits for that is answered."""
        for mailbox in entry.mailboxes:
            mailbox.feed.mark_live(mailbox, entry.confirmed_on)
            want = self._wants[mailbox.subscription.subscription_id]
            if want.reply is not None:
                self._want(Want(want.subscription_id, want.stream, mailbox))
                want.reply.tell(mailbox.subscription)

    def _end(
        self, identity: str, reply: Address[None], error: ConnectorError | None = None
    ) -> None:
        """End a subscription; `reply` is answered when nothing more is delivered."""
        want = self._wants.pop(identity, None)
        if want is None:
            reply.tell(None)
            return
        self.report(Unwanted(identity))
        mailbox: Mailbox = want.mailbox
        if want.reply is not None:
            want.reply.fail(error or NotRunningError("ended before it was confirmed"))
        if want.stream is not None:
            entry = self._table.leave(want.stream, mailbox)
            self._publish(entry.shard)
            self._tell_health(want.stream.subject)
            self._need_sessions()
        mailbox.feed.mailboxes -= 1
        mailbox.feed.close(mailbox, reply)
        self._feeds.release(mailbox.feed)

    def _look(self) -> None:
        for feed in self._feeds.dead():
            self._gone(feed)
        if self._table.drifted != self._drifted:
            self._drifted = self._table.drifted
            self.report(FramesDrifted(self._drifted))

    def _gone(self, feed: Feed) -> None:
        """A subscriber's actor is dead: it leaves by itself."""
        for want in tuple(self._wants.values()):
            if want.mailbox.feed is feed:
                self._end(want.subscription_id, NOBODY)

    def _want(self, want: Want) -> None:
        self._wants[want.subscription_id] = want
        self.report(Wanted(want))

    # handlers

    def _replace_handlers(self, message: ReplaceHandlers) -> None:
        self._feeds.handlers.handlers = message.handlers
        self._remember_handlers()
        message.reply.tell(None)

    def _remember_handlers(self) -> None:
        """The handlers' claim to the connector's own events; it keeps their feed, too."""
        if HANDLERS_ID in self._wants:
            return
        feed = self._feeds.of(None)
        subscription = Subscription(HANDLERS_ID, Channel.EVENTS, "")
        overflow = checked_policy(Channel.EVENTS, 10_000, None)
        mailbox = Mailbox(
            self._driver.name, subscription, feed, max_pending=10_000, overflow=overflow
        )
        self._want(Want(HANDLERS_ID, None, mailbox))

    # sessions

    def _need_sessions(self) -> None:
        if self._table.sessions != self._needed:
            self._needed = self._table.sessions
            self.report(SessionsNeeded(self._needed))

    def _publish(self, shard: int) -> None:
        self.send(self._sessions(shard), Converge(self._table.routes(shard)))

    def _confirmed(self, message: StreamsConfirmed) -> None:
        for name in message.names:
            entry = self._table.get(name)
            if entry is not None and entry.shard == message.shard:
                entry.confirmed_on, entry.cause = message.epoch, ""
                self._settle(entry)
                self._tell_health(entry.stream.subject)

    def _refused(self, message: StreamRefused) -> None:
        """Nobody can have it: every claim to it ends, with the exchange's error."""
        entry = self._table.get(message.name)
        if entry is None:
            return
        for mailbox in tuple(entry.mailboxes):
            identity = mailbox.subscription.subscription_id
            if self._wants[identity].reply is None:
                self.report(Trouble(message.error))
            self._end(identity, NOBODY, message.error)

    def _lost(self, shard: int, epoch: int, reason: str) -> None:
        for entry in self._table.carried_by(shard):
            if epoch and entry.confirmed_on > epoch:
                continue  # a newer connection has confirmed it already
            entry.confirmed_on, entry.cause = 0, reason
            for mailbox in entry.mailboxes:
                if epoch:
                    mailbox.feed.interrupt(mailbox, epoch)
            self._tell_health(entry.stream.subject)

    def _tell_health(self, subject: str) -> None:
        self.report(self._table.health(subject) or StreamForgotten(subject))

    def _source(self, stream: Stream) -> Source:
        driver = self._driver
        return Source(driver.name, stream, driver.decoder(stream), self._supervisor)

    # what the exchange lists

    def _is_listed(self, symbol: str) -> bool:
        return self._listing is not None and symbol in self._listing

    def _hold(self, message: AddSubscription, symbol: str) -> None:
        """Wait for the list of symbols, or for a newer one."""
        if self._listing is not None and time.monotonic() - self._listed_at < _LISTING_AGE:
            raise ValidationError("symbol", symbol, "not listed by the exchange")
        if not self._held:
            self.send(self._rest, ListingWanted())
        self._held.append(message)

    def _listing_known(self, symbols: frozenset[str]) -> None:
        self._listing, self._listed_at = symbols, time.monotonic()
        held, self._held = self._held, []
        for message in held:
            self._add(message)
        self._verify()

    def _verify(self) -> None:
        """What was accepted while there was no list."""
        for want in tuple(self._wants.values()):
            if want.stream is not None and not self._is_listed(want.stream.symbol):
                reason = "not listed by the exchange"
                error = ValidationError(
                    "symbol", want.stream.symbol, reason, exchange=self._driver.name
                )
                if want.reply is None:
                    self.report(Trouble(error))
                self._end(want.subscription_id, NOBODY, error)

    def _listing_failed(self) -> None:
        """Without a list, what is asked for is taken on trust; it is checked when there is one."""
        held, self._held = self._held, []
        for message in held:
            self._add(message, is_checked=self._listing is None)
