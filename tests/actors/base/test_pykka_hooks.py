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

from exchange_connector.actors.base.inbox import Due
from exchange_connector.actors.base.reply import ReplyFuture
from exchange_connector.actors.feeds.actor_recipient import put_all
from exchange_connector.actors.feeds.subscriber import SubscriberActor

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


def test_a_subscriber_actor_gets_every_message_through_its_receiver() -> None:
    """Its inbox is a queue that is quicker than Pykka's; all ways of asking work with it."""
    handled: list[Any] = []

    class Subscriber(SubscriberActor):
        def _handle_receive(self, message: Any) -> Any:
            handled.append(message)
            return super()._handle_receive(message)

        def on_receive(self, message: Any) -> Any:
            return message

        def name(self) -> str:
            return "through a proxy"

    ref: Any = Subscriber.start()
    assert type(ref.actor_inbox) is queue.SimpleQueue
    assert ref.ask("asked", timeout=5) == "asked"
    assert ref.proxy().name().get(timeout=5) == "through a proxy"
    assert ref.stop(timeout=5)
    assert len(handled) == 3


def test_a_subscriber_actor_that_is_stopped_refuses_who_asks_too_late() -> None:
    """Pykka empties the inbox, whatever it is made of."""
    entered, leave = threading.Event(), threading.Event()

    class Subscriber(SubscriberActor):
        def on_receive(self, message: Any) -> Any:
            entered.set()
            leave.wait(5)

    ref: Any = Subscriber.start()
    ref.tell("first")
    assert entered.wait(5)
    stopping = ref.stop(block=False)
    late = ref.ask("late", block=False)
    leave.set()
    assert stopping.get(timeout=5)
    with pytest.raises(pykka.ActorDeadError):
        late.get(timeout=5)


def test_an_envelope_is_made_of_a_message_alone() -> None:
    """As `ActorRef.tell` makes it."""
    envelope: Any = Envelope("event")
    assert (envelope.message, envelope.reply_to) == ("event", None)


def test_a_plain_actor_has_a_plain_queue() -> None:
    """Else it is told one message at a time."""
    inbox: Any = pykka.ThreadingActor._create_actor_inbox()
    assert type(inbox) is queue.Queue
    assert inbox.maxsize == 0


def test_several_items_are_put_as_one_by_one() -> None:
    """Size, order, unfinished tasks, and the waking of who waits: as `Queue.put` leaves them."""
    one_by_one, at_once = queue.Queue[int](), queue.Queue[int]()
    for number in range(3):
        one_by_one.put(number)
    put_all(at_once, range(3))
    assert at_once.qsize() == one_by_one.qsize() == 3
    assert at_once.unfinished_tasks == one_by_one.unfinished_tasks == 3
    for inbox in (one_by_one, at_once):
        assert [inbox.get_nowait() for _ in range(3)] == [0, 1, 2]
        for _ in range(3):
            inbox.task_done()
        inbox.join()
        with pytest.raises(ValueError, match="too many"):
            inbox.task_done()


def test_several_items_wake_who_waits() -> None:
    """The actor, in `get`; it finds the rest by itself."""
    inbox = queue.Queue[int]()
    taken: list[int] = []
    taker = threading.Thread(target=lambda: taken.extend(inbox.get(timeout=5) for _ in range(3)))
    taker.start()
    put_all(inbox, [1, 2])
    put_all(inbox, [3])
    taker.join(5)
    assert taken == [1, 2, 3]


@pytest.mark.parametrize("name", ["mutex", "not_empty", "queue", "unfinished_tasks"])
def test_a_queue_has_what_putting_several_needs(name: str) -> None:
    """Attributes without an underscore, though not in its manual."""
    assert hasattr(queue.Queue(), name)


@pytest.mark.parametrize("fails", [False, True])
def test_an_envelope_is_asked_for_who_waits_when_its_message_is_handled(*, fails: bool) -> None:
    """Not before, and also where the message is the actor's death, which it stays."""
    said: list[str] = []

    class Telling(Envelope[Any]):
        @property
        def reply_to(self) -> None:  # type: ignore[override]
            said.append("asked")

    class Handling(pykka.ThreadingActor):
        def on_receive(self, message: Any) -> None:
            said.append(message)
            if fails:
                raise RuntimeError("dies")

        def on_failure(self, exception_type: Any, exception_value: Any, traceback: Any) -> None:
            said.append("died")

    ref = Handling.start()
    telling: Any = Telling.__new__(Telling)
    telling.message = "handled"
    ref.actor_inbox.put(telling)
    if not fails:
        ref.ask("next")
    assert ref.actor_stopped.wait(5) is fails
    assert said == (["handled", "asked", "died"] if fails else ["handled", "asked", "next"])
    ref.stop()


def test_what_a_forked_child_rests_on() -> None:
    """The registry's lock can be held by one thread, and a reference asks its own event first."""
    lock: Any = pykka.ActorRegistry._actor_refs_lock
    with lock, lock:
        assert isinstance(pykka.ActorRegistry.get_all(), list)
    ref = pykka.ThreadingActor.start()
    stopped = ref.actor_stopped

    class Refusing:
        def is_set(self) -> bool:
            raise LookupError

    ref.actor_stopped = Refusing()  # type: ignore[assignment]
    uses: list[Any] = [
        ref.is_alive,
        ref.proxy,
        ref.stop,
        lambda: ref.ask("x"),
        lambda: ref.tell("x"),
    ]
    for use in uses:
        with pytest.raises(LookupError):
            use()
    ref.actor_stopped = stopped
    ref.stop(timeout=5)


def test_what_ends_an_actor_is_there() -> None:
    """Ours does by itself what Pykka does when an actor stops."""
    assert list(inspect.signature(pykka.Actor._stop).parameters) == ["self"]
    assert list(inspect.signature(pykka.Actor._actor_loop_teardown).parameters) == ["self"]
