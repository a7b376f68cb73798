"""The root's base: starts children in order, replaces the dead and the hung, stops in reverse.

What to do about a death is decided by `core.supervision`; here it is done. A child's address is an
office, which its successors move into.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import msgspec
import pykka

from ...core.supervision import GiveUp, RestartLedger, Supervision, is_hung
from ...messages.errors import ValidationError
from ...messages.health import ComponentHealth, Restart
from ...messages.rooms import Tick
from ..tapes.tape import BLANK, Tape
from .exits import stop_at_exit
from .forks import own_actor
from .inbox import Inbox
from .journal import say, words_of
from .office import Office, Offices
from .reply import Answer, ReplyFuture
from .room import Lifeline, RoomExited, RoomStarted

_LOOK = 0.25
"""Seconds between two looks for hung children."""
_BUSY_LIMIT = 3.0
"""Seconds for one message, after which a child counts as hung; handlers take microseconds."""


class RestartDue(msgspec.Struct, frozen=True):
    """Time to replace a child of this generation."""

    name: str
    generation: int


Start = Callable[[Lifeline], pykka.ActorRef[Any]]


@dataclass(eq=False)
class _Child:
    start: Start
    generation: int = 0
    lifeline: Lifeline | None = None
    ref: pykka.ActorRef[Any] | None = None


class Supervisor(pykka.ThreadingActor):
    """An actor with children. A handler of its own that fails is no death: see `_failed`."""

    use_daemon_thread = True  # see `exits`
    _busy_limit = _BUSY_LIMIT
    _stop_timeout = 30.0

    def __init__(self, supervision: Supervision) -> None:
        super().__init__()
        self._supervision = supervision
        self._restarts = RestartLedger()
        self._children: dict[str, _Child] = {}
        self._generations: dict[str, int] = {}  # never used twice, also by one supervised anew
        self._dismissed: list[Lifeline] = []
        self._offices = Offices()
        self._tape: Tape = BLANK
        self._is_stopping = False
        self._address = Office(self.actor_ref)

    # what the root fills in

    def _first_words(self, name: str) -> list[Any]:
        """What a new child has to hear before anything else."""
        return []

    def _child_started(self, name: str) -> None:
        """A child has opened, for the first time or again."""

    def _child_restarted(self, name: str, reason: str, restarts: int) -> None:
        """A child was lost and is being replaced."""

    def _given_up(self, name: str, reason: str, restarts: int) -> None:
        """A child was lost too often."""

    def _failed(self, error: Exception) -> None:
        """A message that nobody waits for has failed."""

    # what the root uses

    def _supervise(self, name: str, start: Start) -> None:
        """Start a child, and keep it running."""
        self._children[name] = _Child(start)
        self._start_child(name)

    def _dismiss(self, name: str) -> None:
        """Stop a child for good."""
        child = self._children.pop(name, None)
        self._offices.of(name).close()
        if child is not None and child.ref is not None and child.lifeline is not None:
            self._dismissed = [each for each in self._dismissed if each.is_alive]
            self._dismissed.append(child.lifeline)
            if child.ref.is_alive():
                child.ref.stop(block=False)

    def _with_restarts(self, parts: dict[str, ComponentHealth]) -> dict[str, ComponentHealth]:
        """How the children are, with what is left of their budgets, and their last restarts."""
        now, replace = time.monotonic(), msgspec.structs.replace
        return {
            name: replace(
                part,
                restarts_left=self._supervision.left(name, now),
                last_restart=self._restarts.last(name),
            )
            for name, part in parts.items()
        }

    def _watch(self, message: Any) -> bool:
        """Handle what concerns the children; False where it is something else."""
        match message:
            case RoomStarted():
                if self._is_current(message.name, message.generation):
                    self._child_started(message.name)
            case RoomExited():
                if self._is_current(message.name, message.generation):
                    self._mourn(message.name, _reason(message.cause))
            case RestartDue():
                if self._is_current(message.name, message.generation):
                    self._start_child(message.name)
            case Tick():
                self._inbox.after(_LOOK, Tick())
                self._look_for_hung()
            case _:
                return False
        return True

    @property
    def _inbox(self) -> Inbox:
        return cast("Inbox", self.actor_inbox)

    # children

    def _start_child(self, name: str) -> None:
        child = self._children[name]
        child.generation = self._generations[name] = self._generations.get(name, 0) + 1
        office = self._offices.of(name)
        child.lifeline = Lifeline(name, child.generation, self._tape, office)
        try:
            child.ref = child.start(child.lifeline)
        except Exception as error:  # noqa: BLE001 - its constructor failed: a death like any other
            self._mourn(name, _reason(error))
            return
        office.move_in(child.ref, self._first_words(name))

    def _is_current(self, name: str, generation: int) -> bool:
        child = self._children.get(name)
        return child is not None and child.generation == generation and not self._is_stopping

    def _mourn(self, name: str, reason: str, *, is_hung: bool = False) -> None:
        child = self._children[name]
        self._offices.of(name).vacate()
        child.lifeline = child.ref = None
        verdict = self._supervision.died(name, time.monotonic())
        if isinstance(verdict, GiveUp):
            self._given_up(name, reason, verdict.restarts)
            return
        restarts = self._supervision.restarts(name)
        note = Restart(name, reason, time.time_ns(), is_hung, restarts)
        self._restarts.note(note)
        self._child_restarted(name, reason, restarts)
        if verdict.after > 0:
            self._inbox.after(verdict.after, RestartDue(name, child.generation))
        else:
            self._start_child(name)

    def _look_for_hung(self) -> None:
        now = time.monotonic()
        for name, child in tuple(self._children.items()):
            lifeline = child.lifeline
            if lifeline is not None and is_hung(lifeline.busy_since, now, self._busy_limit):
                self._abandon(lifeline)
                self._mourn(name, f"hung for more than {self._busy_limit:g} s", is_hung=True)

    def _stop_children(self, deadline: float) -> list[str]:
        """Stop all, last first; the names of those that did not stop in time."""
        self._is_stopping = True
        leaving = list(self._dismissed)
        for name, child in reversed(self._children.items()):
            self._offices.of(name).close()
            if child.lifeline is None or child.ref is None:
                continue
            if child.ref.is_alive():
                child.ref.stop(block=False)
            child.lifeline.join(min(self._busy_limit, deadline - time.monotonic()))
            leaving.append(child.lifeline)
        left: list[str] = []
        for lifeline in leaving:
            lifeline.join(deadline - time.monotonic())
            if lifeline.is_alive:
                self._abandon(lifeline)
                left.append(lifeline.name)
        self._offices.close()
        self._address.close()
        return left

    def _abandon(self, lifeline: Lifeline) -> None:
        try:
            lifeline.abandon()
        except BaseException as error:  # noqa: BLE001 - its fault must not keep it from being replaced
            extra = {"component": lifeline.name}
            say(logging.ERROR, "a room could not be cut off", cause=error, extra=extra)

    # what Pykka calls

    @staticmethod
    def _create_actor_inbox() -> Inbox:
        return Inbox()

    @staticmethod
    def _create_future() -> pykka.Future[Any]:
        return ReplyFuture()

    def _handle_receive(self, message: Any) -> Any:
        """A failing ask goes to the asker; a failing tell must not end the connector.

        Nothing is left to Pykka, which logs what an asker gets, through handlers that may raise in
        their turn, and for what is wider than Exception would stop every actor of the process.
        """
        try:
            return super()._handle_receive(message)
        except BaseException as error:  # noqa: BLE001 - a user's object may raise anything
            known = error if isinstance(error, Exception) else _typed(error)
            if not self._inbox.asked:
                self._failed(known)
                return None
            answer: Answer[Any] = Answer()
            answer.settle(None, known)
            return answer

    def _start_actor_loop(self) -> None:
        stop_at_exit(self.actor_ref, self._stop_timeout)
        own_actor(self.actor_ref)
        super()._start_actor_loop()

    def _actor_loop(self) -> None:
        """Pykka's loop; if it breaks, by a handler of Pykka's own log, everything ends in order."""
        try:
            super()._actor_loop()
        except BaseException as error:  # noqa: BLE001 - told here, as nobody is left to be told
            say(logging.CRITICAL, "the connector's own actor broke", cause=error, extra={})
            self._leave_registry()
            self.actor_stopped.set()
            with contextlib.suppress(BaseException):
                self.on_failure(type(error), error, error.__traceback__)
            self._inbox.shut()

    def _stop(self) -> None:
        """As Pykka's, but that no log handler can keep it from ending."""
        self._leave_registry()
        self.actor_stopped.set()
        self.on_stop()

    def _leave_registry(self) -> None:
        with contextlib.suppress(BaseException):
            pykka.ActorRegistry.unregister(self.actor_ref)


def _typed(error: BaseException) -> ValidationError:
    """What is too wide to be raised in an asker's own thread, told."""
    return ValidationError("message", "", words_of(error))


def _reason(cause: BaseException | None) -> str:
    return "stopped" if cause is None else words_of(cause)
