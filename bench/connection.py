"""The server's end of a connection: the handshake, what the client commands, pings, and sending."""

from __future__ import annotations

import base64
import hashlib
import json
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from email.utils import formatdate
from typing import Any
from urllib.parse import unquote, urlsplit

from .frames import framed

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


class Closed(Exception):
    """The client has what it wanted, or has gone."""


class Connection:
    """One client's websocket, or its request by REST.

    One thread reads it and another sends; a TLS socket takes no two at once, hence the lock.

    Args:
        rest: The answer to a path that is no websocket; None where there is nothing.
    """

    def __init__(self, sock: socket.socket, rest: Callable[[str], object]) -> None:
        self._sock, self._rest = sock, rest
        self._lock = threading.Lock()
        self._buffer = bytearray()

    def open(self) -> list[str]:
        """Shake hands; the streams that the address names. Raises `Closed` after a REST request."""
        while b"\r\n\r\n" not in self._buffer:
            self._buffer += self._receive()
        head, _, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        self._buffer = bytearray(rest)
        lines = head.decode().split("\r\n")
        path = lines[0].split(" ")[1]
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines[1:])
        }
        if "sec-websocket-key" not in headers:
            self._answer(self._rest(path))
            raise Closed
        key = headers["sec-websocket-key"].encode()
        accept = base64.b64encode(hashlib.sha1(key + _GUID).digest())
        self.send(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        return named_in(path)

    def commands(self) -> Iterator[dict[str, Any]]:
        """The commands in what has arrived, each of them confirmed; pings are answered."""
        self._buffer += self._receive()
        while (frame := self._frame()) is not None:
            opcode, text = frame
            if opcode == _TEXT:
                command: dict[str, Any] = json.loads(text)
                answer = {"result": None, "id": command["id"]}
                self.send(framed(json.dumps(answer, separators=(",", ":")).encode()))
                yield command
            elif opcode == _PING:
                self.send(framed(text, _PONG))
            elif opcode == _CLOSE:
                self.send(framed(text, _CLOSE))
                raise Closed

    def send(self, data: bytes) -> None:
        """Send all of it, as fast as it is taken."""
        with self._lock:
            self._sock.sendall(data)

    def _answer(self, content: object) -> None:
        """The whole answer to a request by REST."""
        status = b"404 Not Found" if content is None else b"200 OK"
        body = json.dumps(content).encode()
        self.send(
            b"HTTP/1.1 %s\r\nDate: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
            b"X-MBX-USED-WEIGHT: 1\r\nConnection: close\r\n\r\n%s"
            % (status, formatdate(usegmt=True).encode(), len(body), body)
        )

    def _receive(self) -> bytes:
        select.select([self._sock], [], [])
        with self._lock:
            data = self._sock.recv(1 << 16)
            while isinstance(self._sock, ssl.SSLSocket) and self._sock.pending():
                data += self._sock.recv(1 << 16)
        if not data:
            raise Closed
        return data

    def _frame(self) -> tuple[int, bytes] | None:
        """One masked frame of the client's, if all of it is there."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, at = buffer[1] & 127, 2
        if size >= 126:
            at = 4 if size == 126 else 10
            size = int.from_bytes(buffer[2:at], "big")
        if len(buffer) < at + 4 + size:
            return None
        opcode, mask = buffer[0] & 15, buffer[at : at + 4]
        masked = buffer[at + 4 : at + 4 + size]
        del buffer[: at + 4 + size]
        return opcode, unmasked(masked, mask)


def named_in(path: str) -> list[str]:
    """The streams that the path of a websocket names: `/stream?streams=a/b`, or `/ws/a/b`."""
    parts = urlsplit(unquote(path))
    _, _, named = parts.query.partition("streams=")
    if parts.path.startswith("/ws/"):
        named = parts.path.removeprefix("/ws/")
    return [name for name in named.partition("&")[0].split("/") if name]


def unmasked(text: bytes | bytearray, mask: bytes | bytearray) -> bytes:
    """The text of a client's frame (RFC 6455, 5.3)."""
    whole = int.from_bytes((bytes(mask) * (len(text) // 4 + 1))[: len(text)], "big")
    return (int.from_bytes(text, "big") ^ whole).to_bytes(len(text), "big")
