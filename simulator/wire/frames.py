"""Websocket frames as a server writes them: unmasked and whole (RFC 6455, section 5.2).

They are built here and not by aiohttp so that one encoding serves every subscriber, many frames
leave in one write, and a test can send what a well-behaved server never would.
"""

from __future__ import annotations

import struct
from enum import IntEnum


class Opcode(IntEnum):
    """Frame types."""

    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


def encode_frame(payload: bytes, opcode: Opcode = Opcode.TEXT) -> bytes:
    """Frame `payload` as one final, unmasked frame."""
    size = len(payload)
    first = 0x80 | opcode
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65_536:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload


def encode_close(code: int, reason: str = "") -> bytes:
    """A close frame with `code`; no code (1005) gives an empty payload."""
    payload = b"" if code == 1005 else struct.pack("!H", code) + reason.encode()
    return encode_frame(payload, Opcode.CLOSE)
