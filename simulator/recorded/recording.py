"""What a recorded file holds of Binance's market: frames, snapshots, entries of `exchangeInfo`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec

from ..market.books import Level
from .lines import Line, Offsets, RecordingError, read_lines
from .names import Head, stream_of


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
    """What a file holds; `snapshots` and `infos` by symbol."""

    frames: list[RecordedFrame] = field(default_factory=list[RecordedFrame])
    snapshots: dict[str, bytes] = field(default_factory=dict[str, bytes])
    infos: dict[str, msgspec.Raw] = field(default_factory=dict[str, msgspec.Raw])

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
    offsets = Offsets()
    read_lines(path, lambda line: _take(recording, line, offsets))
    if not recording.symbols:
        raise RecordingError(f"'{path}' is no recording: there is no market frame in it")
    return recording


def _take(recording: Recording, line: Line, offsets: Offsets) -> None:
    if line.t == "http":
        _take_body(recording, line)
    elif line.t in ("ws", "doc"):
        _take_frame(recording, line.raw.encode(), offsets.of(line))


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
