"""The thread and event loop that the exchange runs on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from aiohttp import web

from .box import Box
from .tls import Certificate

T = TypeVar("T")
HOST = "127.0.0.1"
START_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 5.0
CALL_TIMEOUT_S = 5.0
PARTING_S = 0.5
PARTING_POLL_S = 0.005
TLS_CLOSING_S = 0.5  # how long a client has to answer the end of TLS
CLOSING_TURNS = 20  # of the event loop; a few are enough for TCP, TLS and HTTP to be told in turn
BACKLOG = 1_024
GOING_AWAY = 1001

logger = logging.getLogger(__name__)


class _Call(Generic[T]):
    """Something to be done on the exchange's thread, and what has come of it."""

    def __init__(self, function: Callable[[], T]) -> None:
        self.answer: Future[T] = Future()
        self._function = function

    def run(self) -> None:
        """Do it."""
        try:
            self.answer.set_result(self._function())
        except BaseException as error:  # noqa: BLE001 - whoever asked for it is told
            self.answer.set_exception(error)


class Server:
    """Serves a box on a daemon thread of its own.

    Attributes:
        tls_port: Where the same is served by TLS; 0 where it is not, or not yet.
        certificate: What is shown there, from the start to the end.
    """

    def __init__(self, box: Box, port: int, *, tls: bool = False) -> None:
        self.port = port
        self.tls_port = 0
        self.certificate: Certificate | None = None
        self._tls = tls
        self._box = box
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()
        self._ready = threading.Event()
        self._calls: deque[_Call[Any]] = deque()
        self._no_loop = threading.RLock()  # instead of the loop, one call after the other
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="simulated-exchange", daemon=True)

    @property
    def running(self) -> bool:
        """Whether the thread serves."""
        return self._loop is not None and self._thread.is_alive()

    def start(self) -> None:
        """Serve; returns once every port is open.

        Raises:
            OSError: if the port is taken.
            ImportError: if TLS is wanted and `trustme` not installed.
            RuntimeError: if it has been started before.
            TimeoutError: if it cannot begin to serve.
        """
        if self._thread.ident is not None:
            raise RuntimeError("an exchange starts once; make a new one")
        if self._tls:
            self.certificate = Certificate()
        self._thread.start()
        if not self._ready.wait(START_TIMEOUT_S):
            raise TimeoutError(f"the exchange does not serve after {START_TIMEOUT_S:g} s")
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
            if self._thread.is_alive():
                logger.error("the simulated exchange has not stopped in %g s", STOP_TIMEOUT_S)

    def call(self, function: Callable[[], T]) -> T:
        """Run `function` on the event loop and return what it returns.

        Before the start and after the end, when no loop runs, it runs here and now.
        """
        loop = self._loop
        if threading.current_thread() is self._thread:
            return function()
        if loop is None or not self.running:
            with self._no_loop:
                return function()
        call = _Call(function)
        self._calls.append(call)
        try:
            loop.call_soon_threadsafe(self._answer_calls)
        except RuntimeError:  # the loop has just ended by itself
            self._answer_late_calls()
        return call.answer.result(CALL_TIMEOUT_S)

    def _answer_calls(self) -> None:
        while self._calls:
            with contextlib.suppress(IndexError):  # another thread was quicker
                self._calls.popleft().run()

    def _answer_late_calls(self) -> None:
        with self._no_loop:
            self._answer_calls()

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except Exception as error:
            if self._ready.is_set():  # it served; nobody waits for it in `start`
                logger.exception("the simulated exchange failed")
            self._failure = error
        finally:
            self._remove_certificate()
            self._loop = None
            self._ready.set()
            self._answer_late_calls()

    def _remove_certificate(self) -> None:
        if self.certificate is not None:
            self.certificate.remove()
            self.certificate = None

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        secure: asyncio.Server | None = None
        runner = web.AppRunner(
            self._box.application(), access_log=None, handle_signals=False, shutdown_timeout=0.1
        )
        await runner.setup()
        try:
            site = web.TCPSite(runner, HOST, self.port, backlog=BACKLOG)
            await site.start()
            self.port = runner.addresses[0][1]
            if self.certificate is not None:
                secure = await self._serve_tls(runner, self.certificate)
            feeding = asyncio.ensure_future(self._box.source.run())
            feeding.add_done_callback(_log_failure)
            self._ready.set()
            await self._stopping.wait()
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)
        finally:
            held = _sockets(runner)  # now: the end of TLS makes them hard to find
            await self._part()
            if secure is not None:
                secure.close()
            await runner.cleanup()
            await _drop(held)

    async def _serve_tls(self, runner: web.AppRunner, certificate: Certificate) -> asyncio.Server:
        """The same application on a port of its own.

        aiohttp's own site has no say in how long the end of TLS may take: half a minute, by
        default, for a client that does not answer it.
        """
        protocols = runner.server
        assert protocols is not None
        secure = await asyncio.get_running_loop().create_server(
            protocols,
            HOST,
            0,
            ssl=certificate.context,
            ssl_shutdown_timeout=TLS_CLOSING_S,
            backlog=BACKLOG,
        )
        self.tls_port = secure.sockets[0].getsockname()[1]
        return secure

    async def _part(self) -> None:
        """Say goodbye to every client, and do not wait for an answer.

        aiohttp is patient with what still runs for a moment only, and logs what ends after that.
        """
        hub = self._box.hub
        for connection in list(hub.connections.values()):
            connection.close(GOING_AWAY)
            connection.end()
        loop = asyncio.get_running_loop()
        latest = loop.time() + PARTING_S
        while hub.connections and hub.thawed.is_open and loop.time() < latest:
            await asyncio.sleep(PARTING_POLL_S)


def _sockets(runner: web.AppRunner) -> list[Any]:
    """Of every connection that aiohttp holds."""
    connections = runner.server.connections if runner.server is not None else []
    transports = [connection.transport for connection in connections]
    found = [each.get_extra_info("socket") for each in transports if each is not None]
    return [each for each in found if each is not None]


async def _drop(sockets: list[Any]) -> None:
    """Shut what still waits for its client to end TLS; it would outlive the event loop."""
    for _ in range(CLOSING_TURNS):
        held = [each for each in sockets if each.fileno() >= 0]
        if not held:
            return
        for each in held:
            with contextlib.suppress(OSError):  # shut already
                each.shutdown(socket.SHUT_RDWR)
        await asyncio.sleep(0)


def _log_failure(feeding: asyncio.Future[None]) -> None:
    """A source that fails would otherwise look like a silent market."""
    if not feeding.cancelled() and feeding.exception() is not None:
        logger.error("the simulated market failed", exc_info=feeding.exception())
