"""Rooms that do as they are told, and a small root that tells all that it notices."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pykka
import pytest

from exchange_connector.actors.base.reply import Answer, Reply
from exchange_connector.actors.base.room import Lifeline, Room
from exchange_connector.actors.base.supervisor import Supervisor
from exchange_connector.core.supervision import Supervision
from exchange_connector.messages.rooms import Tick


class Question(NamedTuple):
    """One that a successor may answer."""

    word: Any
    reply: Any


class Scripted(Room):
    """Does what a message says.

    Attributes:
        script: What all generations share: `open` may hold an error, `held` what was kept.
    """

    def __init__(self, lifeline: Lifeline, supervisor: Any, script: dict[str, Any]) -> None:
        if (error := script.pop("constructor", None)) is not None:
            raise error
        self.script = script
        super().__init__(lifeline, supervisor)

    def open(self) -> None:
        """Begin, or fail to."""
        if (error := self.script.pop("open", None)) is not None:
            raise error

    def is_request(self, message: Any) -> bool:
        """Whether a successor may have it."""
        return isinstance(message, Question)

    def receive(self, message: Any) -> None:
        """Raise an error, run a callable, keep a request, echo to one, or pass over it."""
        if isinstance(message, BaseException):
            raise message
        if callable(message):
            message()
            return
        if not isinstance(message, tuple):
            self.not_understood(message)
            return
        word, reply = message
        if isinstance(word, BaseException):
            raise word
        if callable(word):
            word()
        if word == "keep":
            self.script.setdefault("held", []).append(reply)
        elif word != "forget":
            reply.tell(self._lifeline.generation)

    def close(self) -> None:
        """Note it."""
        self.script.setdefault("closed", []).append(self._lifeline.generation)
        if (error := self.script.pop("close", None)) is not None:
            raise error

    def cut(self) -> None:
        """Let go of what hangs."""
        self.script.get("go", threading.Event()).set()


class Root(Supervisor):
    """Forwards what it is asked to the room, and tells of everything else."""

    _busy_limit = 0.1

    def __init__(self, noticed: Any, script: dict[str, Any], max_restarts: int) -> None:
        super().__init__(Supervision(max_restarts, 60.0))
        self._noticed, self._script = noticed, script

    def _start(self, lifeline: Lifeline) -> pykka.ActorRef[Any]:
        self._script["lifeline"] = lifeline
        return Scripted.start(lifeline, self._address, self._script)

    def on_start(self) -> None:
        """Start the room, and look after it."""
        self._supervise("room", self._start)
        self._inbox.after(0.0, Tick())

    def on_receive(self, message: Any) -> Any:
        """Watch, forward, or do as a callable says."""
        if self._watch(message):
            return None
        if callable(message):
            return message(self)
        if message == "alive?":
            return "yes"
        if not self._inbox.asked:
            raise ValueError(f"not understood: {message}")
        answer: Answer[Any] = Answer()
        self._offices.of("room").tell((message, Reply(answer.settle)))
        return answer

    def tell_room(self, message: Any) -> None:
        """Tell the room."""
        self._offices.of("room").tell(message)

    def on_stop(self) -> None:
        """Stop the room."""
        self._noticed.tell(("left", self._stop_children(time.monotonic() + 0.5)))

    def _child_started(self, name: str) -> None:
        self._noticed.tell(("started", name))

    def _child_restarted(self, name: str, reason: str, restarts: int) -> None:
        self._noticed.tell(("restarted", name, reason, restarts))

    def _given_up(self, name: str, reason: str, restarts: int) -> None:
        self._noticed.tell(("given up", name, reason, restarts))

    def _failed(self, error: Exception) -> None:
        self._noticed.tell(("failed", error))


@pytest.fixture
def question() -> type[Question]:
    """Makes questions that a successor may answer."""
    return Question


@pytest.fixture
def script() -> dict[str, Any]:
    """What the room is to do, and what it has done."""
    return {}


@pytest.fixture
def start_root(probe: Any, script: dict[str, Any]) -> Iterator[Callable[..., pykka.ActorRef[Root]]]:
    """Start a root; what it notices is told to `probe`."""
    refs: list[pykka.ActorRef[Root]] = []

    def start(max_restarts: int = 3) -> pykka.ActorRef[Root]:
        refs.append(Root.start(probe, script, max_restarts))
        return refs[-1]

    yield start
    for ref in refs:
        ref.stop(timeout=10)


@pytest.fixture
def root(start_root: Any, probe: Any) -> pykka.ActorRef[Root]:
    """A root whose room has started."""
    ref: pykka.ActorRef[Root] = start_root()
    probe.sync(("started", "room"))
    return ref


# a room without a root


class Plain(Room):
    """Raises what it is told, and runs what it is told."""

    opening: BaseException | None = None
    closing: BaseException | None = None
    closed = 0

    def open(self) -> None:
        """Begin, or fail to."""
        if self.opening is not None:
            raise self.opening

    def receive(self, message: Any) -> None:
        """Raise, run, or pass over it."""
        if isinstance(message, BaseException):
            raise message
        if callable(message):
            message()
        elif isinstance(message, tuple):
            raise message[0]
        else:
            self.not_understood(message)

    def close(self) -> None:
        """Note it."""
        type(self).closed += 1
        if self.closing is not None:
            raise self.closing


@pytest.fixture
def kind() -> type[Plain]:
    """A kind of room of the test's own."""
    return type("Own", (Plain,), {"closed": 0})


@pytest.fixture
def lifeline() -> Lifeline:
    """What the supervisor holds."""
    return Lifeline("room", 1)


@pytest.fixture
def room(
    kind: type[Plain], lifeline: Lifeline, probe: Any
) -> Iterator[Callable[[], pykka.ActorRef[Plain]]]:
    """Start the room; it is stopped at the end."""
    refs: list[pykka.ActorRef[Plain]] = []

    def start() -> pykka.ActorRef[Plain]:
        refs.append(kind.start(lifeline, probe))
        return refs[-1]

    yield start
    for ref in refs:
        ref.stop(timeout=5)
