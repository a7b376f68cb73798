"""Runs clients, one after the other, each in a process of its own, and puts the rounds together."""

from __future__ import annotations

import json
import os
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .meter import Job
from .server import Order
from .ways.table import MAIN, WAYS, Way

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = Path(os.environ.get("CONNECTOR_TEST_CLIENTS", ROOT / ".venv-clients"))
PATIENCE_S = 300.0
"""For a client that does not come to an end."""

Figures = dict[str, Any]


class Failed(Exception):
    """A client could not be measured; its text says why, in a line."""


class Process:
    """A process that is told, and tells, lines of JSON."""

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
        self._errors: list[str] = []
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

    def heard(self, key: str, within: float = PATIENCE_S) -> Figures:
        """The next line that says something about this; others say things of their own."""
        while True:
            try:
                line = self._lines.get(timeout=within)
            except queue.Empty:
                raise Failed(f"not {key} within {within:g} s") from None
            if not line:
                raise Failed(self._last_words())
            if line.startswith("{") and key in (told := json.loads(line)):
                return dict(told)

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
        said = [line.strip() for line in self._errors if line.strip()]
        return said[-1][:200] if said else "it ended without a word"

    def _read_lines(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        self._errors.extend(self._process.stderr)


class Bench:
    """The feed, and clients that are run on it."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        self._server = Process([sys.executable, "-m", "bench.server", self._folder.name])
        self._listening = self._server.heard("port", 30.0)

    @property
    def port(self) -> int:
        """Of the feed."""
        return int(self._listening["port"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.end()
        self._folder.cleanup()

    def trial(self, name: str, order: Order, *, tls: bool = False, **job: Any) -> Figures:
        """Run a client once, and tell what it took.

        Raises:
            Failed: It cannot be measured.
        """
        way = WAYS[name]
        python, tls = _python(way), tls or way.tls
        order = replace(order, raw=way.raw, feed=way.feed or order.feed)
        task = Job(
            way=name,
            feed=order.feed,
            port=self._listening["tls_port" if tls else "port"],
            count=order.count,
            symbols=order.symbols,
            ca_file=self._listening["ca_file"] if tls else "",
            reports=way.reports,
            **job,
        )
        self._server.tell({"prepare": asdict(order)})
        self._server.heard("prepared")
        client = Process([python, "-m", "bench.client", name])
        try:
            return self._converse(client, task)
        finally:
            client.end()

    def _converse(self, client: Process, task: Job) -> Figures:
        client.tell(asdict(task))
        client.heard("ready")
        self._server.heard("subscribed", 30.0)
        client.tell({"begin": True})
        client.heard("begun", 30.0)
        self._server.tell({"go": True})
        if task.untold:
            sent = self._server.heard("began")
            client.tell({"end": True})
            figures = client.heard("cpu")
        else:
            figures = client.heard("cpu")
            sent = self._server.heard("began")
        seconds = (figures.pop("ended") - sent["began"]) / 1e9
        figures["rate"] = task.count / seconds
        figures["cpu"] *= 1e6 / task.count
        return figures


def _python(way: Way) -> str:
    if way.environment == MAIN:
        return sys.executable
    python = ENVIRONMENTS / way.environment / "bin" / "python"
    if not python.exists():
        raise Failed("its environment is not there")
    return str(python)


class Results:
    """The figures of every round, by way."""

    def __init__(self) -> None:
        self.rounds: dict[str, list[Figures]] = {}
        self.failures: dict[str, str] = {}

    def add(self, name: str, measure: Callable[[], Figures]) -> None:
        """Measure once more, unless this way has failed before."""
        if name in self.failures:
            return
        try:
            figures = measure()
        except Failed as failure:
            self.failures[name] = str(failure)
            self.rounds.pop(name, None)
            print(f"  {name}: {failure}", flush=True)
            return
        self.rounds.setdefault(name, []).append(figures)

    def told(self, of: Callable[[Iterable[float]], float]) -> dict[str, Figures]:
        """Of each figure, one over the rounds; why a way has none under `failure`."""
        found = {name: together(each, of) for name, each in self.rounds.items()}
        return found | {name: {"failure": reason} for name, reason in self.failures.items()}


def together(rounds: list[Figures], of: Callable[[Iterable[float]], float]) -> Figures:
    """One of each figure; what is no number is taken from the last round."""
    return {
        key: of(each[key] for each in rounds) if isinstance(value, int | float) else value
        for key, value in rounds[-1].items()
    }


def interleaved(
    names: Iterable[str],
    rounds: int,
    measure: Callable[[str], Figures],
    of: Callable[[Iterable[float]], float] = statistics.median,
) -> dict[str, Figures]:
    """Measure every way once, then every way once more, and so on; the medians, or others."""
    results, ways = Results(), list(names)
    for number in range(rounds):
        print(f"  round {number + 1} of {rounds}", flush=True)
        for name in ways:
            results.add(name, partial(measure, name))
    return results.told(of)
