"""Frames of a websocket, cut at random places and changed at random ones (RFC 6455)."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
from typing import Any

from websocket import WebSocketConnectionClosedException, WebSocketException

from exchange_connector.actors.sockets.wire import Wire

TEXT, CONTINUATION, CLOSE, PING, PONG = 1, 0, 8, 9, 10
SIZES = (0, 1, 5, 125, 126, 127, 300, 65_535, 65_536)


def frame(payload: bytes, opcode: int = TEXT, *, fin: bool = True) -> bytes:
    """A server's frame."""
    size, head = len(payload), bytes([opcode | (0x80 if fin else 0)])
    if size < 126:
        return head + bytes([size]) + payload
    if size < 1 << 16:
        return head + b"\x7e" + struct.pack("!H", size) + payload
    return head + b"\x7f" + struct.pack("!Q", size) + payload


def conversation(rng: random.Random) -> tuple[list[bytes], bytes]:
    """Messages, and the bytes that they come as: fragments, pings and pongs among them."""
    messages: list[bytes] = []
    data = b""
    for _ in range(rng.randrange(1, 12)):
        size = rng.choice(SIZES) if rng.random() < 0.3 else rng.randrange(40)
        message = b"%d:" % len(messages) + b"x" * size
        messages.append(message)
        pieces, rest = [], message
        while rng.random() < 0.3:
            at = rng.randrange(len(rest) + 1)
            pieces.append(rest[:at])
            rest = rest[at:]
        pieces.append(rest)
        for number, piece in enumerate(pieces):
            while rng.random() < 0.15:
                data += frame(b"beat", rng.choice((PING, PONG)))
            fin = number == len(pieces) - 1
            data += frame(piece, CONTINUATION if number else TEXT, fin=fin)
    return messages, data


def feed(data: bytes, rng: random.Random) -> tuple[list[bytes], BaseException | None]:
    """What a wire makes of bytes that come in pieces and then end, and what it ends with."""
    near, far = socket.socketpair()
    near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    far.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    far.setblocking(False)
    wire: Any = Wire(60.0)
    wire.sock, wire.connected = near, True
    wire.begin()
    got: list[bytes] = []
    try:
        with far:
            at = 0
            while at < len(data):
                size = 1 + (len(data) >> 8) + rng.randrange(1 << rng.randrange(1, 16))
                with contextlib.suppress(BlockingIOError):
                    at += far.send(data[at : at + size])
                # as much as is there: `receive` would wait for more
                if wire._poll.poll(0):
                    wire._fill()
                messages: list[bytes] = []
                while wire._split(messages):
                    got += messages
                    messages = []
        while True:
            got += wire.receive()
    except BaseException as error:  # noqa: BLE001 - judged by who called
        return got, error
    finally:
        wire.end()


def test_cut_anywhere_it_is_the_same(fuzz: Any) -> None:
    """Every message, once and in order, whatever the pieces are; then the end."""

    def check(rng: random.Random) -> None:
        messages, data = conversation(rng)
        got, error = feed(data, rng)
        assert got == messages
        assert isinstance(error, WebSocketConnectionClosedException), error

    fuzz(check, 150)


def test_changed_anywhere_it_ends_in_order(fuzz: Any, change: Any) -> None:
    """Messages, and an error of the websocket's own in the end; no other, and none waits."""

    def check(rng: random.Random) -> None:
        _, data = conversation(rng)
        got, error = feed(change([data], rng), rng)
        assert isinstance(error, WebSocketException), repr(error)
        assert all(type(message) is bytes for message in got)

    fuzz(check, 300)
