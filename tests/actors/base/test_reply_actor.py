"""Answers that come later, from a real actor, by every way of asking that Pykka has."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pykka
import pytest

from exchange_connector.actors.base.inbox import Inbox
from exchange_connector.actors.base.reply import Answer, Reply, ReplyFuture
from exchange_connector.messages.errors import NotRunningError, ValidationError


class Later(pykka.ThreadingActor):
    """Keeps every request; whoever holds `held` answers."""

    def __init__(self, held: list[Reply[Any]]) -> None:
        super().__init__()
        self._held = held

    @staticmethod
    def _create_actor_inbox() -> Inbox:
        return Inbox()

    @staticmethod
    def _create_future() -> pykka.Future[Any]:
        return ReplyFuture()

    def on_receive(self, message: Any) -> Any:
        """Answer later, or at once, or never."""
        if message == "now":
            return "at once"
        if message == "bug":
            raise KeyError("a bug")
        if message == "forget":
            return self.ask_and_forget()
        return self.number()

    def number(self) -> Answer[Any]:
        """Answer later."""
        answer: Answer[Any] = Answer()
        self._held.append(Reply(answer.settle))
        return answer

    def ask_and_forget(self) -> Answer[Any]:
        """Drop the request."""
        answer: Answer[Any] = Answer()
        Reply(answer.settle)
        return answer


@pytest.fixture
def held() -> list[Reply[Any]]:
    """The requests that nobody has answered yet."""
    return []


@pytest.fixture
def ref(held: list[Reply[Any]]) -> Iterator[pykka.ActorRef[Later]]:
    """An actor that answers later."""
    ref = Later.start(held)
    yield ref
    ref.stop(timeout=5)


Ref = pykka.ActorRef[Later]
Wait = Callable[[Callable[[], object]], None]


def test_ask_waits_for_a_later_answer(ref: Ref, held: list[Reply[Any]], eventually: Wait) -> None:
    """A blocking ask returns the answer itself, never a future in a future."""
    got: list[Any] = []
    asker = threading.Thread(target=lambda: got.append(ref.ask("x", timeout=5)))
    asker.start()
    eventually(lambda: held)
    held.pop().tell(7)
    asker.join()
    assert got == [7]


def test_ask_without_blocking(ref: Ref, held: list[Reply[Any]], eventually: Wait) -> None:
    """The future resolves when somebody answers, from whatever thread."""
    future = ref.ask("x", block=False)
    eventually(lambda: held)
    threading.Thread(target=held.pop().tell, args=(7,)).start()
    assert future.get(timeout=5) == 7


def test_a_proxy_method_may_answer_later(
    ref: Ref, held: list[Reply[Any]], eventually: Wait
) -> None:
    """As a message with the same meaning does."""
    future = ref.proxy().number()
    eventually(lambda: held)
    held.pop().tell(7)
    assert future.get(timeout=5) == 7


def test_many_answers_in_any_order(ref: Ref, held: list[Reply[Any]], eventually: Wait) -> None:
    """Each asker gets its own answer, whoever is served first."""
    futures = [ref.ask(number, block=False) for number in range(50)]
    eventually(lambda: len(held) == 50)
    for number in reversed(range(50)):
        held.pop().tell(number)
    assert pykka.get_all(futures, timeout=5) == list(range(50))


def test_map_and_join_of_later_answers(ref: Ref, held: list[Reply[Any]], eventually: Wait) -> None:
    """What Pykka derives from a future works on ours."""
    one, two = ref.ask(1, block=False), ref.ask(2, block=False)
    both = one.join(two).map(sum)
    eventually(lambda: len(held) == 2)
    for reply in held:
        reply.tell(10)
    held.clear()
    assert both.get(timeout=5) == 20


def test_the_actor_goes_on_while_answers_are_due(ref: Ref, held: list[Reply[Any]]) -> None:
    """It never waits for an answer of its own."""
    pending = [ref.ask(number, block=False) for number in range(20)]
    begun = time.monotonic()
    assert ref.ask("now", timeout=1) == "at once"
    assert time.monotonic() - begun < 0.5
    assert len(held) == 20
    for reply in held:
        reply.tell(None)
    assert pykka.get_all(pending, timeout=1) == [None] * 20


def test_a_timeout_is_exact(ref: Ref) -> None:
    """And the answer that comes after it harms nobody."""
    begun = time.monotonic()
    with pytest.raises(pykka.Timeout):
        ref.ask("x", timeout=0.05)
    assert 0.05 <= time.monotonic() - begun < 0.5


def test_a_typed_error_reaches_the_asker(
    ref: Ref, held: list[Reply[Any]], eventually: Wait
) -> None:
    """Later, as itself."""
    future = ref.ask("x", block=False)
    eventually(lambda: held)
    held.pop().fail(ValidationError("symbol", "X", "not listed"))
    with pytest.raises(ValidationError, match="not listed"):
        future.get(timeout=5)


def test_a_bug_in_a_handler_is_told_to_the_asker(ref: Ref) -> None:
    """And the actor lives on, as Pykka has it."""
    with pytest.raises(KeyError, match="a bug"):
        ref.ask("bug", timeout=5)
    assert ref.ask("now", timeout=5) == "at once"


def test_a_dropped_request_is_answered_at_once(ref: Ref) -> None:
    """Forgetting is no silence."""
    begun = time.monotonic()
    with pytest.raises(NotRunningError):
        ref.ask("forget", timeout=5)
    assert time.monotonic() - begun < 1.0


def test_a_future_that_its_holder_set_does_not_kill_the_actor(ref: Ref) -> None:
    """Pykka's own loop would break on the second outcome, silently."""
    first = ref.ask("now", block=False)
    for _ in range(20):  # some are set before the actor comes to them
        future = ref.ask("now", block=False)
        future.set("mine")
    assert first.get(timeout=5) == "at once"
    assert ref.ask("now", timeout=1) == "at once"


def test_asking_while_it_stops_never_meets_silence(restless: None) -> None:
    """An ask that slips in during the teardown is refused, never forgotten."""
    refused = answered = 0
    for _ in range(150):
        ref = Later.start([])
        start = threading.Barrier(2)

        def stop(target: Ref = ref, go: threading.Barrier = start) -> None:
            go.wait()
            target.stop(block=False)

        stopper = threading.Thread(target=stop)
        stopper.start()
        start.wait()
        futures: list[Any] = []
        while ref.is_alive():
            futures.append(ref.ask("now", block=False))
        futures += [ref.ask("now", block=False) for _ in range(5)]
        stopper.join()
        for future in futures:
            try:
                assert future.get(timeout=2) == "at once"
                answered += 1
            except pykka.ActorDeadError:
                refused += 1
    assert refused
    assert answered


def test_a_stop_that_comes_too_late_is_no_error() -> None:
    """Stopping twice is answered too."""
    ref = Later.start([])
    futures = [ref.stop(block=False) for _ in range(3)]
    assert all(isinstance(future.get(timeout=5), bool) for future in futures)
    assert ref.stop(timeout=5) is False
