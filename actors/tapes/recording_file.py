"""Writes a recording: JSON lines, for the eyes of their owner, and either whole or not at all."""

from __future__ import annotations

import base64
import contextlib
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from ...messages.codec import encode
from ...messages.config import Config
from ...messages.notes import FrameRead, Happened, Header, Note, RestAnswered
from .redaction import Redaction

_OWNER_ONLY = 0o600
_numbers = itertools.count(1)
_json = msgspec.json.Encoder()


def config_shown(config: Config) -> dict[str, dict[str, Any]]:
    """Every table and field of a configuration, without secrets."""
    tables = {name: getattr(config, name) for name in config.__struct_fields__}
    return {name: dict(each.__rich_repr__()) for name, each in tables.items() if name != "journal"}


def write(path: Path, header: Header, notes: Iterator[Note], redaction: Redaction) -> None:
    """Write a recording in place of what is there.

    Raises:
        OSError: It cannot be written; what was there before still is.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.{next(_numbers)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    file = os.open(draft, flags, _OWNER_ONLY)
    try:
        with open(file, "wb") as out:
            out.write(_line(header, redaction))
            out.writelines(_line(note, redaction) for note in notes)
        draft.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


def _line(note: Note | Header, redaction: Redaction) -> bytes:
    match note:
        case FrameRead(base64=encoded) | RestAnswered(base64=encoded) if encoded:
            clean = redaction.data(base64.b64decode(encoded))
            note = replace(note, base64=base64.b64encode(clean).decode())
        case Happened():
            note = replace(note, event=_fields(note.event))
        case _:
            pass
    return redaction.text(_json.encode(note).decode()).encode() + b"\n"


def _fields(event: Any) -> Any:
    """An event as plain values, with its `type`."""
    try:
        return msgspec.json.decode(_json.encode(msgspec.msgpack.decode(encode(event))))
    except (TypeError, ValueError, msgspec.MsgspecError):  # an error that quotes what is no text
        return {"type": type(event).__name__, "text": ascii(event)}
