"""Ctrl-C as a wish, not as an exception in the middle of something."""

from __future__ import annotations

import signal
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType


class Interrupted(Exception):
    """The program is to end, in the middle of what may be cut short."""


class Interrupt:
    """Whether the user, or the system, wants the program to end.

    Plain attributes and no `threading.Event`: a signal handler that takes a lock may find it held
    by the very code that it interrupts.
    """

    def __init__(self) -> None:
        self.is_wanted = False
        self._may_cut = False

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        """Take a signal."""
        self.is_wanted = True
        if self._may_cut:
            self._may_cut = False  # what deals with the exception is not cut short in its turn
            raise Interrupted

    @contextmanager
    def cutting(self) -> Generator[None]:
        """Let signals end what waits within the context, by raising `Interrupted` there.

        Without it a write waits on after a signal, for a reader that may never read.
        """
        self._may_cut = True
        try:
            yield
        finally:
            self._may_cut = False


@contextmanager
def on_signals() -> Generator[Interrupt]:
    """An `Interrupt` that SIGINT and SIGTERM set while the context lasts."""
    interrupt = Interrupt()
    former = {each: signal.signal(each, interrupt) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interrupt
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
