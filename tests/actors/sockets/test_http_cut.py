"""A request that takes too long: cut from outside, whatever the server does."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from exchange_connector.actors.sending.http import Failure, HttpClient, Response
from exchange_connector.actors.sending.http_job import Job

Serve = Callable[[Callable[[socket.socket], None]], int]
Head = Callable[[socket.socket], str]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


@pytest.fixture
def client() -> Iterator[HttpClient]:
    """A client without a proxy."""
    made = HttpClient(4, "", "tests")
    yield made
    made.close()


class Sending:
    """A request under way on a thread."""

    def __init__(self, client: HttpClient, job: Job, timeout: float = 30.0) -> None:
        self.job = job
        self.outcome: Any = None
        self._thread = threading.Thread(target=self._run, args=(client, timeout))
        self._thread.start()

    def _run(self, client: HttpClient, timeout: float) -> None:
        self.outcome = client.send(self.job, timeout)

    def ended(self) -> Any:
        """Its outcome; fails if there is none soon."""
        self._thread.join(3)
        assert not self._thread.is_alive()
        return self.outcome


@pytest.mark.parametrize(
    "beginning",
    [
        b"HTTP/1.1 200 OK\r\nX: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 100000\r\n\r\n",
    ],
    ids=["header", "body", "chunk", "body without a length", "body of a redirect"],
)
def test_a_server_that_drips_is_cut(
    client: HttpClient, serve: Serve, head_of: Head, beginning: bytes
) -> None:
    """Each byte restarts the timeout of a read; the cut does not care, and is a failure."""
    dripping = threading.Event()

    def handle(sock: socket.socket) -> None:
        head_of(sock)
        sock.sendall(beginning)
        while True:
            sock.sendall(b"x")
            dripping.set()
            threading.Event().wait(0.005)

    sending = Sending(client, Job("GET", f"http://127.0.0.1:{serve(handle)}/", "", None))
    assert dripping.wait(5)
    begun = time.monotonic()
    sending.job.cut()
    outcome = sending.ended()
    assert time.monotonic() - begun < 1.0
    assert isinstance(outcome, Failure)


def test_a_silent_server_is_cut(client: HttpClient, serve: Serve, head_of: Head) -> None:
    """At once."""
    asked = threading.Event()

    def handle(sock: socket.socket) -> None:
        head_of(sock)
        asked.set()
        sock.recv(1)

    sending = Sending(client, Job("GET", f"http://127.0.0.1:{serve(handle)}/", "", None))
    assert asked.wait(5)
    sending.job.cut()
    assert isinstance(sending.ended(), Failure)


def test_a_request_cut_before_it_leaves_never_leaves(
    client: HttpClient, serve: Serve, head_of: Head
) -> None:
    """Its deadline had come while it waited for a thread."""
    asked: list[str] = []
    port = serve(lambda sock: asked.append(head_of(sock)))
    job = Job("GET", f"http://127.0.0.1:{port}/", "", None)
    job.cut()
    assert isinstance(client.send(job, 5.0), Failure)
    assert asked == []


def test_a_black_hole_is_left_when_the_timeout_ends(client: HttpClient) -> None:
    """A host that answers nothing at all: a full queue of connections drops what comes."""
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen(0)
        address = hole.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)
        begun = time.monotonic()
        outcome = client.send(Job("GET", f"http://127.0.0.1:{address[1]}/", "", None), 0.3)
        assert time.monotonic() - begun < 2.0
        for filler in fillers:
            filler.close()
    assert isinstance(outcome, Failure)


def test_a_silent_server_is_left_when_the_timeout_ends(client: HttpClient, serve: Serve) -> None:
    """Even if nobody cuts."""

    def handle(sock: socket.socket) -> None:
        while sock.recv(1 << 16):
            pass

    port = serve(handle)
    begun = time.monotonic()
    outcome = client.send(Job("GET", f"http://127.0.0.1:{port}/", "", None), 0.2)
    assert time.monotonic() - begun < 2.0
    assert isinstance(outcome, Failure)


def test_the_client_goes_on_after_a_cut(client: HttpClient, serve: Serve, head_of: Head) -> None:
    """The connection that was cut is not used again."""
    first = threading.Event()

    def handle(sock: socket.socket) -> None:
        while True:
            head_of(sock)
            if not first.is_set():
                first.set()
                sock.recv(1)
            sock.sendall(OK)

    url = f"http://127.0.0.1:{serve(handle)}/"
    sending = Sending(client, Job("GET", url, "", None))
    assert first.wait(5)
    sending.job.cut()
    assert isinstance(sending.ended(), Failure)
    assert isinstance(client.send(Job("GET", url, "", None), 5.0), Response)


def test_a_cut_that_comes_too_late_harms_no_other_request(
    client: HttpClient, serve: Serve, head_of: Head
) -> None:
    """Its connection may carry the next request already: an order, perhaps."""
    second_arrived, answer_second = threading.Event(), threading.Event()
    connections: list[socket.socket] = []

    def handle(sock: socket.socket) -> None:
        connections.append(sock)
        head_of(sock)
        sock.sendall(OK)
        head_of(sock)
        second_arrived.set()
        answer_second.wait(5)
        sock.sendall(OK)

    class Slow(Job):
        """A job whose thread stands still just as its connection is the pool's again."""

        stands, go = threading.Event(), threading.Event()

        def leaves_on(self, connection: Any) -> None:
            """Stand still at the end."""
            if connection is None:
                self.stands.set()
                self.go.wait(5)
            super().leaves_on(connection)

    url = f"http://127.0.0.1:{serve(handle)}/"
    first = Sending(client, Slow("GET", url, "", None))
    assert Slow.stands.wait(5)
    second = Sending(client, Job("GET", url, "", None))
    assert second_arrived.wait(5)
    first.job.cut()
    answer_second.set()
    assert isinstance(second.ended(), Response)
    Slow.go.set()
    first.ended()
    assert len(connections) == 1
