"""Standard output as commands meet it: closed, full, in a poor encoding, or with a slow reader."""

from __future__ import annotations

import io
import os
import select
import sys
from collections.abc import Generator
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import TextIO, cast

from .interrupts import Interrupt, Interrupted

_LAST_CHANCE = 0.2
"""Seconds that a reader has for the last words, once the program is to end."""


def prepare() -> None:
    """Have all standard streams, and none that fails on a character it has no form for."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # so Python has it where the shell has closed one
            nowhere = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(nowhere, mode, closefd=False))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(text: str) -> None:
    """Print a line at once; where nobody reads any more, this and all else goes nowhere."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        discard()


def discard() -> None:
    """Nobody reads: what is still buffered goes nowhere, instead of failing at the end."""
    with suppress(io.UnsupportedOperation), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


@contextmanager
def interruptible(interrupt: Interrupt) -> Generator[None]:
    """Standard output that keeps nobody waiting who wants the program to end."""
    with redirect_stdout(cast("TextIO", _Interruptible(sys.stdout, interrupt))):
        yield


class _Interruptible:
    """A stream, of which a signal cuts short the write that its reader does not take.

    What `print` and Rich need of a `TextIO`, and no more.
    """

    def __init__(self, stream: TextIO, interrupt: Interrupt) -> None:
        self._stream, self._interrupt = stream, interrupt

    @property
    def encoding(self) -> str:
        """The stream's."""
        return self._stream.encoding

    def fileno(self) -> int:
        """The stream's."""
        return self._stream.fileno()

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._stream.isatty()

    def write(self, text: str) -> int:
        """Write, or leave it where the program is to end and nobody reads."""
        try:
            with self._interrupt.cutting():
                self._discard_unread()
                return self._stream.write(text)
        except Interrupted:
            self._discard_unread()
            return len(text)

    def flush(self) -> None:
        """Send what is buffered, likewise."""
        try:
            with self._interrupt.cutting():
                self._discard_unread()
                self._stream.flush()
        except Interrupted:
            self._discard_unread()

    def _discard_unread(self) -> None:
        """Once the program is to end, nothing waits for a reader any more."""
        if self._interrupt.is_wanted and not _can_take(self._stream):
            discard()


def _can_take(stream: TextIO) -> bool:
    try:
        file = stream.fileno()
    except OSError:  # not a file at all, so that nobody has to read it
        return True
    if os.name == "nt":  # select() takes sockets only
        return True
    return bool(select.select([], [file], [], _LAST_CHANCE)[1])
