"""The exchange by TLS: the same application, the same faults, on a port of its own."""

from __future__ import annotations

import errno
import gc
import json
import select
import socket
import ssl
import struct
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import websocket

from exchange_connector.simulator import SimulatedExchange

Dial = Callable[[str], websocket.WebSocket]
Frame = Callable[[Any], tuple[int, bytes]]
CLOSED = (websocket.WebSocketConnectionClosedException, ConnectionError)


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """One that serves TLS too."""
    with SimulatedExchange(seed=7, rate=50.0, tls=True) as running:
        yield running


@pytest.fixture
def dial(exchange: SimulatedExchange) -> Iterator[Dial]:
    """Open a websocket by TLS, trusting the exchange's authority alone."""
    opened: list[Any] = []

    def dial(path: str) -> websocket.WebSocket:
        one = websocket.create_connection(
            exchange.tls_stream_url + path, timeout=5, sslopt={"ca_certs": exchange.ca_file}
        )
        opened.append(one)
        return one

    yield dial
    for one in opened:
        one.shutdown()


def test_the_same_exchange_answers_on_both_ports(exchange: SimulatedExchange) -> None:
    """One market, one account of what was asked."""
    exchange.hold()
    for base in (exchange.rest_url, exchange.tls_rest_url):
        answer = requests.get(
            f"{base}/api/v3/depth?symbol=BTCUSDT&limit=5", verify=exchange.ca_file, timeout=5
        )
        assert answer.json()["lastUpdateId"] == exchange.book("BTCUSDT").update_id
    assert [received.path for received in exchange.requests] == ["/api/v3/depth"] * 2
    assert exchange.tls_rest_url.startswith("https://127.0.0.1:")
    assert exchange.tls_stream_url == exchange.tls_ws_api_url
    assert exchange.tls_stream_url.startswith("wss://127.0.0.1:")


def test_it_is_localhost_too(exchange: SimulatedExchange) -> None:
    """The certificate is of both names."""
    base = exchange.tls_rest_url.replace("127.0.0.1", "localhost")
    assert requests.get(f"{base}/api/v3/ping", verify=exchange.ca_file, timeout=5).json() == {}


def test_nobody_else_vouches_for_it(exchange: SimulatedExchange) -> None:
    """A client that trusts the usual authorities refuses it, and the exchange lives on."""
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{exchange.tls_rest_url}/api/v3/ping", timeout=5)
    with pytest.raises(ssl.SSLError):
        websocket.create_connection(f"{exchange.tls_stream_url}/ws", timeout=5)
    assert exchange.requests == []
    assert requests.get(f"{exchange.rest_url}/api/v3/ping", timeout=5).ok


def test_streams_run_over_it(exchange: SimulatedExchange, dial: Dial) -> None:
    """Trades follow on each other, and both ways to frame them are there."""
    raw, combined = dial("/ws/btcusdt@trade"), dial("/stream?streams=btcusdt@trade")
    ids = [json.loads(raw.recv())["t"] for _ in range(5)]
    assert ids == list(range(ids[0], ids[0] + 5))
    assert json.loads(combined.recv())["stream"] == "btcusdt@trade"


def test_a_cut_is_a_reset(exchange: SimulatedExchange, dial: Dial) -> None:
    """TLS is not ended in order: the TCP connection below is reset (Python's TLS hides that)."""
    held = dial("/ws/btcusdt@trade").sock
    assert held is not None
    assert exchange.cut() == 1
    poll = select.poll()
    poll.register(held, 0)
    assert poll.poll(5_000) == [(held.fileno(), select.POLLERR | select.POLLHUP)]
    assert held.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNRESET
    assert exchange.wait_until(lambda seen: seen.connections == 0)


def test_a_rest_request_is_reset(exchange: SimulatedExchange) -> None:
    """As on the plain port."""
    exchange.reset_rest("/api/v3/time")
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{exchange.tls_rest_url}/api/v3/time", verify=exchange.ca_file, timeout=5)


def test_a_close_is_in_order(exchange: SimulatedExchange, dial: Dial, frame: Frame) -> None:
    """The close frame arrives, and TLS ends soon after the client's answer."""
    one = dial("/ws/btcusdt@trade")
    one.recv()
    exchange.close(1001)
    while (told := frame(one))[0] != websocket.ABNF.OPCODE_CLOSE:
        pass
    assert told[1] == struct.pack("!H", 1001)
    held = one.sock
    assert held is not None
    assert held.recv(1) == b""


def test_frames_are_written_round_aiohttp(exchange: SimulatedExchange, dial: Dial) -> None:
    """What no well-behaved server sends arrives as it was put."""
    one = dial("/ws/btcusdt@trade")
    one.recv()
    exchange.hold()
    exchange.inject(b"no json", "btcusdt@trade")
    while (told := one.recv()) != "no json":
        assert json.loads(told)["e"] == "trade"


def test_a_frame_arrives_in_pieces(exchange: SimulatedExchange, dial: Dial) -> None:
    """Each in a TLS record of its own, which is what one read takes at most."""
    exchange.hold()
    held = dial("/ws/btcusdt@trade").sock
    assert held is not None
    assert exchange.wait_until(lambda seen: seen.streams == {"btcusdt@trade"})
    exchange.split("btcusdt@trade", pieces=4, pause=0.01)
    payload = json.dumps({"text": "x" * 100})
    exchange.publish("btcusdt@trade", payload)
    pieces: list[bytes] = []
    while sum(map(len, pieces)) < len(payload) + 2:
        pieces.append(held.recv(1 << 16))
    assert len(pieces) == 4
    assert b"".join(pieces)[2:] == payload.encode()


def test_a_frozen_exchange_is_silent(exchange: SimulatedExchange, dial: Dial, frame: Frame) -> None:
    """Nothing comes, not even the answer to a ping, until it thaws."""
    one = dial("/ws")
    exchange.freeze()
    one.ping("are you there")
    one.settimeout(0.3)
    with pytest.raises(websocket.WebSocketTimeoutException):
        frame(one)
    exchange.thaw()
    one.settimeout(5)
    assert frame(one) == (websocket.ABNF.OPCODE_PONG, b"are you there")


def test_a_reader_that_does_not_read_is_cut(exchange: SimulatedExchange, dial: Dial) -> None:
    """What waits for it is counted through TLS."""
    dial("/ws/btcusdt@trade")
    assert exchange.wait_until(lambda seen: seen.streams == {"btcusdt@trade"})
    sent = 0
    while exchange.connections and sent < 200:
        exchange.inject(b"x" * 2**20, "btcusdt@trade")
        sent += 1
    assert exchange.connections == 0
    assert 60 < sent < 200


def test_a_stop_ends_what_nobody_answers(exchange: SimulatedExchange, dial: Dial) -> None:
    """Clients that never end TLS do not hold it up, nor outlive it."""
    sockets = [dial("/ws/btcusdt@trade") for _ in range(3)]
    session = requests.Session()
    session.get(f"{exchange.tls_rest_url}/api/v3/ping", verify=exchange.ca_file, timeout=5)
    file = Path(exchange.ca_file)
    assert file.read_text().startswith("-----BEGIN CERTIFICATE-----")
    assert "PRIVATE" not in file.read_text()
    assert [each.name for each in file.parent.iterdir()] == [file.name]
    begun = time.monotonic()
    exchange.stop()
    assert time.monotonic() - begun < 2
    assert not file.parent.exists()
    for one in sockets:
        with pytest.raises(CLOSED):
            read_on(one)
    session.close()
    gc.collect()  # a transport that nobody closed would warn now, and a warning is an error


def test_without_tls_there_is_none() -> None:
    """Asking for its addresses says what is missing."""
    with SimulatedExchange() as exchange:
        for name in ("tls_rest_url", "tls_stream_url", "tls_ws_api_url", "ca_file"):
            with pytest.raises(RuntimeError, match="tls=True"):
                getattr(exchange, name)


def test_what_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only those who want TLS need what makes certificates."""
    monkeypatch.setitem(sys.modules, "trustme", None)
    with SimulatedExchange():
        pass
    with pytest.raises(ImportError, match="needs trustme to serve TLS: pip install"):
        SimulatedExchange(tls=True).start()


def read_on(one: websocket.WebSocket) -> None:
    while True:
        one.recv()
