"""Dialling through an HTTP proxy (RFC 9110, 9.3.6)."""

from __future__ import annotations

import base64
import socket
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from exchange_connector.actors.sockets.dialling import DialError, dial
from exchange_connector.actors.sockets.wire import Wire

Serve = Callable[[Callable[[socket.socket], None]], int]
Head = Callable[[socket.socket], str]
SECRET = "p%40ss-w0rd"


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A wire to be connected."""
    made = Wire(60.0)
    yield made
    made.end()


@pytest.fixture
def heads() -> list[str]:
    """What the proxy, and the server behind it, were asked for."""
    return []


@pytest.fixture
def proxy(serve: Serve, head_of: Head, heads: list[str]) -> int:
    """A proxy that answers as it is told by the host's name, and is itself the server behind."""

    def handle(sock: socket.socket) -> None:
        heads.append(head_of(sock))
        host = heads[-1].split(" ")[1].partition(":")[0]
        if host == "refused.test":
            sock.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
        elif host == "garbled.test":
            sock.sendall(b"what?\r\n\r\n")
        elif host == "endless.test":
            sock.sendall(b"x" * 20_000)
        elif host == "silent.test":
            sock.shutdown(socket.SHUT_WR)
        else:
            sock.sendall(b"HTTP/1.1 200 Connection established\r\nX-Proxy: yes\r\n\r\n")
            heads.append(head_of(sock))
            sock.sendall(b"HTTP/1.1 418 Teapot\r\nContent-Length: 0\r\n\r\n")
        while sock.recv(1 << 16):
            pass

    return serve(handle)


def attempt(wire: Wire, proxy: str, host: str = "exchange.test:9443") -> DialError:
    """The error of an attempt; the server behind the proxy accepts none."""
    with pytest.raises(DialError) as caught:
        dial(wire, f"ws://{host}/stream", 2.0, proxy, lambda _: None)
    return caught.value


def test_the_tunnel_leads_to_the_server(wire: Wire, proxy: int, heads: list[str]) -> None:
    """The name is the proxy's to look up; nothing of its answer is taken for the server's."""
    error = attempt(wire, f"http://127.0.0.1:{proxy}")
    assert "418" in str(error)
    assert heads[0] == ("CONNECT exchange.test:9443 HTTP/1.1\r\nHost: exchange.test:9443\r\n\r\n")
    assert heads[1].startswith("GET /stream HTTP/1.1\r\n")
    assert "Proxy-Authorization" not in heads[1]


def test_the_tunnel_to_an_address_of_ipv6(wire: Wire, proxy: int, heads: list[str]) -> None:
    """It stands in brackets (RFC 9112, 3.2.3)."""
    attempt(wire, f"http://127.0.0.1:{proxy}", "[2001:db8::1]:9443")
    assert heads[0].startswith("CONNECT [2001:db8::1]:9443 HTTP/1.1\r\n")


def test_the_proxy_is_given_its_password(wire: Wire, proxy: int, heads: list[str]) -> None:
    """Percent-decoded, to the proxy alone."""
    attempt(wire, f"http://user:{SECRET}@127.0.0.1:{proxy}")
    token = base64.b64encode(b"user:p@ss-w0rd").decode()
    assert f"Proxy-Authorization: Basic {token}\r\n" in heads[0]
    assert token not in heads[1]


@pytest.mark.parametrize("host", ["refused.test", "garbled.test", "endless.test", "silent.test"])
def test_a_proxy_that_opens_no_tunnel(wire: Wire, proxy: int, host: str) -> None:
    """Is a failed attempt; nothing stays open, and nobody learns the password."""
    shown: list[socket.socket] = []
    with pytest.raises(DialError) as caught:
        dial(wire, f"ws://{host}/", 2.0, f"http://user:{SECRET}@127.0.0.1:{proxy}", shown.append)
    assert shown[0].fileno() == -1
    assert "proxy" in str(caught.value)
    everything = "".join(traceback.format_exception(caught.value))
    assert SECRET not in everything
    assert "p@ss" not in everything


@pytest.mark.parametrize(
    "proxy",
    [
        f"http://user:{SECRET}@127.0.0.1:1",
        f"http://user:{SECRET}@127.0.0.1:99999",
        f"http://user:{SECRET}@127.0.0.1:none",
        "http://user:p@ss-w0rd/x@127.0.0.1:1",
        "http://user:w0rd/x@127.0.0.1:1",
        f"http://user:{SECRET}@[::1",
    ],
)
def test_no_error_tells_the_password(wire: Wire, proxy: str) -> None:
    """Wherever it fails: in the text, and in what the error was raised from."""
    error: BaseException | None = attempt(wire, proxy)
    while error is not None:
        for secret in (SECRET, "p@ss", "w0rd"):
            assert secret not in str(error)
            assert secret not in repr(error)
        error = error.__cause__ or error.__context__


def test_nothing_of_a_refusal_hangs_on_the_error(wire: Wire, proxy: int) -> None:
    """Its headers and its body are not reachable from what is told on."""
    error: Any = attempt(wire, f"http://127.0.0.1:{proxy}")
    assert error.__cause__ is None
    assert error.__context__ is None
