"""The flight recorder's memory: the newest frames and notes of a connector, from all its threads.

On the way of every frame lies one call for each read of a socket (`Track.keep`). It joins what came
together: to hold every message by itself would keep the memory from being used again while it is
still near the processor, and costs twice as much.
"""

from __future__ import annotations

import heapq
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from ...core.ring import Ring
from ...core.standing import Standing
from ...messages.lifecycle import SubscriberLagged
from ...messages.market import BaseEvent, StreamGap
from ...messages.notes import (
    CommandSent,
    ConnectionClosed,
    ConnectionOpened,
    FrameRead,
    GapTold,
    Happened,
    LagTold,
    Note,
    RestAnswered,
    SubscriptionEnded,
    SubscriptionOpened,
)
from ...messages.streams import Stream
from ..base.forks import in_child

_READS = 16
"""Reads of one connection that are looked at together; meanwhile they count for nothing."""
_NOTE_BYTES = 400
"""About what a note takes."""
_READ_BYTES = 160
"""What a read takes beside its content."""
_SEAM = b"\x00\xff\x00"
"""Between messages that came together; in no text is there such a thing."""
_joined = _SEAM.join
_tapes: weakref.WeakSet[Tape] = weakref.WeakSet()

Read = tuple[int, int, bytes]
"""When something was read, how many messages it completed, and these, with seams."""


class Reads(NamedTuple):
    """What was read from one connection."""

    connection: int
    reads: list[Read]


class Excerpt(NamedTuple):
    """What a tape holds.

    Attributes:
        standing: How things stood when it `began`.
        notes: Everything since, in order of time; to be iterated once.
    """

    began: int
    standing: Standing
    notes: Iterator[Note]
    frames: int


class Tape:
    """Keeps what it is told, as long as there is room.

    Args:
        seconds: How far back it goes at most.
        max_bytes: How much memory it takes, about.
        heard: Called with each note but the frames, by whoever told it; it must not wait.
    """

    is_on = True

    def __init__(self, seconds: float, max_bytes: int, heard: Callable[[Note], object]) -> None:
        self._lock = threading.Lock()
        self._ring: Ring[Note | Reads] = Ring(int(seconds * 1e9), max_bytes, time.time_ns())
        self._standing = Standing()
        self._tracks: list[Track] = []
        self._heard = heard
        _tapes.add(self)

    def forked(self) -> None:
        """In a child: whoever held the lock is not there, and nothing is to be written."""
        self._lock = threading.Lock()
        self._heard = _unheard

    def note(self, note: Note) -> None:
        """Keep a note."""
        self._add(note.at, _size(note), note)
        self._heard(note)

    def happened(self, event: BaseEvent) -> None:
        """An event of the connector's own life."""
        self.note(Happened(time.time_ns(), event))

    def told(self, subscription: str, notice: StreamGap | SubscriberLagged) -> None:
        """What was missed, by a subscriber or ("") by an order book."""
        now = time.time_ns()
        if isinstance(notice, StreamGap):
            ids = notice.first_missed_id, notice.last_missed_id
            what = notice.channel, notice.symbol, str(notice.reason)
            self.note(GapTold(now, subscription, *what, *ids))
        else:
            self.note(LagTold(now, subscription, notice.dropped))

    def subscribed(self, identity: str, stream: Stream, depth: int, *, is_own: bool) -> None:
        """Something is wanted."""
        what = stream.channel.value, stream.symbol, stream.interval, depth, is_own
        self.note(SubscriptionOpened(time.time_ns(), identity, *what))

    def unsubscribed(self, identity: str) -> None:
        """It is wanted no more."""
        self.note(SubscriptionEnded(time.time_ns(), identity))

    def track(self, session: str) -> Track:
        """For the reads of one connection of a session."""
        return Track(self, session)

    def excerpt(self) -> Excerpt:
        """What it holds now."""
        with self._lock:
            entries, began = self._ring.entries(), self._ring.began
            pending = [Reads(each.connection, each.pending()) for each in self._tracks]
            standing = Standing()
            standing.subscriptions = dict(self._standing.subscriptions)
            standing.connections = dict(self._standing.connections)
            standing.states = dict(self._standing.states)
        everything = [*entries, *pending]
        reads = [each for each in everything if isinstance(each, Reads)]
        frames = sum(count for each in reads for at, count, _ in each.reads if at > began)
        return Excerpt(began, standing, _in_order(everything, began), frames)

    # tracks

    def begin(self, track: Track) -> None:
        """A connection stands."""
        with self._lock:
            self._tracks.append(track)

    def settle(self, track: Track) -> None:
        """Count what was read, and make room."""
        with self._lock:
            reads = track.taken()
            size = sum(len(joined) + _READ_BYTES for _, _, joined in reads) + _NOTE_BYTES
            self._keep(reads[-1][0], size, Reads(track.connection, reads))

    def end(self, track: Track) -> None:
        """It stands no more."""
        with self._lock:
            self._tracks.remove(track)

    def _add(self, at: int, size: int, entry: Note) -> None:
        with self._lock:
            self._keep(at, size, entry)

    def _keep(self, at: int, size: int, entry: Note | Reads) -> None:
        for gone in self._ring.add(at, size, entry):
            if isinstance(gone, Note):
                self._standing.take(gone)


class Track:
    """One connection's way to the tape; belongs to the thread that reads its socket."""

    __slots__ = ("_pending", "_session", "_tape", "connection")

    def __init__(self, tape: Tape, session: str) -> None:
        self.connection = 0
        self._tape, self._session = tape, session
        self._pending: list[Read] = []

    def opened(self, connection: int) -> None:
        """It is connected."""
        if self._tape.is_on:
            self.connection = connection
            self._tape.note(ConnectionOpened(time.time_ns(), connection, self._session))
            self._tape.begin(self)

    def keep(self, received: int, messages: list[bytes]) -> None:
        """These came together."""
        pending = self._pending
        pending.append((received, len(messages), _joined(messages)))
        if len(pending) >= _READS:
            self._tape.settle(self)

    def sent(self, text: str) -> None:
        """From any thread: this was left to be sent."""
        self._tape.note(CommandSent(time.time_ns(), self.connection, text))

    def closed(self, reason: str) -> None:
        """It is connected no more."""
        if self._tape.is_on:
            if self._pending:
                self._tape.settle(self)
            self._tape.end(self)
            note = ConnectionClosed(time.time_ns(), self.connection, self._session, reason)
            self._tape.note(note)

    def taken(self) -> list[Read]:
        """What was not counted yet; under the tape's lock."""
        taken, self._pending = self._pending, []
        return taken

    def pending(self) -> list[Read]:
        """The same, left where it is."""
        return list(self._pending)


def _unheard(note: Note) -> None:
    """Nobody hears of it."""


class Blank(Tape):
    """Keeps nothing."""

    is_on = False

    def __init__(self) -> None:
        super().__init__(0.0, 0, _unheard)
        self._track = _Mute(self, "")

    def note(self, note: Note) -> None:
        """Forget it."""

    def track(self, session: str) -> Track:
        """One that keeps nothing either."""
        return self._track


class _Mute(Track):
    __slots__ = ()

    def keep(self, received: int, messages: list[bytes]) -> None:
        """Forget it."""


BLANK = Blank()
"""Where nothing is recorded."""


@in_child
def _in_child() -> None:
    for tape in tuple(_tapes):
        tape.forked()


def _size(note: Note) -> int:
    match note:
        case RestAnswered():
            return _NOTE_BYTES + len(note.body) + len(note.base64)
        case CommandSent(text=text):
            return _NOTE_BYTES + len(text)
        case _:
            return _NOTE_BYTES


def _in_order(entries: Iterable[Note | Reads], began: int) -> Iterator[Note]:
    """Everything since then, by time; what came one way stays in its order, whatever the clock did."""
    notes: list[Note] = []
    by_connection: dict[int, list[Reads]] = {}
    for entry in entries:
        if isinstance(entry, Reads):
            by_connection.setdefault(entry.connection, []).append(entry)
        else:
            notes.append(entry)
    ways = [_timed(notes)]
    ways += [_timed(_frames(connection, reads)) for connection, reads in by_connection.items()]
    return (note for _, note in heapq.merge(*ways, key=_time) if note.at > began)


def _frames(connection: int, parts: list[Reads]) -> Iterator[FrameRead]:
    for part in parts:
        for received, count, joined in part.reads:
            for message in joined.split(_SEAM) if count else ():
                yield FrameRead.of(received, connection, message)


def _timed(notes: Iterable[Note]) -> Iterator[tuple[int, Note]]:
    at = 0
    for note in notes:
        at = max(at, note.at)
        yield at, note


def _time(timed: tuple[int, Note]) -> int:
    return timed[0]
