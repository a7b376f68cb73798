"""The other end of a connection, byte by byte.

It is written here by hand, so that the wire is checked against its documentation (RFC 6455,
RFC 9112) and not against the libraries that speak it.
"""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from exchange_connector.actors.sockets.wire import Wire

LONG = 5.0
"""Seconds after which what a test waits for will not come."""


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[socket.socket], None]], int]]:
    """Serve a free port of loopback: each connection by a call of a function, on a thread."""
    ends: list[Callable[[], None]] = []

    def start(handler: Callable[[socket.socket], None]) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        accepted: list[tuple[socket.socket, threading.Thread]] = []

        def run(sock: socket.socket) -> None:
            with sock, contextlib.suppress(OSError):  # the test is over, or cut it off
                handler(sock)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    sock = listener.accept()[0]
                    sock.settimeout(2 * LONG)
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


def read_head(sock: socket.socket) -> str:
    """An HTTP head, up to its empty line."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = sock.recv(1)
        if not byte:
            raise ConnectionError("the peer has gone")
        head += byte
    return head.decode("latin-1")


@pytest.fixture
def head_of() -> Callable[[socket.socket], str]:
    """Read an HTTP head from a socket."""
    return read_head


class Peer:
    """The server's end of a websocket, frame by frame (RFC 6455, 5.2)."""

    TEXT, CONTINUATION, CLOSE, PING, PONG = 1, 0, 8, 9, 10

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock

    @staticmethod
    def frame(payload: bytes, opcode: int = 1, *, fin: bool = True, mask: bool = False) -> bytes:
        """A frame as bytes."""
        size, bit = len(payload), 0x80 if mask else 0
        head = bytes([opcode | (0x80 if fin else 0)])
        if size < 126:
            head += bytes([size | bit])
        elif size < 1 << 16:
            head += bytes([126 | bit]) + struct.pack("!H", size)
        else:
            head += bytes([127 | bit]) + struct.pack("!Q", size)
        return head + (b"\0\0\0\0" if mask else b"") + payload

    def send(self, payload: bytes, opcode: int = 1, **options: Any) -> None:
        """Send a frame."""
        self.sock.sendall(self.frame(payload, opcode, **options))

    def next(self) -> tuple[int, bytes]:
        """The client's next frame, which must be masked: its opcode and payload."""
        first, second = self._exactly(2)
        size = second & 0x7F
        assert second & 0x80, "a client's frames are masked"
        if size == 126:
            (size,) = struct.unpack("!H", self._exactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self._exactly(8))
        mask = self._exactly(4)
        payload = self._exactly(size)
        return first & 15, bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self.sock.recv(size - len(data))
            if not part:
                raise ConnectionError("the client has gone")
            data += part
        return data


@pytest.fixture
def peer_of() -> type[Peer]:
    """Makes the server's end of a websocket out of a socket."""
    return Peer


# a wire and its peer


class Reader:
    """Owns a wire on a thread, and keeps what it receives, and how it ended."""

    def __init__(self, wire: Wire, messages: Any) -> None:
        self.messages = messages
        self.error: BaseException | None = None
        self._wire = wire
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            while True:
                for message in self._wire.receive():
                    self.messages.tell(message)
        except Exception as error:  # noqa: BLE001 - kept for the test to look at
            self.error = error

    def ended(self) -> BaseException:
        """How it ended; fails if it does not."""
        self._thread.join(LONG)
        assert self.error is not None
        return self.error


class Wired:
    """A connected wire, its raw peer, and a reader once one is asked for."""

    def __init__(self, near: socket.socket, far: socket.socket, new_probe: Any) -> None:
        self.near, self.peer = near, Peer(far)
        self._new_probe = new_probe
        self._reader: Reader | None = None
        self.wire = Wire(60.0)

    def begin(self, ping_interval: float = 60.0, **more: Any) -> Wire:
        """Hand the socket over, as after a handshake."""
        self.wire.end()
        self.wire = Wire(ping_interval, **more)
        self.wire.sock = self.near
        self.wire.connected = True
        self.wire.begin()
        return self.wire

    def read(self, ping_interval: float = 60.0, **more: Any) -> Reader:
        """Begin, and read on a thread."""
        self.begin(ping_interval, **more)
        self._reader = Reader(self.wire, self._new_probe())
        return self._reader

    def end(self) -> None:
        """End the reader, and close both ends."""
        for sock in (self.near, self.peer.sock):
            with contextlib.suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
        if self._reader is not None:
            self._reader.ended()
        self.wire.end()
        self.near.close()
        self.peer.sock.close()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 and its key, signed by itself, in one file."""
    x509 = pytest.importorskip("cryptography.x509", reason="needs the extra `keys`")
    hashes = pytest.importorskip("cryptography.hazmat.primitives.hashes")
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    ec = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ec")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    """What a server with that certificate speaks."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def tls_pair(
    near: socket.socket, far: socket.socket, certificate: Path, server: ssl.SSLContext
) -> tuple[ssl.SSLSocket, ssl.SSLSocket]:
    """Speak TLS on two connected sockets."""
    client = ssl.create_default_context(cafile=str(certificate))
    ends: list[ssl.SSLSocket] = []
    thread = threading.Thread(target=lambda: ends.append(server.wrap_socket(far, server_side=True)))
    thread.start()
    wrapped = client.wrap_socket(near, server_hostname="127.0.0.1")
    thread.join(LONG)
    return wrapped, ends[0]


@pytest.fixture(params=["tcp", "tls"])
def wired(request: pytest.FixtureRequest, new_probe: Any) -> Iterator[Wired]:
    """A wire over a plain socket, and the same over TLS."""
    near, far = socket.socketpair()
    far.settimeout(2 * LONG)
    near.settimeout(2 * LONG)
    if request.param == "tls":
        certificate, context = (
            request.getfixturevalue("certificate"),
            request.getfixturevalue("server_tls"),
        )
        near, far = tls_pair(near, far, certificate, context)
    made = Wired(near, far, new_probe)
    yield made
    made.end()
