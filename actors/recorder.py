"""The flight recorder: when a recording is written, where, and how many are kept."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..core.save_pace import SavePace
from ..messages.base import Address
from ..messages.config import Config
from ..messages.enums import Channel, CircuitState
from ..messages.errors import ValidationError
from ..messages.lifecycle import ActorRestarted, CircuitBreakerStateChanged
from ..messages.notes import FORMAT, GapTold, Happened, Header, Note
from ..messages.recording import RecordingSaved
from ..messages.rooms import Trouble
from .base.journal import say
from .base.reply import Reply
from .base.workers import Workers
from .tapes.recording_file import config_shown, write
from .tapes.redaction import Redaction
from .tapes.tape import BLANK, Excerpt, Tape

AFTERMATH = 2.0
"""Seconds that a recording goes on behind what it is written for: how it was mended is worth as much."""
_WRITERS = 4
_ON_REQUEST = "request"
_NAME = re.compile(r"\d{8}T\d{6}\.\d{6}Z-([a-z]+)-(gap|breaker|restart|gave-up)\.jsonl")
"""How files are called that are written by themselves; no other is ever removed."""


class Recorder:
    """Keeps a tape, and writes it to files; on threads of its own, so that nobody waits for a disk.

    Args:
        version: Of this library, for the files.
        root: Who is told what goes wrong.
        noted: Called with each note but the frames; hands them on to `heard`.
    """

    def __init__(
        self, config: Config, version: str, root: Address[Any], noted: Callable[[Note], object]
    ) -> None:
        self._config, self._version, self._root = config, version, root
        table = config.recorder
        self.tape: Tape = Tape(table.seconds, table.max_bytes, noted) if table.enabled else BLANK
        self._folder = Path(table.folder) if table.folder and table.enabled else None
        self._pace = SavePace()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._workers = Workers(f"{config.exchange.name}-recorder", _WRITERS)

    # any thread

    def heard(self, note: Note) -> None:
        """Whether a note is worth a file."""
        match note:
            case GapTold(channel=channel) if channel != Channel.EVENTS:
                self.due("gap")
            case Happened(event=CircuitBreakerStateChanged(to_state=CircuitState.OPEN)):
                self.due("breaker")
            case Happened(event=ActorRestarted()):
                self.due("restart")
            case _:
                pass

    def due(self, cause: str) -> None:
        """Have a file written, unless one was, for the same cause, a moment ago."""
        if self._folder is None or self._closing.is_set():
            return
        with self._lock:
            if not self._pace.admits(cause, time.monotonic()):
                return
        folder = self._folder
        self._workers.run(lambda: self._write_by_itself(folder, cause))

    def save(self, path: str, reply: Reply[RecordingSaved]) -> None:
        """Write a file because it was asked for."""

        def work() -> None:
            try:
                reply.tell(self._write(Path(path), _ON_REQUEST))
            except (OSError, ValueError) as error:
                reply.fail(ValidationError("path", path, f"cannot be written: {_words(error)}"))

        if self.tape.is_on:
            self._workers.run(work)
        else:
            reply.fail(ValidationError("recorder.enabled", False, "there is no flight recorder"))

    def begin_to_close(self) -> None:
        """What happens from now on is of the stop's own making; what is due is written at once."""
        self._closing.set()

    def close(self, seconds: float) -> None:
        """End, once everything is written, within so many seconds."""
        self._closing.set()
        self._workers.close(seconds)

    # a thread of its own

    def _write_by_itself(self, folder: Path, cause: str) -> None:
        self._closing.wait(AFTERMATH)
        now = datetime.now(UTC)
        name = f"{now:%Y%m%dT%H%M%S.%f}Z-{self._config.exchange.name}-{cause}.jsonl"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            saved = self._write(folder / name, cause)
            self._remove_oldest(folder)
        except (OSError, ValueError) as error:
            reason = f"no recording could be written: {_words(error)}"
            self._root.tell(Trouble(ValidationError("recorder.folder", str(folder), reason)))
            return
        extra = {"exchange": self._config.exchange.name, "component": "recorder"}
        what = saved.seconds, cause, saved.path
        say(logging.WARNING, "recorded %.1f s for a %s: %s", *what, extra=extra)

    def _write(self, path: Path, cause: str) -> RecordingSaved:
        excerpt, ended = self.tape.excerpt(), time.time_ns()
        header = self._header(excerpt, ended, cause)
        write(path, header, excerpt.notes, Redaction(self._config.exchange))
        seconds = max(0, ended - excerpt.began) / 1e9
        return RecordingSaved(str(path), seconds, excerpt.frames)

    def _header(self, excerpt: Excerpt, ended: int, cause: str) -> Header:
        standing = excerpt.standing
        return Header(
            format=FORMAT,
            version=self._version,
            exchange=self._config.exchange.name,
            cause=cause,
            began=excerpt.began,
            ended=ended,
            frames=excerpt.frames,
            config=config_shown(self._config),
            subscriptions=list(standing.subscriptions.values()),
            connections=list(standing.connections.values()),
            states={subject: state.value for subject, state in standing.states.items()},
            market=self._config.exchange.market,
        )

    def _remove_oldest(self, folder: Path) -> None:
        """Their names begin with the time, so that the first are the oldest."""
        with self._lock:
            own = self._config.exchange.name
            names = (each.name for each in folder.iterdir())
            ours = sorted(name for name in names if (m := _NAME.fullmatch(name)) and m[1] == own)
            for name in ours[: -self._config.recorder.max_files]:
                (folder / name).unlink(missing_ok=True)


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
