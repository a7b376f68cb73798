"""What a wire makes of the bytes that arrive (RFC 6455)."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest
from websocket import (
    WebSocketConnectionClosedException,
    WebSocketException,
    WebSocketProtocolException,
)

from exchange_connector.actors.sockets.wire import MAX_FRAME, OversizedError

TEXT, CONTINUATION, CLOSE, PING, PONG = 1, 0, 8, 9, 10
LENGTHS = [0, 1, 125, 126, 127, 128, 65_535, 65_536, 70_000]


def test_a_batch_arrives_as_one(wired: Any) -> None:
    """Every complete message that is there, with one call, in order."""
    wire = wired.begin()
    messages = [b"%d" % number for number in range(100)]
    wired.peer.sock.sendall(b"".join(map(wired.peer.frame, messages)))
    assert wire.receive() == messages


@pytest.mark.parametrize("length", LENGTHS)
def test_every_form_of_length(wired: Any, length: int) -> None:
    """Seven bits, 16 bits, 64 bits, and the values around their bounds."""
    reader = wired.read()
    payload = bytes(random.Random(length).randbytes(length))
    wired.peer.send(payload)
    wired.peer.send(b"after")
    assert reader.messages.take(2) == [payload, b"after"]


def test_a_message_larger_than_the_buffer(wired: Any) -> None:
    """The buffer grows for it; what follows is read as before."""
    reader = wired.read()
    payload = random.Random(1).randbytes(700_000)
    for _ in range(3):
        wired.peer.send(payload)
        wired.peer.send(b"after")
    assert reader.messages.take(6) == [payload, b"after"] * 3


def test_one_byte_at_a_time(wired: Any) -> None:
    """However it is cut, it is the same."""
    reader = wired.read()
    messages = [b"a", b"b" * 200, b"", b"c" * 130]
    data = b"".join(map(wired.peer.frame, messages)) + wired.peer.frame(b"x", PING)
    for byte in data:
        wired.peer.sock.sendall(bytes([byte]))
    assert reader.messages.take(4) == messages
    assert wired.peer.next() == (PONG, b"x")


def test_any_cut_of_a_conversation_reads_the_same(wired: Any) -> None:
    """Fragments, pings and lengths of all forms, in random pieces."""
    frame = wired.peer.frame
    chance = random.Random(7)
    reader = wired.read()
    data, expected = b"", list[bytes]()
    for number in range(60):
        body = chance.randbytes(chance.choice([3, 126, 300, 70_000 if number % 20 == 0 else 5]))
        if number % 3 == 0:
            middle = len(body) // 2
            data += frame(body[:middle], TEXT, fin=False)
            data += frame(b"p", PING) if number % 2 else b""
            data += frame(body[middle:], CONTINUATION)
        else:
            data += frame(body, 2 if number % 2 else TEXT)
        expected.append(body)
    while data:
        size = chance.randrange(1, 5000)
        wired.peer.sock.sendall(data[:size])
        data = data[size:]
    assert reader.messages.take(60) == expected
    assert [wired.peer.next() for _ in range(10)] == [(PONG, b"p")] * 10


def test_fragments_make_one_message(wired: Any) -> None:
    """With a ping between them, which is answered at once."""
    reader = wired.read()
    wired.peer.send(b"one ", TEXT, fin=False)
    wired.peer.send(b"two ", CONTINUATION, fin=False)
    wired.peer.send(b"?", PING)
    assert wired.peer.next() == (PONG, b"?")
    assert reader.messages.told == []
    wired.peer.send(b"three", CONTINUATION)
    wired.peer.send(b"next")
    assert reader.messages.take(2) == [b"one two three", b"next"]


def test_what_arrived_before_a_fragment_is_not_held_back(wired: Any) -> None:
    """A message is handed on though a fragmented one follows it."""
    reader = wired.read()
    wired.peer.sock.sendall(wired.peer.frame(b"whole") + wired.peer.frame(b"part", fin=False))
    assert reader.messages.next() == b"whole"


def test_the_wire_lives_while_a_message_is_incomplete(wired: Any) -> None:
    """It sends, pings and stops, whatever the server owes it still."""
    reader = wired.read(ping_interval=0.1)
    wired.peer.send(b"part", TEXT, fin=False)
    assert wired.peer.next() == (PING, b"ping")
    wired.peer.send(b"ping", PONG)
    wired.wire.outbox.post("hello")
    assert (TEXT, b"hello") in (wired.peer.next(), wired.peer.next())
    wired.wire.outbox.stop()
    assert "stopped" in str(reader.ended())


def test_the_wire_lives_while_a_frame_is_incomplete(wired: Any) -> None:
    """The same within one frame: its head has come, its body has not."""
    reader = wired.read()
    data = wired.peer.frame(b"x" * 1000)
    wired.peer.sock.sendall(data[:500])
    wired.wire.outbox.post("hello")
    assert wired.peer.next() == (TEXT, b"hello")
    wired.peer.sock.sendall(data[500:])
    assert reader.messages.next() == b"x" * 1000


def test_an_oversized_frame_is_refused(wired: Any) -> None:
    """By its head alone: nobody waits for a terabyte."""
    reader = wired.read()
    wired.peer.sock.sendall(b"\x81\x7f" + (1 << 40).to_bytes(8, "big"))
    assert isinstance(reader.ended(), OversizedError)


def test_an_oversized_sum_of_fragments_is_refused(wired: Any) -> None:
    """Though each is small enough."""
    reader = wired.read()
    part = b"x" * (MAX_FRAME // 4)

    def send() -> None:
        wired.peer.send(part, TEXT, fin=False)
        try:
            for _ in range(5):
                wired.peer.send(part, CONTINUATION, fin=False)
        except OSError:
            pass

    sender = threading.Thread(target=send)
    sender.start()
    assert isinstance(reader.ended(), OversizedError)
    wired.near.close()
    sender.join(5)


def test_two_large_messages_in_fragments_are_fine(wired: Any) -> None:
    """The bound is for one message, not for what a connection ever carried."""
    reader = wired.read()
    part = b"x" * (MAX_FRAME // 2 - 10)

    def send() -> None:
        for _ in range(2):
            wired.peer.send(part, TEXT, fin=False)
            wired.peer.send(part, CONTINUATION)

    sender = threading.Thread(target=send)
    sender.start()
    assert reader.messages.take(2) == [part * 2] * 2
    sender.join(5)


@pytest.mark.parametrize(
    "frames",
    [
        [(b"x", TEXT, {"mask": True})],
        [(b"x", 3, {})],
        [(b"x", 11, {})],
        [(b"x", TEXT | 0x40, {})],
        [(b"x", CONTINUATION, {})],
        [(b"x", TEXT, {"fin": False}), (b"y", TEXT, {})],
        [(b"x", TEXT, {"fin": False}), (b"y", 2, {"fin": False})],
        [(b"x", PING, {"fin": False})],
        [(b"x" * 126, PING, {})],
        [(b"x", CLOSE, {})],
    ],
    ids=[
        "masked",
        "opcode 3",
        "opcode 11",
        "reserved bit",
        "nothing to continue",
        "text inside fragments",
        "binary inside fragments",
        "fragmented ping",
        "long ping",
        "close of one byte",
    ],
)
def test_what_the_protocol_forbids_ends_the_connection(wired: Any, frames: list[Any]) -> None:
    """As a typed error, not as a message."""
    reader = wired.read()
    for payload, opcode, options in frames:
        wired.peer.send(payload, opcode, **options)
    assert isinstance(reader.ended(), WebSocketProtocolException)
    assert reader.messages.told == []


def test_invalid_utf8_is_passed_on(wired: Any) -> None:
    """The decoders check; the wire does not read every byte for that."""
    reader = wired.read()
    wired.peer.send(b"\xff\xfe{")
    wired.peer.send(b"\xff", TEXT, fin=False)
    wired.peer.send(b"\xfe", CONTINUATION)
    assert reader.messages.take(2) == [b"\xff\xfe{", b"\xff\xfe"]


def test_messages_before_the_end_are_delivered(wired: Any) -> None:
    """What came whole counts, though the connection then breaks."""
    reader = wired.read()
    wired.peer.sock.sendall(wired.peer.frame(b"last") + wired.peer.frame(b"cut short")[:5])
    wired.peer.sock.close()
    assert reader.messages.next() == b"last"
    assert isinstance(reader.ended(), WebSocketConnectionClosedException)


@pytest.mark.parametrize(
    ("payload", "code"), [(b"\x03\xf4bye", "1012"), (b"", "1005"), (b"\x03\xe8", "1000")]
)
def test_a_close_of_the_servers_is_answered_and_told(wired: Any, payload: bytes, code: str) -> None:
    """With its code, behind the messages before it."""
    reader = wired.read()
    wired.peer.sock.sendall(wired.peer.frame(b"last") + wired.peer.frame(payload, CLOSE))
    assert reader.messages.next() == b"last"
    error = reader.ended()
    assert isinstance(error, WebSocketConnectionClosedException)
    assert code in str(error)
    assert wired.peer.next()[0] == CLOSE


def test_a_lost_connection_is_told(wired: Any) -> None:
    """As the end of the stream."""
    reader = wired.read()
    wired.peer.sock.close()
    error = reader.ended()
    assert isinstance(error, WebSocketException)
    assert "connection lost" in str(error)
