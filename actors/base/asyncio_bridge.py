"""Awaiting a connector's futures in an event loop."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, TypeVar

import pykka

from .reply import ReplyFuture

if TYPE_CHECKING:
    import asyncio

R = TypeVar("R")


def to_asyncio(future: pykka.Future[R]) -> asyncio.Future[R]:
    """A connector's future for the running event loop, which goes on meanwhile.

    (Pykka's own `await future` blocks the loop.) Cancelling it leaves the request under way.
    """
    import asyncio  # whoever does not use it need not load it

    loop = asyncio.get_running_loop()
    if not isinstance(future, ReplyFuture) or future.is_derived:
        return loop.run_in_executor(None, future.get)
    result: asyncio.Future[R] = loop.create_future()

    def deliver() -> None:
        if result.done():
            return
        try:
            result.set_result(future.get(timeout=0))
        except Exception as error:  # noqa: BLE001 - it goes to whoever awaits
            result.set_exception(error)

    def wake() -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody awaits
            loop.call_soon_threadsafe(deliver)

    future.when_set(wake)
    return result
