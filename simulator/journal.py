"""What the exchange has seen: requests, control messages, dials; and how a test waits for it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

ENTRIES = 20_000
LONGEST_TEXT = 10_000


@dataclass
class Received:
    """One REST request. `status` is 0 until it is answered, and stays 0 if it never is.

    `time` is the monotonic time of arrival in seconds; header names are lower case.
    """

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    weight: int
    time: float
    status: int = 0
    method: str = "GET"


@dataclass(frozen=True)
class Control:
    """One message from a websocket client.

    `method` is that of the request, or `""` where the text was no valid request; then `params`
    holds the text, no more than its first 10,000 characters. `time` is monotonic.
    """

    method: str
    params: Any
    time: float
    connection: int


@dataclass
class Journal:
    """Bounded logs and counters; every entry wakes whoever waits in `wait_until`."""

    requests: deque[Received] = field(default_factory=lambda: deque(maxlen=ENTRIES))
    controls: deque[Control] = field(default_factory=lambda: deque(maxlen=ENTRIES))
    dials: int = 0
    pings: int = 0
    pongs: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def request(self, received: Received) -> None:
        """Enter a request as it arrives."""
        self.requests.append(received)
        self.notify()

    def control(self, method: str, params: Any, connection: int) -> None:
        """Enter a websocket message as it arrives."""
        if isinstance(params, str):
            params = params[:LONGEST_TEXT]
        self.controls.append(Control(method, params, time.monotonic(), connection))
        self.notify()

    def notify(self) -> None:
        """Wake everyone who waits for a change."""
        with self.changed:
            self.changed.notify_all()

    def wait_until(self, predicate: Callable[[], bool], timeout: float) -> bool:
        """Wait until `predicate()` holds, looking at every change and at least each 10 ms."""
        deadline = time.monotonic() + timeout
        while not predicate():
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return False
            with self.changed:
                self.changed.wait(min(remaining, 0.01))
        return True
