"""What the tests of the rooms and their parts share."""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pykka
import pytest

LONG = 5.0
"""Seconds after which what a test waits for will not come."""


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """Every thread and every actor that a test started has ended when it ends."""
    before = set(threading.enumerate())
    yield
    assert pykka.ActorRegistry.get_all() == []
    deadline = time.monotonic() + LONG
    for thread in set(threading.enumerate()) - before:
        thread.join(max(0.0, deadline - time.monotonic()))
    left = set(threading.enumerate()) - before
    assert not left, f"threads left behind: {left}"


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Wait until something that tells nobody is so; fails if it never is."""

    def wait(condition: Callable[[], object]) -> None:
        deadline, pause = time.monotonic() + LONG, threading.Event()
        while not condition():
            assert time.monotonic() < deadline, "it never came to be"
            pause.wait(0.001)

    return wait


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads take turns as often as they can, so that races show."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


class Probe:
    """An address, a callback and a recipient's subscriber in one: keeps what it gets."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def tell(self, message: Any, /) -> None:
        """Keep it."""
        self.told.append(message)
        self._queue.put(message)

    __call__ = tell

    def next(self, kind: type[Any] = object) -> Any:
        """The next message of a kind, passing over others; fails if there is none."""
        deadline = time.monotonic() + LONG
        while True:
            message = self._queue.get(timeout=max(0.0, deadline - time.monotonic()))
            if isinstance(message, kind):
                return message

    def take(self, count: int) -> list[Any]:
        """The next so many messages."""
        return [self.next() for _ in range(count)]

    def of(self, kind: type[Any]) -> list[Any]:
        """All that came of a kind."""
        return [message for message in self.told if isinstance(message, kind)]

    def sync(self, thing: Any, seconds: float = LONG) -> None:
        """Wait until `thing` has come."""
        deadline = time.monotonic() + seconds
        while thing not in self.told:
            self._queue.get(timeout=max(0.0, deadline - time.monotonic()))


@pytest.fixture
def new_probe() -> type[Probe]:
    """Makes probes."""
    return Probe


@pytest.fixture
def probe() -> Probe:
    """Something that keeps what it is told."""
    return Probe()
