"""What a forked child makes of the connectors of its parent: nothing, and loudly.

The child has a copy of every object and none of the threads: whoever asks would wait for ever, and
whoever touches a socket takes from the parent's. So in the child every use of an actor raises; the
copies of the sockets are closed, without a word on the wire (else the exchange would not see the
parent close them); and what connectors of one process share begins anew.
"""

from __future__ import annotations

import contextlib
import os
import socket
import weakref
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import pykka

from ...messages.errors import NotRunningError

S = TypeVar("S", bound=socket.socket)
R = TypeVar("R", bound=Callable[[], object])

_REASON = (
    "this process was forked from the one that the connector runs in, which has its threads and its"
    " connections: start another connector here"
)


class Process:
    """This process, as far as forks concern it.

    Attributes:
        generation: How many forks lie between the interpreter's start and this process.
    """

    def __init__(self) -> None:
        self.generation = 0
        self.actors: weakref.WeakSet[pykka.ActorRef[Any]] = weakref.WeakSet()
        self.sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self.renewals: list[Callable[[], object]] = []


PROCESS = Process()


def is_foreign(generation: int) -> bool:
    """Whether something that was made then belongs to a process that this one was forked from."""
    return generation != PROCESS.generation


def refuse() -> NoReturn:
    """Raise what a child gets that uses its parent's connector."""
    raise NotRunningError(_REASON)


def own(sock: S) -> S:
    """Have a child close its copy of a socket."""
    PROCESS.sockets.add(sock)
    return sock


def own_actor(ref: pykka.ActorRef[Any]) -> None:
    """Have every use of an actor raise in a child."""
    PROCESS.actors.add(ref)


def in_child(renewal: R) -> R:
    """Have something called in every child, before anything else runs there."""
    PROCESS.renewals.append(renewal)
    return renewal


class _Elsewhere:
    """Stands for the event that says whether an actor has stopped; Pykka asks it at every use."""

    def is_set(self) -> bool:
        """Ask whether it has."""
        refuse()

    def set(self) -> None:
        """Say that it has."""
        refuse()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it has."""
        refuse()


def _forked() -> None:
    PROCESS.generation += 1
    actors, PROCESS.actors = PROCESS.actors, weakref.WeakSet()
    for ref in actors:
        with contextlib.suppress(BaseException):  # a handler of Pykka's log may raise
            pykka.ActorRegistry.unregister(ref)  # the child's `stop_all()` is for its own
        ref.actor_stopped = _Elsewhere()  # type: ignore[assignment] # pyright: ignore[reportAttributeAccessIssue]
    sockets, PROCESS.sockets = PROCESS.sockets, weakref.WeakSet()
    for sock in sockets:
        with contextlib.suppress(OSError):
            os.close(sock.detach())  # no more than that: a shutdown would be the parent's, too
    for renewal in PROCESS.renewals:
        renewal()


_registry_lock: Any = getattr(pykka.ActorRegistry, "_actor_refs_lock", None)


def _before() -> None:
    """No other thread holds the lock of Pykka's registry, which the child could never get."""
    if _registry_lock is not None:
        _registry_lock.acquire()


def _after() -> None:
    if _registry_lock is not None:
        _registry_lock.release()


def _in_child() -> None:
    try:
        _forked()
    finally:
        _after()


if hasattr(os, "register_at_fork"):  # not on Windows, which cannot fork
    os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_in_child)
