"""One HTTP request: what is sent, what comes back, and what does not happen by itself."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from exchange_connector.actors.sending import http
from exchange_connector.actors.sending.http import Failure, HttpClient, Response
from exchange_connector.actors.sending.http_job import Job

Serve = Callable[[Callable[[socket.socket], None]], int]
Head = Callable[[socket.socket], str]


@pytest.fixture
def client() -> Iterator[HttpClient]:
    """A client without a proxy."""
    made = HttpClient(4, "", "tests")
    yield made
    made.close()


@pytest.fixture
def heads() -> list[str]:
    """What servers were asked for."""
    return []


@pytest.fixture
def answering(serve: Serve, head_of: Head, heads: list[str]) -> Callable[..., str]:
    """A server that gives the same answer to every request of a connection; its base URL."""

    def start(answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi") -> str:
        def handle(sock: socket.socket) -> None:
            while True:
                heads.append(head_of(sock))
                sock.sendall(answer)

        return f"http://127.0.0.1:{serve(handle)}"

    return start


Answering = Callable[..., str]


def get(client: HttpClient, url: str, query: str = "", timeout: float = 5.0) -> Any:
    """The outcome of a plain GET."""
    return client.send(Job("GET", f"{url}/path", query, None), timeout)


def test_an_answer(client: HttpClient, answering: Answering, heads: list[str]) -> None:
    """Status, headers, body, and when it was asked and answered."""
    before = time.monotonic_ns()
    outcome = get(client, answering(), "symbol=BTCUSDT&limit=5")
    assert isinstance(outcome, Response)
    assert (outcome.status, outcome.body) == (200, b"hi")
    assert before < outcome.sent_ns < outcome.received_ns < time.monotonic_ns()
    assert heads[0].startswith("GET /path?symbol=BTCUSDT&limit=5 HTTP/1.1\r\n")
    assert "User-Agent: tests\r\n" in heads[0]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_every_method_carries_its_query(
    client: HttpClient, answering: Answering, heads: list[str], method: str
) -> None:
    """In the address; there is no body."""
    client.send(Job(method, f"{answering()}/path", "a=1", None), 5.0)
    assert heads[0].startswith(f"{method} /path?a=1 HTTP/1.1\r\n")


def test_a_body_is_sent_as_it_is(client: HttpClient, serve: Callable[..., int]) -> None:
    """It is what is signed, and the address has nothing of it."""
    body, signed, came = '{"symbol":"BTCUSDT","qty":"0.10"}', list[str](), bytearray()

    def handle(sock: socket.socket) -> None:
        while b"}" not in came:
            came.extend(sock.recv(4096))
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")

    def sign(text: str) -> tuple[str, dict[str, str]]:
        signed.append(text)
        return text, {"X-Sign": "abc"}

    job = Job("POST", f"http://127.0.0.1:{serve(handle)}/path", body, sign, is_body=True)
    assert isinstance(client.send(job, 5.0), Response)
    head, _, rest = came.decode().partition("\r\n\r\n")
    assert head.startswith("POST /path HTTP/1.1\r\n")
    for line in ("X-Sign: abc", "Content-Type: application/json", f"Content-Length: {len(body)}"):
        assert line in head.split("\r\n")
    assert head.lower().count("content-length") == 1
    assert (rest, signed) == (body, [body])


def test_header_names_are_in_lower_case(client: HttpClient, answering: Answering) -> None:
    """However the exchange writes them."""
    url = answering(b"HTTP/1.1 200 OK\r\nX-MBX-USED-Weight-1M: 12\r\nContent-Length: 0\r\n\r\n")
    assert get(client, url).headers["x-mbx-used-weight-1m"] == "12"


def test_a_refusal_is_an_answer(client: HttpClient, answering: Answering) -> None:
    """With its body: what it means is for others to say."""
    url = answering(b"HTTP/1.1 418 Teapot\r\nRetry-After: 3\r\nContent-Length: 4\r\n\r\nbusy")
    outcome = get(client, url)
    assert (outcome.status, outcome.body, outcome.headers["retry-after"]) == (418, b"busy", "3")


@pytest.mark.parametrize(
    "where", ["/elsewhere", "http://127.0.0.1:1/", "http://[", "//", "ftp://x"]
)
def test_a_redirect_is_an_answer_like_any(
    client: HttpClient, answering: Answering, heads: list[str], where: str
) -> None:
    """It is not followed, wherever it leads, and its body is its body."""
    url = answering(
        f"HTTP/1.1 302 Found\r\nLocation: {where}\r\nContent-Length: 4\r\n\r\nmove".encode()
    )
    outcome = get(client, url)
    assert isinstance(outcome, Response)
    assert (outcome.status, outcome.body) == (302, b"move")
    assert len(heads) == 1


def test_a_body_has_a_bound(
    client: HttpClient, answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the body of a redirect; the status is told."""
    monkeypatch.setattr(http, "MAX_BODY", 100_000)
    for head in (b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 307 Go\r\nLocation: /\r\n"):
        answer = head + b"Content-Length: 200000\r\n\r\n" + b"x" * 200_000
        outcome = get(client, answering(answer))
        assert isinstance(outcome, Failure)
        assert outcome.status == int(head[9:12])
        assert "100000" in outcome.reason


def test_a_connection_is_used_again(client: HttpClient, serve: Serve, head_of: Head) -> None:
    """By one request after the other."""
    connections: list[socket.socket] = []

    def handle(sock: socket.socket) -> None:
        connections.append(sock)
        while True:
            head_of(sock)
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")

    url = f"http://127.0.0.1:{serve(handle)}"
    assert all(isinstance(get(client, url), Response) for _ in range(5))
    assert len(connections) == 1


def test_requests_run_side_by_side(client: HttpClient, serve: Serve, head_of: Head) -> None:
    """As many as there are threads."""
    together = threading.Barrier(4)

    def handle(sock: socket.socket) -> None:
        head_of(sock)
        together.wait(5)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    url = f"http://127.0.0.1:{serve(handle)}"
    outcomes: list[Any] = []
    threads = [threading.Thread(target=lambda: outcomes.append(get(client, url))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert [type(outcome) for outcome in outcomes] == [Response] * 4


def test_cookies_are_not_kept(client: HttpClient, answering: Answering, heads: list[str]) -> None:
    """The next request carries none."""
    url = answering(b"HTTP/1.1 200 OK\r\nSet-Cookie: id=1; Path=/\r\nContent-Length: 0\r\n\r\n")
    get(client, url)
    get(client, url)
    assert len(heads) == 2
    assert "cookie" not in heads[1].lower()


def test_the_environment_has_no_say(
    client: HttpClient,
    answering: Answering,
    heads: list[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Neither its proxies, nor its certificates, nor a .netrc."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login user password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert isinstance(get(client, answering()), Response)
    assert "authorization" not in heads[0].lower()


def test_a_proxy_that_is_named_is_used(answering: Answering, heads: list[str]) -> None:
    """With its password, and the whole address in the request line."""
    proxy = answering().replace("http://", "http://user:secret@")
    client = HttpClient(1, proxy, "tests")
    outcome = get(client, "http://exchange.test:9080")
    client.close()
    assert isinstance(outcome, Response)
    assert heads[0].startswith("GET http://exchange.test:9080/path HTTP/1.1\r\n")
    assert "Proxy-Authorization: Basic " in heads[0]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000,
    ],
    ids=["nothing", "no HTTP", "short body", "bad chunk", "no gzip", "long header"],
)
def test_an_answer_that_is_none_is_a_failure(
    client: HttpClient, serve: Serve, head_of: Head, answer: bytes
) -> None:
    """Never an exception."""

    def handle(sock: socket.socket) -> None:
        head_of(sock)
        sock.sendall(answer)

    outcome = get(client, f"http://127.0.0.1:{serve(handle)}")
    assert isinstance(outcome, Failure)
    assert outcome.reason


def test_a_reset_connection_is_a_failure(client: HttpClient, serve: Serve, head_of: Head) -> None:
    """It is not sent once more: an order would be placed twice."""
    seen: list[str] = []

    def handle(sock: socket.socket) -> None:
        seen.append(head_of(sock))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        sock.close()

    outcome = get(client, f"http://127.0.0.1:{serve(handle)}")
    assert isinstance(outcome, Failure)
    assert "reset" in outcome.reason.lower()
    assert len(seen) == 1


def test_a_closed_port_is_a_failure(client: HttpClient) -> None:
    """The reason is the system's word for it, without the address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outcome = get(client, f"http://127.0.0.1:{port}", "secret=1")
    assert isinstance(outcome, Failure)
    assert "refused" in outcome.reason
    assert "secret" not in outcome.reason
