"""What a recorded file holds of Bybit's public streams."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from ..recorded.lines import Line, Offsets, RecordingError, read_lines
from .topics import CATEGORIES, Topic, parse_topic

PUBLIC = "/v5/public/"


class _Head(msgspec.Struct):
    """As much of a frame as names it."""

    topic: str = ""


class _Listed(msgspec.Struct):
    category: str
    rows: list[msgspec.Raw] = msgspec.field(name="list")


class _Instruments(msgspec.Struct):
    result: _Listed


class _Entry(msgspec.Struct):
    symbol: str


@dataclass(frozen=True)
class RecordedFrame:
    """A frame of a topic, byte for byte; `offset` is in seconds after the first one."""

    offset: float
    topic: Topic
    payload: bytes


@dataclass
class Recording:
    """What a file holds; `infos` are rows of `instruments-info`, by category and symbol."""

    frames: list[RecordedFrame] = field(default_factory=list[RecordedFrame])
    infos: dict[tuple[str, str], msgspec.Raw] = field(
        default_factory=dict[tuple[str, str], msgspec.Raw]
    )

    def symbols(self, category: str) -> tuple[str, ...]:
        """The symbols of the frames of a category, in their order there."""
        topics = (frame.topic for frame in self.frames)
        return tuple(dict.fromkeys(one.symbol for one in topics if one.category == category))


class Reader:
    """Takes the lines of a file.

    A frame belongs to the category of its connection's URL; without one it belongs to spot.
    """

    def __init__(self) -> None:
        self.recording = Recording()
        self._offsets = Offsets()
        self._categories: dict[str, str] = {}

    def take(self, line: Line) -> None:
        """Take the next line."""
        path = urlsplit(line.url).path
        if line.t == "http" and path.endswith("/instruments-info"):
            self._take_instruments(line)
        elif line.t in ("connect", "sent") and path.startswith(PUBLIC):
            self._categories[line.conn] = path.removeprefix(PUBLIC)
        elif line.t == "ws":
            self._take_frame(line)

    def _take_frame(self, line: Line) -> None:
        offset = self._offsets.of(line)
        try:
            name = msgspec.json.decode(line.raw, type=_Head).topic
        except msgspec.DecodeError:
            return  # whatever it is, it is of no topic
        topic = parse_topic(self._categories.get(line.conn, CATEGORIES[0]), name)
        if topic is not None and topic.category in CATEGORIES:
            self.recording.frames.append(RecordedFrame(offset, topic, line.raw.encode()))

    def _take_instruments(self, line: Line) -> None:
        result = msgspec.json.decode(line.raw, type=_Instruments).result
        for entry in result.rows:
            symbol = msgspec.json.decode(entry, type=_Entry).symbol
            self.recording.infos[result.category, symbol] = entry


def read_recording(path: Path) -> Recording:
    """Read a `.jsonl` or `.jsonl.gz` file.

    Raises:
        RecordingError: if it is no such file, is cut off, or has no frame of a topic.
        OSError: if it cannot be read.
    """
    reader = Reader()
    read_lines(path, reader.take)
    if not reader.recording.frames:
        raise RecordingError(f"'{path}' is no recording: there is no frame of a topic in it")
    return reader.recording
