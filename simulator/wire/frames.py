"""Websocket frames as a server writes them: unmasked and whole (RFC 6455, section 5.2).

They are built here and not by aiohttp so that one encoding serves every subscriber, many frames
leave in one write, and a test can send what a well-behaved server never would.
"""

from __future__ import annotations

import struct
from enum import IntEnum

FINAL = 0x80


class Opcode(IntEnum):
    """Frame types."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


def encode_frame(payload: bytes, opcode: Opcode = Opcode.TEXT, *, final: bool = True) -> bytes:
    """Frame `payload` as one unmasked frame, the last of its message unless `final` is false."""
    size = len(payload)
    first = FINAL | opcode if final else opcode
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65_536:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload


def encode_close(code: int, reason: str = "") -> bytes:
    """A close frame with `code`; no code (1005) gives an empty payload."""
    payload = b"" if code == 1005 else struct.pack("!H", code) + reason.encode()
    return encode_frame(payload, Opcode.CLOSE)


def payload_of(frame: bytes) -> bytes:
    """The payload of an encoded frame."""
    return frame[{126: 4, 127: 10}.get(frame[1], 2) :]


def cut_up(content: bytes, pieces: int) -> list[bytes]:
    """At most so many pieces of about the same length; one at least, none of several empty."""
    step = max(1, -(-len(content) // pieces))
    return [content[at : at + step] for at in range(0, len(content), step)] or [content]


def encode_fragments(payload: bytes, pieces: int) -> list[bytes]:
    """A text message in at most so many frames (RFC 6455, section 5.4)."""
    parts = cut_up(payload, pieces)
    opcodes = [Opcode.TEXT] + [Opcode.CONTINUATION] * (len(parts) - 1)
    last = len(parts) - 1
    return [
        encode_frame(part, opcode, final=number == last)
        for number, (part, opcode) in enumerate(zip(parts, opcodes, strict=True))
    ]
