"""The client's side of a measurement: what it is to do, and what it took.

Only the standard library is needed: the peers run this in environments of their own.

A client reads its `Job`, says `ready`, is told to begin just before the first frame, and reports
when the last message was handled.
"""

from __future__ import annotations

import array
import json
import resource
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .frames import streams, symbols

_LOOK_S = 0.005
"""Between two looks at what several threads have counted."""


@dataclass(frozen=True)
class Job:
    """What a client is to do.

    Attributes:
        way: Its name.
        feed: One of `frames.MIXES`.
        port: Of the feed; `ca_file` says whom to trust where it is TLS.
        count: Messages.
        symbols: Over how many symbols they are spread.
        subscribers: Among how many subscribers the streams are shared out.
        log: Where to write the time of each arrival, or "" for measuring no latency.
        untold: Whether the end is told, since not every message arrives.
        reports: The distributions whose versions belong to the report.
    """

    way: str
    feed: str
    port: int
    count: int
    symbols: int = 1
    subscribers: int = 1
    ca_file: str = ""
    log: str = ""
    untold: bool = False
    reports: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The symbols."""
        return symbols(self.symbols)

    @property
    def streams(self) -> list[str]:
        """The names of all the streams."""
        return streams(self.feed, self.names)

    @property
    def stream_url(self) -> str:
        """The server's address, without a path."""
        return f"{'wss' if self.ca_file else 'ws'}://127.0.0.1:{self.port}"

    @property
    def rest_url(self) -> str:
        """The same for requests by REST."""
        return f"{'https' if self.ca_file else 'http'}://127.0.0.1:{self.port}"


class Meter:
    """Takes what arrives, and reports when all has.

    Args:
        deliveries: How often each message arrives.
    """

    def __init__(self, job: Job, deliveries: int = 1) -> None:
        self.job = job
        self.done = threading.Event()
        self.extra: dict[str, Any] = {}
        self._left = deliveries
        self._shared: list[int] = []
        self._lock = threading.Lock()
        self._cpu = self._before = 0.0

    def ready(self) -> None:
        """All is subscribed to, or about to be; the frames may come."""
        threading.Thread(target=self._listen, daemon=True).start()
        say(ready=True)

    def taker(self) -> Callable[[Any], None]:
        """A handler of events that counts them, or notes when they arrived."""
        return self._stamping() if self.job.log else self._counting()

    def shares(self, count: int) -> list[Callable[[Any], None]]:
        """So many handlers that count together what arrives on several threads."""
        seen = self._shared = [0] * count

        def taker(number: int) -> Callable[[Any], None]:
            def take(event: Any) -> None:
                seen[number] += 1

            return take

        return [taker(number) for number in range(count)]

    def many(self) -> Callable[[Sequence[Any]], None]:
        """A handler of several events at once."""
        seen, count, finish = 0, self.job.count, self.finish

        def take(events: Sequence[Any]) -> None:
            nonlocal seen
            seen += len(events)
            if seen >= count:
                finish()

        return take

    def finish(self) -> None:
        """One subscriber has had the last message; report when it was the last of them."""
        ended, cpu = time.perf_counter_ns(), used()
        with self._lock:
            self._left -= 1
            if self._left:
                return
        peak = resident("VmHWM")
        say(
            ended=ended,
            cpu=cpu - self._cpu,
            peak=peak,
            grown=peak - self._before,
            versions={name: installed(name) for name in self.job.reports},
            **self.extra,
        )
        self.done.set()

    def told(self, begin: dict[str, Any]) -> None:
        """The frames are about to come; more of it is for those who measure otherwise."""

    def _counting(self) -> Callable[[Any], None]:
        seen, count, finish = 0, self.job.count, self.finish

        def take(event: Any) -> None:
            nonlocal seen
            seen += 1
            if seen == count:
                finish()

        return take

    def _stamping(self) -> Callable[[Any], None]:
        stamps, count, now = array.array("q"), self.job.count, time.perf_counter_ns
        note = stamps.append

        def take(event: Any) -> None:
            note(now())
            if len(stamps) == count:
                Path(self.job.log).write_bytes(stamps.tobytes())
                self.finish()

        return take

    def _listen(self) -> None:
        """Wait to be told that the frames are about to come, and of the end if that is told."""
        self.told(json.loads(sys.stdin.readline()))
        self._before = resident()
        self._cpu = used()
        say(begun=True)
        if self.job.untold:
            sys.stdin.readline()
            self.finish()
        if self._shared:
            while sum(self._shared) < self.job.count:
                time.sleep(_LOOK_S)
            self.finish()


def used() -> float:
    """Seconds of CPU that this process has had."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def resident(which: str = "VmRSS") -> float:
    """Memory that this process has now, or its peak (`VmHWM`), in MiB.

    Not `ru_maxrss`: that begins with what the parent had.
    """
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.partition(f"{which}:")[2].split()[0]) / 1024


def installed(name: str) -> str:
    """A distribution's version, or ""."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def say(**told: Any) -> None:
    """A line for whoever runs this."""
    sys.stdout.write(f"{json.dumps(told)}\n")
    sys.stdout.flush()


def read_job() -> Job:
    """The first line of the input."""
    told: dict[str, Any] = json.loads(sys.stdin.readline())
    reports = tuple(told.pop("reports"))
    return Job(**told, reports=reports)
