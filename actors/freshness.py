"""Which streams still bring what the exchange has: the registry's watch over silence."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from ..core.staleness import Silences, Step, Vigil
from ..messages.base import Address
from ..messages.config import HealthConfig
from ..messages.enums import GapReason, HealthState
from ..messages.rooms import Fetch
from ..messages.sessions import CarriedWanted, StreamsStalled
from ..venues.driver import Driver, Mark
from .frame import Rejected
from .reply import Reply
from .stream_table import Entry

_QUESTIONS = 4
"""By REST that are under way at a time for each session; one proof is enough for all its streams."""


class ProbeAnswered(msgspec.Struct, frozen=True, eq=False):
    """To the registry, by itself: what the exchange says about a stream (an `Entry`)."""

    entry: Any
    answer: Any
    error: BaseException | None


class Freshness:
    """Looks at every carried stream, once a second or so.

    Args:
        streams: The streams of a session.
        address: The registry's, which passes `ProbeAnswered` on.
        ask: Tells `rest`.
        tell_session: Tells a session, by its number.
        tell_health: Told that a stream's state has changed.
    """

    def __init__(
        self,
        driver: Driver,
        config: HealthConfig,
        *,
        streams: Callable[[int], tuple[Entry, ...]],
        address: Address[Any],
        ask: Callable[[Fetch], None],
        tell_session: Callable[[int, Any], None],
        tell_health: Callable[[Entry], None],
    ) -> None:
        self._driver, self._streams, self._tell_health = driver, streams, tell_health
        self._address, self._ask, self._tell_session = address, ask, tell_session
        self._limits = Silences(config.suspect_after, config.stale_after)
        self._asking: dict[int, set[str]] = {}  # by session, the names of streams

    def confirmed(self, entry: Entry, *, goes_on: bool) -> None:
        """The exchange carries a stream, on a connection that it was not carried on before.

        Args:
            goes_on: Whether that one has taken over from another, without an interruption: then a
                silence goes on as well, and is no less suspicious.
        """
        now, vigil = time.monotonic(), entry.vigil
        if goes_on and vigil is not None and vigil.state is not HealthState.STALE:
            return
        silence, latest = 0.0, entry.source.latest
        if vigil is None:
            probe = self._driver.probes.get(entry.stream.channel)
            ticks = probe is not None and probe.ticks
            vigil = entry.vigil = Vigil(self._limits, now, ticks=ticks)
            if latest is not None:  # an earlier registry's, whose suspicions are lost
                silence = max(0, time.time_ns() - latest.received_time) / 1e9
        vigil.started(now, silence)
        entry.seen = latest
        entry.state, entry.cause = vigil.state, vigil.cause

    def dropped(self, entry: Entry) -> None:
        """The exchange carries a stream no more, though it has never said so."""
        entry.state = HealthState.STALE
        entry.cause = "the exchange does not list it among the subscriptions"
        self._tell_health(entry)
        _interrupt(entry)
        entry.confirmed_on = 0

    def look(self, entries: Iterable[Entry]) -> None:
        """Look at all streams."""
        now = time.monotonic()
        for entry in entries:
            vigil, latest = entry.vigil, entry.source.latest
            if vigil is None or not entry.confirmed_on:
                continue
            step = vigil.look(now, has_come=latest is not entry.seen)
            entry.seen = latest
            if step is not Step.NONE:
                self._take(entry, vigil, step)

    def _take(self, entry: Entry, vigil: Vigil, step: Step) -> None:
        if step is Step.STALL:
            self._stalled(entry, vigil)
            return
        if step is Step.ASK:
            self._wonder(entry)
        self._tell(entry, vigil)

    def _tell(self, entry: Entry, vigil: Vigil) -> None:
        if (entry.state, entry.cause) != (vigil.state, vigil.cause):
            entry.state, entry.cause = vigil.state, vigil.cause
            self._tell_health(entry)

    def _wonder(self, entry: Entry) -> None:
        """Ask the session whether it is carried, and the exchange whether there is anything."""
        probe = self._driver.probes.get(entry.stream.channel)
        asking = self._asking.setdefault(entry.shard, set())
        if entry.name in asking or len(asking) >= _QUESTIONS:
            return
        if not asking:
            self._tell_session(entry.shard, CarriedWanted())
        if probe is None:
            return
        asking.add(entry.name)
        address = self._address

        def answered(answer: Any, error: BaseException | None) -> None:
            address.tell(ProbeAnswered(entry, answer, error))

        self._ask(Fetch(probe.request(entry.stream), Reply(answered), own=True))

    def answered(self, message: ProbeAnswered) -> None:
        """What the exchange says about a silent stream."""
        entry: Entry = message.entry
        self._asking.get(entry.shard, set[str]()).discard(entry.name)
        probe, vigil = self._driver.probes.get(entry.stream.channel), entry.vigil
        if message.error is not None or probe is None or vigil is None or not entry.confirmed_on:
            return
        present = probe.present(message.answer)
        seen = self._seen(entry, probe.seen)
        if seen is None:  # there is nothing to compare with but what comes next
            seen, entry.mark = entry.mark, present
            if seen is None:
                return
        step = vigil.answered(time.monotonic(), is_behind=_is_behind(seen, present))
        self._take(entry, vigil, step)

    def _seen(self, entry: Entry, mark: Callable[[Any], Mark]) -> Mark | None:
        frame = entry.source.latest
        event = None if frame is None else frame.event or frame.source.read(frame)
        return None if event is None or isinstance(event, Rejected) else mark(event)

    def _stalled(self, entry: Entry, stale: Vigil) -> None:
        """Others of its session that are as silent have been missing something as well."""
        now, subject = time.monotonic(), entry.stream.subject
        since, cause = stale.silent_since, stale.cause
        for other in self._streams(entry.shard):
            vigil = other.vigil
            if vigil is None or not other.confirmed_on:
                continue
            vigil.implicated(now, f"no data, as of {subject}", since)
            if vigil.state is HealthState.STALE:
                self._tell(other, vigil)  # before anything is repaired
                _interrupt(other)
        self._tell_session(entry.shard, StreamsStalled(f"{subject}: {cause}"))


def _interrupt(entry: Entry) -> None:
    """Tell its subscribers that events are missing."""
    for mailbox in entry.mailboxes:
        mailbox.feed.interrupt(mailbox, entry.confirmed_on, is_over=False, reason=GapReason.STALLED)


def _is_behind(seen: Mark, present: Mark) -> bool:
    if isinstance(seen, int) and isinstance(present, int):
        return present > seen
    return seen != present
