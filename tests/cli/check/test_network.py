"""The way to the exchange: names, connections, certificates, proxies; over real sockets."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector.cli.check.finding import Verdict
from exchange_connector.cli.check.measured import (
    Blocked,
    Connected,
    NoNames,
    Obstacle,
    Target,
    TunnelAnswer,
)
from exchange_connector.cli.check.network import (
    judge_connection,
    judge_name,
    judge_proxy,
)
from exchange_connector.cli.check.probes import bounded, connect, look_up, tunnel

Serve = Callable[[Callable[[socket.socket], object]], int]
ServeTls = Callable[[ssl.SSLContext], int]
PATIENCE = 3.0
SECRET = "p%40ss-w0rd"


def target(port: int, scheme: str = "https", host: str = "127.0.0.1") -> Target:
    """REST at a port."""
    return Target.of("REST", f"{scheme}://{host}:{port}")


# names


def test_a_name_that_does_not_exist() -> None:
    """The resolver's own words, and that the name may be wrong."""
    there = target(443, host="nothing.invalid")
    finding = judge_name(there, look_up(there.host, PATIENCE))
    assert finding.verdict is Verdict.WRONG
    assert finding.figure.startswith("nothing.invalid: ")
    assert finding.advice.startswith("Correct the host name if it is wrong")


def test_a_name_that_is_none() -> None:
    """It is told like one that does not exist."""
    assert look_up("a" * 64 + ".invalid", PATIENCE) == NoNames("not a host name")


def test_name_servers_that_are_silent() -> None:
    """It is not the name's fault."""
    finding = judge_name(target(443), NoNames("no answer within 3.0 s", is_late=True))
    assert finding.advice.startswith("The name servers do not answer")


def test_a_name_that_is_found() -> None:
    """Its addresses, and how long it took."""
    finding = judge_name(target(443, host="localhost"), look_up("localhost", PATIENCE))
    assert finding.verdict is Verdict.OK
    assert "127.0.0.1" in finding.figure


def test_nobody_waits_for_a_hanging_look_up() -> None:
    """What takes too long is left behind."""
    reading, writing = socket.socketpair()
    with writing:
        assert bounded(lambda: reading.recv(1), 0.05) is None
        writing.sendall(b"x")
    reading.close()


# connections


def test_a_closed_port(closed_port: int) -> None:
    """It is refused, at once."""
    finding = judge_connection(target(closed_port), connect(target(closed_port), PATIENCE))
    assert finding.verdict is Verdict.WRONG
    assert finding.figure == f"127.0.0.1:{closed_port}: refused"
    assert finding.advice.startswith("Nothing listens there")


def test_a_server_that_is_silent(serve: Serve) -> None:
    """It takes the connection, and answers no handshake."""
    there = target(serve(lambda sock: sock.recv(1 << 16) and sock.recv(1)))
    finding = judge_connection(there, connect(there, 0.3))
    assert Obstacle.TLS_SILENT in finding.figure
    assert finding.advice.startswith("What listens there is stuck")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
def test_a_server_of_old(serve_tls: ServeTls, authority: Any) -> None:
    """It speaks no version of TLS that is still safe."""
    context = authority.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    there = target(serve_tls(context))
    finding = judge_connection(there, connect(there, PATIENCE))
    assert finding.figure.endswith(Obstacle.TLS_OLD)
    assert "no longer safe" in finding.advice


def test_a_server_that_hangs_up(serve: Serve) -> None:
    """In the middle of the handshake."""
    there = target(serve(lambda sock: sock.recv(1)))
    finding = judge_connection(there, connect(there, PATIENCE))
    assert Obstacle.CLOSED in finding.figure
    assert "hung up" in finding.advice


def test_a_plain_server_behind_https(serve: Serve) -> None:
    """What answers is no TLS."""

    def handle(sock: socket.socket) -> None:
        sock.recv(1 << 16)
        sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        sock.recv(1)

    there = target(serve(handle))
    finding = judge_connection(there, connect(there, PATIENCE))
    assert Obstacle.NOT_TLS in finding.figure
    assert "http://" in finding.advice


def test_plain_on_this_machine_is_fine(serve: Serve) -> None:
    """Nobody is on the way."""
    there = target(serve(lambda sock: sock.recv(1)), "http")
    finding = judge_connection(there, connect(there, PATIENCE))
    assert finding.verdict is Verdict.OK
    assert "no TLS on this machine: fine" in finding.figure


def test_plain_to_elsewhere_is_told() -> None:
    """Anybody may read along."""
    finding = judge_connection(target(80, "http", "192.0.2.1"), Connected(0.1, None))
    assert finding.verdict is Verdict.WARNING
    assert finding.advice.startswith("Anybody on the way can read")


@pytest.mark.parametrize("obstacle", Obstacle)
def test_every_obstacle_has_its_own_advice(obstacle: Obstacle) -> None:
    """A sentence that no other obstacle has."""
    others = {judge_connection(target(1), Blocked(each)).advice for each in set(Obstacle)}
    finding = judge_connection(target(1), Blocked(obstacle, "more"))
    assert finding.figure == f"127.0.0.1:1: {obstacle} (more)"
    assert finding.advice.endswith(".")
    assert len(others) == len(Obstacle)


# certificates


def test_a_certificate_that_is_good(serve_tls: ServeTls, authority: Any) -> None:
    """Version, issuer, and days left."""
    there = target(serve_tls(authority.context()))
    finding = judge_connection(there, connect(there, PATIENCE, ca_file=authority.file))
    assert finding.verdict is Verdict.OK
    assert "TLSv1.3" in finding.figure
    assert "certificate of Trusty for 90 more days" in finding.figure


def test_a_certificate_that_ends_soon(serve_tls: ServeTls, authority: Any) -> None:
    """It is a warning."""
    there = target(serve_tls(authority.context(last=3)))
    finding = judge_connection(there, connect(there, PATIENCE, ca_file=authority.file))
    assert finding.verdict is Verdict.WARNING
    assert finding.advice.startswith("When it ends, connections fail")


@pytest.mark.parametrize(
    ("days", "name", "obstacle", "advice"),
    [
        ((-9, -2), "127.0.0.1", Obstacle.EXPIRED, "If this machine's date is right"),
        ((2, 9), "127.0.0.1", Obstacle.NOT_YET_VALID, "Set this machine's date"),
        ((-1, 90), "192.0.2.1", Obstacle.WRONG_NAME, "Correct the URL"),
    ],
    ids=lambda value: value.name if isinstance(value, Obstacle) else "",
)
def test_a_certificate_that_is_bad(
    days: tuple[int, int],
    name: str,
    obstacle: Obstacle,
    advice: str,
    serve_tls: ServeTls,
    authority: Any,
) -> None:
    """The reason is named."""
    there = target(serve_tls(authority.context(*days, name)))
    finding = judge_connection(there, connect(there, PATIENCE, ca_file=authority.file))
    assert finding.verdict is Verdict.WRONG
    assert obstacle in finding.figure
    assert finding.advice.startswith(advice)


@pytest.mark.parametrize("own", [False, True])
def test_a_certificate_of_an_unknown_issuer(own: bool, serve_tls: ServeTls, authority: Any) -> None:
    """Whether it has signed itself or not; who it says it is from is told."""
    there = target(serve_tls(authority.context(own=own)))
    finding = judge_connection(there, connect(there, PATIENCE))
    assert Obstacle.UNKNOWN_ISSUER in finding.figure
    assert f"it says O={'Nobody Known' if own else 'Trusty'}" in finding.figure
    assert "opens TLS" in finding.advice


# proxies


def answering(status: bytes) -> Callable[[socket.socket], object]:
    """A proxy that gives this answer to everything."""

    def handle(sock: socket.socket) -> None:
        sock.recv(1 << 16)
        sock.sendall(status + b"\r\n\r\n")
        sock.recv(1)

    return handle


@pytest.mark.parametrize(
    ("status", "said", "advice"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required", "status 407", "The proxy wants a user"),
        (b"HTTP/1.1 403 Forbidden", "status 403", "The proxy forbids it"),
        (b"HTTP/1.1 502 Bad Gateway", "status 502", "The proxy works and cannot get there"),
        (b"what?", "no HTTP", "What listens there is no HTTP proxy"),
    ],
)
def test_a_proxy_that_refuses(status: bytes, said: str, advice: str, serve: Serve) -> None:
    """Its status, and no password of it."""
    proxy, there = f"http://user:{SECRET}@127.0.0.1:{serve(answering(status))}", target(443)
    finding = judge_proxy(proxy, [(there, tunnel(proxy, there, PATIENCE))], 0.0)
    assert finding.verdict is Verdict.WRONG
    assert said in finding.figure
    assert finding.advice.startswith(advice)
    for secret in (SECRET, "p@ss", "user:"):
        assert secret not in finding.figure


def test_a_proxy_that_is_not_there(closed_port: int) -> None:
    """Nothing is said of the exchange."""
    proxy, there = f"http://127.0.0.1:{closed_port}", target(443)
    finding = judge_proxy(proxy, [(there, tunnel(proxy, there, PATIENCE))], 0.0)
    assert finding.figure == f"http://127.0.0.1:{closed_port}: refused"
    assert finding.advice.startswith("Correct connection.proxy")


def test_a_proxy_that_works(serve: Serve, authority: Any) -> None:
    """It opens a tunnel, through which TLS is spoken."""
    context = authority.context()

    def handle(sock: socket.socket) -> None:
        sock.recv(1 << 16)
        sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with context.wrap_socket(sock, server_side=True) as secure:
            secure.recv(1)

    proxy, there = f"http://127.0.0.1:{serve(handle)}", target(443)
    answer = tunnel(proxy, there, PATIENCE)
    assert isinstance(answer, TunnelAnswer)
    finding = judge_proxy(proxy, [(there, answer)], answer.seconds)
    assert finding.verdict is Verdict.OK
    assert "opens 127.0.0.1:443" in finding.figure
    outcome = connect(there, PATIENCE, proxy, authority.file)
    assert judge_connection(there, outcome).verdict is Verdict.OK


def test_a_tunnel_that_is_refused_is_no_connection(serve: Serve) -> None:
    """The probe of the connection says so by itself."""
    proxy = f"http://127.0.0.1:{serve(answering(b'HTTP/1.1 403 Forbidden'))}"
    assert connect(target(443), PATIENCE, proxy) == Blocked(Obstacle.REFUSED)
