"""A room's death, however it comes, is told to whoever supervises it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pykka
import pytest

from exchange_connector.actors.base.room import CrashError, Lifeline, RoomExited, RoomStarted

Start = Callable[[], pykka.ActorRef[Any]]
WIDE = [SystemExit(3), KeyboardInterrupt(), GeneratorExit()]


def test_a_room_tells_that_it_has_opened(room: Start, probe: Any) -> None:
    """Under its name and generation, on a thread of that name."""
    ref = room()
    assert probe.next() == RoomStarted("room", 1)
    ref.tell(lambda: probe.tell(threading.current_thread()))
    thread = probe.next()
    assert (thread.name, thread.daemon) == ("room-1", True)


def test_a_room_that_is_stopped_has_no_cause(room: Start, probe: Any, kind: Any) -> None:
    """It was asked to."""
    room().stop(timeout=5)
    assert probe.next(RoomExited) == RoomExited("room", 1, None)
    assert kind.closed == 1


def test_a_failing_message_is_a_death(room: Start, probe: Any, kind: Any) -> None:
    """Told with the error; closed once."""
    error = ValueError("bug")
    ref = room()
    ref.tell(error)
    exited = probe.next(RoomExited)
    assert exited.cause is error
    assert kind.closed == 1
    assert not ref.is_alive()


@pytest.mark.parametrize("error", WIDE, ids=lambda error: type(error).__name__)
def test_something_wider_than_exception_ends_this_room_alone(
    room: Start, probe: Any, error: BaseException
) -> None:
    """Pykka would stop every actor of the process."""

    class Bystander(pykka.ThreadingActor):
        pass

    bystander = Bystander.start()
    room().tell(error)
    cause = probe.next(RoomExited).cause
    assert isinstance(cause, CrashError)
    assert type(error).__name__ in str(cause)
    assert bystander.is_alive()
    bystander.stop(timeout=5)


@pytest.mark.parametrize(
    "error", [ValueError("bug"), *WIDE], ids=lambda error: type(error).__name__
)
def test_a_failing_open_is_a_death(
    room: Start, probe: Any, kind: Any, error: BaseException
) -> None:
    """In Pykka no hook would run; what had been opened is closed."""
    kind.opening = error
    room()
    exited = probe.next()
    assert isinstance(exited, RoomExited)
    assert type(error).__name__ in repr(exited.cause)
    assert kind.closed == 1


@pytest.mark.parametrize("error", [ValueError("bug"), SystemExit(3)])
def test_a_failing_close_is_told(room: Start, probe: Any, kind: Any, error: BaseException) -> None:
    """As the cause, unless there was one before."""
    kind.closing = error
    room().stop(timeout=5)
    assert probe.next(RoomExited).cause is error


def test_the_first_cause_counts(room: Start, probe: Any, kind: Any) -> None:
    """What close raises after a crash does not hide the crash."""
    kind.closing = RuntimeError("second")
    first = ValueError("first")
    room().tell(first)
    assert probe.next(RoomExited).cause is first


def test_a_broken_loop_is_a_death(room: Start, probe: Any, kind: Any) -> None:
    """A reply that its asker set by itself breaks Pykka's loop; nobody would notice."""
    go = threading.Event()
    ref = room()
    ref.tell(lambda: go.wait(5))
    future = ref.ask("unknown", block=False)
    future.set("mine")
    go.set()
    exited = probe.next(RoomExited)
    assert exited.cause is not None
    assert not ref.is_alive()
    assert kind.closed == 1


def test_what_is_not_understood_is_counted(room: Start, lifeline: Lifeline, probe: Any) -> None:
    """The room goes on."""
    ref = room()
    ref.tell("what?")
    ref.tell("what?")
    ref.tell(lambda: probe.tell("on"))
    probe.sync("on")
    assert lifeline.unknown == 2


def test_rooms_are_not_in_the_registry(room: Start, probe: Any) -> None:
    """The host's `stop_all()` and `broadcast()` are for the root alone."""
    ref = room()
    probe.next(RoomStarted)
    assert ref not in pykka.ActorRegistry.get_all()
    pykka.ActorRegistry.stop_all(timeout=5)
    assert ref.is_alive()


def test_a_reminder_comes_back(room: Start, probe: Any, kind: Any) -> None:
    """A room's own message, later, among the others."""
    kind.open = lambda self: self.after(0.03, lambda: probe.tell("due"))
    begun = time.monotonic()
    room()
    probe.sync("due")
    assert time.monotonic() - begun >= 0.03


def test_an_abandoned_room_is_silent(
    room: Start, lifeline: Lifeline, kind: Any, probe: Any, eventually: Any
) -> None:
    """When it comes back from where it hung, it does nothing more but close."""
    begun, go = threading.Event(), threading.Event()
    ref = room()
    probe.next(RoomStarted)
    ref.tell(begun.set)
    ref.tell(lambda: go.wait(5))
    ref.tell(lambda: probe.tell("still there"))
    assert begun.wait(5)
    eventually(lambda: ref.actor_inbox.qsize() == 1)  # type: ignore[attr-defined]
    lifeline.abandon()
    go.set()
    assert lifeline.thread is not None
    lifeline.thread.join(5)
    assert kind.closed == 1
    assert probe.told == [RoomStarted("room", 1)]


def test_a_room_that_is_abandoned_as_it_comes_back_ends(
    room: Start, lifeline: Lifeline, kind: Any, probe: Any
) -> None:
    """It was busy when the supervisor looked, and idles when it is given up: it lets go of all."""
    room()
    probe.next(RoomStarted)
    lifeline.abandon()
    assert lifeline.thread is not None
    lifeline.thread.join(5)
    assert not lifeline.thread.is_alive()
    assert kind.closed == 1
    assert probe.of(RoomExited) == []


def test_whoever_looks_sees_that_a_room_is_busy(
    room: Start, lifeline: Lifeline, probe: Any, eventually: Any
) -> None:
    """Since when, while it handles one message; not while it idles."""
    go = threading.Event()
    ref = room()
    probe.next(RoomStarted)
    assert lifeline.busy_since is None
    before = time.monotonic()
    ref.tell(lambda: go.wait(5))
    eventually(lambda: lifeline.busy_since is not None)
    assert before <= (lifeline.busy_since or 0) <= time.monotonic()
    go.set()
    eventually(lambda: lifeline.busy_since is None)


def test_abandoning_cuts_what_the_room_waits_for(
    room: Start, lifeline: Lifeline, kind: Any, probe: Any
) -> None:
    """From the supervisor's thread."""
    kind.cut = lambda self: probe.tell("cut")
    room()
    probe.next(RoomStarted)
    lifeline.abandon()
    probe.sync("cut")
