"""A request under way, and the connections that it leaves by, at urllib3's own seams.

A request shows its socket, so that it can be cut from outside at its deadline (a server that drips
bytes does not outlive it), and is signed in the connection's own `putrequest()`, where neither
urllib3's logs nor an exception see the signed URL.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, cast

import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from ..base.forks import in_child, own

Sign = Callable[[str], tuple[str, Mapping[str, str]]]
"""Query to signed query and headers; called when the request leaves."""


_carrying = threading.Lock()
"""Guards whose request a connection carries: a cut that comes late must not hit the next one."""


@in_child
def _renew() -> None:
    """Another thread may have held the lock."""
    global _carrying
    _carrying = threading.Lock()


class Job:
    """A request under way.

    Attributes:
        is_body: Whether `query` is the body (JSON).
        sent_ns: When it left, monotonic nanoseconds; 0 while it has not.
        is_cut: Whether it was ended from outside.
    """

    def __init__(
        self, method: str, url: str, query: str, sign: Sign | None, *, is_body: bool = False
    ) -> None:
        self.method = method
        self.url = url
        self.query = query
        self.is_body = is_body
        self.sent_ns = 0
        self.is_cut = False
        self._sign = sign
        self._connection: _Leaving | None = None
        self._socket: socket.socket | None = None

    def cut(self) -> None:
        """End it, from any thread."""
        with _carrying:
            self.is_cut = True
            self._shut()

    def leaves_on(self, connection: _Leaving | None) -> None:
        """It is about to be written to this connection; None when that is the pool's again."""
        with _carrying:
            if connection is not None:
                connection.carried, self._socket = self, connection.sock
            elif self._connection is not None and self._connection.carried is self:
                self._connection.carried = None
            self._connection = connection
            if self.is_cut:
                self._shut()

    def signed(self, url: str) -> tuple[str, Mapping[str, str]]:
        """The path and query to send, and the headers that belong to them."""
        if self._sign is None:
            return url, {}
        query, headers = self._sign(self.query)
        if self.is_body:
            return url, headers
        return f"{url.partition('?')[0]}?{query}", headers

    def _shut(self) -> None:
        connection = self._connection
        if connection is not None and connection.carried is self and self._socket is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class Running(threading.local):
    """The job that a thread has in hand."""

    job: Job | None = None


running = Running()


class _Leaving:
    """Mixed into urllib3's connections: what happens when a request leaves.

    Attributes:
        carried: Whose request it carries now.
    """

    sock: Any
    connect: Callable[[], None]
    carried: Job | None = None

    def request(self, *args: Any, **more: Any) -> None:
        """Show the socket before anything is sent."""
        job = running.job
        assert job is not None
        if self.sock is None:
            self.connect()
            own(cast("socket.socket", self.sock))
        job.leaves_on(self)
        super().request(*args, **more)  # type: ignore[misc]

    def putrequest(self, method: str, url: str, *args: Any, **more: Any) -> None:
        """Sign, note the time, write the request line and the headers that belong to it."""
        job = running.job
        assert job is not None
        signed, own = job.signed(url)
        job.sent_ns = time.monotonic_ns()
        super().putrequest(method, signed, *args, **more)  # type: ignore[misc]
        for name, value in own.items():
            super().putheader(name, value)  # type: ignore[misc]


class _Http(_Leaving, HTTPConnection):
    pass


class _Https(_Leaving, HTTPSConnection):
    pass


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Http  # pyright: ignore[reportAssignmentType]


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Https  # pyright: ignore[reportAssignmentType]


class Adapter(HTTPAdapter):
    """Keeps connections of ours."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self._watch(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*args, **options)
        self._watch(manager)
        return manager

    def close(self) -> None:
        """Close every idle connection now; urllib3 leaves that to the garbage collector."""
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            for key in tuple(manager.pools.keys()):
                with contextlib.suppress(KeyError):
                    manager.pools[key].close()
        super().close()

    def drop_idle(self) -> None:
        """Close the connections that wait for a request; those at work are left alone."""
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            for key in tuple(manager.pools.keys()):
                with contextlib.suppress(KeyError, queue.Empty, AttributeError, queue.Full):
                    waiting: Any = manager.pools[key].pool
                    for _ in range(waiting.qsize()):
                        if (connection := waiting.get(block=False)) is not None:
                            connection.close()
                        waiting.put(None, block=False)

    def _watch(self, manager: Any) -> None:
        manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
