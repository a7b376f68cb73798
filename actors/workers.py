"""Threads for calls that block: as many as there are calls, up to a bound, and none when idle."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

_IDLE = 10.0
"""Seconds after which a thread without work ends."""


class Workers:
    """Runs jobs side by side on daemon threads; a job that hangs delays its thread alone.

    Args:
        name: What the threads are called.
        most: How many threads there may be; a job beyond that waits for one.
    """

    def __init__(self, name: str, most: int) -> None:
        self._name = name
        self._most = most
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads: set[threading.Thread] = set()
        self._idle = 0
        self._is_closed = False

    def run(self, job: Callable[[], None]) -> None:
        """Have `job` run; it must not raise."""
        with self._lock:
            if self._is_closed:
                return
            self._jobs.put(job)
            if self._idle >= self._jobs.qsize() or len(self._threads) >= self._most:
                return
            thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._threads.add(thread)
            thread.start()

    def close(self, seconds: float) -> None:
        """End every thread; one whose job hangs is left behind."""
        with self._lock:
            self._is_closed = True
            threads = tuple(self._threads)
            for _ in threads:
                self._jobs.put(None)
        for thread in threads:
            thread.join(seconds)

    def _work(self) -> None:
        try:
            while (job := self._take()) is not None:
                job()
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())

    def _take(self) -> Callable[[], None] | None:
        with self._lock:
            self._idle += 1
        try:
            return self._jobs.get(timeout=_IDLE)
        except queue.Empty:
            pass
        finally:
            with self._lock:
                self._idle -= 1
        with self._lock:  # what was put in this very moment still finds this thread
            try:
                return self._jobs.get_nowait()
            except queue.Empty:
                self._threads.discard(threading.current_thread())
                return None
