"""Reads a recording back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from ...messages.config import Config
from ...messages.config_builder import assemble
from ...messages.notes import FORMAT, AnyNote, Header

_header = msgspec.json.Decoder(Header).decode
_note = msgspec.json.Decoder(AnyNote).decode


class NoRecordingError(ValueError):
    """A file is no recording that this version can read; its text says why."""


class Recording(NamedTuple):
    """A recording, oldest note first."""

    header: Header
    notes: list[AnyNote]


def read(path: Path) -> Recording:
    """The recording in a file.

    Raises:
        NoRecordingError: Naming the line that is wrong.
        OSError: The file cannot be read.
    """
    with path.open("rb") as lines:
        try:
            header = _header(next(lines, b""))
        except msgspec.MsgspecError as error:
            raise NoRecordingError(f"line 1 is no header: {error}") from None
        if header.format != FORMAT:
            raise NoRecordingError(f"its format is {header.format}, not {FORMAT}")
        return Recording(header, list(_notes(lines)))


def _notes(lines: Iterator[bytes]) -> Iterator[AnyNote]:
    for number, line in enumerate(lines, 2):
        try:
            yield _note(line)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise NoRecordingError(f"line {number} is no note: {error}") from None


_PATIENCE = 600.0
"""Seconds for what waits here until the recording has come so far."""
_NEVER = 1e6
_INSTEAD: dict[str, dict[str, Any]] = {
    "exchange": {"api_key": "", "api_secret": "", "private_key": ""},
    "connection": {
        "timeout": _PATIENCE,
        "proxy": "",
        "ca_file": "",
        "reconnect_delay": 0.01,
        "max_reconnect_wait": 0.05,
        "stop_timeout": 5.0,
        "max_concurrent_requests": 10_000,
    },
    "clock_sync": {"enabled": False},
    "circuit_breaker": {"enabled": False},
    "rate_limit": {"enabled": False},
    "health": {"suspect_after": _NEVER, "stale_after": _NEVER},
    "rollover": {"enabled": False},
    "recovery": {"timeout": _PATIENCE, "max_weight": 1 << 30},
    "recorder": {"enabled": True, "seconds": 1.0, "max_bytes": 1 << 16, "folder": ""},
}
"""What is not as it was: no key, and nothing that goes by the clock or by what users ask."""


def configured(header: Header, rest_url: str, stream_url: str) -> Config:
    """The recorded configuration, for a server on this machine."""
    tables: dict[str, dict[str, Any]] = {}
    for table in msgspec.structs.fields(Config):
        if table.type is str:
            continue  # the order journal: nothing is placed here
        known = {field.name for field in msgspec.structs.fields(table.type)}
        recorded = header.config.get(table.name, {}).items()
        fields = {name: value for name, value in recorded if name in known}
        tables[table.name] = fields | _INSTEAD.get(table.name, {})
    urls = {"rest_url": rest_url, "stream_url": stream_url, "ws_api_url": ""}
    tables["exchange"] |= urls
    config = assemble(tables)
    config.validate()
    return config
