"""One websocket, seen from the server (RFC 6455): what a replay needs of it."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import socket
import struct
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


class Line:
    """A connection of the connector's, which keeps track of what was subscribed on it.

    Attributes:
        streams: The names that are subscribed, with the time (monotonic) when they were.
        questions: Those for what it carries, by number, that were not answered yet.

    Args:
        refused: Streams that are refused, with the exchange's error.
    """

    def __init__(self, sock: socket.socket, refused: Mapping[str, Mapping[str, Any]]) -> None:
        self.streams: dict[str, float] = {}
        self.questions: list[int] = []
        self._socket, self._refused = sock, refused
        self._reader = sock.makefile("rb")
        self._sending = threading.Lock()

    @staticmethod
    def welcome(key: str) -> bytes:
        """The answer to the handshake."""
        digest = hashlib.sha1(f"{key}{_GUID}".encode(), usedforsecurity=False).digest()
        accept = base64.b64encode(digest).decode()
        return (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n\r\n"
        ).encode()

    # the player's thread

    def send(self, messages: Iterable[bytes]) -> None:
        """Send messages; nothing where the other side has left."""
        self._write(b"".join(_frame(_TEXT, message) for message in messages))

    def say_what_it_carries(self) -> None:
        """Answer the questions for that."""
        questions, self.questions = self.questions, []
        for number in questions:
            answer = {"result": sorted(self.streams), "id": number}
            self._write(_frame(_TEXT, json.dumps(answer).encode()))

    def close(self, code: int) -> None:
        """End it in order, with a code."""
        self._write(_frame(_CLOSE, struct.pack("!H", code)))
        self.cut()

    def cut(self) -> None:
        """End it."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    # its own thread

    def listen(self) -> bool:
        """Take one message and answer it; False at the end."""
        try:
            opcode, payload = self._message()
        except (OSError, struct.error):
            return False
        if opcode == _PING:
            self._write(_frame(_PONG, payload))
        elif opcode == _TEXT:
            self._obey(json.loads(payload))
        return opcode != _CLOSE

    def _message(self) -> tuple[int, bytes]:
        first, size = struct.unpack("!BB", self._reader.read(2))
        size &= 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", self._reader.read(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self._reader.read(8))
        mask = self._reader.read(4)
        masked = self._reader.read(size)
        key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
        return first & 15, (int.from_bytes(masked, "big") ^ key).to_bytes(size, "big")

    def _obey(self, command: dict[str, Any]) -> None:
        if command["method"] == "LIST_SUBSCRIPTIONS":  # answered when the recording has come to it
            self.questions.append(command["id"])
            return
        names = set(command.get("params", ()))
        refused = next((self._refused[name] for name in names if name in self._refused), None)
        is_wanted = command["method"] == "SUBSCRIBE"
        answer = {"error": refused} if refused and is_wanted else {"result": None}
        self._write(_frame(_TEXT, json.dumps(answer | {"id": command["id"]}).encode()))
        if not is_wanted:
            for name in names:
                self.streams.pop(name, None)
        elif not refused:  # what is sent from now on comes behind the answer
            now = time.monotonic()
            self.streams |= dict.fromkeys(names, now)

    def _write(self, data: bytes) -> None:
        with self._sending, contextlib.suppress(OSError):
            self._socket.sendall(data)


def _frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", 0x80 | opcode, size) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", 0x80 | opcode, 126, size) + payload
    return struct.pack("!BBQ", 0x80 | opcode, 127, size) + payload
