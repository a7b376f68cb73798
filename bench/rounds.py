"""Runs clients, one after the other, each in a process of its own, and puts the rounds together."""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .meter import Job
from .process import ENVIRONMENTS, Failed, Process
from .server import Order
from .ways.table import MAIN, WAYS, Way

Figures = dict[str, Any]
Conversation = Callable[[Process, Process, Job], Figures]
"""With the server and a client, about its job."""


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

    def trial(
        self,
        name: str,
        order: Order,
        *,
        tls: bool = False,
        converse: Conversation | None = None,
        **job: Any,
    ) -> Figures:
        """Run a client once, and tell what it took.

        Args:
            converse: What is said to the server and the client, where it is not as usual.

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
            return (converse or _converse)(self._server, client, task)
        finally:
            client.end()


def _converse(server: Process, client: Process, task: Job) -> Figures:
    client.tell(asdict(task))
    client.heard("ready")
    server.heard("subscribed", 30.0)
    client.tell({"begin": True})
    client.heard("begun", 30.0)
    server.tell({"go": True})
    if task.untold:
        sent = server.heard("began")
        client.tell({"end": True})
        figures = client.heard("cpu")
    else:
        figures = client.heard("cpu")
        sent = server.heard("began")
    return counted(figures, sent, task)


def counted(figures: Figures, sent: Figures, task: Job) -> Figures:
    """What the client told, by message."""
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
