"""What we rest on in Pykka, pinned: a release that changes any of it fails here, by name."""

from __future__ import annotations

import inspect
import queue
import threading
from typing import Any

import pykka
import pytest
from pykka import messages
from pykka._envelope import Envelope

from exchange_connector.actors.inbox import Due
from exchange_connector.actors.reply import ReplyFuture

HOOKS = ["_create_future", "_create_actor_inbox", "_start_actor_loop"]


class Spy:
    """An inbox that writes down what Pykka does with it."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.envelopes: list[Any] = []
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def put(self, envelope: Any, /) -> None:
        """Leave an envelope."""
        self.envelopes.append(envelope)
        self._queue.put(envelope)

    def get(self) -> Any:
        """Take one."""
        self.calls.append("get")
        return self._queue.get(timeout=5)

    def empty(self) -> bool:
        """Whether there is none."""
        self.calls.append("empty")
        return self._queue.empty()


class Spied(pykka.ThreadingActor):
    """An actor that uses every hook that ours use."""

    def __init__(self) -> None:
        super().__init__()
        self.futures = 0

    @staticmethod
    def _create_actor_inbox() -> Any:
        return Spy()

    @staticmethod
    def _create_future() -> pykka.Future[Any]:
        return ReplyFuture()

    def _start_actor_loop(self) -> None:
        threading.Thread(target=self._live, name="spied").start()

    def _live(self) -> None:
        self._actor_loop()
        self.actor_inbox.calls.append("over")  # type: ignore[attr-defined]

    def _handle_receive(self, message: Any) -> Any:
        self.actor_inbox.calls.append("handle")  # type: ignore[attr-defined]
        return super()._handle_receive(message)

    def on_receive(self, message: Any) -> Any:
        """Say on which thread."""
        return threading.current_thread().name

    def name(self) -> str:
        """The same, through a proxy."""
        return threading.current_thread().name


@pytest.mark.parametrize("hook", HOOKS)
def test_the_hooks_for_implementors_are_there(hook: str) -> None:
    """Abstract in Pykka's base, filled in by its threading actor."""
    assert getattr(getattr(pykka.Actor, hook), "__isabstractmethod__", False)
    assert hook in vars(pykka.ThreadingActor)


def test_the_loop_and_the_receiver_are_there() -> None:
    """With the parameters that we pass on."""
    assert list(inspect.signature(pykka.Actor._actor_loop).parameters) == ["self"]
    assert list(inspect.signature(pykka.Actor._handle_receive).parameters) == ["self", "message"]


def test_every_way_of_asking_goes_through_the_hooks() -> None:
    """Ask, proxy and stop: our futures, our inbox, our thread, our receiver."""
    ref = Spied.start()
    spy: Any = ref.actor_inbox
    assert isinstance(spy, Spy)
    assert ref.ask("x", timeout=5) == "spied"
    proxy: Any = ref.proxy()
    future = proxy.name()
    assert isinstance(future, ReplyFuture)
    assert future.get(timeout=5) == "spied"
    assert isinstance(ref.ask("x", block=False), ReplyFuture)
    assert isinstance(ref.stop(block=False), ReplyFuture)
    ref.actor_stopped.wait(5)
    assert spy.calls.count("handle") == len(spy.envelopes)
    assert all(isinstance(each.reply_to, ReplyFuture) for each in spy.envelopes)


def test_an_envelope_has_a_message_and_whoever_waits() -> None:
    """The names that the inbox reads, and its own timers bear."""
    ref = Spied.start()
    spy: Any = ref.actor_inbox
    ref.tell("told")
    ref.ask("asked", timeout=5)
    ref.stop(timeout=5)
    told, asked, stopped = spy.envelopes
    assert (told.message, told.reply_to) == ("told", None)
    assert asked.message == "asked"
    assert asked.reply_to is not None
    assert type(stopped.message).__name__ == messages._ActorStop.__name__ == "_ActorStop"
    assert isinstance(told, Envelope)
    assert set(Due._fields) <= {name for name in dir(told) if not name.startswith("_")}


def test_an_inbox_is_asked_whether_it_is_empty_only_in_the_teardown() -> None:
    """So that being asked means: the actor is about to die."""
    ref = Spied.start()
    spy: Any = ref.actor_inbox
    for _ in range(3):
        ref.ask("x", timeout=5)
    assert "empty" not in spy.calls
    ref.stop(timeout=5)
    thread = next((each for each in threading.enumerate() if each.name == "spied"), None)
    if thread is not None:
        thread.join(5)
    assert spy.calls[-2:] == ["empty", "over"]


def test_a_failing_tell_ends_the_loop_without_a_word_to_the_thread() -> None:
    """Pykka takes the error, and the loop returns: what the room's own hook waits for."""

    class Failing(Spied):
        def on_receive(self, message: Any) -> Any:
            raise RuntimeError(message)

    ref = Failing.start()
    spy: Any = ref.actor_inbox
    ref.tell("x")
    assert ref.actor_stopped.wait(5)
    thread = next((each for each in threading.enumerate() if each.name == "spied"), None)
    if thread is not None:
        thread.join(5)
    assert spy.calls[-1] == "over"


def test_a_failing_ask_is_no_death() -> None:
    """The error goes to the asker, and the actor lives on."""

    class Failing(Spied):
        def on_receive(self, message: Any) -> Any:
            raise RuntimeError(message)

    ref = Failing.start()
    with pytest.raises(RuntimeError):
        ref.ask("x", timeout=5)
    assert ref.is_alive()
    ref.stop(timeout=5)
