"""Which streams are wanted, by whom, and how far the exchange has confirmed them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ...core.sequence import Rule
from ...core.sharding import Shards
from ...core.staleness import Vigil
from ...messages.base import Address
from ...messages.enums import HealthState
from ...messages.kept_books import SnapshotLacking
from ...messages.rooms import StreamHealth
from ...messages.streams import Stream
from ...venues.driver import Driver, Mark
from ..feeds.frame import Route, Source
from ..feeds.mailbox import Mailbox

RENEWALS = 5.0
"""Seconds from one renewal of a stream to the next, at least: each disturbs its subscribers."""


@dataclass(eq=False, slots=True)
class Entry:
    """One stream.

    Attributes:
        shard: The number of the session that carries it.
        is_on_trust: Whether it is still to be seen that the exchange lists its symbol.
        confirmed_on: The connection on which the exchange has confirmed it; 0 while it has not.
        state: How it is; `cause` says why, unless it is LIVE.
        vigil: What watches over its silence, once it was confirmed; `seen` is the last frame that
            was there at a look, `mark` where the exchange was when there was no frame yet.
        before: The last frame before the interruption, which was told: what was missed after it is
            no fault of the connection that carries the stream now.
        renewed_at: When it was begun anew the last time, in monotonic seconds.
        is_renewal_due: Whether it is to be begun anew as soon as that may be; `lacked` is the event
            that was the newest then.
    """

    stream: Stream
    name: str
    shard: int
    source: Source
    mailboxes: list[Mailbox] = field(default_factory=list[Mailbox])
    confirmed_on: int = 0
    is_on_trust: bool = False
    state: HealthState = HealthState.RESYNCING
    cause: str = "not confirmed yet"
    vigil: Vigil | None = None
    seen: object = None
    mark: Mark | None = None
    before: object = None
    renewed_at: float = -math.inf
    is_renewal_due: bool = False
    lacked: object = None


class StreamTable:
    """The wanted streams, spread over sessions.

    Args:
        rejections: Told of frames that cannot be trusted.
        registry: Told of streams that have to be begun anew.
    """

    def __init__(self, driver: Driver, rejections: Address[Any], registry: Address[Any]) -> None:
        self._driver, self._rejections, self._registry = driver, rejections, registry
        self._name = driver.stream_name
        self._shards = Shards(driver.limits.streams, driver.limits.characters)
        self._entries: dict[str, Entry] = {}
        self._by_shard: dict[int, dict[str, Entry]] = {}
        self._by_subject: dict[str, dict[str, Entry]] = {}
        self._drifted_before = 0

    @property
    def sessions(self) -> int:
        """How many sessions are needed; one, even if nothing is wanted."""
        return max(1, self._shards.count)

    @property
    def drifted(self) -> int:
        """How many frames had fields or values that this version does not know."""
        now = sum(entry.source.drifted for entry in self.all())
        return self._drifted_before + now

    def join(self, stream: Stream, mailbox: Mailbox) -> Entry:
        """Lead a stream to one more mailbox."""
        name = self._name(stream)
        entry = self._entries.get(name)
        if entry is None:
            shard = self._shards.assign(name, mailbox.shard)
            entry = self._entries[name] = Entry(stream, name, shard, self._source(stream))
            self._by_shard.setdefault(shard, {})[name] = entry
            self._by_subject.setdefault(stream.subject, {})[name] = entry
        elif entry.source.rule is Rule.DELTAS and entry.confirmed_on:
            entry.is_renewal_due = True  # who comes late has no snapshot
        mailbox.shard = entry.shard  # an earlier registry's choice: moving would interrupt it
        entry.mailboxes.append(mailbox)
        return entry

    def _source(self, stream: Stream) -> Source:
        driver = self._driver
        rule = driver.rules.get(stream.channel, Rule.NONE)
        whole_wanted = anew = None
        if stream.channel in driver.cumulative:
            whole_wanted = partial(self._registry.tell, SnapshotLacking(stream))
            anew = partial(driver.decoder, stream)
        decoder = driver.decoder(stream)
        return Source(driver.name, stream, decoder, self._rejections, rule, whole_wanted, anew)

    def leave(self, stream: Stream, mailbox: Mailbox) -> Entry:
        """Lead it to one less; the last to leave ends it."""
        entry = self._entries[self._name(stream)]
        entry.mailboxes.remove(mailbox)
        if not entry.mailboxes:
            del self._entries[entry.name]
            del self._by_shard[entry.shard][entry.name]
            of_subject = self._by_subject[stream.subject]
            del of_subject[entry.name]
            if not of_subject:
                del self._by_subject[stream.subject]
            self._drifted_before += entry.source.drifted
            self._shards.release(entry.name)
        return entry

    def get(self, name: str) -> Entry | None:
        """The stream of that name on the wire, if it is wanted."""
        return self._entries.get(name)

    def renewal(self, stream: Stream, now: float) -> Entry | None:
        """The stream, if it may be begun anew now, which then counts as done; else it is due later.

        A connection that has yet to confirm it begins with it anyway.
        """
        entry = self._entries.get(self._name(stream))
        if entry is None or not entry.confirmed_on:
            return None
        entry.is_renewal_due = now < entry.renewed_at + RENEWALS
        if entry.is_renewal_due:
            entry.lacked = entry.source.newest
            return None
        entry.renewed_at = now
        return entry

    def due_renewals(self) -> list[Stream]:
        """The streams that wait to be begun anew; not those that have come to lack nothing."""
        for entry in self._entries.values():
            if entry.source.is_cumulative and entry.source.newest is not entry.lacked:
                entry.is_renewal_due = False
        return [entry.stream for entry in self._entries.values() if entry.is_renewal_due]

    def lose(self, entry: Entry, reason: str) -> None:
        """Its connection is gone."""
        entry.confirmed_on, entry.state, entry.cause = 0, HealthState.DOWN, reason
        entry.is_renewal_due = False

    def all(self) -> tuple[Entry, ...]:
        """Every wanted stream."""
        return tuple(self._entries.values())

    def carried_by(self, shard: int) -> tuple[Entry, ...]:
        """The streams of one session."""
        return tuple(self._by_shard.get(shard, {}).values())

    def routes(self, shard: int) -> dict[bytes, Route]:
        """Where the frames of a session's streams lead."""
        return {
            entry.name.encode(): Route(entry.source, tuple(entry.mailboxes))
            for entry in self.carried_by(shard)
        }

    def health(self, subject: str) -> StreamHealth | None:
        """How the streams of one subject are, taken together; None where no user wants one."""
        entries = self._by_subject.get(subject, {}).values()
        found = [entry for entry in entries if any(not m.feed.is_own for m in entry.mailboxes)]
        if not found:
            return None
        worst = max(found, key=lambda entry: list(HealthState).index(entry.state))
        return StreamHealth(subject, worst.state, worst.cause)
