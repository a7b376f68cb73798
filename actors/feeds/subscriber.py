"""`SubscriberActor`: an actor that events are handed to in one go, and its feed."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Hashable, Sequence
from typing import Any

import msgspec
import pykka

from ...messages.base import Address
from ...messages.events import Event
from ..base.forks import own_actor
from ..base.journal import words_of
from ..base.room import CrashError
from .backlog import Parcel
from .delivery import entered, left
from .feed import Feed
from .mailbox import Mailbox

_TURN = 64
"""After so many events an actor looks into its inbox: others may have told it something."""

_LOOK = 0.05
"""Seconds between two looks of who waits for the end at whether the actor lives."""


class Due(msgspec.Struct, frozen=True, eq=False):
    """Something lies in a feed; told once, until the actor has looked."""

    feed: ActorFeed


class SubscriberActor(pykka.ThreadingActor):
    """An actor for events: it takes them from its feed by itself, many at a time.

    Override `on_event`, or `on_batch`; `on_receive` gets other messages as in any actor. Several
    times cheaper than a plain actor, which gets each event through its inbox. What it raises ends
    this actor alone, also `SystemExit` and the like, for which Pykka would stop all actors.
    """

    def on_event(self, event: Event) -> None:
        """Take one event."""

    def on_batch(self, events: Sequence[Event]) -> None:
        """Take what came together, in the order of its arrival; `on_event` for each of them."""
        take = self.on_event
        for event in events:
            take(event)

    @staticmethod
    def _create_actor_inbox() -> Any:
        inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        return inbox

    def _handle_receive(self, message: Any) -> Any:
        try:
            if type(message) is Due:
                return message.feed.serve(self)
            return super()._handle_receive(message)
        except Exception:
            raise
        except BaseException as error:
            raise CrashError(words_of(error)) from error

    def _start_actor_loop(self) -> None:
        own_actor(self.actor_ref)
        super()._start_actor_loop()

    def _actor_loop(self) -> None:
        """Pykka's loop; what breaks it (a hook that raises, widely) ends in order, too."""
        try:
            super()._actor_loop()
        except BaseException as error:  # noqa: BLE001 - as Pykka does with what is narrower
            with contextlib.suppress(BaseException):
                self._handle_failure(type(error), error, error.__traceback__)
            self.actor_stopped.set()
            self._actor_loop_teardown()


class ActorFeed(Feed):
    """The feed of a `SubscriberActor`: delivers on the actor's own thread."""

    def __init__(
        self,
        ref: pykka.ActorRef[SubscriberActor],
        key: Hashable,
        recipient: Any,
        root: Address[Any],
        registry: Address[Any],
    ) -> None:
        super().__init__(key, recipient, root, registry)
        self._ref = ref
        self._is_due = False
        self._server: int | None = None

    @property
    def has_ended(self) -> bool:
        """Whether it has been finished and is empty, or the actor is dead."""
        return self._ended.is_set() or not self._ref.is_alive()

    def join(self, seconds: float) -> bool:
        """Wait for its end; not for its own callback, nor for an actor that has died."""
        if self._callback_waits or self._server == threading.get_ident():
            return True
        deadline = time.monotonic() + seconds
        while not self._has_left() and (wait := deadline - time.monotonic()) > 0:
            self._ended.wait(min(wait, _LOOK))
        return self._has_left()

    def _has_left(self) -> bool:
        """Whether nothing is delivered any more: an actor that waits for us does not look."""
        return self.has_ended or (self._server is None and self._is_over())

    def serve(self, actor: SubscriberActor) -> None:
        """On the actor's thread: hand it what there is, for a turn."""
        self._server = threading.get_ident()
        entered(self)
        count = 0
        try:
            while count < _TURN:
                parcel = self._take()
                if not parcel:
                    return
                count += len(parcel)
                self._serve_one(actor, parcel)
            self._ask_to_look()
        finally:
            left()
            self._server = None

    def _serve_one(self, actor: SubscriberActor, parcel: Parcel) -> None:
        try:
            if type(actor).on_batch is SubscriberActor.on_batch:
                self._call_with_each(parcel, actor.on_event)
            elif events := [event for _, event in self._resolved(parcel)]:
                actor.on_batch(events)
        finally:
            self._delivered()

    def _raised(self, mailbox: Mailbox, event: object, error: BaseException) -> None:
        raise error  # it is an actor's: Pykka's rules hold

    def _wake(self) -> None:
        if not self._is_due:
            self._is_due = True
            self._ask_to_look()

    def _ask_to_look(self) -> None:
        with contextlib.suppress(pykka.ActorDeadError):  # the registry sees it when it looks
            self._ref.tell(Due(self))

    def _take(self, most: int = _TURN) -> Parcel:
        with self._lock:
            parcel = self._next(most)
            if not parcel:
                self._is_due = False
                if self._finish_at is not None:
                    self._ended.set()
            return parcel
