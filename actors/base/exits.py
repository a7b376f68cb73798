"""The interpreter's end: connectors that nobody has stopped are stopped then.

A connector's threads are daemons, so a script that forgets to stop it is not kept alive by it. What
Python runs at exit comes when all other threads have ended, and before daemons are frozen wherever
they stand: the last moment for unsubscribing, and for handing out what subscribers are still due.
"""

from __future__ import annotations

import atexit
import contextlib
import time
import weakref
from typing import Any

import pykka

from .forks import in_child

_running: weakref.WeakKeyDictionary[pykka.ActorRef[Any], float] = weakref.WeakKeyDictionary()
_ALLOWANCE = 0.5
"""Seconds that one which is stopping may take beyond its time, to say so."""


def stop_at_exit(ref: pykka.ActorRef[Any], seconds: float) -> None:
    """Have an actor stopped, within `seconds`, before the interpreter ends."""
    _running[ref] = seconds


def _stop_all() -> None:
    """All at once, so that the slowest alone counts."""
    began = time.monotonic()
    running = [(ref, seconds) for ref, seconds in tuple(_running.items()) if ref.is_alive()]
    with contextlib.suppress(BaseException):  # Ctrl-C ends the waiting; nobody is left to be told
        stopping = [(ref.stop(block=False), seconds) for ref, seconds in running]
        for stopped, seconds in stopping:
            left = began + seconds + _ALLOWANCE - time.monotonic()
            with contextlib.suppress(pykka.Timeout):
                stopped.get(timeout=max(0.0, left))


atexit.register(_stop_all)
in_child(_running.clear)
