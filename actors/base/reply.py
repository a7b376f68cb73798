"""Answers that come later.

In Pykka a handler's return value is the reply, at once. Here a handler may return an `Answer`
instead, and whoever holds its `Reply` answers the asker when it can; nobody waits in between.
This rests on one hook of Pykka's for implementors of new actor types, `Actor._create_future`.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import pykka

from ...messages.base import Replied, Request, RequestFailed
from ...messages.errors import NotRunningError
from ..feeds.delivery import current_feed
from .forks import PROCESS, is_foreign, refuse
from .journal import say

R = TypeVar("R")

Sink = Callable[[Any, BaseException | None], object]
"""Takes the outcome: a value, or an error."""


class Reply(Generic[R]):
    """The sending half: it travels in messages, and the first outcome told to it counts.

    Forgotten without an outcome (its room died, its message was dropped), it fails with
    `NotRunningError` by itself, so that no asker ever meets silence. That rests on reference
    counting: never put a reply into a log record, an exception or a cycle.
    """

    __slots__ = ("__weakref__", "_sinks")

    def __init__(self, sink: Sink) -> None:
        self._sinks = [sink]  # popping is atomic: one outcome gets the sink, any later one none

    @property
    def is_open(self) -> bool:
        """Whether no outcome was told yet."""
        return bool(self._sinks)

    def tell(self, value: R, /) -> None:
        """Answer."""
        self._settle(value, None)

    def fail(self, error: BaseException) -> None:
        """Answer with an error."""
        self._settle(None, error)

    def _settle(self, value: R | None, error: BaseException | None) -> None:
        try:
            sink = self._sinks.pop()
        except IndexError:
            return
        sink(value, error)

    def __del__(self) -> None:
        if self._sinks:
            reason = "what should have answered has stopped or was restarted"
            self.fail(NotRunningError(reason))


def told_back(request: Request[Any]) -> Reply[Any]:
    """A reply that is told to where the request says, as `Replied` or `RequestFailed`."""
    address, identity = request.reply_to, request.request_id
    assert address is not None

    def tell(value: Any, error: BaseException | None) -> None:
        try:
            if error is None:
                address.tell(Replied(request_id=identity, reply=value))
            elif isinstance(error, Exception):
                address.tell(RequestFailed(request_id=identity, error=error))
        except pykka.ActorDeadError:
            pass  # it does not want to know any more
        except BaseException as raised:  # noqa: BLE001 - the user's: what it raises concerns no room
            say(logging.ERROR, "an address for an answer raised", cause=raised, extra={})

    return Reply(tell)


class Answer(Generic[R]):
    """The receiving half: what a handler returns for "later"."""

    __slots__ = ("_asker", "_lock", "_outcome")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asker: pykka.Future[Any] | None = None
        self._outcome: tuple[Any, BaseException | None] | None = None

    def settle(self, value: R | None, error: BaseException | None) -> None:
        """Take the outcome."""
        with self._lock:
            self._outcome = value, error
        self._deliver()

    def attach(self, asker: pykka.Future[Any]) -> None:
        """Take the future in the asker's hand."""
        with self._lock:
            self._asker = asker
        self._deliver()

    def _deliver(self) -> None:
        """Whoever came second, the asker or the outcome, brings them together."""
        with self._lock:
            if self._asker is None or self._outcome is None:
                return
            asker, self._asker = self._asker, None
            value, error = self._outcome
        if error is None:
            asker.set(value)
        else:
            asker.set_exception((type(error), error, error.__traceback__))


class ReplyFuture(pykka.ThreadingFuture[Any]):
    """A future that, set to an `Answer`, waits for what becomes of it.

    Attributes:
        is_derived: Whether its value is computed when asked for (`map`, `join`, …): then it is
            never set, and never calls back.
        is_of_stop: Whether it is who asked the actor to stop that has it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.is_derived = self.is_of_stop = False
        self._callbacks: list[Callable[[], object]] | None = []
        self._guard = threading.Lock()
        self._generation = PROCESS.generation

    def set(self, value: Any = None) -> None:
        """Resolve, now or when the answer comes; ignored where there is an outcome already."""
        if isinstance(value, Answer):
            value.attach(self)
            return
        try:
            super().set(value)
        except queue.Full:  # whoever holds it has set it: no harm to who answers
            return
        self._call_back()

    def set_exception(self, exc_info: Any = None) -> None:
        """Fail; ignored where there is an outcome already."""
        try:
            super().set_exception(exc_info)
        except queue.Full:
            return
        self._call_back()

    def set_get_hook(self, func: Any) -> None:
        """Have the value computed when asked for."""
        self.is_derived = True
        super().set_get_hook(func)

    def get(self, *, timeout: float | None = None) -> Any:
        """Wait for the value; a subscriber's callback that waits is itself not waited for.

        One that must not wait may stop the connector all the same: it comes to that without it.

        Raises:
            ValidationError: There is none yet, and the callback is one that must not wait.
            NotRunningError: There is none yet, and this process was forked since it was asked for.
        """
        if is_foreign(self._generation) and self._is_to_come():
            refuse()
        feed = current_feed()
        if feed is None or not (feed.may_wait or self._is_to_come()):
            return super().get(timeout=timeout)
        if self.is_of_stop and not feed.may_wait:
            return None
        feed.callback_waits()
        try:
            return super().get(timeout=timeout)
        finally:
            feed.callback_goes_on()

    def _is_to_come(self) -> bool:
        """Whether somebody else has to set it first."""
        return self._callbacks is not None and not self.is_derived

    def when_set(self, callback: Callable[[], object]) -> None:
        """Have `callback` called once the future is set, by whoever sets it; at once if it is."""
        with self._guard:
            if self._callbacks is not None:
                self._callbacks.append(callback)
                return
        callback()

    def _call_back(self) -> None:
        with self._guard:
            callbacks, self._callbacks = self._callbacks or [], None
        for callback in callbacks:
            callback()
