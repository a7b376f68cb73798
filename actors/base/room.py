"""Rooms: Pykka actors whose death, however it comes, is told to their supervisor.

Rests on two hooks of Pykka's for implementors of new actor types, `_start_actor_loop` and
`_create_actor_inbox`, and on `_actor_loop`.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Any, cast

import msgspec
import pykka

from ...messages.base import Address
from ...messages.errors import NotRunningError
from ..tapes.tape import BLANK, Tape
from .inbox import Inbox
from .journal import words_of
from .office import NOBODY, Office

_GROWN_UP = 1.0
"""Seconds that a room has to have lived when its end begins, for its successor to have what it has
left unread: of messages that kill whoever reads them, not each is to cost a restart."""
_NOT_SENT = "the part that should have answered was lost: the request was not sent"


class RoomStarted(msgspec.Struct, frozen=True):
    """A room has opened."""

    name: str
    generation: int


class RoomExited(msgspec.Struct, frozen=True):
    """A room is gone; `cause` is None where it was asked to stop."""

    name: str
    generation: int
    cause: BaseException | None


class CrashError(Exception):
    """A handler raised something wider than Exception, which would have stopped every actor."""


class Lifeline:
    """What a supervisor sees of a room, and can do to it, while the room's own thread is busy.

    Attributes:
        busy_since: Monotonic seconds since when the room handles one message; None while idle.
        abandoned: Set by the supervisor: whatever the room still does concerns nobody.
        cut: Ends whatever the room waits for, from any thread.
        tape: The connector's flight recorder.
        office: Where its successor gets what it has left unread.
        unknown: How many messages the room did not understand.
    """

    def __init__(
        self, name: str, generation: int, tape: Tape = BLANK, office: Office = NOBODY
    ) -> None:
        self.office = office
        self.name = name
        self.generation = generation
        self.tape = tape
        self.busy_since: float | None = None
        self.abandoned = False
        self.cut: Callable[[], object] = lambda: None
        self.thread: threading.Thread | None = None
        self.unknown = 0

    @property
    def is_alive(self) -> bool:
        """Whether the room's thread still runs."""
        return self.thread is not None and self.thread.is_alive()

    def join(self, seconds: float) -> None:
        """Wait for the thread's end."""
        if self.thread is not None:
            self.thread.join(max(0.0, seconds))

    def abandon(self) -> None:
        """Give the room up: it is silenced, and what it waits for is cut."""
        self.abandoned = True
        self.cut()


class Room(pykka.ThreadingActor):
    """The base of the connector's own actors.

    Attributes:
        address: This room, for those that may outlive it: telling it never raises.

    A room fills in `open`, `receive` and `close`; it tells others by `send` and itself, later,
    by `after`. It never waits for another room.
    """

    use_daemon_thread = True

    def __init__(self, lifeline: Lifeline, supervisor: Address[Any]) -> None:
        super().__init__()
        self._lifeline = lifeline
        self._supervisor = supervisor
        self._cause: BaseException | None = None
        self.address = Office(self.actor_ref)
        self._born = time.monotonic()
        self.inbox.leave = self._leave_unread
        lifeline.cut = self._given_up

    # what a room fills in

    def open(self) -> None:
        """Begin; an error here is a death like any other."""

    def receive(self, message: Any) -> None:
        """Handle one message."""
        raise NotImplementedError  # pragma: no cover

    def close(self) -> None:
        """End, whatever happened; called once."""

    def cut(self) -> None:
        """The room is given up: end what blocks and answer who waits, from any thread."""

    def is_request(self, message: Any) -> bool:
        """Whether it asks for something that has not begun before it is read, and has a `reply`:
        where this room dies with it unread, its successor has it.
        """
        return False

    # what a room uses

    def send(self, address: Address[Any], message: Any) -> None:
        """Tell, unless the supervisor has given this room up."""
        if not self._lifeline.abandoned:
            address.tell(message)

    def report(self, message: Any) -> None:
        """Tell the supervisor."""
        self.send(self._supervisor, message)

    def after(self, delay: float, message: Any) -> None:
        """Have `message` come back after `delay` seconds."""
        self.inbox.after(delay, message)

    @contextmanager
    def not_counted(self) -> Generator[None]:
        """A subscriber's own callable may run here: the time that it takes is not this room's.

        Raises:
            NotRunningError: The supervisor has given this room up: it delivers nothing.
        """
        if self._lifeline.abandoned:
            raise NotRunningError("given up")
        self._lifeline.busy_since = None
        yield
        self._lifeline.busy_since = time.monotonic()

    def not_understood(self, message: Any) -> None:
        """Count what is none of this room's business, and go on."""
        self._lifeline.unknown += 1

    @property
    def inbox(self) -> Inbox:
        """The inbox, as what it is."""
        return cast("Inbox", self.actor_inbox)

    # what Pykka calls

    @staticmethod
    def _create_actor_inbox() -> Inbox:
        return Inbox()

    def on_start(self) -> None:
        """Leave the registry (the host's `stop_all()` is for the root alone), then open."""
        with suppress(BaseException):  # a handler of Pykka's log may raise
            pykka.ActorRegistry.unregister(self.actor_ref)
        self._timed(self.open)
        self.report(RoomStarted(self._lifeline.name, self._lifeline.generation))

    def on_receive(self, message: Any) -> None:
        """Handle a message under guard, with the time stamped for whoever looks."""
        if not self._lifeline.abandoned:
            self._timed(self.receive, message)

    def _timed(self, work: Callable[..., object], *args: Any) -> None:
        self._lifeline.busy_since = time.monotonic()
        try:
            self._guarded(work, *args)
        finally:
            self._lifeline.busy_since = None

    def _leave_unread(self, unread: list[Any], is_late: bool) -> None:
        """Requests go to the successor; all else is answered by being dropped."""
        requests = [message for message in unread if self.is_request(message)]
        began_to_end = self._lifeline.busy_since or time.monotonic()
        if began_to_end - self._born < _GROWN_UP:
            for message in requests:
                message.reply.fail(NotRunningError(_NOT_SENT))
        elif is_late:
            for message in requests:
                self._lifeline.office.tell(message)
        else:
            self._lifeline.office.take_back(requests)

    def _given_up(self) -> None:
        """On the supervisor's thread, of a room that hangs."""
        self.actor_stopped.set()
        self.inbox.shut()
        self.cut()

    def _guarded(self, work: Callable[..., object], *args: Any) -> None:
        try:
            work(*args)
        except Exception as error:
            self._cause = error
            raise
        except BaseException as error:  # Pykka would stop every actor of the process
            self._cause = CrashError(words_of(error)).with_traceback(error.__traceback__)
            raise self._cause from error

    def _start_actor_loop(self) -> None:
        name = f"{self._lifeline.name}-{self._lifeline.generation}"
        thread = threading.Thread(target=self._live, name=name, daemon=self.use_daemon_thread)
        self._lifeline.thread = thread
        thread.start()

    def _live(self) -> None:
        try:
            self._actor_loop()
        except BaseException as error:  # noqa: BLE001 - the loop itself broke: a reply that was set twice, …
            self._cause = error
            self.actor_stopped.set()
        finally:
            self._leave_life()

    def _leave_life(self) -> None:
        self._lifeline.busy_since = time.monotonic()
        try:
            self.close()  # the one place, once, whatever happened
        except BaseException as error:  # noqa: BLE001 - told below
            self._cause = self._cause or error
        self._lifeline.busy_since = None
        self.address.close()
        _let_go(self._cause)
        self.report(RoomExited(self._lifeline.name, self._lifeline.generation, self._cause))


def _let_go(cause: BaseException | None) -> None:
    """Clear the frames of an error and of those behind it: they hold the requests in hand, whose
    replies answer when they are dropped.
    """
    seen: set[int] = set()
    errors = [cause]
    while errors:
        error = errors.pop()
        if error is not None and id(error) not in seen:
            seen.add(id(error))
            traceback.clear_frames(error.__traceback__)
            errors += [error.__cause__, error.__context__]
