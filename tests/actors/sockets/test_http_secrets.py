"""Signing: as the request leaves, and seen by nobody but the exchange."""

from __future__ import annotations

import gc
import logging
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from exchange_connector.actors.sending.http import Failure, HttpClient, Response
from exchange_connector.actors.sending.http_job import Job

Serve = Callable[[Callable[[socket.socket], None]], int]
Head = Callable[[socket.socket], str]
KEY, SIGNATURE = "key-7d1f", "signature-93ab"


def sign(query: str) -> tuple[str, Mapping[str, str]]:
    """Add a timestamp, a signature and a key."""
    return f"{query}&timestamp=1&signature={SIGNATURE}", {"X-API-KEY": KEY}


@pytest.fixture
def client() -> Iterator[HttpClient]:
    """A client without a proxy."""
    made = HttpClient(2, "", "tests")
    yield made
    made.close()


def job(port: int, signer: Any = sign) -> Job:
    """A signed order."""
    return Job("POST", f"http://127.0.0.1:{port}/order", "symbol=X", signer)


def test_the_server_sees_the_signature(client: HttpClient, serve: Serve, head_of: Head) -> None:
    """And the key, as a header."""
    heads: list[str] = []

    def handle(sock: socket.socket) -> None:
        heads.append(head_of(sock))
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    assert isinstance(client.send(job(serve(handle)), 5.0), Response)
    line = f"POST /order?symbol=X&timestamp=1&signature={SIGNATURE} HTTP/1.1\r\n"
    assert heads[0].startswith(line)
    assert f"X-API-KEY: {KEY}\r\n" in heads[0]


def test_it_is_signed_when_it_leaves(client: HttpClient, serve: Serve, head_of: Head) -> None:
    """After connecting, so that its timestamp is not older than it need be."""
    signed: list[int] = []
    accepted: list[int] = []

    def handle(sock: socket.socket) -> None:
        accepted.append(time.monotonic_ns())
        head_of(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    def note(query: str) -> tuple[str, Mapping[str, str]]:
        signed.append(time.monotonic_ns())
        return sign(query)

    before = time.monotonic_ns()
    work = job(serve(handle), note)
    assert signed == []
    outcome: Any = client.send(work, 5.0)
    assert len(signed) == 1
    assert before < signed[0] <= work.sent_ns == outcome.sent_ns < outcome.received_ns


def test_a_request_that_does_not_leave_is_not_signed(client: HttpClient) -> None:
    """Nobody listens."""
    signed: list[str] = []

    def note(query: str) -> tuple[str, Mapping[str, str]]:
        signed.append(query)
        return sign(query)

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    work = job(port, note)
    assert isinstance(client.send(work, 5.0), Failure)
    assert (signed, work.sent_ns) == ([], 0)


def test_a_signer_that_fails_is_a_failure(client: HttpClient, serve: Serve, head_of: Head) -> None:
    """Nothing of what it says is told on, and nothing is sent."""

    def fail(query: str) -> tuple[str, Mapping[str, str]]:
        raise ValueError(f"bad key {KEY} for {query}")

    seen: list[str] = []
    port = serve(lambda sock: seen.append(head_of(sock)))
    outcome = client.send(job(port, fail), 5.0)
    assert isinstance(outcome, Failure)
    assert KEY not in outcome.reason
    assert seen == []


ANSWERS = {
    "success": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "redirect": b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
    "server error": b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
    "no HTTP": b"garbage\r\n\r\n",
    "bad header": b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 0\r\n\r\n",
    "short body": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
    "nothing": b"",
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_neither_logs_nor_reasons_hold_a_secret(
    client: HttpClient,
    serve: Serve,
    head_of: Head,
    caplog: pytest.LogCaptureFixture,
    answer: bytes,
) -> None:
    """With every logger at DEBUG, urllib3's among them, which logs each request line."""

    def handle(sock: socket.socket) -> None:
        head_of(sock)
        sock.sendall(answer)

    caplog.set_level(logging.DEBUG)
    outcome = client.send(job(serve(handle)), 5.0)
    assert any(record.name.startswith("urllib3") for record in caplog.records)
    told = caplog.text + repr(outcome) + "".join(str(vars(each)) for each in caplog.records)
    assert KEY not in told
    assert SIGNATURE not in told


def test_no_exception_holds_a_secret(
    client: HttpClient, serve: Serve, head_of: Head, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None that was raised on the way: its words, its request, whatever it was raised from."""
    caught: list[BaseException] = []
    original = HttpClient._send

    def spy(self: HttpClient, work: Job, timeout: float) -> Any:
        try:
            return original(self, work, timeout)
        except BaseException as error:
            caught.append(error)
            raise

    monkeypatch.setattr(HttpClient, "_send", spy)

    def handle(sock: socket.socket) -> None:
        head_of(sock)
        sock.sendall(b"garbage\r\n\r\n")

    assert isinstance(client.send(job(serve(handle)), 5.0), Failure)
    error: Any = caught[0]
    while error is not None:
        request = getattr(error, "request", None)
        told = f"{error} {error!r} {getattr(request, 'url', '')} {getattr(request, 'headers', '')}"
        assert KEY not in told
        assert SIGNATURE not in told
        error = error.__cause__ or error.__context__
    caught.clear()
    gc.collect()


def test_control_characters_in_what_is_signed_are_a_failure(
    client: HttpClient, serve: Serve
) -> None:
    """The library's refusal quotes the whole address; we do not."""

    def handle(sock: socket.socket) -> None:
        sock.recv(1)

    port = serve(handle)
    outcome = client.send(job(port, lambda query: (f"{query}&signature=\n{SIGNATURE}", {})), 5.0)
    assert isinstance(outcome, Failure)
    assert SIGNATURE not in outcome.reason
    outcome = client.send(job(port, lambda query: (query, {"X-API-KEY": f"{KEY}\n"})), 5.0)
    assert isinstance(outcome, Failure)
    assert KEY not in outcome.reason
