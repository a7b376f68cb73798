"""Two connections that carry the same streams for a moment, so that none is interrupted.

While the old one delivers, what comes on the new one is held. Once the new one carries everything,
the old one is asked something; with its answer, all that it was sent before has arrived. It ends,
and what is held is delivered, without what has been delivered already. Of that some may come on the
new one still, if its way is the slower.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from ...core.sequence import Rule
from ..feeds.frame import Route

RETIRED = "another connection carries on"
"""Why a connection has ended that another one took the place of."""
_MOST_BYTES = 64 << 20
_TAIL = 15.0
"""Seconds by which the new connection may be slower: so late comes what the old one brought."""


class Overlap:
    """What the two connections of a session have to know of each other.

    The old one's thread writes `delivered` until it has ended, then the new one's reads it; the
    session stands between them.

    Attributes:
        epoch: The old connection's.
        is_proven: Whether everything that the old one was sent has arrived.
        is_retired: Set by the session: the old one is to end, and tell nobody.
        is_open: Set by the session: the old one has ended, and the new one may deliver.
        carried: The streams that the new one carries, by the bytes of their names.
        lacking: Those that the old one has turned out not to have carried to its end.
        is_full: Whether more has come than is held: the new one has to be given up.
    """

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.is_proven = False
        self.is_retired = False
        self.is_open = False
        self.is_full = False
        self.carried: frozenset[bytes] = frozenset()
        self.lacking: frozenset[bytes] = frozenset()
        self._delivered: set[bytes] = set()
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

    def move(self, routes: Mapping[bytes, Route], epoch: int) -> None:
        """By the new connection, `epoch`: what it carries goes on, the rest is interrupted."""
        for name, route in routes.items():
            is_proven = self.is_proven and name not in self.lacking
            is_whole = is_proven or route.source.rule in (Rule.CONSECUTIVE, Rule.DELTAS)
            if name not in self.carried:
                route.interrupt(self.epoch)
                continue
            if not is_whole:
                route.source.forget()
            for mailbox in route.mailboxes:
                mailbox.feed.move(mailbox, self.epoch, epoch, is_whole=is_whole)

    def held(self) -> list[tuple[list[bytes], int]]:
        """By the new connection: what is to be delivered now, and when it came."""
        done = self._delivered
        return [([raw for raw in came if raw not in done], at) for came, at in self._held]

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
