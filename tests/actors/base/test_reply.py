"""Answers that come later, without an actor: a `Reply`, its `Answer`, and the asker's future."""

from __future__ import annotations

import gc
import threading
import time
from typing import Any

import pykka
import pytest

from exchange_connector.actors.base.reply import Answer, Reply, ReplyFuture, told_back
from exchange_connector.messages.base import Replied, Request, RequestFailed
from exchange_connector.messages.errors import NotRunningError, ValidationError


class GetNumber(Request[int], frozen=True):
    """A request for a number."""


def asked() -> tuple[Reply[Any], ReplyFuture]:
    """A reply, and the future of whoever waits for it."""
    answer: Answer[Any] = Answer()
    future = ReplyFuture()
    future.set(answer)
    return Reply(answer.settle), future


def test_a_reply_resolves_the_asker() -> None:
    """What is told to the reply is what the asker gets."""
    reply, future = asked()
    assert reply.is_open
    reply.tell(7)
    assert not reply.is_open
    assert future.get(timeout=0) == 7


def test_a_reply_may_come_before_the_asker_attaches() -> None:
    """A handler may answer before Pykka has seen what it returned."""
    answer: Answer[int] = Answer()
    early: Reply[int] = Reply(answer.settle)
    early.tell(7)
    future = ReplyFuture()
    future.set(answer)
    assert future.get(timeout=0) == 7


def test_the_first_outcome_counts() -> None:
    """Whatever is told to a reply after that is ignored."""
    reply, future = asked()
    reply.tell(1)
    reply.tell(2)
    reply.fail(ValueError("late"))
    assert future.get(timeout=0) == 1


def test_an_error_keeps_its_type_and_its_traceback() -> None:
    """The asker sees where the error was raised."""

    def where_it_broke() -> None:
        raise ValidationError("symbol", "X", "not listed")

    reply, future = asked()
    try:
        where_it_broke()
    except ValidationError as error:
        reply.fail(error)
    with pytest.raises(ValidationError, match="not listed") as caught:
        future.get(timeout=0)
    assert "where_it_broke" in [entry.name for entry in caught.traceback]


def test_a_forgotten_reply_answers_by_itself() -> None:
    """Dropping the last reference is an answer, at once."""
    reply, future = asked()
    del reply
    with pytest.raises(NotRunningError):
        future.get(timeout=0)


def test_a_forgotten_reply_in_a_cycle_waits_for_the_collector() -> None:
    """It rests on reference counting; in a cycle, silence ends with the next collection."""
    reply, future = asked()
    cycle: list[Any] = [reply]
    cycle.append(cycle)
    gc.disable()
    try:
        del reply, cycle
        with pytest.raises(pykka.Timeout):
            future.get(timeout=0)
    finally:
        gc.enable()
    gc.collect()
    with pytest.raises(NotRunningError):
        future.get(timeout=0)


def test_an_answered_reply_is_forgotten_in_peace() -> None:
    """Dropping it afterwards tells nothing more."""
    outcomes: list[Any] = []
    reply: Reply[int] = Reply(lambda value, error: outcomes.append((value, error)))
    reply.tell(7)
    del reply
    gc.collect()
    assert outcomes == [(7, None)]


def test_only_one_of_many_threads_gives_the_outcome(restless: None) -> None:
    """However they race, the sink is called once."""
    for _ in range(200):
        outcomes: list[Any] = []

        def sink(value: Any, _: Any, told: list[Any] = outcomes) -> None:
            told.append(value)

        reply: Reply[int] = Reply(sink)
        start = threading.Barrier(3)

        def tell(number: int, told: Reply[int] = reply, go: threading.Barrier = start) -> None:
            go.wait()
            told.tell(number)

        threads = [threading.Thread(target=tell, args=(each,)) for each in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(outcomes) == 1


def test_attaching_and_settling_race_well(restless: None) -> None:
    """Whoever comes second, asker or outcome, brings them together: always exactly once."""
    rounds = 2000
    pairs: list[tuple[Answer[int], ReplyFuture]] = [
        (Answer(), ReplyFuture()) for _ in range(rounds)
    ]
    start = threading.Barrier(2)

    def settle() -> None:
        start.wait()
        for number, (answer, _) in enumerate(pairs):
            answer.settle(number, None)

    thread = threading.Thread(target=settle)
    thread.start()
    start.wait()
    for answer, future in pairs:
        future.set(answer)
    assert [future.get(timeout=1) for _, future in pairs] == list(range(rounds))
    thread.join()


def test_when_set_calls_back_after_the_answer() -> None:
    """Not when the handler returned, but when there is something to get."""
    reply, future = asked()
    seen: list[Any] = []
    future.when_set(lambda: seen.append(future.get(timeout=0)))
    assert seen == []
    reply.tell(7)
    assert seen == [7]


def test_when_set_calls_back_at_once_where_it_is_set() -> None:
    """Also for an error."""
    reply, future = asked()
    reply.fail(ValueError("no"))
    seen: list[str] = []
    future.when_set(lambda: seen.append("called"))
    assert seen == ["called"]


def test_when_set_is_called_once_however_it_races(restless: None) -> None:
    """Registering and settling at the same moment calls back exactly once."""
    for _ in range(300):
        reply, future = asked()
        calls: list[int] = []
        start = threading.Barrier(2)

        def tell(told: Reply[int] = reply, go: threading.Barrier = start) -> None:
            go.wait()
            told.tell(1)

        thread = threading.Thread(target=tell)
        thread.start()
        start.wait()
        future.when_set(lambda seen=calls: seen.append(1))  # type: ignore[misc]
        thread.join()
        assert calls == [1]


def test_the_timeout_is_exact() -> None:
    """Also for a second getter, while a first one waits longer."""
    reply, future = asked()
    first = threading.Thread(target=lambda: future.get(timeout=5))
    first.start()
    begun = time.monotonic()
    with pytest.raises(pykka.Timeout):
        future.get(timeout=0.1)
    assert 0.1 <= time.monotonic() - begun < 0.5
    reply.tell(1)
    first.join()


def test_map_and_join_derive_futures_that_never_call_back() -> None:
    """Their value is computed in the thread that gets it."""
    reply, future = asked()
    other_reply, other = asked()
    doubled = future.map(lambda value: 2 * value)
    both = future.join(other)
    assert isinstance(doubled, ReplyFuture)
    assert doubled.is_derived
    assert not future.is_derived
    reply.tell(3)
    other_reply.tell(4)
    assert doubled.get(timeout=0) == 6
    assert list(both.get(timeout=0)) == [3, 4]
    assert pykka.get_all([future, other], timeout=0) == [3, 4]


def test_a_future_that_its_holder_set_harms_nobody() -> None:
    """The asker's future is in the asker's hands; the outcome then finds nobody."""
    reply, future = asked()
    future.set("mine")
    reply.tell(7)  # raises nothing in the room that answers
    assert future.get(timeout=0) == "mine"
    reply, future = asked()
    future.set("mine")
    reply.fail(ValueError("too late"))
    assert future.get(timeout=0) == "mine"


def test_a_told_request_is_answered_as_a_message(probe: Any) -> None:
    """With its id, so that a bot knows which request it belongs to."""
    request = GetNumber(reply_to=probe, request_id="a")
    told_back(request).tell(7)
    error = ValidationError("symbol", "X", "not listed")
    told_back(request).fail(error)
    assert probe.told == [
        Replied(request_id="a", reply=7),
        RequestFailed(request_id="a", error=error),
    ]


def test_a_dead_asker_harms_nobody() -> None:
    """Who told a request and died does not want to know any more."""

    class Dead:
        def tell(self, message: Any, /) -> None:
            raise pykka.ActorDeadError(str(message))

    told_back(GetNumber(reply_to=Dead())).tell(7)


def test_a_forgotten_told_request_is_answered_too(probe: Any) -> None:
    """A bot that told a request hears of its loss."""
    told_back(GetNumber(reply_to=probe, request_id=1))
    assert isinstance(probe.next(RequestFailed).error, NotRunningError)
