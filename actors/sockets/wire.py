"""websocket-client's WebSocket, owned by one thread and read through one large buffer.

The library keeps the handshake, masking, sending, pings, fragments and closing: `recv_frame()`,
its public reading step, is what is replaced. What other threads want waits in its `Outbox`. (The library's own check of UTF-8 is switched off:
it is pure Python, and the decoders check.)
"""

# The annotations of websocket-client are partial:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

import math
import select
import ssl
import time
from struct import Struct
from typing import Any

from websocket import (
    ABNF,
    WebSocket,
    WebSocketConnectionClosedException,
    WebSocketPayloadException,
    WebSocketProtocolException,
    WebSocketTimeoutException,
)

from ...core.limiter import DialBudget
from .outbox import Outbox

MAX_FRAME = 4 << 20
"""The largest message taken, in bytes."""
_U64 = Struct("!Q").unpack_from
_PLAIN = frozenset((0x81, 0x82))  # FIN + text, FIN + binary: nearly every frame
_TLS_RECORD = 1 << 14
_LONGEST_HEAD = 4  # of those that are no longer than 65,535 bytes


class OversizedError(WebSocketPayloadException):
    """A message larger than `MAX_FRAME`."""


class Wire(WebSocket):
    """A websocket whose owner receives everything that has arrived with one system call.

    Attributes:
        round_trip: Of the last ping, in seconds; None before the first.
        outbox: What other threads want of this one.
        heard: When bytes came last, in monotonic seconds.

    Args:
        ping_interval: Seconds from ping to ping.
        pong_timeout: Seconds within which the peer answers one.
        pace: How often a text may be sent; None for no limit.
        ping_text: What is sent for a ping, where that is a text: then `ponged` is for the reader of
            messages to call. None for the websocket's own pings.
    """

    def __init__(
        self,
        ping_interval: float,
        pong_timeout: float = math.inf,
        pace: DialBudget | None = None,
        ping_text: str | None = None,
    ) -> None:
        super().__init__(skip_utf8_validation=True, fire_cont_frame=True)
        self._buffer = bytearray(1 << 18)
        self._view = memoryview(self._buffer)
        self._start = self._end = 0
        self._message = bytearray()  # what has come of a fragmented one
        self.outbox = Outbox(pace)
        self._ping_interval = ping_interval
        self._patience = min(ping_interval, pong_timeout)
        self._ping_text = ping_text
        self.heard = time.monotonic()
        self._next_ping = self.heard + ping_interval
        self._pinged: float | None = None
        self._poll = select.poll()
        self.round_trip: float | None = None

    # the owner's thread

    def begin(self) -> None:
        """Call once, when connected."""
        assert self.sock is not None
        self.sock.settimeout(0)  # TLS has bytes of its own: "readable" need not mean data
        self._poll.register(self.sock, select.POLLIN)
        self._poll.register(self.outbox.ear, select.POLLIN)
        self.heard = time.monotonic()
        self._next_ping = self.heard + self._ping_interval

    def receive(self) -> list[bytes]:
        """Every complete message that has arrived; waits for one, and sends and pings meanwhile.

        Comes back with nothing when it is called.

        Raises:
            OversizedError: A message is larger than `MAX_FRAME`.
            WebSocketTimeoutException: The peer has answered no ping.
            WebSocketException: The connection is lost or closed, or broke the protocol.
        """
        messages: list[bytes] = []
        while not messages:
            if not self._split(messages) and self._wait():
                self._fill()
            if self.outbox.is_called:
                self.outbox.is_called = False
                break
        return messages

    def ponged(self) -> bool:
        """The peer has answered the ping; False where it was sent none, or has answered before."""
        if self._pinged is None:
            return False
        self.round_trip = time.monotonic() - self._pinged
        self._next_ping = self._pinged + self._ping_interval
        self._pinged = None
        return True

    def end(self) -> None:
        """Let go of every descriptor."""
        self.shutdown()  # type: ignore[no-untyped-call]
        self.outbox.end()

    # the library's hooks

    def recv_frame(self) -> ABNF:
        """One frame: the library's own machinery (pong, close, fragments) reads through this."""
        while (where := self._peek()) is None:
            if self._wait():
                self._fill()
        head = self._buffer[self._start]
        self._start = where[1]
        payload = bytes(self._view[where[0] : where[1]])
        frame = ABNF(head >> 7, head >> 6 & 1, head >> 5 & 1, head >> 4 & 1, head & 15, 0, payload)
        frame.validate(True)
        return frame

    def send_frame(self, frame: ABNF) -> int:
        """Send a frame; a peer that takes nothing is waited for, for a bounded time."""
        if self.sock is None:
            raise WebSocketConnectionClosedException("closed")
        self.sock.settimeout(self._ping_interval)
        try:
            return super().send_frame(frame)
        finally:
            self.sock.settimeout(0)

    # frames

    def _split(self, messages: list[bytes]) -> bool:
        """Take what is complete into the empty list; False when more bytes are needed."""
        begin, end = self._start, self._end
        if (
            self.cont_frame.recving_frames
            or end - begin < _LONGEST_HEAD
            or self._buffer[begin + 1] > 126
        ):
            return self._carefully(messages)
        data = bytes(self._view[begin:end])
        add = messages.append
        start, last = 0, len(data) - _LONGEST_HEAD
        while start <= last and data[start] in _PLAIN:
            size = data[start + 1]
            at = start + 2
            if size == 126:
                size = data[start + 2] << 8 | data[start + 3]
                at = start + 4
            elif size > 126:
                break  # huge or masked: the careful way
            stop = at + size
            if stop > end - begin:
                break
            add(data[at:stop])
            start = stop
        self._start = begin + start
        return bool(messages) or self._carefully(messages)

    def _carefully(self, messages: list[bytes]) -> bool:
        """One frame by the library's own way."""
        if self._peek() is None:
            return False
        opcode, frame = self.recv_data_frame(control_frame=True)
        if opcode in (ABNF.OPCODE_TEXT, ABNF.OPCODE_BINARY, ABNF.OPCODE_CONT):
            self._gather(frame, messages)
        elif opcode == ABNF.OPCODE_PONG:
            if self._ping_text is None:  # else it answers nothing: a peer may send one unasked
                self.ponged()
        elif opcode == ABNF.OPCODE_CLOSE:
            code = int.from_bytes(frame.data[:2], "big") if len(frame.data) >= 2 else 1005
            raise WebSocketConnectionClosedException(f"closed by the server (code {code})")
        return True

    def _peek(self) -> tuple[int, int] | None:
        """Where the next frame's payload lies, if it is complete."""
        buffer, start, have = self._buffer, self._start, self._end - self._start
        if have < 2:
            return None
        size, at = buffer[start + 1], start + 2
        if size & 0x80:
            raise WebSocketProtocolException("masked frame from the server")
        if size == 126:
            if have < 4:
                return None
            size, at = buffer[start + 2] << 8 | buffer[start + 3], start + 4
        elif size == 127:
            if have < 10:
                return None
            size, at = _U64(buffer, start + 2)[0], start + 10
        if size > MAX_FRAME:
            raise OversizedError(f"a frame of {size} bytes")
        return (at, at + size) if at + size <= self._end else None

    def _gather(self, frame: ABNF, messages: list[bytes]) -> None:
        """Take a message, or one more fragment of it; the wire goes on between fragments."""
        payload: Any = frame.data  # bytes: it comes from `recv_frame`
        if len(self._message) + len(payload) > MAX_FRAME:
            raise OversizedError(f"a message of more than {MAX_FRAME} bytes")
        self._message += payload
        if frame.fin:
            messages.append(bytes(self._message))
            self._message.clear()

    def _fill(self) -> None:
        """One read into the buffer, of what is there."""
        if self._start:
            kept = self._end - self._start
            self._buffer[:kept] = self._buffer[self._start : self._end]
            self._start, self._end = 0, kept
        if self._end == len(self._buffer):  # one frame larger than the buffer
            grown = bytearray(2 * len(self._buffer))
            grown[: self._end] = self._buffer
            self._buffer, self._view = grown, memoryview(grown)
        if self.sock is None:
            raise WebSocketConnectionClosedException("closed")
        count = self._read(self.sock)
        self.heard = time.monotonic()
        while count == _TLS_RECORD and self._end < len(self._buffer):
            count = self._read(self.sock)  # TLS gives a record at a time, and more may be there

    def _read(self, sock: Any) -> int:
        """One system call; how many bytes came."""
        try:
            count: int = sock.recv_into(self._view[self._end :])
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return 0  # a piece of a TLS record, or TLS's own business
        except (ssl.SSLError, OSError, ValueError) as error:
            raise WebSocketConnectionClosedException(f"connection lost: {error}") from None
        if not count:
            raise WebSocketConnectionClosedException("connection lost: end of stream")
        self._end += count
        return count

    # waiting

    def _wait(self) -> bool:
        """Wait for bytes, sending and pinging meanwhile; True when there is something to read."""
        sock: Any = self.sock
        if isinstance(sock, ssl.SSLSocket) and sock.pending():
            return True
        outbox = self.outbox
        wait = min(self._next_ping, outbox.due) - time.monotonic()
        readable = is_rung = False
        for descriptor, _ in self._poll.poll(max(0.0, wait * 1000)):
            if descriptor == outbox.ear.fileno():
                is_rung = True
                outbox.ear.recv(4096)
            else:
                readable = True
        now = time.monotonic()
        if is_rung or now >= outbox.due:
            self._do_what_others_want(now)
        if now >= self._next_ping and not (readable and self._pinged is not None):
            self._ping(now)  # (a pong that is missing may lie in what there is to read)
        return readable

    def _do_what_others_want(self, now: float) -> None:
        for text in self.outbox.take(now):
            self.send(text)
        if self.outbox.is_stopping:
            self.send_close()
            raise WebSocketConnectionClosedException("stopped")
        if self.outbox.is_doubtful:
            self.outbox.is_doubtful = False
            if self._pinged is None:
                self._ping(now)

    def _ping(self, now: float) -> None:
        if self._pinged is not None:
            raise WebSocketTimeoutException("the peer answered no ping")
        self._pinged = now
        self._next_ping = now + self._patience
        if self._ping_text is None:
            self.ping(b"ping")
        else:
            self.outbox.passed_by(now)
            self.send(self._ping_text)
