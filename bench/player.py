"""The server's part where order books are kept: the updates of one book, and its snapshots."""

from __future__ import annotations

import threading
import time
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from . import frames
from .connection import Connection
from .ladder import Ladder, Replayed, Sides, last_id

FEED = "book"
SYMBOL = frames.symbols(1)[0]
SLOW_MOST = 500
"""How many updates there are for the beginning, when clients fetch their snapshot."""
SLOW_S = 0.02
"""Seconds between two of them."""
CHUNK = 440
"""Updates handed to the system at once: about as many bytes as of other feeds."""
SHOWN = 20
"""Levels a side that are compared in the end."""


class Made(NamedTuple):
    """A book, and the updates that follow from it."""

    began: Sides
    updates: list[bytes]


@lru_cache(2)
def made(count: int) -> Made:
    """So many updates, made once."""
    ladder = Ladder(SYMBOL)
    return Made(ladder.whole(), list(ladder.updates(count)))


class Player:
    """Plays the updates: some of them slowly, until it is told to hold, and then so many at once.

    A snapshot is of the book after the last update that was handed to the system: it may be newer
    than what its client has seen of the stream, as the exchange's may.

    Args:
        count: Updates, without those that are played slowly.
    """

    def __init__(self, count: int, *, raw: bool) -> None:
        (self.stream,) = frames.streams(FEED, [SYMBOL])
        found = made(count + SLOW_MOST)
        messages = [frames.Message(self.stream, update) for update in found.updates]
        self._frames = [frames.framed(frames.payload(each, raw=raw)) for each in messages]
        self._book = Replayed(found.began, found.updates)
        self._count = count
        self._handed = self._snapshots = 0
        self._lock = threading.Lock()
        self._held = threading.Event()
        self._thread = threading.Thread(target=time.sleep, args=(0,))
        self._connection: Connection | None = None

    def snapshot(self, path: str) -> dict[str, Any]:
        """The answer to `GET /api/v3/depth`, whatever the symbol."""
        limit = int(parse_qs(urlsplit(path).query).get("limit", ["100"])[0])
        with self._lock:
            self._snapshots += 1
            self._book.advance(self._handed)
            return {"lastUpdateId": self._book.update_id, **self._book.top(limit)}

    def play(self, connection: Connection) -> None:
        """Begin to send updates slowly."""
        self._connection = connection
        self._thread = threading.Thread(target=self._play, args=(connection,), daemon=True)
        self._thread.start()

    def hold(self) -> dict[str, Any]:
        """Send no more for now; the last update id of those that will be sent at once."""
        self._held.set()
        self._thread.join()
        return {"last": last_id(self._handed + self._count)}

    def send(self) -> dict[str, Any]:
        """Send the rest as fast as it is taken; when it left and was taken, and the book then."""
        assert self._connection is not None
        before, end = self._snapshots, self._handed + self._count
        began = time.perf_counter_ns()
        try:
            while self._handed < end:
                self._hand(self._connection, min(CHUNK, end - self._handed))
        except OSError:
            pass  # whoever runs the client sees that it has gone
        ended = time.perf_counter_ns()
        with self._lock:
            self._book.advance(end)
            book = self._book.top(SHOWN)
        told = {"began": began, "ended": ended, "book": book}
        return told | {"snapshots": self._snapshots - before}

    def _play(self, connection: Connection) -> None:
        try:
            while self._handed < SLOW_MOST and not self._held.wait(SLOW_S):
                self._hand(connection, 1)
        except OSError:
            pass

    def _hand(self, connection: Connection, count: int) -> None:
        """Send the next updates; a snapshot has them from when they are about to leave."""
        first = self._handed
        with self._lock:
            self._handed = first + count
        connection.send(b"".join(self._frames[first : first + count]))
