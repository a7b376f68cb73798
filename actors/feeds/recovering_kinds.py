"""The kinds of mailboxes that ask for what they missed, by what they know of it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

from ...core.newest import UNKNOWN
from ...core.recovery import Missing
from ...core.sequence import NEXT, STALE, Rule, Seen
from ...messages.enums import Channel, GapReason
from ...messages.market import Kline, StreamGap, Trade
from ...messages.recovery import RecoverNewest
from ...messages.streams import Stream
from ..base.reply import Reply
from .frame import Content, Frame, Item, Several
from .mailbox import Look
from .recovering import RecoveringMailbox, Verdict
from .repetition import is_old, is_same_candle
from .states import REMEMBERED

AN_INSTANT = 1_000_000
"""Nanoseconds from a candle's end to the next one's beginning: exchanges count milliseconds."""
_FAR_BACK = 10_000
"""Ids so far behind are no old trades of a server that lags: the exchange counts anew."""
_LONG_AFTER = 60_000_000_000
"""Nor are any that come so long after the interruption (ns)."""

_ANCHORS = 256
"""Ids of those delivered last that are looked for: one is enough."""


class TradesMailbox(RecoveringMailbox):
    """Trades, whose ids are consecutive."""

    __slots__ = ()

    @property
    def _knows(self) -> bool:
        return self._continuity.last is not None

    def _judge(self, event: Trade) -> Verdict:
        last, number = self._continuity.last, int(event.trade_id)
        if last is None or number == last + 1:
            return NEXT
        if number > last:
            return Missing(last + 1, number - 1)
        # An old one that comes again, or one of an exchange that counts anew, as a test network
        # does after it was wiped; that this begins afresh, the interruption has told.
        at = self._interrupted_at
        if at is None:
            return STALE
        is_anew = last - number > _FAR_BACK or event.received_time > at + _LONG_AFTER
        return NEXT if is_anew else STALE

    def _note(self, event: Trade) -> None:
        self._continuity.last = int(event.trade_id)

    def _gap_of(self, missing: Missing, at: int, reason: GapReason) -> StreamGap:
        return self.gap(reason, at, missing.first, missing.last)


class KlinesMailbox(RecoveringMailbox):
    """Candles, known by the time at which they open; only an interruption shows that any miss."""

    __slots__ = ()

    @property
    def _knows(self) -> bool:
        return self._newest is not None

    def _judge(self, event: Kline) -> Verdict:
        newest = self._newest
        if newest is not None and is_old(event, newest, self.moved_at):
            return STALE
        if newest is None or self._interrupted_at is None:
            return NEXT
        first = newest.close_time + AN_INSTANT if newest.is_closed else newest.open_time
        return Missing(first, event.open_time - 1) if event.open_time > first else NEXT

    def _gaps_before(self, event: Kline, at: int) -> tuple[StreamGap, ...]:
        """States of one candle may be missing; none where no trade is."""
        if is_same_candle(event, self._newest):
            return ()
        return (self.gap(GapReason.DISCONNECTED, at),)

    def _note(self, event: Kline) -> None:
        self._newest = event

    def _gap_of(self, missing: Missing, at: int, reason: GapReason) -> StreamGap:
        return self.gap(reason, at)  # candles have no ids

    def _start_afresh(self) -> None:
        self._newest = None


class NewestTradesMailbox(RecoveringMailbox):
    """Trades whose ids have no order: whether any are missing, only the newest ones show.

    So nothing is told before these are there, unless an interruption was.
    """

    __slots__ = ("_begin", "_seen")

    is_certain = False

    def __init__(self, *args: Any, **more: Any) -> None:
        self._seen = Seen(REMEMBERED)
        self._begin: str | None = None  # up to this one nothing is compared with
        super().__init__(*args, **more)

    def _quick_look(self, channel: Channel) -> Look:
        return self._is_new

    def _is_new(self, event: Content) -> bool:
        return type(event) is Trade and self._seen.is_new(event.trade_id)

    @property
    def _knows(self) -> bool:
        return self._seen.newest != self._begin

    def _judge(self, event: Trade) -> Verdict:
        if event.trade_id in self._seen:
            return STALE
        return NEXT if self._interrupted_at is None or not self._knows else UNKNOWN

    def _note(self, event: Trade) -> None:
        self._seen.is_new(event.trade_id)

    def _start_afresh(self) -> None:
        self._begin = self._seen.newest

    def _gap_of(self, missing: Missing, at: int, reason: GapReason) -> StreamGap:
        return self.gap(reason, at)

    def _question(
        self, stream: Stream, missing: Missing, event: Trade, deadline: float, reply: Reply[Any]
    ) -> RecoverNewest:
        after = self._seen.latest(_ANCHORS, self._begin)
        return RecoverNewest(stream, after, event, deadline, reply)

    def _of_use(self, parts: tuple[Any, ...], held: Iterable[Item]) -> Iterable[Any]:
        """Not those that were delivered, nor those that wait: of one millisecond all are fetched."""
        waiting = set(chain.from_iterable(map(_trade_ids, held)))
        for part in parts:
            if isinstance(part, Missing) or (
                part.trade_id not in waiting and self._seen.is_new(part.trade_id)
            ):
                yield part


def _trade_ids(item: Item) -> list[str]:
    """Of the trades in something that waits."""
    if not isinstance(item, Frame):
        return []
    event = item.event or item.source.read(item)
    events = event.events if isinstance(event, Several) else (event,)
    return [each.trade_id for each in events if isinstance(each, Trade)]


KINDS: dict[Rule, type[RecoveringMailbox]] = {
    Rule.CONSECUTIVE: TradesMailbox,
    Rule.UNIQUE: NewestTradesMailbox,
    Rule.NONE: KlinesMailbox,
}
"""By the rule of a channel that has a past."""
