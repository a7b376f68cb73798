"""Which streams still bring what the exchange has: the registry's watch over silence."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from ...core.recovery import Allowance
from ...core.staleness import Silences, Step, Vigil
from ...messages.base import Address
from ...messages.config import HealthConfig
from ...messages.enums import GapReason, HealthState
from ...messages.rooms import Fetch
from ...messages.sessions import CarriedWanted, StreamsStalled
from ...venues.driver import Driver, Mark
from ..base.reply import Reply
from ..feeds.frame import Content, Frame, Rejected, Several
from ..feeds.mailbox import Mailbox
from .stream_table import Entry

_QUESTIONS = 4
"""By REST that are under way at a time for each session; one proof is enough for all its streams."""
_WEIGHT = 600
"""The most request weight a minute that is spent on questions."""
_LOOK = 1.0
"""Seconds from look to look, at most."""
_LISTS = 5.0
"""The least seconds between two lists of its subscriptions, or signs of life where the exchange has
none, that a session is asked for."""


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
        self._listed: dict[int, float] = {}  # by session, when its list was asked for
        self._allowance = Allowance(_WEIGHT)
        self._proved: dict[int, float] = {}  # by session, when one of its streams was found behind

    def confirmed(self, entry: Entry, epoch: int) -> None:
        """The exchange carries a stream on this connection.

        Where one connection has taken over from another without an interruption, a silence goes on
        as well, and is no less suspicious; so it does where somebody has joined.
        """
        goes_on = entry.confirmed_on > 0
        if entry.confirmed_on == epoch:
            return
        now, vigil, latest = time.monotonic(), entry.vigil, entry.source.sign
        if vigil is not None and (not goes_on or entry.state is HealthState.STALE):
            entry.before, entry.mark = latest, None
        entry.confirmed_on = epoch
        if goes_on and vigil is not None and vigil.state is not HealthState.STALE:
            return
        silence = 0.0
        if vigil is None:
            probe = self._driver.probes.get(entry.stream.channel)
            ticks = probe is not None and probe.ticks
            vigil = entry.vigil = Vigil(self._limits, now, ticks=ticks)
            if latest is not None:  # an earlier registry's, whose suspicions are lost
                silence = max(0, time.time_ns() - entry.source.latest_at) / 1e9
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
            vigil, latest = entry.vigil, entry.source.sign
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
        if step is Step.ASK and not self._wonder(entry):
            vigil.put_off()
        self._tell(entry, vigil)

    def _tell(self, entry: Entry, vigil: Vigil) -> None:
        if (entry.state, entry.cause) == (vigil.state, vigil.cause):
            return
        entry.state, entry.cause = vigil.state, vigil.cause
        self._tell_health(entry)

    def _wonder(self, entry: Entry) -> bool:
        """Ask the session whether it is carried, and the exchange whether there is anything.

        An exchange that lists nothing only answers the session, or not: then its answer to the
        other question has to say everything.

        Returns:
            Whether that is asked; not where too much is.
        """
        now, shard = time.monotonic(), entry.shard
        if now - self._listed.get(shard, -math.inf) >= _LISTS:
            self._listed[shard] = now
            self._tell_session(shard, CarriedWanted())
        probe = self._driver.probes.get(entry.stream.channel)
        asking = self._asking.setdefault(shard, set())
        if probe is None or entry.name in asking:
            return True
        request = probe.request(entry.stream)
        weight = self._driver.endpoints[type(request)].weight(request)
        if now - self._proved.get(shard, -math.inf) <= self._limits.grace + _LOOK:
            return False  # one proof is enough
        if len(asking) >= _QUESTIONS or self._allowance.ready_at(weight, now) > now:
            return False
        self._allowance.spend(weight, now)
        asking.add(entry.name)
        address = self._address

        def answered(answer: Any, error: BaseException | None) -> None:
            address.tell(ProbeAnswered(entry, answer, error))

        self._ask(Fetch(request, Reply(answered), own=True))
        return True

    def answered(self, message: ProbeAnswered) -> None:
        """What the exchange says about a silent stream."""
        entry: Entry = message.entry
        self._asking.get(entry.shard, set[str]()).discard(entry.name)
        probe, vigil = self._driver.probes.get(entry.stream.channel), entry.vigil
        if message.error is not None or probe is None or vigil is None:
            return
        if not entry.confirmed_on or not entry.mailboxes:
            return  # it is not carried, or not wanted, any more
        present = probe.present(message.answer)
        seen = self._seen(entry, probe.seen)
        if seen is None:  # there is nothing to compare with but what comes next
            seen, entry.mark = entry.mark, present
        is_behind = None if seen is None else probe.is_behind(seen, present)
        now = time.monotonic()
        if is_behind:
            self._proved[entry.shard] = now
        was_stale = vigil.state is HealthState.STALE
        step = vigil.answered(now, is_behind=is_behind)
        if was_stale and vigil.state is HealthState.LIVE:
            _revive(entry)
        self._take(entry, vigil, step)

    def _seen(self, entry: Entry, mark: Callable[[Any], Mark]) -> Mark | None:
        source = entry.source
        sign = source.sign
        if sign is None or sign is entry.before:
            return None
        event: Content
        if isinstance(sign, bytes):
            event = source.read(Frame(source, sign, source.latest_at))
        else:
            event = sign
        if isinstance(event, Several):
            return mark(event.events[-1]) if event.events else None
        return None if isinstance(event, Rejected) else mark(event)

    def _stalled(self, entry: Entry, stale: Vigil) -> None:
        """Others of its session that are as silent have been missing something as well."""
        now, subject = time.monotonic(), entry.stream.subject
        since, cause = stale.missing_since, stale.cause
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
    entry.source.forget()
    for mailbox in entry.mailboxes:
        _tell_of_a_stall(mailbox, entry)


def _tell_of_a_stall(mailbox: Mailbox, entry: Entry) -> None:
    mailbox.feed.interrupt(mailbox, entry.confirmed_on, is_over=False, reason=GapReason.STALLED)


def _revive(entry: Entry) -> None:
    """It was stale, and is proved to lack nothing, though nothing has come."""
    for mailbox in entry.mailboxes:
        mailbox.feed.mark_live(mailbox, entry.confirmed_on)
        if mailbox.feed.is_own:  # a book of that time may lack what was missed until now
            _tell_of_a_stall(mailbox, entry)
            mailbox.feed.mark_live(mailbox, entry.confirmed_on)
