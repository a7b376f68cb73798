"""Reading a recorded file: one frame, REST body or documentation example in each line.

A line is a JSON object; `t` says what it is (`ws`, `http`, `doc`; others are passed over), `raw`
holds the text exactly as it was on the wire, `ts`, `ts_us` or `ts_ns` when it was received.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec

from ..market.books import Level
from .names import Head, stream_of


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

    def seconds(self) -> float | None:
        """When it was received."""
        if self.ts_ns is not None:
            return self.ts_ns / 1e9
        if self.ts_us is not None:
            return self.ts_us / 1e6
        return self.ts


class Snapshot(msgspec.Struct):
    """The body of a depth request."""

    lastUpdateId: int
    bids: list[Level]
    asks: list[Level]


@dataclass(frozen=True)
class RecordedFrame:
    """A market frame: its payload is byte for byte what was recorded.

    `offset` is in seconds after the first frame.
    """

    offset: float
    stream: str
    symbol: str
    payload: bytes


@dataclass
class Recording:
    """What a file holds; `snapshots` and `infos` by symbol; `first` is the first frame's time."""

    frames: list[RecordedFrame] = field(default_factory=list[RecordedFrame])
    snapshots: dict[str, bytes] = field(default_factory=dict[str, bytes])
    infos: dict[str, msgspec.Raw] = field(default_factory=dict[str, msgspec.Raw])
    first: float | None = None

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols of the file's streams and snapshots, in their order there."""
        seen = dict.fromkeys(frame.symbol for frame in self.frames if frame.symbol)
        return tuple(seen | dict.fromkeys(self.snapshots))

    @property
    def streams(self) -> set[str]:
        """Names of the streams that the file has frames of."""
        return {frame.stream for frame in self.frames}


class _Info(msgspec.Struct):
    symbols: list[msgspec.Raw]


class _Entry(msgspec.Struct):
    symbol: str


def read_recording(path: Path) -> Recording:
    """Read a `.jsonl` or `.jsonl.gz` file.

    Raises:
        RecordingError: if it is no such file, is cut off, or tells of no symbol.
        OSError: if it cannot be read.
    """
    recording = Recording()
    number = 1
    try:
        for text in _lines(path):
            if text.strip():
                _take(recording, msgspec.json.decode(text, type=Line))
            number += 1
    except (ValueError, RecursionError, OverflowError, EOFError, zlib.error, OSError) as error:
        if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
            raise
        raise RecordingError(f"'{path}' is no recording: line {number}: {error}") from error
    if not recording.symbols:
        raise RecordingError(f"'{path}' is no recording: there is no market frame in it")
    return recording


def _lines(path: Path) -> Iterator[bytes]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as file:
        yield from file


def _take(recording: Recording, line: Line) -> None:
    if line.t == "http":
        _take_body(recording, line)
    elif line.t in ("ws", "doc"):
        seconds = line.seconds()
        if recording.first is None:
            recording.first = seconds
        begun = recording.first
        offset = seconds - begun if seconds is not None and begun is not None else 0.0
        _take_frame(recording, line.raw.encode(), offset)


def _take_frame(recording: Recording, raw: bytes, offset: float) -> None:
    try:
        head = msgspec.json.decode(raw, type=Head)
    except msgspec.DecodeError:
        return  # an array, a request, or no market frame at all
    named = stream_of(head, raw)
    if named is not None:
        stream, symbol = named
        payload = bytes(head.data) if head.stream else raw
        recording.frames.append(RecordedFrame(offset, stream, symbol, payload))


def _take_body(recording: Recording, line: Line) -> None:
    if "exchangeInfo" in line.url:
        for entry in msgspec.json.decode(line.raw, type=_Info).symbols:
            recording.infos[msgspec.json.decode(entry, type=_Entry).symbol] = entry
    elif line.kind == "depth_snapshot" or urlsplit(line.url).path.endswith("/depth"):
        msgspec.json.decode(line.raw, type=Snapshot)
        asked = parse_qs(urlsplit(line.url).query).get("symbol", [""])
        recording.snapshots.setdefault(line.symbol or asked[0], line.raw.encode())
