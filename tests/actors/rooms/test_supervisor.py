"""A root and its room: replaced when it dies or hangs, given up when it does so too often."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Any

import pykka
import pytest
from pykka import messages

from exchange_connector.actors.base.room import RoomExited, RoomStarted
from exchange_connector.messages.errors import NotRunningError
from exchange_connector.messages.rooms import Tick

Root = pykka.ActorRef[Any]
Script = dict[str, Any]


def generation(root: Root) -> Any:
    """Which generation of the room answers."""
    return root.ask("who", timeout=3)


def kill(root: Root, message: Any) -> None:
    """Tell the room something that it dies of, or hangs in."""
    root.proxy().tell_room(message).get(timeout=3)


DEATHS = [ValueError("bug"), SystemExit(3), KeyboardInterrupt(), GeneratorExit()]


@pytest.mark.parametrize("error", DEATHS, ids=lambda error: type(error).__name__)
def test_a_room_that_dies_is_replaced(root: Root, probe: Any, error: BaseException) -> None:
    """The first time at once; its address stays."""
    assert generation(root) == 1
    kill(root, error)
    word, name, reason, restarts = restarted(probe)
    assert (word, name, restarts) == ("restarted", "room", 1)
    assert type(error).__name__ in reason
    assert generation(root) == 2


def restarted(probe: Any) -> Any:
    """The next notice of a restart, or of giving up."""
    while True:
        notice = probe.next(tuple)
        if notice[0] in ("restarted", "given up"):
            return notice


def test_a_room_that_cannot_open_is_replaced(start_root: Any, probe: Any, script: Script) -> None:
    """As if it had died later."""
    script["open"] = ValueError("no port")
    root = start_root()
    assert restarted(probe)[2] == "ValueError: no port"
    probe.sync(("started", "room"))
    assert generation(root) == 2
    assert probe.told.count(("started", "room")) == 1


def test_a_room_that_cannot_be_made_is_replaced(
    start_root: Any, probe: Any, script: Script
) -> None:
    """Its constructor runs on the root's thread, and must not end the root."""
    script["constructor"] = ValueError("no key")
    root = start_root()
    assert restarted(probe)[2] == "ValueError: no key"
    assert generation(root) == 2


def test_a_room_that_somebody_stops_is_replaced(root: Root, probe: Any) -> None:
    """Only the root stops rooms."""
    root.proxy().tell_room(messages._ActorStop()).get(timeout=3)
    assert restarted(probe)[2] == "stopped"
    assert generation(root) == 2


def test_a_hung_room_is_replaced(root: Root, probe: Any, script: Script) -> None:
    """What it waits for is cut, and what it says later concerns nobody."""
    script["go"] = threading.Event()
    lifeline = script["lifeline"]
    kill(root, lambda: script["go"].wait(10))
    word, _, reason, _ = restarted(probe)
    assert word == "restarted"
    assert "hung" in reason
    assert generation(root) == 2
    assert lifeline.abandoned
    assert script["go"].is_set()
    lifeline.thread.join(5)
    assert root.ask("alive?", timeout=3) == "yes"
    assert len([notice for notice in probe.told if notice[0] == "restarted"]) == 1


def test_a_busy_room_is_not_hung(root: Root, probe: Any) -> None:
    """Many short messages are no long one."""
    pause = threading.Event()
    for _ in range(60):
        kill(root, lambda: pause.wait(0.01) and None)
    assert generation(root) == 1
    assert not [notice for notice in probe.told if notice[0] == "restarted"]


def test_the_root_answers_while_a_room_hangs(root: Root, script: Script) -> None:
    """It never waits for a room."""
    script["go"] = threading.Event()
    kill(root, lambda: script["go"].wait(10))
    for _ in range(20):
        begun = time.monotonic()
        assert root.ask("alive?", timeout=3) == "yes"
        assert time.monotonic() - begun < 0.5
    script["go"].set()


def test_a_room_that_dies_too_often_is_given_up(
    start_root: Any, probe: Any, script: Script
) -> None:
    """When its restarts are used up; the root lives on to say so."""
    root = start_root(max_restarts=2)
    for count in (1, 2):
        kill(root, ValueError(f"bug {count}"))
        assert restarted(probe)[3] == count
    kill(root, ValueError("bug 3"))
    assert restarted(probe) == ("given up", "room", "ValueError: bug 3", 2)
    assert root.ask("alive?", timeout=3) == "yes"
    assert script["closed"] == [1, 2, 3]


def test_a_request_in_a_crashed_rooms_hands_is_answered(root: Root) -> None:
    """At once, not when its deadline comes."""
    begun = time.monotonic()
    with pytest.raises(NotRunningError):
        root.ask(ValueError("bug"), timeout=5)
    assert time.monotonic() - begun < 1.0


def test_requests_behind_a_crash_are_answered(root: Root) -> None:
    """By the successor, or that it cannot be."""
    go = threading.Event()
    kill(root, lambda: go.wait(5))
    first = root.ask(ValueError("bug"), block=False)
    behind = [root.ask("who", block=False) for _ in range(3)]
    go.set()
    for future in (first, *behind):
        with contextlib.suppress(NotRunningError):
            assert future.get(timeout=3) == 2


def test_requests_behind_a_hung_message_are_answered(root: Root, script: Script) -> None:
    """When the room is abandoned, though its thread may hang for ever."""
    go = threading.Event()
    try:
        kill(root, lambda: go.wait(10))
        with pytest.raises(NotRunningError):
            root.ask("who", timeout=1.5)
    finally:
        go.set()


def test_a_room_that_hangs_as_it_opens_is_replaced(root: Root, probe: Any) -> None:
    """Like one that hangs later."""
    go = threading.Event()
    try:
        root.ask(lambda supervisor: hang_next_open(supervisor, go), timeout=3)
        kill(root, ValueError("bug"))
        restarted(probe)
        threading.Event().wait(0.8)
        assert "hung" in str(probe.told)
    finally:
        go.set()


def hang_next_open(supervisor: Any, go: threading.Event) -> None:
    """Let the next generation hang in `open`."""
    child = supervisor._children["room"]
    usual, kind = child.start, child.ref.actor_class
    hanging: Any = type("Hanging", (kind,), {"open": lambda self: go.wait(5)})

    def start(lifeline: Any) -> Any:
        child.start = usual
        return hanging.start(lifeline, supervisor._address, supervisor._script)

    child.start = start


def test_notices_of_older_generations_are_ignored(root: Root, probe: Any) -> None:
    """They may come late; they must not cost the present one its life."""
    kill(root, ValueError("bug"))
    restarted(probe)
    assert generation(root) == 2
    before = len(probe.told)
    root.tell(RoomExited("room", 1, ValueError("late")))
    root.tell(RoomStarted("room", 1))
    root.tell(RoomExited("stranger", 1, None))
    assert generation(root) == 2
    assert [notice for notice in probe.told[before:] if notice[0] != "started"] == []


def test_the_end_of_a_dismissed_room_is_not_its_successors(
    root: Root, probe: Any, script: Script
) -> None:
    """A room dismissed and wanted again at once: the old one's end comes after the new one."""
    first = script["lifeline"]
    go = threading.Event()
    kill(root, lambda: go.wait(5))

    def again(supervisor: Any) -> None:
        supervisor._dismiss("room")
        supervisor._supervise("room", supervisor._start)

    root.ask(again, timeout=3)
    second = script["lifeline"]
    go.set()
    first.thread.join(5)
    root.ask("alive?", timeout=3)
    assert second is script["lifeline"]
    assert not [notice for notice in probe.told if notice[0] == "restarted"]


def test_a_dismissed_room_is_not_replaced(root: Root, probe: Any, script: Script) -> None:
    """It was stopped on purpose; what is told to it is lost."""
    lifeline = script["lifeline"]
    root.ask(lambda supervisor: supervisor._dismiss("room"), timeout=3)
    lifeline.thread.join(5)
    root.ask("alive?", timeout=3)
    assert not [notice for notice in probe.told if notice[0] == "restarted"]
    with pytest.raises(NotRunningError):
        root.ask("who", timeout=3)


def test_stop_all_reaches_only_the_root(root: Root, probe: Any, script: Script) -> None:
    """Which stops its room; nothing is restarted on the way."""
    assert len(pykka.ActorRegistry.get_all()) == 1
    pykka.ActorRegistry.stop_all(timeout=5)
    assert not root.is_alive()
    assert probe.told[-1] == ("left", [])
    assert script["closed"] == [1]
    assert not [notice for notice in probe.told if notice[0] == "restarted"]


def test_stopping_leaves_a_hung_room_behind(root: Root, probe: Any, script: Script) -> None:
    """By name, when the time is over."""
    go = threading.Event()
    lifeline = script["lifeline"]
    root.ask(lambda supervisor: setattr(supervisor, "_busy_limit", 60.0), timeout=3)
    kill(root, lambda: go.wait(10))
    begun = time.monotonic()
    root.stop(timeout=10)
    assert time.monotonic() - begun < 5.0
    assert probe.told[-1] == ("left", ["room"])
    assert lifeline.abandoned
    go.set()


def test_the_root_survives_what_it_does_not_understand(root: Root, probe: Any) -> None:
    """A tell that fails is told as a failure; an ask fails for its asker."""
    root.tell("what?")
    root.proxy().tell_room.defer("too", "many", "arguments")
    failures: list[Any] = []
    while len(failures) < 2:  # the room may still be telling that it has started
        failures += [told for told in [probe.next(tuple)] if told[0] == "failed"]
    assert [type(error) for _, error in failures] == [ValueError, TypeError]
    with pytest.raises(TypeError):
        root.proxy().tell_room("too", "many").get(timeout=3)
    assert root.ask("alive?", timeout=3) == "yes"


def test_ticks_go_on(root: Root) -> None:
    """The root looks at its rooms again and again."""
    timers = root.proxy().on_receive(lambda supervisor: supervisor._inbox.timers()).get(timeout=3)
    assert [type(message) for _, message in timers] == [Tick]
