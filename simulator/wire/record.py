"""What the market has said on its streams, whether or not anybody got it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from .names import the_one


class Published(NamedTuple):
    """One event of a stream.

    Attributes:
        payload: Its JSON, with times in milliseconds.
        time: Monotonic time in seconds at which it was published.
        is_beginning: Whether one connection alone was told it, as what the stream begins with.
    """

    payload: str
    time: float
    is_beginning: bool = False


class Record:
    """The newest `kept` events of each stream that was ever subscribed to.

    What a stall or a fault of frames swallows is in it, and what is said while nobody listens.
    """

    def __init__(self, kept: int) -> None:
        self.kept = kept
        self._streams: dict[str, deque[Published]] = {}

    @property
    def streams(self) -> Iterable[str]:
        """Those that are recorded."""
        return self._streams.keys()

    def follow(self, stream: str) -> None:
        """Record a stream from now on."""
        if self.kept and stream not in self._streams:
            self._streams[stream] = deque(maxlen=self.kept)

    def add(self, stream: str, payload: bytes) -> None:
        """Enter what is said on a stream, if that is recorded."""
        entries = self._streams.get(stream)
        if entries is not None:
            entries.append(Published(payload.decode("utf-8", "replace"), time.monotonic()))

    def begin(self, stream: str, payload: bytes) -> None:
        """Enter what one connection is told; the first of a stream is said to all."""
        entries = self._streams.get(stream)
        if entries is not None:
            text = payload.decode("utf-8", "replace")
            entries.append(Published(text, time.monotonic(), bool(entries)))

    def of(self, stream: str, *, beginnings: bool = False) -> list[Published]:
        """What is remembered of a stream, oldest first; `LookupError` if it may be several."""
        entries = self._streams.get(the_one(self._streams, stream), ())
        return [each for each in entries if beginnings or not each.is_beginning]
