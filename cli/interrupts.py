"""Ctrl-C as a wish, not as an exception in the middle of something."""

from __future__ import annotations

import signal
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType


class Interrupt:
    """Whether the user, or the system, wants the program to end.

    A plain attribute and no `threading.Event`: a signal handler that takes a lock may find it held
    by the very code that it interrupts.
    """

    def __init__(self) -> None:
        self.is_wanted = False

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        """Take a signal."""
        self.is_wanted = True


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
