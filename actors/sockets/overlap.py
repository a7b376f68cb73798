"""Two connections that carry the same streams for a moment, so that none is interrupted.

While the old one delivers, what comes on the new one is held. Once the new one carries everything,
the old one is asked something; with its answer, all that it was sent before has arrived. It ends,
and what is held is delivered, without what has been delivered already. Of that some may come on the
new one still, if its way is the slower.

An exchange that does not say what a connection carries may have dropped a stream of the old one's.
That it has not is shown by what comes on both, for which the old one is kept a little longer; what
stays in doubt, and has no ids that would show it, is looked at by its mailboxes.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterable, Mapping

from ...core.sequence import Rule
from ...venues.control import DataFrame
from ...venues.driver import Driver, MalformedError
from ..feeds.frame import Route

RETIRED = "another connection carries on"
"""Why a connection has ended that another one took the place of."""
_MOST_BYTES = 64 << 20
_TAIL = 15.0
"""Seconds by which the new connection may be slower: so late comes what the old one brought."""
_PATIENCE = 3.0
"""Seconds that the old one is kept for what would show that it has carried a stream: candles of a
busy market come every second."""


class Overlap:
    """What the two connections of a session have to know of each other.

    The old one's thread writes `delivered` until it has ended, then the new one's reads it; the
    session stands between them.

    Args:
        driver: The exchange's.

    Attributes:
        epoch: The old connection's.
        is_proven: Whether everything that the old one was sent has arrived.
        is_retired: Set by the session: the old one is to end, and tell nobody.
        is_open: Set by the session: the old one has ended, and the new one may deliver.
        carried: The streams that the new one carries, by the bytes of their names.
        lacking: Those that the old one has turned out not to have carried to its end.
        is_full: Whether more has come than is held: the new one has to be given up.
    """

    def __init__(self, epoch: int, driver: Driver) -> None:
        self.epoch = epoch
        self._driver = driver
        self._patient_until = math.inf  # from the first time on that it is looked at
        self.is_proven = False
        self.is_retired = False
        self.is_open = False
        self.is_full = False
        self.carried: frozenset[bytes] = frozenset()
        self.lacking: frozenset[bytes] = frozenset()
        self._delivered: set[bytes] = set()
        self._states = frozenset[bytes]()
        self._held: list[tuple[list[bytes], int]] = []
        self._over_at = math.inf
        self._bytes = 0

    def delivered(self, messages: Iterable[bytes]) -> None:
        """By the old connection: these are on their way to the subscribers."""
        self._delivered.update(messages)

    def hold(self, messages: list[bytes], received: int) -> None:
        """By the new connection: keep what came together, at a time."""
        self._bytes += sum(map(len, messages))
        if self._bytes > _MOST_BYTES:
            self.is_full = True
        else:
            self._held.append((messages, received))

    def is_worth_waiting(self, routes: Mapping[bytes, Route], now: float) -> bool:
        """By the session: whether something may soon come on both that shows what the old carries.

        Args:
            routes: The old one's.
            now: Monotonic seconds; it is waited for from the first time on.
        """
        self._patient_until = min(self._patient_until, now + _PATIENCE)
        if self._driver.list_command is not None or now >= self._patient_until:
            return False
        shown = self._shown()
        return any(
            name not in shown and _is_silent(route) and self._carries(route)
            for name, route in routes.items()
        )

    def hurry(self) -> None:
        """By the session: nothing is worth waiting for."""
        self._patient_until = -math.inf

    def _carries(self, route: Route) -> bool:
        """Whether the old connection has a stream alive, as far as we know."""
        return any(mailbox.live_on == self.epoch for mailbox in route.mailboxes)

    def _shown(self) -> set[bytes]:
        """The streams of which the same has come on both: the old one has carried them till then."""
        done = self._delivered
        return {self._name(raw) for came, _ in tuple(self._held) for raw in came if raw in done}

    def _name(self, raw: bytes) -> bytes:
        """Of the stream that a frame is of; empty where it is of none."""
        prefix = self._driver.frame_prefix
        if raw.startswith(prefix):
            return raw[len(prefix) : raw.find(b'"', len(prefix))]
        with contextlib.suppress(MalformedError):
            control = self._driver.control(raw)
            if isinstance(control, DataFrame):
                return control.name
        return b""

    def move(self, routes: Mapping[bytes, Route], epoch: int) -> None:
        """By the new connection, `epoch`: what it carries goes on, the rest is interrupted."""
        is_listed = self._driver.list_command is not None
        shown = set[bytes]() if is_listed else self._shown()
        again = set[bytes]()
        held = max((received for _, received in self._held), default=0)  # the clock may step
        at = max(held, time.time_ns())
        for name, route in routes.items():
            is_proven = self.is_proven and name not in self.lacking
            is_sure = is_listed or name in shown or not _is_silent(route)
            is_whole = is_proven or not _is_silent(route)
            if name not in self.carried:
                route.interrupt(self.epoch)
                continue
            if not is_whole:
                route.source.forget()
                if route.source.is_cumulative:
                    again.add(name)
            for mailbox in route.mailboxes:
                way = {"is_whole": is_whole, "is_sure": is_sure}
                mailbox.feed.move(mailbox, self.epoch, epoch, at, **way)
        if not is_listed:
            states = Rule.NONE, Rule.WHOLE, Rule.DELTAS
            self._states = frozenset(n for n, each in routes.items() if each.source.rule in states)
        if again:  # what was known of these is to be learnt from the new one
            self._delivered = {raw for raw in self._delivered if self._name(raw) not in again}

    def held(self) -> list[tuple[list[bytes], int]]:
        """By the new connection: what is to be delivered now, and when it came.

        Of states, and of what begins with one, nothing that came before what is shared: the old one
        has brought what was then, and somebody who has joined since would go back.
        """
        done, covered = self._delivered, set[bytes]()
        fresh: list[tuple[list[bytes], int]] = []
        for came, at in reversed(self._held):
            kept: list[bytes] = []
            for raw in reversed(came):
                if raw in done:
                    covered.add(self._name(raw))
                elif not covered or self._name(raw) not in self._states & covered:
                    kept.append(raw)
            fresh.append((kept[::-1], at))
        return fresh[::-1]

    def taken_over(self, now: float) -> None:
        """By the new connection: what was held is delivered (monotonic seconds)."""
        self._held.clear()
        self._over_at = now + _TAIL

    def has_delivered(self, raw: bytes) -> bool:
        """By the new connection: whether the old one has brought this already."""
        return raw in self._delivered

    def is_over(self, now: float) -> bool:
        """By the new connection: whether nothing comes any more that the old one has brought."""
        return now >= self._over_at


def _is_silent(route: Route) -> bool:
    """Whether no ids of the stream would show that something is missing."""
    return route.source.rule not in (Rule.CONSECUTIVE, Rule.DELTAS)
