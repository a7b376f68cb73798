"""What one subscription has not been delivered yet: a bound, a policy and a count.

A mailbox belongs to its feed, whose lock guards it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec

from ...core.sequence import Continuity, Next, Rule, Stale
from ...messages.enums import Channel, GapReason, Overflow
from ...messages.lifecycle import SubscriberLagged
from ...messages.market import (
    BaseEvent,
    BookTicker,
    MarketEvent,
    OrderBookUpdate,
    StreamGap,
    Trade,
)
from ...messages.recovery import Recovered
from ...messages.subscriptions import Subscription
from ..tapes.tape import BLANK, Tape
from .event_ids import ids
from .frame import Content, Doubt, Frame, Item, Rejected, Several, events_in
from .repetition import is_old, is_same_candle

if TYPE_CHECKING:
    from .feed import Feed

Look = Callable[[Content], bool]


class Mailbox:
    """The undelivered events of one subscription, oldest first.

    Attributes:
        subscription: What the subscriber holds.
        live_on: The connection on which the stream was last seen alive; 0 while it is interrupted.
        ended_on: The last connection whose end was told; nothing of it, or older, counts any more.
        shard: The session that carries the stream; None for the connector's own events.
        batch: Whether the subscriber gets what came together as one `EventBatch`.
        is_closed: Set when the subscription ends: nothing is delivered from then on.
        slots: How many turns it has in its feed's queue; the feed's business.
        dropped: Events that found no room since the last notice.
        stale: Events that had been delivered before, or were older.
        depth: Of an order book: how many levels a side the subscriber wants.
        moved_at: When another connection took over the last time, in ns since the epoch.
        has_book: Whether a book was ever put here; the business of the room that keeps it.

    Args:
        is_plural: Whether a frame may have several events, or none.
    """

    # There may be thousands, each of which is looked at for a message or two at a time.
    __slots__ = (
        *("exchange", "subscription", "feed", "max_pending", "overflow", "batch", "pending"),
        *("live_on", "ended_on", "shard", "is_closed", "slots", "dropped", "stale", "follows"),
        *("_continuity", "_has_ids", "depth", "moved_at", "has_book", "_newest", "_tape", "_count"),
        "_is_doubted",
    )

    def __init__(
        self,
        exchange: str,
        subscription: Subscription,
        feed: Feed,
        *,
        max_pending: int,
        overflow: Overflow,
        rule: Rule = Rule.NONE,
        depth: int = 0,
        batch: bool = False,
        is_plural: bool = False,
        tape: Tape = BLANK,
    ) -> None:
        self.exchange = exchange
        self._tape = tape
        self.subscription = subscription
        self.feed = feed
        self.max_pending: int = max_pending
        self.overflow = overflow
        self.batch = batch
        if batch:
            feed.takes_batches = True
        self.pending: deque[Item] = deque()
        self.live_on = 0
        self.ended_on = 0
        self.shard: int | None = None
        self.is_closed = False
        self.slots = 0
        self.dropped = 0
        self.stale = 0
        self._count = events_in if is_plural else len
        self._continuity = Continuity(rule)
        self._has_ids = rule is not Rule.NONE
        self.depth = depth
        self.has_book = False
        self.moved_at = 0
        self._newest: Any = None  # of events without ids
        self._is_doubted = False  # whether it is still to be seen that nothing is missing
        self.follows = self._quick_look(Channel(subscription.channel))

    # the feed puts, under its lock

    @property
    def is_full(self) -> bool:
        """Whether the next event needs the policy."""
        return len(self.pending) >= self.max_pending

    @property
    def is_told_to_all(self) -> bool:
        """Whether it concerns others that it lags: who follows the connector's own life."""
        return self.subscription.channel != Channel.EVENTS and not self.feed.is_own

    def put(self, item: Item) -> None:
        """Add the newest event; where there is no room, the policy makes some."""
        if len(self.pending) >= self.max_pending and self.overflow is not Overflow.BLOCK:
            if self.overflow is Overflow.CONFLATE:
                self.dropped += self._count(self.pending)
                self.pending.clear()
            else:
                self.dropped += self._count((self.pending.popleft(),))
        self.pending.append(item)

    def lagged(self) -> SubscriberLagged | None:
        """The notice that stands where events were dropped, if any were since the last one."""
        if not self.dropped:
            return None
        dropped, self.dropped = self.dropped, 0
        self._start_afresh()
        return self._notice(dropped)

    def clear(self) -> None:
        """Let go of what is undelivered."""
        self.pending.clear()

    # the feed's thread takes

    def _quick_look(self, channel: Channel) -> Look:
        """Whether an event is simply the next one, which then counts as delivered.

        What the quick look does not settle, `events` does.
        """
        if not self._has_ids:
            return self._follows_the_newest
        looks = {
            Channel.ORDER_BOOK_UPDATES: self._follows_update,
            Channel.TRADES: self._follows_trade,
            Channel.BOOK_TICKER: self._follows_ticker,
        }
        return looks.get(channel, self._is_to_be_looked_at)

    def _follows_the_newest(self, event: Content) -> bool:
        newest: Any = self._newest
        if isinstance(event, tuple):  # no single event
            return False
        is_later = newest is None or event.event_time > newest.event_time
        if not is_later and is_old(event, newest, self.moved_at):
            return False
        self._newest = event
        return True

    def _follows_update(self, event: Content) -> bool:
        continuity = self._continuity
        if type(event) is not OrderBookUpdate or event.first_update_id - 1 != continuity.last:
            return False
        continuity.last = event.last_update_id
        return True

    def _follows_trade(self, event: Content) -> bool:
        continuity = self._continuity
        if type(event) is not Trade or (number := int(event.trade_id)) - 1 != continuity.last:
            return False
        continuity.last = number
        return True

    def _follows_ticker(self, event: Content) -> bool:
        continuity, known = self._continuity, self._continuity.last
        if type(event) is not BookTicker or known is None or event.update_id <= known:
            return False
        continuity.last = event.update_id
        return True

    def _is_to_be_looked_at(self, event: Content) -> bool:
        return False

    def events(self, item: Item) -> tuple[BaseEvent, ...]:
        """What the subscriber gets for an item: nothing if stale, a gap first if ids are missing."""
        if isinstance(item, Recovered):
            return ()
        if isinstance(item, Doubt):
            self._doubt()
            return ()
        if not isinstance(item, Frame):
            if isinstance(item, StreamGap):
                item = self._named(item)
                self._is_doubted = False
            self._start_afresh()  # a gap, or an event without ids
            return (item,)
        event = item.event or item.source.read(item)
        if isinstance(event, Several):
            if not event.events and item.source.newest is not None:
                self._trust()  # no news of a cumulative stream: the two connections have overlapped
            made = (self._with_doubt(each, item.received_time) for each in event.events)
            return tuple(chain.from_iterable(made))
        return self._with_doubt(event, item.received_time)

    def _doubt(self) -> None:
        self._is_doubted = True
        self.follows = self._is_to_be_looked_at  # so that the next event settles it

    def _trust(self) -> None:
        """It is no doubt any more, if it was."""
        if self._is_doubted:
            self._is_doubted = False
            self.follows = self._quick_look(Channel(self.subscription.channel))

    @property
    def _has_begun(self) -> bool:
        """Whether anything was delivered that something may be missing after."""
        return self._newest is not None

    def _with_doubt(self, event: MarketEvent | Rejected, at: int) -> tuple[BaseEvent, ...]:
        """What the subscriber gets for an event; a gap first if nothing shows that there is none.

        One that came before shows that the two connections have overlapped.
        """
        newest, may_miss = self._newest, self._is_doubted and self._has_begun
        events = self._looked_at(event, at)
        self._trust()
        if not may_miss or not events or isinstance(events[0], StreamGap):
            return events
        if is_same_candle(event, newest):
            return events
        return self.gap(GapReason.DISCONNECTED, at), *events

    def _looked_at(self, event: MarketEvent | Rejected, at: int) -> tuple[BaseEvent, ...]:
        """The same for what is in a frame, or for one of its events."""
        if isinstance(event, Rejected):
            self._start_afresh()
            return (self.gap(GapReason.REJECTED, at),)
        if not self._has_ids:
            if self._follows_the_newest(event):
                return (event,)
            self.stale += 1
            return ()
        first, last = ids(event)
        verdict = self._continuity.check(first, last)
        if isinstance(verdict, Next):
            return (event,)
        if isinstance(verdict, Stale):
            self.stale += 1
            return ()
        missing = (verdict.first_missed, verdict.last_missed)
        return self.gap(GapReason.MISSED, at, *missing), event

    def gap(
        self, reason: GapReason, at: int, first: int | None = None, last: int | None = None
    ) -> StreamGap:
        """The notice that stands where events of the channel were missed."""
        missed = None if first is None or last is None else last - first + 1
        channel, symbol = self.subscription.channel, self.subscription.symbol
        gap = StreamGap(self.exchange, symbol, at, at, channel, reason, first, last, missed)
        self._tape.told(self.subscription.subscription_id, gap)
        return gap

    def interruption(self, reason: GapReason) -> StreamGap:
        """The notice of one, of now; the tape is told when it is delivered, as it is then."""
        at, channel = time.time_ns(), self.subscription.channel
        return StreamGap(self.exchange, self.subscription.symbol, at, at, channel, reason)

    def _named(self, gap: StreamGap) -> StreamGap:
        """An interruption, with the first id that was missed where that is known by now."""
        if gap.reason in (GapReason.DISCONNECTED, GapReason.STALLED):
            gap = msgspec.structs.replace(gap, first_missed_id=self._continuity.following)
            if self.subscription.channel != Channel.ORDER_BOOK:  # of a book it is told already
                self._tape.told(self.subscription.subscription_id, gap)
        return gap

    def _notice(self, dropped: int) -> SubscriberLagged:
        identity = self.subscription.subscription_id
        notice = SubscriberLagged(self.exchange, identity, dropped)
        self._tape.told(identity, notice)
        return notice

    def _start_afresh(self) -> None:
        self._continuity.restart()
