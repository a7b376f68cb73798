"""The inbox: its timers, whether somebody waits, and what becomes of latecomers."""

from __future__ import annotations

import threading
import time
from typing import Any

import pykka
import pytest
from pykka import messages
from pykka._envelope import Envelope

from exchange_connector.actors.base.inbox import Inbox
from exchange_connector.actors.base.reply import ReplyFuture


def test_first_in_first_out() -> None:
    """Messages come out as they came in."""
    inbox = Inbox()
    for number in range(5):
        inbox.put(Envelope(number))
    assert inbox.qsize() == 5
    assert [inbox.get().message for _ in range(5)] == list(range(5))


def test_timers_come_out_in_order_of_time() -> None:
    """Whatever the order in which they were set; equal ones as they were set."""
    inbox = Inbox()
    inbox.after(0.03, "c")
    inbox.after(0.01, "a")
    inbox.after(0.02, "b")
    begun = time.monotonic()
    assert [inbox.get().message for _ in range(3)] == ["a", "b", "c"]
    assert 0.02 < time.monotonic() - begun < 1.0


def test_equal_timers_need_not_be_comparable() -> None:
    """Two messages due in the same instant come out as they were set."""
    inbox = Inbox()
    first, second = object(), object()
    moment = time.monotonic
    time_stands = moment()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("exchange_connector.actors.base.inbox.time.monotonic", lambda: time_stands)
        inbox.after(0.0, first)
        inbox.after(0.0, second)
    assert [inbox.get().message for _ in range(2)] == [first, second]


def test_a_timer_is_not_early() -> None:
    """It waits its time, though messages come meanwhile."""
    inbox = Inbox()
    begun = time.monotonic()
    inbox.after(0.05, "due")
    inbox.put(Envelope("before"))
    assert inbox.get().message == "before"
    assert inbox.get().message == "due"
    assert time.monotonic() - begun >= 0.05


def test_a_flood_does_not_starve_timers() -> None:
    """A timer that is due comes before the messages that wait."""
    inbox = Inbox()
    for number in range(1000):
        inbox.put(Envelope(number))
    inbox.after(0.0, "due")
    assert inbox.get().message == "due"
    assert inbox.get().message == 0


def test_a_message_wakes_a_wait_for_a_timer() -> None:
    """A distant timer delays nothing."""
    inbox = Inbox()
    inbox.after(60.0, "far")
    threading.Timer(0.02, inbox.put, (Envelope("now"),)).start()
    begun = time.monotonic()
    assert inbox.get().message == "now"
    assert time.monotonic() - begun < 5.0
    ((due, message),) = inbox.timers()
    assert message == "far"
    assert 50.0 < due - begun < 61.0


def test_asked_says_whether_somebody_waits() -> None:
    """Of the message taken last: an ask, a tell, a timer."""
    inbox = Inbox()
    inbox.put(Envelope("ask", reply_to=ReplyFuture()))
    inbox.get()
    assert inbox.asked
    inbox.put(Envelope("tell"))
    inbox.get()
    assert not inbox.asked
    inbox.put(Envelope("ask", reply_to=ReplyFuture()))
    inbox.get()
    inbox.after(0.0, "timer")
    assert inbox.get().reply_to is None
    assert not inbox.asked


def test_whoever_waits_at_the_teardown_is_refused() -> None:
    """Asks fail, stops succeed, tells are dropped; nothing stays behind."""
    inbox = Inbox()
    ask, stop = ReplyFuture(), ReplyFuture()
    inbox.put(Envelope("tell"))
    inbox.put(Envelope("ask", reply_to=ask))
    inbox.put(Envelope(messages._ActorStop(), reply_to=stop))
    assert inbox.empty()
    with pytest.raises(pykka.ActorDeadError):
        ask.get(timeout=0)
    assert stop.get(timeout=0) is None
    assert inbox.qsize() == 0


def test_whoever_comes_after_the_teardown_is_refused_at_once() -> None:
    """The race that Pykka leaves open: between the last look and death."""
    inbox = Inbox()
    assert inbox.empty()
    late = ReplyFuture()
    inbox.put(Envelope("late", reply_to=late))
    with pytest.raises(pykka.ActorDeadError):
        late.get(timeout=0)
    assert inbox.qsize() == 0


def test_putting_races_with_the_teardown(restless: None) -> None:
    """Whenever the inbox closes, every ask put around that moment is answered."""
    for _ in range(200):
        inbox = Inbox()
        futures: list[Any] = [ReplyFuture() for _ in range(20)]
        start = threading.Barrier(2)

        def put(box: Inbox = inbox, asks: Any = futures, go: Any = start) -> None:
            go.wait()
            for future in asks:
                box.put(Envelope("ask", reply_to=future))

        thread = threading.Thread(target=put)
        thread.start()
        start.wait()
        inbox.empty()
        thread.join()
        for future in futures:
            with pytest.raises(pykka.ActorDeadError):
                future.get(timeout=1)


def test_shutting_wakes_whoever_waits() -> None:
    """From another thread; what comes later is refused, and steals nobody's waking."""
    inbox = Inbox()
    got: list[Any] = []
    getter = threading.Thread(target=lambda: got.append(inbox.get()))
    getter.start()
    inbox.shut()
    getter.join(5)
    assert not getter.is_alive()
    assert (got[0].message, got[0].reply_to) == (None, None)
    inbox.empty()


def test_latecomers_do_not_steal_the_waking(restless: None) -> None:
    """They refuse what lies in the inbox, but not what is meant for its own thread."""
    for _ in range(200):
        inbox = Inbox()
        getter = threading.Thread(target=inbox.get, daemon=True)
        getter.start()
        late = threading.Thread(target=lambda box=inbox: [box.put(Envelope(1)) for _ in range(20)])
        inbox.empty()
        late.start()
        inbox.shut()
        late.join()
        getter.join(5)
        assert not getter.is_alive()


def test_what_was_told_and_not_read_is_left_to_whom_it_concerns() -> None:
    """Oldest first, without asks and stops; what comes after the end for itself."""
    inbox = Inbox()
    left: list[Any] = []
    inbox.leave = lambda unread, is_late: left.append((unread, is_late))
    inbox.put(Envelope("read"))
    inbox.get()
    for envelope in (Envelope(1), Envelope("ask", reply_to=ReplyFuture()), Envelope(2)):
        inbox.put(envelope)
    inbox.empty()
    inbox.empty()
    inbox.put(Envelope(3))
    assert left == [([1, 2], False), ([3], True)]
