"""Requests that a room has not read when it dies: its successor has them, within reason."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

import pykka
import pytest

from exchange_connector.actors.base import room as module
from exchange_connector.actors.base.reply import Answer, Reply, ReplyFuture
from exchange_connector.messages.errors import NotRunningError

Root = pykka.ActorRef[Any]
Put = Callable[[Any], ReplyFuture]


@pytest.fixture
def put(root: Root, question: Callable[..., Any]) -> Put:
    """Leaves a question in the room's inbox; the future of its answer."""

    def leave(word: Any) -> ReplyFuture:
        answer: Answer[Any] = Answer()
        future = ReplyFuture()
        future.set(answer)
        tell(root, question(word, Reply(answer.settle)))
        return future

    return leave


@pytest.fixture
def grown_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A room has lived long enough from the beginning."""
    monkeypatch.setattr(module, "_GROWN_UP", -1.0)


def age(supervisor: Any) -> None:
    """Let the room that is there now have lived for a while."""
    supervisor._children["room"].ref._actor_weakref()._born -= 60.0


def tell(root: Root, message: Any) -> None:
    """Have the room told."""
    root.ask(lambda supervisor: supervisor.tell_room(message), timeout=3)


@pytest.mark.parametrize("way", ["error", "stop"])
def test_the_successor_answers_them(grown_up: None, root: Root, put: Put, way: str) -> None:
    """In their order, and before what has come since; what has killed the room is not repeated."""
    go, read = threading.Event(), list[int]()
    tell(root, lambda: go.wait(5))
    killer = put(ValueError("bug") if way == "error" else "who")
    if way == "stop":
        root.ask(lambda supervisor: supervisor._children["room"].ref.stop(block=False), timeout=3)
    behind = [put(lambda number=number: read.append(number)) for number in range(5)]
    go.set()
    assert [future.get(timeout=3) for future in behind] == [2] * 5
    assert put("who").get(timeout=3) == 2
    assert read == list(range(5))
    if way == "stop":
        assert killer.get(timeout=3) == 1
    else:
        with pytest.raises(NotRunningError):
            killer.get(timeout=3)


def test_behind_a_message_that_hangs(grown_up: None, root: Root, put: Put) -> None:
    """The successor has them while the thread still hangs; then nothing is done twice."""
    go, read = threading.Event(), list[int]()
    try:
        tell(root, lambda: go.wait(10))
        behind = [put(lambda number=number: read.append(number)) for number in range(3)]
        assert [future.get(timeout=3) for future in behind] == [2] * 3
    finally:
        go.set()
    assert put("who").get(timeout=3) == 2
    assert read == [0, 1, 2]


def test_a_burst_of_poison_costs_few_restarts(root: Root, put: Put) -> None:
    """A room that dies young leaves nothing: what it was left may be what kills."""
    go = threading.Event()
    root.ask(age, timeout=3)
    tell(root, lambda: go.wait(5))
    futures = [put(ValueError("poison")) for _ in range(10)]
    go.set()
    for future in futures:
        with pytest.raises(NotRunningError):
            future.get(timeout=3)
    assert put("who").get(timeout=3) == 3


def test_of_a_room_that_dies_young_it_is_said_that_nothing_was_sent(root: Root, put: Put) -> None:
    """It can be asked again, without harm."""
    go = threading.Event()
    tell(root, lambda: go.wait(5))
    tell(root, ValueError("bug"))
    future = put("who")
    go.set()
    with pytest.raises(NotRunningError, match="was not sent"):
        future.get(timeout=3)


def test_a_supervisor_that_stops_leaves_nobody_waiting(
    grown_up: None, root: Root, put: Put
) -> None:
    """There is no successor."""
    go = threading.Event()
    tell(root, lambda: go.wait(5))
    futures = [put("who") for _ in range(3)]
    stopping = root.stop(block=False)
    go.set()
    stopping.get(timeout=5)
    for future in futures:
        with contextlib.suppress(NotRunningError):
            assert future.get(timeout=3) == 1
