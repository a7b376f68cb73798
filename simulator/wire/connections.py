"""One websocket connection: what it has asked for, and its outgoing bytes."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Iterable

from ..clock import TimeUnit
from .frames import Opcode, encode_close, encode_frame

CLOSING_S = 1.0  # how long a client has to answer a close frame
BACKLOG = 64 * 2**20  # a reader slower than this is cut, as an exchange would


class Connection:
    """A websocket as the server holds it.

    Frames written in one turn of the event loop leave together at `flush`. While a frame leaves
    in pieces (`begin_pieces`, `next_piece`), everything else waits behind it.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        *,
        combined: bool,
        unit: TimeUnit = TimeUnit.MILLISECOND,
    ) -> None:
        self.id = 0  # the hub gives it
        self.combined = combined
        self.unit = unit
        self.streams: dict[str, None] = {}
        self.closing = False
        self._transport = transport
        self._outgoing: list[bytes] = []
        self._pieces: deque[tuple[bytes, float]] = deque()
        self._waiting = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def backlog(self) -> int:
        """Bytes written that the socket has not taken yet."""
        if self._transport.is_closing():
            return 0
        return self._waiting + self._transport.get_write_buffer_size()

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
        if self._transport.is_closing():
            return
        if self._pieces:
            self._queue(data, 0.0)
        else:
            self._transport.write(data)
        if self.backlog > BACKLOG:
            self.reset()

    def begin_pieces(self, pieces: Iterable[bytes], pause: float) -> bool:
        """Let a frame leave piece by piece, `pause` seconds apart, behind what was added before.

        Returns:
            Whether the caller has to see to `next_piece`; else somebody does so already.
        """
        if self.closing:
            return False
        self.flush()
        begun = bool(self._pieces)
        for piece in pieces:
            self._queue(piece, pause)
        return not begun

    def next_piece(self) -> float | None:
        """Write the next piece; the seconds to wait before the one after, `None` if it was the last."""
        if self._transport.is_closing() or not self._pieces:
            self._forget_pieces()
            return None
        data, pause = self._pieces.popleft()
        self._waiting -= len(data)
        self._transport.write(data)
        return pause if self._pieces else None

    def answer(self, payload: bytes, opcode: Opcode = Opcode.TEXT) -> None:
        """Send one message at once."""
        self.send(encode_frame(payload, opcode))
        self.flush()

    def event(self, stream: str, payload: bytes) -> bytes:
        """What an event for everyone looks like on this connection."""
        return wrap(stream, payload) if self.combined else payload

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
        """Close the TCP connection in order; whoever does not take the rest is dropped."""
        self.closing = True
        if self._transport.is_closing():
            return
        if self._timer is not None:
            self._timer.cancel()
        if self.backlog:  # of a client that may not read any more
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(CLOSING_S, self._transport.abort)
        self._transport.close()

    def reset(self) -> None:
        """End the TCP connection with a reset (RST), as a crash or a firewall does."""
        self._outgoing.clear()
        self._forget_pieces()
        reset_transport(self._transport)
        self.closing = True

    def _queue(self, data: bytes, pause: float) -> None:
        self._pieces.append((data, pause))
        self._waiting += len(data)

    def _forget_pieces(self) -> None:
        self._pieces.clear()
        self._waiting = 0


def wrap(stream: str, payload: bytes) -> bytes:
    """The envelope of combined streams: `{"stream":"<name>","data":<payload>}`."""
    return b'{"stream":"%b","data":%b}' % (stream.encode(), payload)


def reset_transport(transport: asyncio.BaseTransport) -> None:
    """Reset a TCP connection: with a linger time of zero, closing sends RST instead of FIN."""
    held = transport.get_extra_info("socket")
    if held is not None and held.fileno() >= 0:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()
