"""Reading a recorded file: one frame, REST body or documentation example in each line.

A line is a JSON object; `t` says what it is (`ws`, `http`, `doc`, `connect`, `sent`), `raw` holds
the text exactly as it was on the wire, `ts`, `ts_us` or `ts_ns` when it was received, and `conn` or
`url` on which connection.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec


class RecordingError(ValueError):
    """A file is no recording: the message names the file, the line and what is wrong."""


class Line(msgspec.Struct):
    """One line of a recorded file."""

    t: str
    raw: str = ""
    ts: float | None = None
    ts_us: int | None = None
    ts_ns: int | None = None
    url: str = ""
    kind: str = ""
    symbol: str = ""
    conn: str = ""

    def seconds(self) -> float | None:
        """When it was received."""
        if self.ts_ns is not None:
            return self.ts_ns / 1e9
        if self.ts_us is not None:
            return self.ts_us / 1e6
        return self.ts


class Offsets:
    """Seconds after the first frame."""

    def __init__(self) -> None:
        self._first: float | None = None

    def of(self, line: Line) -> float:
        """When a frame came; 0 where the file does not say."""
        seconds = line.seconds()
        if self._first is None:
            self._first = seconds
        if seconds is None or self._first is None:
            return 0.0
        return seconds - self._first


def read_lines(path: Path, take: Callable[[Line], None]) -> None:
    """Read a `.jsonl` or `.jsonl.gz` file; `take` may raise `ValueError` for a line.

    Raises:
        RecordingError: if it is no such file, or is cut off.
        OSError: if it cannot be read.
    """
    number = 1
    try:
        for text in _lines(path):
            if text.strip():
                take(msgspec.json.decode(text, type=Line))
            number += 1
    except (ValueError, RecursionError, OverflowError, EOFError, zlib.error, OSError) as error:
        if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
            raise
        raise RecordingError(f"'{path}' is no recording: line {number}: {error}") from error


def _lines(path: Path) -> Iterator[bytes]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as file:
        yield from file
