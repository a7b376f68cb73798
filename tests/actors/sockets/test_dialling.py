"""Opening a websocket: what goes out, what is refused, and that it can be cut at any stage."""

from __future__ import annotations

import base64
import hashlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from exchange_connector.actors.sockets.dialling import DialError, dial
from exchange_connector.actors.sockets.wire import Wire

MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3
Serve = Callable[[Callable[[socket.socket], None]], int]
Head = Callable[[socket.socket], str]


def header(head: str, name: str) -> str | None:
    """A header of an HTTP head."""
    for line in head.split("\r\n")[1:]:
        key, _, value = line.partition(":")
        if key.lower() == name.lower():
            return value.strip()
    return None


def accept(sock: socket.socket, head: str, extra: str = "") -> None:
    """Answer an upgrade as RFC 6455, 4.2.2, says."""
    key = header(head, "Sec-WebSocket-Key")
    token = base64.b64encode(hashlib.sha1(f"{key}{MAGIC}".encode()).digest()).decode()
    sock.sendall(
        f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {token}\r\n{extra}\r\n".encode()
    )


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A wire to be connected."""
    made = Wire(60.0)
    yield made
    made.end()


@pytest.fixture
def opened() -> list[socket.socket]:
    """The sockets that were shown to us."""
    return []


@pytest.fixture
def heads() -> list[str]:
    """What the server was asked for."""
    return []


@pytest.fixture
def port(serve: Serve, head_of: Head, peer_of: Any, heads: list[str]) -> int:
    """A server that accepts, says hello, and waits for the end."""

    def handle(sock: socket.socket) -> None:
        heads.append(head_of(sock))
        accept(sock, heads[-1])
        peer_of(sock).send(b"hello")
        sock.recv(1)

    return serve(handle)


def answering(serve: Serve, head_of: Head, answer: bytes) -> int:
    """A server that answers every request with the same bytes, and then nothing."""

    def handle(sock: socket.socket) -> None:
        head_of(sock)
        sock.sendall(answer)
        sock.recv(1)

    return serve(handle)


def refused(port: int, wire: Wire, opened: list[Any], **options: Any) -> DialError:
    """The error of an attempt."""
    options = {"timeout": 2.0, "proxy": "", **options}
    with pytest.raises(DialError) as caught:
        dial(wire, f"ws://127.0.0.1:{port}/stream", opened=opened.append, **options)
    return caught.value


def test_dialling_connects(port: int, wire: Wire, opened: list[Any], heads: list[str]) -> None:
    """The socket is shown, the path asked for, no origin named; data may follow at once."""
    dial(wire, f"ws://127.0.0.1:{port}/stream", 2.0, "", opened.append)
    assert opened == [wire.sock]
    wire.begin()
    assert wire.receive() == [b"hello"]
    assert heads[0].startswith("GET /stream HTTP/1.1\r\n")
    assert header(heads[0], "Host") == f"127.0.0.1:{port}"
    assert header(heads[0], "Origin") is None


def test_the_environment_has_no_say(
    port: int, wire: Wire, opened: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proxies are named in the configuration or there are none."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    dial(wire, f"ws://127.0.0.1:{port}/stream", 2.0, "", opened.append)
    assert wire.connected


@pytest.mark.parametrize(
    ("extra", "wait"),
    [
        ("Retry-After: 7\r\n", 7.0),
        ("retry-after: 1.5\r\n", 1.5),
        ("", None),
        ("Retry-After: soon\r\n", None),
        ("Retry-After: nan\r\n", None),
        ("Retry-After: -5\r\n", 0.0),
        ("Retry-After: 1e99\r\n", 86_400.0),
    ],
)
def test_a_refused_upgrade(
    serve: Serve, head_of: Head, wire: Wire, opened: list[Any], extra: str, wait: float | None
) -> None:
    """With its status, and how long the exchange wants us to wait."""
    answer = f"HTTP/1.1 429 Slow Down\r\n{extra}Content-Length: 6\r\n\r\nsecret".encode()
    error = refused(answering(serve, head_of, answer), wire, opened)
    assert error.wait == wait
    assert "429" in str(error)
    assert "secret" not in str(error)


def test_a_redirect_is_refused(
    serve: Serve, head_of: Head, wire: Wire, opened: list[Any], port: int, heads: list[str]
) -> None:
    """Wherever it leads."""
    answer = f"HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:{port}/\r\n\r\n".encode()
    refused(answering(serve, head_of, answer), wire, opened)
    assert heads == []
    assert len(opened) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        (
            b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: wrong\r\n\r\n"
        ),
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        b"nonsense\r\n\r\n",
        b"\xff\xfe\r\n\r\n",
        b"HTTP/1.1 500 X\r\nContent-Length: many\r\n\r\n",
    ],
    ids=["bare 101", "wrong key", "200", "no HTTP", "no text", "no length"],
)
def test_an_answer_that_is_none(
    serve: Serve, head_of: Head, wire: Wire, opened: list[Any], answer: bytes
) -> None:
    """Whatever the server says, it is a failed attempt, and nothing else is raised."""
    refused(answering(serve, head_of, answer), wire, opened)


def test_a_closed_port_is_a_failed_attempt(wire: Wire, opened: list[Any]) -> None:
    """Nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert "ConnectionRefusedError" in str(refused(port, wire, opened))
    assert opened == []


def test_a_silent_server_is_left(serve: Serve, wire: Wire, opened: list[Any]) -> None:
    """When the timeout of a step ends."""

    def handle(sock: socket.socket) -> None:
        while sock.recv(1 << 16):
            pass

    begun = time.monotonic()
    refused(serve(handle), wire, opened, timeout=0.2)
    assert time.monotonic() - begun < 2.0


def test_an_endless_header_is_cut_from_outside(
    serve: Serve, head_of: Head, wire: Wire, opened: list[Any]
) -> None:
    """Each byte restarts the library's timeout; whoever has the socket shuts it."""
    going = threading.Event()

    def drip(sock: socket.socket) -> None:
        head_of(sock)
        sock.sendall(b"HTTP/1.1 101 Switching Protocols\r\nX: ")
        while True:
            sock.sendall(b"x")
            going.set()
            threading.Event().wait(0.01)

    def cut() -> None:
        assert going.wait(5)
        socket.socket.shutdown(opened[-1], socket.SHUT_RDWR)

    cutter = threading.Thread(target=cut)
    cutter.start()
    begun = time.monotonic()
    refused(serve(drip), wire, opened, timeout=1.0)
    assert time.monotonic() - begun < 0.9
    cutter.join(5)


def test_whoever_is_shown_the_socket_may_refuse_it(port: int, wire: Wire) -> None:
    """An attempt that was given up meanwhile; its socket does not stay open."""
    shown: list[socket.socket] = []

    def give_up(sock: socket.socket) -> None:
        shown.append(sock)
        raise ConnectionAbortedError("given up")

    with pytest.raises(DialError, match="given up") as caught:
        dial(wire, f"ws://127.0.0.1:{port}/", 2.0, "", give_up)
    assert shown[0].fileno() == -1
    del caught


# TLS


@pytest.fixture
def tls_port(serve: Serve, head_of: Head, peer_of: Any, server_tls: ssl.SSLContext) -> int:
    """The same server behind TLS."""

    def handle(sock: socket.socket) -> None:
        with server_tls.wrap_socket(sock, server_side=True) as secure:
            accept(secure, head_of(secure))
            peer_of(secure).send(b"hello")
            secure.recv(1)

    return serve(handle)


def test_dialling_over_tls(
    tls_port: int,
    wire: Wire,
    opened: list[Any],
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The socket is shown twice: bare, before the handshake, and wrapped."""
    monkeypatch.setattr(
        "exchange_connector.actors.sockets.dialling.DEFAULT_CA_BUNDLE_PATH", str(certificate)
    )
    dial(wire, f"wss://127.0.0.1:{tls_port}/stream", 2.0, "", opened.append)
    assert isinstance(wire.sock, ssl.SSLSocket)
    assert opened[-1] is wire.sock
    wire.begin()
    assert wire.receive() == [b"hello"]


def test_a_burst_over_tls_is_read_at_once(
    serve: Serve,
    head_of: Head,
    peer_of: Any,
    server_tls: ssl.SSLContext,
    wire: Wire,
    certificate: Path,
) -> None:
    """TLS gives 16 KiB at a time; a batch is all the records that are there, none is left over."""
    sent = threading.Event()
    messages = [b"%04d" % number * 250 for number in range(100)]

    def handle(sock: socket.socket) -> None:
        with server_tls.wrap_socket(sock, server_side=True) as secure:
            accept(secure, head_of(secure))
            secure.sendall(b"".join(map(peer_of.frame, messages)))
            sent.set()
            secure.recv(1)

    url = f"wss://127.0.0.1:{serve(handle)}/stream"
    dial(wire, url, 2.0, "", list[socket.socket]().append, str(certificate))
    wire.begin()
    assert sent.wait(5)
    assert wire.receive() == messages


def test_dialling_with_authorities_of_our_own(
    tls_port: int, wire: Wire, opened: list[Any], certificate: Path
) -> None:
    """The file that is named is trusted."""
    url = f"wss://127.0.0.1:{tls_port}/stream"
    dial(wire, url, 2.0, "", opened.append, str(certificate))
    wire.begin()
    assert wire.receive() == [b"hello"]


def test_an_unknown_certificate_is_refused(tls_port: int, wire: Wire, opened: list[Any]) -> None:
    """It is verified, whatever the environment says, and nothing stays open."""
    with pytest.raises(DialError, match=r"(?i)certificate"):
        dial(wire, f"wss://127.0.0.1:{tls_port}/stream", 2.0, "", opened.append)
    assert opened[-1].fileno() == -1


def test_a_silent_tls_server_is_cut_from_outside(
    serve: Serve, wire: Wire, opened: list[Any]
) -> None:
    """While the handshake waits."""
    waiting = threading.Event()

    def handle(sock: socket.socket) -> None:
        sock.recv(1 << 16)
        waiting.set()
        while sock.recv(1 << 16):
            pass

    def cut() -> None:
        assert waiting.wait(5)
        socket.socket.shutdown(opened[-1], socket.SHUT_RDWR)

    cutter = threading.Thread(target=cut)
    cutter.start()
    with pytest.raises(DialError):
        dial(wire, f"wss://127.0.0.1:{serve(handle)}/", 3.0, "", opened.append)
    cutter.join(5)
    assert opened[-1].fileno() == -1
