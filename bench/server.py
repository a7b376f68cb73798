"""The feed: a websocket server that sends precomputed frames, in a process of its own.

    python -m bench.server      orders by lines of JSON on its input, answers on its output

`{"prepare": ORDER}` has the frames made; once every stream of it is subscribed to, it says
`{"subscribed": true}`. `{"go": true}` has them sent, and is answered with when the first left and
the last was taken. A little of Binance's REST interface is there for clients that ask at the start.
With the feed `book`, `{"play": true}` has updates sent slowly, for clients to begin their book with,
and `{"hold": true}` ends that.
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import json
import socket
import ssl
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from . import frames, player
from .connection import Closed, Connection

CHUNK = 1 << 18
"""Bytes handed to the system at once, more or less: whole frames."""
SETTLE_S = 0.3
"""After the last subscription was confirmed, for the client to hear of it."""
_PR_SET_TIMERSLACK = 29


@dataclass(frozen=True)
class Order:
    """What is to be sent.

    Attributes:
        feed: One of `frames.MIXES`.
        count: Messages.
        symbols: Over how many symbols they are spread.
        raw: Without the envelope that names the stream.
        rate: Messages a second, 0 for as fast as they are taken.
        log: Where to write the time of each departure (ns, native 64 bit), or "".
    """

    feed: str
    count: int
    symbols: int = 1
    raw: bool = False
    rate: float = 0.0
    log: str = ""


@lru_cache(8)
def made(feed: str, count: int, symbols: int) -> tuple[frames.Message, ...]:
    """The messages of a feed, made once."""
    return tuple(frames.Market().messages(feed, count, frames.symbols(symbols)))


class Feed:
    """The listening sockets, the connections, and the order in force."""

    def __init__(self) -> None:
        self._order = Order("mix", 0)
        self.player: player.Player | None = None
        self._frames: list[tuple[str, bytes]] = []
        self._missing: set[str] = set()
        self._carried: dict[str, Connection] = {}
        self._lock = threading.Lock()

    def listen(self, context: ssl.SSLContext | None = None) -> int:
        """Take connections on a port."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        threading.Thread(target=self._accept, args=(listener, context), daemon=True).start()
        port: int = listener.getsockname()[1]
        return port

    def prepare(self, order: Order) -> None:
        """Make the frames, and forget earlier connections."""
        self.player = None
        if order.feed == player.FEED:
            self.player = player.Player(order.count, raw=order.raw)
        else:
            messages = made(order.feed, order.count, order.symbols)
            text = [(each.stream, frames.payload(each, raw=order.raw)) for each in messages]
            self._frames = [(stream, frames.framed(payload)) for stream, payload in text]
        with self._lock:
            self._order, self._carried = order, {}
            self._missing = set(frames.streams(order.feed, frames.symbols(order.symbols)))

    def told(self, told: dict[str, Any]) -> dict[str, Any]:
        """Do what the line says; the answer."""
        if "prepare" in told:
            self.prepare(Order(**told["prepare"]))
            return {"prepared": True}
        if self.player is None:
            return self.send()
        if "play" in told:
            self.player.play(self._carried[self.player.stream])
            return {"playing": True}
        return self.player.hold() if "hold" in told else self.player.send()

    def send(self) -> dict[str, int]:
        """Send everything; when the first frame left, and when the last was taken."""
        carried = self._carried
        ready = [] if self._order.rate else list(blobs(self._frames, carried))
        began = time.perf_counter_ns()
        try:
            if self._order.rate:
                self._send_paced(carried)
            for connection, blob in ready:
                connection.send(blob)
        except OSError:
            pass  # whoever runs the client sees that it has gone
        return {"began": began, "ended": time.perf_counter_ns()}

    def _send_paced(self, carried: dict[str, Connection]) -> None:
        exact_sleeps()
        now, gap = time.perf_counter_ns, 1e9 / self._order.rate
        log, began = array.array("q"), now()
        for number, (stream, frame) in enumerate(self._frames):
            connection = carried[stream]
            due = began + number * gap
            while (wait := due - now()) > 0:
                time.sleep(wait / 1e9)
            log.append(now())
            connection.send(frame)
        if self._order.log:
            Path(self._order.log).write_bytes(log.tobytes())

    def _accept(self, listener: socket.socket, context: ssl.SSLContext | None) -> None:
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=self._serve, args=(sock, context), daemon=True).start()

    def _serve(self, sock: socket.socket, context: ssl.SSLContext | None) -> None:
        """Serve one connection until it is closed."""
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if context is not None:
                sock = context.wrap_socket(sock, server_side=True)
            connection = Connection(sock, self._rest)
            self._subscribed(connection, connection.open())
            while True:
                for command in connection.commands():
                    if command["method"] == "SUBSCRIBE":
                        self._subscribed(connection, command["params"])
        except (Closed, OSError):
            pass  # its client has what it wants
        finally:
            sock.close()

    def _subscribed(self, connection: Connection, names: Iterable[str]) -> None:
        with self._lock:
            order, before = self._order, len(self._missing)
            for name in names:
                self._missing.discard(name)
                self._carried[name] = connection
            complete = before and not self._missing
        if complete:
            time.sleep(SETTLE_S)
            if self._order is order:
                tell(subscribed=True)

    def _rest(self, path: str) -> object:
        """The answer to a request by REST; None where there is nothing."""
        if path.startswith("/api/v3/time"):
            return {"serverTime": time.time_ns() // 1_000_000}
        if path.startswith("/api/v3/exchangeInfo"):
            return frames.listing(frames.symbols(self._order.symbols))
        if path.startswith("/api/v3/depth"):
            if self.player is not None:
                return self.player.snapshot(path)
            levels = {"bids": [["60000.0", "1.0"]], "asks": [["70000.0", "1.0"]]}
            return {"lastUpdateId": frames.FIRST_UPDATE - 1, **levels}
        return {} if path.startswith("/api/v3/ping") else None


def blobs(
    sent: list[tuple[str, bytes]], carried: dict[str, Connection]
) -> Iterator[tuple[Connection, bytes]]:
    """Whole frames, about `CHUNK` bytes of each connection's at a time."""
    chunk: list[tuple[Connection, bytes]] = []
    size = 0
    for stream, frame in sent:
        chunk.append((carried[stream], frame))
        size += len(frame)
        if size >= CHUNK:
            yield from _by_connection(chunk)
            chunk, size = [], 0
    yield from _by_connection(chunk)


def _by_connection(chunk: list[tuple[Connection, bytes]]) -> Iterator[tuple[Connection, bytes]]:
    def place(part: tuple[Connection, bytes]) -> int:
        return id(part[0])

    for _, group in groupby(sorted(chunk, key=place), key=place):
        parts = list(group)
        yield parts[0][0], b"".join(frame for _, frame in parts)


def exact_sleeps() -> None:
    """Have the system wake this thread in time, where it can be asked to."""
    with contextlib.suppress(AttributeError, OSError):  # not Linux
        ctypes.CDLL(None).prctl(_PR_SET_TIMERSLACK, 1, 0, 0, 0)


def tell(**said: Any) -> None:
    """A line for whoever runs this."""
    print(json.dumps(said), flush=True)


def trusted(folder: Path) -> ssl.SSLContext:
    """A certificate that is made for this run alone; its authority is written to a folder."""
    import trustme

    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate: Any = authority.issue_cert("127.0.0.1", "localhost")
    certificate.configure_cert(context)
    return context


def main(folder: Path) -> None:
    """Serve until the input ends."""
    feed = Feed()
    tell(port=feed.listen(), tls_port=feed.listen(trusted(folder)), ca_file=str(folder / "ca.pem"))
    for line in sys.stdin:
        tell(**feed.told(json.loads(line)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
