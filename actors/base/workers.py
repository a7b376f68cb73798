"""Threads for calls that block: as many as there are calls, up to a bound, and none when idle."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

_IDLE = 10.0


class Workers:
    """Runs jobs side by side on daemon threads; a job that hangs delays its thread alone.

    Args:
        name: What the threads are called.
        most: How many threads there may be; a job beyond that waits for one.
        idle: Seconds after which a thread without work ends.
    """

    def __init__(self, name: str, most: int, idle: float = _IDLE) -> None:
        self._name = name
        self._most = most
        self._patience = idle
        self._lock = threading.Lock()
        self._filled = threading.Condition(self._lock)
        self._jobs: deque[Callable[[], None]] = deque()
        self._threads: set[threading.Thread] = set()
        self._idle = 0
        self._is_closed = False

    @property
    def idle(self) -> int:
        """How many threads wait for work."""
        return self._idle

    def run(self, job: Callable[[], None]) -> None:
        """Have `job` run; it must not raise."""
        with self._lock:
            if self._is_closed:
                return
            self._jobs.append(job)
            if self._idle >= len(self._jobs):  # a thread takes a job and is busy in one step
                self._filled.notify()
            elif len(self._threads) < self._most:
                thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                thread.start()
                self._threads.add(thread)

    def close(self, seconds: float) -> None:
        """End every thread within `seconds`; one whose job hangs is left behind."""
        deadline = time.monotonic() + seconds
        with self._lock:
            self._is_closed = True
            self._jobs.clear()
            self._filled.notify_all()
            threads = tuple(self._threads)
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self) -> None:
        try:
            while (job := self._take()) is not None:
                job()
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())

    def _take(self) -> Callable[[], None] | None:
        """The next job; None when there is none for too long."""
        with self._lock:
            self._idle += 1
            self._filled.wait_for(lambda: self._jobs or self._is_closed, self._patience)
            self._idle -= 1
            if self._jobs:
                return self._jobs.popleft()
            self._threads.discard(threading.current_thread())  # the next job gets a new one
            return None
