"""One kept order book: the feed that brings its updates, its synchroniser, and its readers."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

import msgspec
import pykka

from ...core.book_machine import BookMachine, Events
from ...messages.base import Address
from ...messages.enums import Channel, GapReason, HealthState, Overflow
from ...messages.levels import Levels
from ...messages.market import BaseEvent, BookTicker, OrderBook, OrderBookUpdate, StreamGap
from ...messages.streams import Stream
from ..feeds.actor_recipient import ActorRecipient
from ..feeds.backlog import Parcel
from ..feeds.mailbox import Mailbox
from ..feeds.subscriber import ActorFeed
from ..tapes.tape import BLANK, Tape
from .notices import SnapshotCame, StreamOff, StreamOn

_TURN = 64
_MOST_EVENTS = 4
"""Books and gaps that come of one update, at most."""


class BookFeed(ActorFeed):
    """Brings one book's updates to the room of the books, which takes them when it is told `Due`.

    Attributes:
        identities: What the registry knows the room's subscriptions by.

    Args:
        room: The room, which may be gone.
    """

    is_own = True

    def __init__(
        self,
        ref: pykka.ActorRef[Any],
        room: Address[Any],
        root: Address[Any],
        registry: Address[Any],
    ) -> None:
        super().__init__(ref, id(self), ActorRecipient(ref), root, registry)
        self.identities: set[str] = set()
        self._room = room
        self._mailbox: Mailbox | None = None

    @property
    def is_carried(self) -> bool:
        """Whether a connection carries the stream, once everything that has come was taken."""
        return self._mailbox is not None and self._mailbox.live_on > 0

    @property
    def is_behind(self) -> bool:
        """Whether something has come that was not taken yet."""
        return self._is_due

    def mark_live(self, mailbox: Mailbox, live_on: int) -> None:
        """The exchange has confirmed the stream on this connection."""
        super().mark_live(mailbox, live_on)
        if mailbox.subscription.channel == Channel.ORDER_BOOK_UPDATES:
            self._mailbox = mailbox
            self._room.tell(StreamOn(self))

    def close(self, mailbox: Mailbox, reply: Any) -> None:
        """End the subscription."""
        super().close(mailbox, reply)
        if mailbox.subscription.channel == Channel.ORDER_BOOK_UPDATES:
            self._room.tell(StreamOff(self))

    def ask_to_look(self) -> None:
        """Have the room told that something is left."""
        self._ask_to_look()

    def take_events(self, most: int) -> list[BaseEvent] | None:
        """On the room's thread: what came next, decoded; None where nothing is left."""
        parcel = self._take(most)
        if not parcel:
            return None
        try:
            return [event for _, event in self._resolved(parcel)]
        finally:
            self._delivered()

    def let_go(self) -> None:
        """On the room's thread: drop what came, so that nothing is held up, and the feed can end."""
        while self._take():
            pass


class KeptBook:
    """A symbol's book; belongs to the room of the books.

    Attributes:
        stream: Of the updates that it is kept from.
        machine: What keeps it true.
        ticker_id: Of the subscription to the book tickers that watch it; "" where there is none.
        waiting: Those of the readers that want a deeper book than there is; they get nothing yet.
        is_confirmed: Whether the exchange has ever confirmed the stream of updates.
        is_down: Whether the stream's connection is lost.
        queue: Where it waits for its turn to ask for a snapshot; None while it does not.
        timer_at: When the room looks at it by itself (monotonic).
        trouble: Why there is no book; "" where nothing is in the way.
        doubt: What is wrong with its stream of updates, though it is carried; None for nothing.
        told_health: What was told of its health last.
    """

    def __init__(
        self, stream: Stream, feed: BookFeed, machine: BookMachine, tape: Tape = BLANK
    ) -> None:
        self.stream = stream
        self._tape = tape
        self.subscription_id = ""
        self.feed = feed
        self.machine = machine
        self.ticker_id = ""
        self.readers: list[Mailbox] = []
        self.waiting: list[Mailbox] = []
        self.is_confirmed = False
        self.is_down = False
        self.queue: deque[KeptBook] | None = None
        self.timer_at = math.inf
        self.trouble = "not confirmed yet"
        self.doubt: tuple[HealthState, str] | None = None
        self.told_health: tuple[HealthState, str] | None = None

    @property
    def subject(self) -> str:
        """Its name in the connector's health."""
        return f"{Channel.ORDER_BOOK}:{self.stream.symbol}"

    @property
    def health(self) -> tuple[HealthState, str]:
        """How it is, and why it is not LIVE."""
        if self.is_down:
            return HealthState.DOWN, self.trouble
        if self.doubt is not None:
            return self.doubt
        if self.machine.book is not None:
            return HealthState.LIVE, ""
        return HealthState.RESYNCING, self.trouble or "waits for a snapshot"

    @property
    def ask_at(self) -> float:
        """When a snapshot should be asked for; not while what the last one waits for may be here."""
        is_early = self.machine.ahead is not None and self.feed.is_behind
        return math.inf if is_early else self.machine.ask_at

    @property
    def is_held_up(self) -> bool:
        """Whether a reader wants it to wait, until that one has taken what it has."""
        return any(not each.feed.room(each) for each in self.readers if _blocks(each))

    @property
    def turn(self) -> int:
        """How many updates to take at a time: what comes of them is within everybody's bound."""
        rooms = [each.feed.room(each) for each in self.readers if _blocks(each)]
        return max(1, min(_TURN, *(room // _MOST_EVENTS for room in rooms))) if rooms else _TURN

    def join(self, mailbox: Mailbox, now: float) -> None:
        """One more wants to read it."""
        self.readers.append(mailbox)
        self.waiting.append(mailbox)
        self._show(now)

    def leave(self, mailbox: Mailbox, now: float) -> None:
        """One less."""
        self.readers.remove(mailbox)
        if mailbox in self.waiting:
            self.waiting.remove(mailbox)
        if self.readers:
            self._show(now)

    def take(self, event: BaseEvent, now: float) -> Events:
        """What came on the stream."""
        match event:
            case OrderBookUpdate():
                self.is_down = False
                return self.machine.update(event, now)
            case BookTicker():
                return self.machine.ticker(event, now)
            case StreamGap(channel=Channel.BOOK_TICKER):
                return []
            case StreamGap(reason=GapReason.MISSED):
                return self.machine.missed(event, now)
            case StreamGap(reason=reason, received_time=at):
                self.is_down = reason == GapReason.DISCONNECTED
                self.trouble = reason
                return self.machine.interrupt(reason, at, now, is_on=not self.is_down)
            case _:
                return []

    def drained(self, now: float) -> None:
        """Everything that has come was taken: whether the stream is on shows now."""
        if self.feed.is_carried and not self.machine.is_on:
            self.machine.start(now)
            self.is_down, self.trouble = False, ""

    def answered(self, message: SnapshotCame, now: float) -> Events:
        """The snapshot that it asked for, or none."""
        if message.snapshot is not None:
            self.trouble = ""
            return self.machine.snapshot(message.snapshot, now)
        self.trouble = f"no snapshot: {message.error}"
        wait = getattr(message.error, "retry_after", 0.0)
        self.machine.failed(now, wait if math.isfinite(wait) else 0.0)
        return []

    def deliver(self, events: Events) -> None:
        """Leave books and gaps with the readers."""
        for event in events:
            if type(event) is StreamGap:
                self._tape.told("", event)
        for mailbox in self.readers:
            if mailbox not in self.waiting:
                self._leave_with(mailbox, events)

    def welcome(self) -> None:
        """Let those in that have waited until the book is deep enough; they see how it is now."""
        for mailbox in tuple(self.waiting):
            if self.machine.serves(mailbox.depth):
                self.waiting.remove(mailbox)
                state = self.machine.state()
                if state is not None:
                    self._leave_with(mailbox, [state])

    def _show(self, now: float) -> None:
        self.machine.show(max(each.depth for each in self.readers), now)

    def _leave_with(self, mailbox: Mailbox, events: Events) -> None:
        parcel: Parcel = []
        for event in events:
            if type(event) is OrderBook:
                mailbox.has_book = True
                parcel.append((mailbox, _cut(event, mailbox.depth)))
            elif mailbox.has_book:
                parcel.append((mailbox, event))
        if parcel:
            mailbox.feed.hand_over(parcel, 0, _nobody_waits)


def _blocks(mailbox: Mailbox) -> bool:
    return mailbox.overflow is Overflow.BLOCK and not mailbox.is_closed


def _cut(book: OrderBook, depth: int) -> OrderBook:
    bids, asks = book.bids, book.asks
    if len(bids) <= depth and len(asks) <= depth:
        return book
    assert isinstance(bids, Levels)
    assert isinstance(asks, Levels)
    return msgspec.structs.replace(book, bids=bids.head(depth), asks=asks.head(depth))


def _nobody_waits() -> bool:
    return True
