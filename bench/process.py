"""A process that is talked with: a client in an environment of its own, a server."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = Path(os.environ.get("CONNECTOR_TEST_CLIENTS", ROOT / ".venv-clients"))
"""Where the clients of others are installed, each in a folder of its own."""
PATIENCE_S = 300.0
"""For a client that does not come to an end."""


class Failed(Exception):
    """A client could not be measured; its text says why, in a line."""


class Process:
    """A process that is told, and tells, lines of JSON.

    Attributes:
        complaints: The lines that it has written to its standard error, so far.
    """

    def __init__(self, command: list[str]) -> None:
        # no proxy of the environment stands between a client and this machine
        environment = {name: value for name, value in os.environ.items() if "proxy" not in name}
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment | {"NO_PROXY": "*", "PYTHONUNBUFFERED": "1"},
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self.complaints: list[str] = []
        self._readers = [
            threading.Thread(target=self._read_lines),
            threading.Thread(target=self._read_errors),
        ]
        for reader in self._readers:
            reader.start()

    def tell(self, told: Mapping[str, Any]) -> None:
        """Write a line."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{json.dumps(told)}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise Failed(self._last_words()) from None

    def heard(self, key: str = "", within: float = PATIENCE_S) -> dict[str, Any]:
        """The next line that says something about this; clients may print things of their own.

        Raises:
            Failed: It has ended, or said nothing of the kind within so many seconds.
        """
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, within))
            except queue.Empty:
                raise Failed(f"not {key or 'a word'} within {within:g} s") from None
            if not line:
                raise Failed(self._last_words())
            if line.startswith("{"):
                told: dict[str, Any] = json.loads(line)
                if not key or key in told:
                    return told

    def ended(self, within: float) -> int:
        """How it ended, by itself.

        Raises:
            Failed: It has not, within so many seconds.
        """
        try:
            return self._process.wait(max(0.0, within))
        except subprocess.TimeoutExpired:
            raise Failed(f"not ended within {within:g} s") from None

    def end(self, politely: float = 0.0) -> None:
        """Leave nothing behind."""
        try:
            self._process.wait(politely)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()

    def _last_words(self) -> str:
        self._readers[1].join(1.0)
        said = [line.strip() for line in self.complaints if line.strip()]
        return said[-1][:200] if said else "it ended without a word"

    def _read_lines(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        self.complaints.extend(self._process.stderr)
