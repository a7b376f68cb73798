"""Requests in a room's hands: whatever becomes of the room, they are answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pykka
import pytest

from exchange_connector.actors.base.reply import Answer, Reply, ReplyFuture
from exchange_connector.actors.base.room import RoomExited
from exchange_connector.messages.errors import NotRunningError

Start = Callable[[], pykka.ActorRef[Any]]


def asked() -> tuple[list[Reply[Any]], ReplyFuture]:
    """A reply, whose only holder is a list, and the future of whoever waits for it."""
    answer: Answer[Any] = Answer()
    future = ReplyFuture()
    future.set(answer)
    return [Reply(answer.settle)], future


def test_a_request_in_the_hands_of_a_room_that_crashes_is_answered(room: Start, probe: Any) -> None:
    """At once, though the error that is told on was raised where it was held."""
    ref = room()
    held, future = asked()
    begun = time.monotonic()
    ref.tell((ValueError("bug"), held.pop()))
    with pytest.raises(NotRunningError):
        future.get(timeout=3)
    assert time.monotonic() - begun < 1.0
    assert probe.next(RoomExited).cause is not None


def test_a_request_in_a_chain_of_errors_is_answered(
    room: Start, probe: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """An error raised from another one, which held the request, and kept by the host's log."""

    def inner(kept: Any) -> None:
        raise KeyError(type(kept).__name__)

    def outer(hands: list[Any]) -> None:
        try:
            inner(hands.pop())
        except KeyError as error:
            raise RuntimeError("outer") from error

    ref = room()
    held, future = asked()
    ref.tell(lambda: outer(held))
    assert probe.next(RoomExited).cause is not None
    assert caplog.records
    with pytest.raises(NotRunningError):
        future.get(timeout=0.3)


def test_requests_behind_a_crash_are_answered(room: Start, probe: Any) -> None:
    """What waited in the inbox when it died."""
    go = threading.Event()
    ref = room()
    ref.tell(lambda: go.wait(5))
    ref.tell(ValueError("bug"))
    futures: list[ReplyFuture] = []
    for _ in range(3):
        held, future = asked()
        ref.tell(("never", held.pop()))
        futures.append(future)
    go.set()
    for future in futures:
        with pytest.raises(NotRunningError):
            future.get(timeout=3)
    assert probe.next(RoomExited)


def test_a_request_that_a_room_forgets_is_answered_at_once(room: Start) -> None:
    """Though nothing else happens there: Pykka's loop holds the message until the next comes."""
    ref = room()
    held, future = asked()
    ref.tell([held.pop()])  # not understood
    with pytest.raises(NotRunningError):
        future.get(timeout=3)
    assert ref.is_alive()


def test_a_request_that_a_room_keeps_stays_open(room: Start, probe: Any) -> None:
    """It is answered when the room lets it go, not before."""
    kept: list[Any] = []
    ref = room()
    held, future = asked()
    ref.tell(lambda: kept.append(held.pop()))
    ref.tell(lambda: probe.tell("on"))
    probe.sync("on")
    with pytest.raises(pykka.Timeout):
        future.get(timeout=0.02)
    kept.clear()
    with pytest.raises(NotRunningError):
        future.get(timeout=0)
