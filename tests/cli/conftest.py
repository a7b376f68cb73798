"""Programs on a pipe and on a pseudo-terminal, whose output a test waits for."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator

import pytest

PATIENCE = 20.0


class Program:
    """A started program; `text` is what it has written so far, on both of its outputs."""

    def __init__(self, arguments: list[str], size: tuple[int, int] | None) -> None:
        self.text = ""
        environment = {**os.environ, "TERM": "xterm-256color"}
        for of_the_tests in ("COLUMNS", "LINES"):  # its own terminal has a size of its own
            environment.pop(of_the_tests, None)
        if size is None:
            self._reading, writing = os.pipe()
        else:
            self._reading, writing = os.openpty()
            self.resize(*size)
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=writing,
            env=environment,
        )
        os.close(writing)

    def wait_for(self, pattern: str) -> str:
        """Wait until the output matches; the text up to there."""
        deadline = time.monotonic() + PATIENCE
        while (found := re.search(pattern, self.text)) is None:
            assert self._read(deadline), f"waited for {pattern!r} in vain; got:\n{self.text}"
        return self.text[: found.end()]

    def resize(self, columns: int, rows: int) -> None:
        """Give its terminal another size."""
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self._reading, termios.TIOCSWINSZ, size)

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def end(self) -> int:
        """Wait for its end; the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._read(deadline):
            pass
        return self.process.wait(max(1.0, deadline - time.monotonic()))

    def close(self) -> None:
        """Leave nothing behind."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._reading)

    def _read(self, deadline: float) -> bool:
        """Take what it has written; False at its end, or when time is over."""
        ready, _, _ = select.select([self._reading], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return False
        try:
            data = os.read(self._reading, 1 << 16)
        except OSError:  # a pseudo-terminal's way to say that the other side is closed
            return False
        self.text += data.decode("utf-8", "replace")
        return bool(data)


@pytest.fixture
def launch() -> Iterator[Callable[..., Program]]:
    """Starts Python programs: on a terminal of a `size` (columns, rows), or on a pipe."""
    programs: list[Program] = []

    def launched(*arguments: str, size: tuple[int, int] | None = None) -> Program:
        program = Program(list(arguments), size)
        programs.append(program)
        return program

    yield launched
    for program in programs:
        program.close()


@pytest.fixture
def command(launch: Callable[..., Program]) -> Callable[..., Program]:
    """Starts `exchange-connector`, as a module."""

    def launched(*arguments: str, size: tuple[int, int] | None = None) -> Program:
        return launch("-W", "error", "-m", "exchange_connector", *arguments, size=size)

    return launched
