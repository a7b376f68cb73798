"""Serves what is replayed, on loopback: the exchange's side of what the connector asks for.

Commands on the streams are answered as Binance does; snapshots wait until the recording has come to
their answer. Standard library only: a replay is no simulated exchange.

Source: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
"""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self, TypeVar

from .line import Line

T = TypeVar("T")
_LOOK = 0.02
"""Seconds between two looks of a request that waits at whether anybody still waits for it."""


class Body(NamedTuple):
    """A recorded answer; a status of 0 is a connection that breaks."""

    status: int
    data: bytes


_NOT_RECORDED = Body(404, b'{"code":-1000,"msg":"not recorded"}')


class _Held:
    """A request that waits for its answer, since `asked` (monotonic)."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.asked = time.monotonic()
        self.answer: Body | None = None

    def waits_for(self, key: str) -> bool:
        """Whether it does still, and for this."""
        return self.answer is None and self.key == key


class Stage:
    """A server for one replay.

    Attributes:
        lines: The websockets that stand, oldest first.
        room: How many of them may stand; others are kept waiting.
        asked: What requests were held for so far.

    Args:
        held: What the answer to a request (path and query) waits for by `release`; "" is nothing.
        at_once: What other paths are answered with.
        refused: Streams that are refused, with the exchange's error.
    """

    def __init__(
        self,
        held: Callable[[str, str], str],
        at_once: Mapping[str, Body],
        refused: Mapping[str, Mapping[str, Any]],
        room: int,
    ) -> None:
        self.lines: list[Line] = []
        self.room = room
        self._held, self._at_once, self._refused = held, at_once, refused
        self._changed = threading.Condition()
        self._waiting: list[_Held] = []
        self.asked: set[str] = set()
        self._is_over = False
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="replay", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._is_over = True
            self._changed.notify_all()
        for line in tuple(self.lines):
            line.cut()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def wait(self, what: Callable[[], T | None], seconds: float) -> T | None:
        """Wait until something is there; None where it does not come."""
        with self._changed:
            self._changed.wait_for(lambda: what() is not None, seconds)
            return what()

    def make_room(self, more: int) -> None:
        """So many more websockets may stand."""
        with self._changed:
            self.room += more
            self._changed.notify_all()

    def release(self, key: str, body: Body, since: float, seconds: float) -> bool:
        """Answer a held request for this; False where nobody asks within so many seconds.

        Args:
            since: Whoever asked before, monotonic, asked in an earlier session, and is let go.
        """
        with self._changed:

            def found() -> _Held | None:
                for held in self._waiting:
                    if held.key == key and held.asked < since:
                        self._let_go(held, Body(0, b""))
                return next((each for each in self._waiting if each.waits_for(key)), None)

            self._changed.wait_for(found, seconds)
            held = found()
            if held is not None:
                self._let_go(held, body)
            return held is not None

    def waiting(self) -> set[str]:
        """What requests are held for."""
        with self._changed:
            return {held.key for held in self._waiting if held.answer is None}

    def let_go(self, body: Body, which: Callable[[str], bool]) -> None:
        """Answer the held requests of which that is so."""
        with self._changed:
            for held in self._waiting:
                if which(held.key):
                    self._let_go(held, body)

    def _let_go(self, held: _Held, body: Body) -> None:
        held.answer = held.answer or body
        self._changed.notify_all()

    # on the threads of requests

    def answer(self, path: str, query: str, asker: socket.socket) -> Body | None:
        """The answer to a request; None where nobody waits for it any more."""
        key = self._held(path, query)
        if not key:
            return self._at_once.get(path, _NOT_RECORDED)
        held = _Held(key)
        with self._changed:
            self._waiting.append(held)
            self.asked.add(key)
            self._changed.notify_all()
            while held.answer is None and not (self._is_over or _has_left(asker)):
                self._changed.wait(_LOOK)
            self._waiting.remove(held)
            return held.answer

    def admits(self, asker: socket.socket) -> bool:
        """Wait until another websocket may stand; False where nobody waits for it any more."""
        with self._changed:
            while len(self.lines) >= self.room and not (self._is_over or _has_left(asker)):
                self._changed.wait(_LOOK)
            return not self._is_over and not _has_left(asker)

    def talk(self, sock: socket.socket) -> None:
        """A websocket, from its first frame to its end."""
        line = Line(sock, self._refused)
        with self._changed:
            if self._is_over:
                return
            self.lines.append(line)
            self._changed.notify_all()
        try:
            while line.listen():
                with self._changed:
                    self._changed.notify_all()
        finally:
            with self._changed:
                self.lines.remove(line)
                self._changed.notify_all()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is no news here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        """Answer a request, or talk on a websocket."""
        stage = self.server.stage
        if key := self.headers.get("Sec-WebSocket-Key"):
            self.close_connection = True
            if not stage.admits(self.connection):
                return
            self.wfile.write(Line.welcome(key))
            stage.talk(self.connection)
            return
        path, _, query = self.path.partition("?")
        body = stage.answer(path, query, self.connection)
        if body is None or not body.status:
            self.close_connection = True
            return
        self.send_response(body.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body.data)))
        self.end_headers()
        self.wfile.write(body.data)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _has_left(sock: socket.socket) -> bool:
    try:
        is_readable = bool(select.select([sock], [], [], 0)[0])
        return is_readable and not sock.recv(1, socket.MSG_PEEK)
    except (OSError, ValueError):
        return True
