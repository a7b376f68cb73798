"""The command from its options to its exit code, against the simulated exchange."""

from __future__ import annotations

import json
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from exchange_connector import cli
from exchange_connector.simulator import SimulatedExchange

CHECKS = [
    *("configuration", "proxy", "rest_name", "stream_name", "rest_connection"),
    *("stream_connection", "rest", "clock", "limits", "stream", "key"),
]


@pytest.fixture
def key(exchange: SimulatedExchange, monkeypatch: pytest.MonkeyPatch) -> SimulatedExchange:
    """The exchange, with the key of its account in the environment."""
    monkeypatch.setenv("EXCHANGE_CONNECTOR_API_KEY", exchange.api_key)
    monkeypatch.setenv("EXCHANGE_CONNECTOR_API_SECRET", exchange.api_secret)
    return exchange


def test_all_is_well(key: SimulatedExchange, check_exchange: Callable[..., Any]) -> None:
    """Every check is made, in its order; the code is 0, and no secret shows."""
    told = check_exchange()
    assert told.code == 0
    assert list(told.findings) == CHECKS
    assert {each["verdict"] for each in told.findings.values()} == {"ok"}
    assert not any(each["advice"] for each in told.findings.values())
    assert (told.report["verdict"], told.report["exchange"]) == ("ok", "binance")
    for secret in (key.api_key, key.api_secret, "signature"):
        assert secret not in told.text


def test_in_a_pipe_it_prints_lines(
    exchange: SimulatedExchange, command: Callable[..., Any]
) -> None:
    """A line each, and one that sums up; a mark comes first."""
    urls = ("--rest-url", exchange.rest_url, "--stream-url", exchange.stream_url)
    program = command("check", *urls)
    assert program.end() == 0
    *lines, last = program.text.splitlines()
    assert [line.split()[0] for line in lines] == ["ok"] * 10 + ["skipped"]
    assert lines[-1].startswith("skipped key: No key is set")
    assert last.startswith("ok: 10 ok, 1 skipped, in ")
    assert "\x1b" not in program.text


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_on_a_terminal_it_draws(
    size: tuple[int, int], exchange: SimulatedExchange, command: Callable[..., Any]
) -> None:
    """The same words, in a table."""
    exchange.skew_clock(9)
    urls = ("--rest-url", exchange.rest_url, "--stream-url", exchange.stream_url)
    program = command("check", *urls, size=size)
    assert program.end() == 1
    assert "● ok" in program.text
    assert "○ wrong" in program.text
    assert "Turn NTP on" in program.text


def test_json_is_one_object_in_one_line(
    exchange: SimulatedExchange, command: Callable[..., Any]
) -> None:
    """On a terminal too."""
    urls = ("--rest-url", exchange.rest_url, "--stream-url", exchange.stream_url)
    program = command("check", "--json", *urls, size=(80, 24))
    assert program.end() == 0
    report = json.loads(program.text)
    assert report["findings"][6]["values"]["round_trip_seconds"] > 0


# what one failure makes senseless


def test_nothing_is_there(check: Callable[..., Any], closed_port: int) -> None:
    """What rests on it is skipped, and says on what."""
    place = f"127.0.0.1:{closed_port}"
    told = check("--rest-url", f"https://{place}", "--stream-url", f"wss://{place}")
    assert told.code == 1
    assert told.verdict("rest_connection") == told.verdict("stream_connection") == "wrong"
    for check_ in ("rest", "clock", "limits"):
        assert told.advice(check_) == "See REST connection above."
    assert told.advice("stream") == "See stream connection above."


def test_a_name_that_does_not_exist(check: Callable[..., Any]) -> None:
    """No connection is tried."""
    hosts = ("--rest-url", "https://nothing.invalid", "--stream-url", "wss://nothing.invalid")
    told = check(*hosts)
    assert told.verdict("rest_name") == told.verdict("stream_name") == "wrong"
    assert told.advice("rest_connection") == "See REST host name above."


def test_without_rest_the_stream_is_still_checked(
    exchange: SimulatedExchange, check: Callable[..., Any], closed_port: int
) -> None:
    """And the other way round."""
    nowhere = f"127.0.0.1:{closed_port}"
    told = check("--rest-url", f"http://{nowhere}", "--stream-url", exchange.stream_url)
    assert (told.verdict("rest"), told.verdict("stream")) == ("skipped", "ok")
    told = check("--rest-url", exchange.rest_url, "--stream-url", f"ws://{nowhere}")
    assert (told.verdict("limits"), told.verdict("stream")) == ("ok", "skipped")


def test_a_ban_is_kept(exchange: SimulatedExchange, check_exchange: Callable[..., Any]) -> None:
    """It is told for how long, and nothing more is asked."""
    exchange.ban(300)
    told = check_exchange()
    assert told.figure("rest").startswith("HTTP status 418, silence wanted for ")
    assert told.advice("rest").startswith("This address is banned")
    assert told.advice("stream") == "The exchange wants silence from this address."
    assert [each.path for each in exchange.requests] == ["/api/v3/ping"]
    assert exchange.dials == 0


def test_time_is_over(exchange: SimulatedExchange, check_exchange: Callable[..., Any]) -> None:
    """What was not checked says so; the whole ends in time."""
    exchange.freeze()
    told = check_exchange("--timeout", "1.0")
    assert told.verdict("rest") == "wrong"
    assert told.advice("rest").startswith("The connection stands and no answer comes")
    assert told.advice("stream").startswith("There was no time left")
    assert told.report["seconds"] < 1.5
    assert exchange.dials == 0
    exchange.thaw()


# proxies


def test_a_proxy_of_the_environment_is_not_used(
    check_exchange: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told by its name; its value may hold a password."""
    monkeypatch.setenv("HTTPS_PROXY", "http://user:w0rd@proxy.invalid:3128")
    told = check_exchange()
    assert told.code == 0
    assert told.figure("proxy") == "none is used, though the environment has HTTPS_PROXY"
    assert told.advice("proxy").startswith("This library reads no proxy from the environment")
    assert "w0rd" not in told.text


def test_a_proxy_that_refuses(
    check_exchange: Callable[..., Any],
    serve: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The stream is not tried any more; names are the proxy's to look up."""

    def handle(sock: Any) -> None:
        sock.recv(1 << 16)
        sock.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        sock.recv(1)

    monkeypatch.setenv("EXCHANGE_CONNECTOR_CONNECTION_PROXY", f"http://127.0.0.1:{serve(handle)}")
    told = check_exchange("--timeout", "3")
    assert told.verdict("proxy") == "wrong"
    assert told.advice("rest_name") == "The proxy looks it up."
    assert told.advice("stream") == "The proxy opens no tunnel to it."


def test_a_proxy_that_is_not_there(
    check_exchange: Callable[..., Any], closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else is tried."""
    monkeypatch.setenv("EXCHANGE_CONNECTOR_CONNECTION_PROXY", f"http://127.0.0.1:{closed_port}")
    told = check_exchange()
    assert told.advice("proxy").startswith("Correct connection.proxy")
    assert told.advice("rest") == told.advice("stream") == "The proxy is not reached."


def forward(sock: socket.socket) -> None:
    """Serve one connection as a proxy: tunnels, and requests for whole URLs."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = sock.recv(1)
        if not byte:
            return
        head += byte
    method, where = head.decode().split(" ")[:2]
    is_tunnel = method == "CONNECT"
    parts = urlsplit(f"//{where}" if is_tunnel else where)
    with socket.create_connection((parts.hostname or "", parts.port or 80), 5.0) as far:
        if is_tunnel:
            sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            far.sendall(head)
        back = threading.Thread(target=pump, args=(far, sock))
        back.start()
        pump(sock, far)
        back.join()


def pump(source: socket.socket, drain: socket.socket) -> None:
    """Carry bytes until either side has enough."""
    try:
        while data := source.recv(1 << 16):
            drain.sendall(data)
        drain.shutdown(socket.SHUT_WR)
    except OSError:
        return


def test_a_proxy_that_works(
    key: SimulatedExchange,
    check_exchange: Callable[..., Any],
    serve: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Everything goes through it."""
    proxy = f"http://127.0.0.1:{serve(forward)}"
    monkeypatch.setenv("EXCHANGE_CONNECTOR_CONNECTION_PROXY", proxy.replace("//", "//user:w0rd@"))
    told = check_exchange()
    assert told.code == 0
    assert told.figure("proxy").startswith(proxy.replace("//", "//***@"))
    assert told.advice("rest_connection") == "The proxy makes it."
    for made in ("stream_connection", "rest", "clock", "limits", "stream"):
        assert told.verdict(made) == "ok"
    assert "w0rd" not in told.text


def test_a_server_that_nobody_vouches_for(
    check: Callable[..., Any], serve_tls: Callable[..., int], authority: Any
) -> None:
    """Nothing is sent there."""
    place = f"127.0.0.1:{serve_tls(authority.context())}"
    told = check("--rest-url", f"https://{place}", "--stream-url", f"wss://{place}")
    assert "issuer is unknown (it says O=Trusty)" in told.figure("rest_connection")
    assert told.verdict("rest") == told.verdict("stream") == "skipped"


def test_a_certificate_that_has_expired(
    check: Callable[..., Any],
    serve_tls: Callable[..., int],
    authority: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The configuration's own authorities are those that are asked."""
    monkeypatch.setenv("EXCHANGE_CONNECTOR_CONNECTION_CA_FILE", authority.file)
    place = f"127.0.0.1:{serve_tls(authority.context(-9, -2))}"
    told = check("--rest-url", f"https://{place}", "--stream-url", f"wss://{place}")
    for side in ("rest_connection", "stream_connection"):
        assert "the certificate has expired" in told.figure(side)
        assert told.advice(side).startswith("If this machine's date is right")


def test_an_exchange_behind_tls(check: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Version, issuer and days of both sides, and everything that follows."""
    with SimulatedExchange(tls=True) as exchange:
        monkeypatch.setenv("EXCHANGE_CONNECTOR_CONNECTION_CA_FILE", exchange.ca_file)
        urls = ("--rest-url", exchange.tls_rest_url, "--stream-url", exchange.tls_stream_url)
        told = check(*urls, "--timeout", "8")
    assert told.findings["stream_connection"]["values"]["tls_version"].startswith("TLSv1.")
    assert told.findings["rest_connection"]["values"]["certificate_days"] > 0
    for made in ("rest", "clock", "limits", "stream"):
        assert told.verdict(made) == "ok"


# the end


def test_ctrl_c_ends_it(exchange: SimulatedExchange, command: Callable[..., Any]) -> None:
    """Wherever it is."""
    exchange.stall()
    urls = ("--rest-url", exchange.rest_url, "--stream-url", exchange.stream_url)
    program = command("check", *urls)
    program.wait_for("request limits: ")
    program.interrupt(signal.SIGINT)
    assert program.end() == 130
    assert "Traceback" not in program.text


def test_without_the_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the command line is needed; it says so."""
    monkeypatch.setitem(sys.modules, "typer", None)
    assert cli.run(["check"]) == 2
    install = "pip install 'exchange-connector[cli]'"
    assert capsys.readouterr().err == (f"exchange-connector: the command check needs: {install}\n")
