"""The command as a function, small servers, and certificates of an authority of our own."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import json
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from exchange_connector import cli
from exchange_connector.simulator import SimulatedExchange

LONG = 5.0


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a key nor a proxy of this machine's."""
    for name in os.environ:
        if name.startswith("EXCHANGE_CONNECTOR_") or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """An exchange whose seeded market trades twenty times a second."""
    with SimulatedExchange(rate=20.0) as exchange:
        yield exchange


class Checked:
    """What the command has told: its exit code, and the findings by the check's name."""

    def __init__(self, code: int, text: str) -> None:
        self.code, self.text = code, text
        self.report: dict[str, Any] = json.loads(text)
        self.findings: dict[str, Any] = {each["check"]: each for each in self.report["findings"]}

    def verdict(self, check: str) -> str:
        """A check's."""
        return str(self.findings[check]["verdict"])

    def advice(self, check: str) -> str:
        """What to do."""
        return str(self.findings[check]["advice"])

    def figure(self, check: str) -> str:
        """What was measured."""
        return str(self.findings[check]["figure"])


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Callable[..., Checked]:
    """Runs `exchange-connector check --json` within this process."""

    def run(*arguments: str) -> Checked:
        code = cli.run(["check", "--json", *arguments])
        told = capsys.readouterr()
        assert told.err == ""
        return Checked(code, told.out)

    return run


@pytest.fixture
def check_exchange(
    exchange: SimulatedExchange, check: Callable[..., Checked]
) -> Callable[..., Checked]:
    """Runs it against the simulated exchange."""
    urls = ("--rest-url", exchange.rest_url, "--stream-url", exchange.stream_url)
    return lambda *arguments: check(*urls, *arguments)


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[socket.socket], object]], int]]:
    """Serve a free port of loopback: each connection by a call of a function, on a thread."""
    ends: list[Callable[[], None]] = []

    def start(handler: Callable[[socket.socket], object]) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        accepted: list[tuple[socket.socket, threading.Thread]] = []

        def run(sock: socket.socket) -> None:
            with sock, contextlib.suppress(OSError):  # the client has seen enough
                handler(sock)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    sock = listener.accept()[0]
                    sock.settimeout(LONG)
                    thread = threading.Thread(target=run, args=(sock,))
                    accepted.append((sock, thread))
                    thread.start()

        acceptor = threading.Thread(target=accept)
        acceptor.start()

        def end() -> None:
            listener.shutdown(socket.SHUT_RDWR)
            acceptor.join(LONG)
            listener.close()
            for sock, thread in accepted:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
                thread.join(LONG)

        ends.append(end)
        port: int = listener.getsockname()[1]
        return port

    yield start
    for end in ends:
        end()


@pytest.fixture
def closed_port() -> int:
    """A port where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, name)])


class Authority:
    """An issuer of certificates that nobody trusts unless told to.

    Attributes:
        file: Its own certificate.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._numbers = iter(range(1000))
        self.file = str(folder / "authority.pem")
        own = self._sign("Trusty", self._key, (-1, 1000), is_authority=True)
        Path(self.file).write_bytes(own.public_bytes(serialization.Encoding.PEM))

    def context(
        self, first: int = -1, last: int = 90, name: str = "127.0.0.1", *, own: bool = False
    ) -> ssl.SSLContext:
        """A server's, with a certificate valid between two days from now.

        Args:
            own: Whether the certificate is its own issuer.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign("Server", key, (first, last), name=name, own=own)
        file = self._folder / f"server-{next(self._numbers)}.pem"
        file.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _sign(
        self,
        subject: str,
        key: ec.EllipticCurvePrivateKey,
        days: tuple[int, int],
        *,
        name: str = "",
        is_authority: bool = False,
        own: bool = False,
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        first, last = (now + datetime.timedelta(days=day) for day in days)
        made = (
            x509.CertificateBuilder()
            .subject_name(_named(subject))
            .issuer_name(_named("Nobody Known" if own else "Trusty"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(first)
            .not_valid_after(last)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        if name:
            address = x509.IPAddress(ipaddress.ip_address(name))
            made = made.add_extension(x509.SubjectAlternativeName([address]), critical=False)
        return made.sign(key if own else self._key, hashes.SHA256())


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The issuer."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def serve_tls(serve: Callable[..., int]) -> Callable[[ssl.SSLContext], int]:
    """Serves TLS, and nothing within it."""

    def start(context: ssl.SSLContext) -> int:
        def handle(sock: socket.socket) -> None:
            with context.wrap_socket(sock, server_side=True) as secure:
                secure.recv(1)

        return serve(handle)

    return start
