"""The thread and event loop that the exchange runs on."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from aiohttp import web

from .box import Box

T = TypeVar("T")
HOST = "127.0.0.1"
START_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 5.0
GOING_AWAY = 1001

logger = logging.getLogger(__name__)


class Server:
    """Serves a box on a daemon thread of its own."""

    def __init__(self, box: Box, port: int) -> None:
        self.port = port
        self._box = box
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="simulated-exchange", daemon=True)

    @property
    def running(self) -> bool:
        """Whether the thread serves."""
        return self._loop is not None and self._thread.is_alive()

    def start(self) -> None:
        """Serve; returns once the port is open.

        Raises:
            OSError: if the port is taken.
        """
        self._thread.start()
        self._ready.wait(START_TIMEOUT_S)
        if self._failure is not None:
            self._thread.join(STOP_TIMEOUT_S)
            raise self._failure

    def stop(self) -> None:
        """Close every socket and end the thread."""
        loop = self._loop
        if loop is not None:
            try:
                loop.call_soon_threadsafe(self._stopping.set)
            except RuntimeError:  # the loop has just ended by itself
                return
            self._thread.join(STOP_TIMEOUT_S)

    def call(self, function: Callable[[], T]) -> T:
        """Run `function` on the event loop and return what it returns.

        Before the start and after the end, when no loop runs, it runs here and now.
        """
        loop = self._loop
        if loop is None or not self.running or threading.current_thread() is self._thread:
            return function()

        async def run() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), loop).result(STOP_TIMEOUT_S)

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except OSError as error:
            self._failure = error
        finally:
            self._loop = None
            self._ready.set()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        runner = web.AppRunner(
            self._box.application(), access_log=None, handle_signals=False, shutdown_timeout=0.1
        )
        await runner.setup()
        try:
            site = web.TCPSite(runner, HOST, self.port, backlog=1_024)
            await site.start()
            self.port = runner.addresses[0][1]
            feeding = asyncio.ensure_future(self._box.source.run())
            feeding.add_done_callback(_log_failure)
            self._ready.set()
            await self._stopping.wait()
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)
        finally:
            self._part()
            await runner.cleanup()

    def _part(self) -> None:
        """Say goodbye to every client, and do not wait for an answer."""
        for connection in list(self._box.hub.connections.values()):
            connection.close(GOING_AWAY)
            connection.end()


def _log_failure(feeding: asyncio.Future[None]) -> None:
    """A source that fails would otherwise look like a silent market."""
    if not feeding.cancelled() and feeding.exception() is not None:
        logger.error("the simulated market failed", exc_info=feeding.exception())
