"""One websocket connection: what it has asked for, and its outgoing bytes."""

from __future__ import annotations

import asyncio
import socket
import struct
from itertools import count

from .frames import Opcode, encode_close, encode_frame

CLOSING_S = 1.0  # how long a client has to answer a close frame
BACKLOG = 64 * 2**20  # a reader slower than this is cut, as an exchange would

_ids = count(1)


class Connection:
    """A websocket as the server holds it.

    Frames written in one turn of the event loop leave together at `flush`.
    """

    def __init__(self, transport: asyncio.Transport, *, combined: bool) -> None:
        self.id = next(_ids)
        self.combined = combined
        self.streams: dict[str, None] = {}
        self.closing = False
        self._transport = transport
        self._outgoing: list[bytes] = []
        self._timer: asyncio.TimerHandle | None = None

    @property
    def backlog(self) -> int:
        """Bytes written that the socket has not taken yet."""
        return 0 if self._transport.is_closing() else self._transport.get_write_buffer_size()

    def send(self, frame: bytes) -> None:
        """Add an encoded frame to what leaves at the next `flush`."""
        if not self.closing:
            self._outgoing.append(frame)

    def flush(self) -> None:
        """Write what was added."""
        if not self._outgoing:
            return
        data = b"".join(self._outgoing)
        self._outgoing.clear()
        if not self._transport.is_closing():
            self._transport.write(data)
            if self._transport.get_write_buffer_size() > BACKLOG:
                self.reset()

    def answer(self, payload: bytes, opcode: Opcode = Opcode.TEXT) -> None:
        """Send one message at once."""
        self.send(encode_frame(payload, opcode))
        self.flush()

    def close(self, code: int, reason: str = "") -> None:
        """Begin the closing handshake; a client that does not answer is dropped."""
        if self.closing:
            return
        self.send(encode_close(code, reason))
        self.flush()
        self.closing = True
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(CLOSING_S, self._transport.abort)

    def closed_by_client(self, code: int) -> None:
        """Answer the client's close frame and end the TCP connection."""
        self.send(encode_close(code))
        self.flush()
        self.end()

    def end(self) -> None:
        """Close the TCP connection in order."""
        self.closing = True
        if self._timer is not None:
            self._timer.cancel()
        self._transport.close()

    def reset(self) -> None:
        """End the TCP connection with a reset (RST), as a crash or a firewall does."""
        self._outgoing.clear()
        reset_transport(self._transport)
        self.closing = True


def reset_transport(transport: asyncio.BaseTransport) -> None:
    """Reset a TCP connection: with a linger time of zero, closing sends RST instead of FIN."""
    held = transport.get_extra_info("socket")
    if held is not None and held.fileno() >= 0:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()
