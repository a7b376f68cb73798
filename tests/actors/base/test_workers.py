"""Threads for calls that block."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from exchange_connector.actors.base.workers import Workers

Wait = Callable[[Callable[[], object]], None]
NAME = "test-worker"


def threads() -> list[threading.Thread]:
    """The workers' threads."""
    return [each for each in threading.enumerate() if each.name == NAME]


@pytest.fixture
def workers() -> Iterator[Workers]:
    """Four workers, which idle for a while."""
    made = Workers(NAME, 4)
    yield made
    made.close(5.0)


class Hang:
    """A job that hangs until it is let go."""

    def __init__(self) -> None:
        self.begun, self._go = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.begun.set()
        assert self._go.wait(10)

    def end(self) -> None:
        """Let it go."""
        self._go.set()


@pytest.fixture
def hangs() -> Iterator[list[Hang]]:
    """Jobs that hang until the test's end."""
    made = [Hang() for _ in range(10)]
    yield made
    for each in made:
        each.end()


def test_a_job_runs(workers: Workers, probe: Any) -> None:
    """On another thread, which is a daemon."""
    workers.run(lambda: probe.tell(threading.current_thread()))
    thread = probe.next()
    assert thread is not threading.current_thread()
    assert thread.daemon
    assert thread.name == NAME


def test_there_are_no_threads_without_jobs(workers: Workers) -> None:
    """None is started beforehand."""
    del workers
    assert threads() == []


def test_there_are_as_many_threads_as_jobs(workers: Workers, hangs: list[Hang]) -> None:
    """Up to the bound; the rest waits."""
    for count, hang in enumerate(hangs[:4], 1):
        workers.run(hang)
        assert hang.begun.wait(5)
        assert len(threads()) == count
    workers.run(hangs[4])
    assert not hangs[4].begun.wait(0.05)
    assert len(threads()) == 4
    hangs[0].end()
    assert hangs[4].begun.wait(5)


def test_an_idle_thread_is_used_again(workers: Workers, probe: Any, eventually: Wait) -> None:
    """One after the other needs one thread only."""
    for number in range(20):
        workers.run(lambda number=number: probe.tell(number))  # type: ignore[misc]
        assert probe.next() == number
        eventually(lambda: workers.idle == 1)
    assert len(threads()) == 1


def test_a_hung_job_does_not_hold_up_others(
    workers: Workers, hangs: list[Hang], probe: Any
) -> None:
    """As long as there are threads."""
    for hang in hangs[:3]:
        workers.run(hang)
    workers.run(lambda: probe.tell("done"))
    assert probe.next() == "done"


def test_no_job_waits_behind_a_hung_one_while_there_are_threads(restless: None) -> None:
    """Whatever the moment at which it is put: an idle thread that has just taken one is busy."""
    for _ in range(150):
        workers = Workers(NAME, 3)
        ready, hang, done = threading.Event(), Hang(), threading.Event()
        workers.run(ready.set)
        assert ready.wait(5)
        workers.run(hang)
        workers.run(done.set)
        assert done.wait(5), "it waits behind the one that hangs"
        hang.end()
        workers.close(5.0)


def test_every_job_runs_once(workers: Workers, restless: None, eventually: Wait) -> None:
    """However many threads put them."""
    ran: list[int] = []

    def put(begin: int) -> None:
        for number in range(begin, begin + 200):
            workers.run(lambda number=number: ran.append(number))  # type: ignore[misc]

    putters = [threading.Thread(target=put, args=(begin,)) for begin in (0, 200, 400)]
    for each in putters:
        each.start()
    for each in putters:
        each.join()
    eventually(lambda: len(ran) == 600)
    assert sorted(ran) == list(range(600))
    assert len(threads()) <= 4


def test_no_thread_idles_for_ever(eventually: Wait, probe: Any) -> None:
    """It ends after a while, and a new one is started when there is work."""
    workers = Workers(NAME, 4, idle=0.02)
    for _ in range(3):
        workers.run(lambda: probe.tell("done"))
        assert probe.next() == "done"
        eventually(lambda: not threads())
    workers.close(1.0)


def test_a_job_put_as_the_last_thread_leaves_is_run(restless: None) -> None:
    """It is either found by that thread, or gets a new one."""
    workers = Workers(NAME, 1, idle=0.001)
    for _ in range(200):
        done = threading.Event()
        workers.run(done.set)
        assert done.wait(5)
        threading.Event().wait(0.001)
    workers.close(5.0)


def test_closing_ends_idle_threads_at_once(workers: Workers, hangs: list[Hang]) -> None:
    """They do not sit out their time."""
    for hang in hangs[:3]:
        workers.run(hang)
        assert hang.begun.wait(5)
        hang.end()
    begun = time.monotonic()
    workers.close(5.0)
    assert time.monotonic() - begun < 2.0
    assert threads() == []


def test_closing_leaves_hung_threads_behind(workers: Workers, hangs: list[Hang]) -> None:
    """However many hang, it takes the time given, once."""
    for hang in hangs[:4]:
        workers.run(hang)
        assert hang.begun.wait(5)
    begun = time.monotonic()
    workers.close(0.1)
    assert 0.1 <= time.monotonic() - begun < 0.3
    assert len(threads()) == 4


def test_what_waits_for_a_thread_is_not_begun_after_closing(
    workers: Workers, hangs: list[Hang]
) -> None:
    """Nobody waits for it any more."""
    for hang in hangs[:4]:
        workers.run(hang)
        assert hang.begun.wait(5)
    workers.run(hangs[4])
    workers.close(0.0)
    workers.run(hangs[5])
    for hang in hangs[:4]:
        hang.end()
    assert not hangs[4].begun.wait(0.05)
    assert not hangs[5].begun.is_set()
