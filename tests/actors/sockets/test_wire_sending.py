"""What a wire sends by itself and for others, and how it ends."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import pytest
from websocket import (
    WebSocketConnectionClosedException,
    WebSocketException,
    WebSocketTimeoutException,
)

from exchange_connector.actors.sockets.account_connections import Line
from exchange_connector.actors.sockets.wire import Wire
from exchange_connector.actors.trading.commands import Sent
from exchange_connector.core.limiter import DialBudget

TEXT, CONTINUATION, CLOSE, PING, PONG = 1, 0, 8, 9, 10
Wait = Callable[[Callable[[], object]], None]


def test_a_ping_of_the_servers_is_answered_with_its_payload(wired: Any) -> None:
    """At once, and nobody else is bothered with it."""
    reader = wired.read()
    wired.peer.send(b"123", PING)
    assert wired.peer.next() == (PONG, b"123")
    wired.peer.send(b"", PING)
    assert wired.peer.next() == (PONG, b"")
    assert reader.messages.told == []


def test_our_ping_measures_the_round_trip(wired: Any, eventually: Wait) -> None:
    """One each interval, as long as each is answered."""
    wired.read(ping_interval=0.05)
    assert wired.wire.round_trip is None
    for _ in range(3):
        assert wired.peer.next() == (PING, b"ping")
        wired.peer.send(b"ping", PONG)
    eventually(lambda: wired.wire.round_trip is not None)
    assert 0 <= (wired.wire.round_trip or 0.0) < 1.0


def test_a_peer_that_answers_no_ping_is_left(wired: Any) -> None:
    """One interval after the ping."""
    begun = time.monotonic()
    reader = wired.read(ping_interval=0.1)
    error = reader.ended()
    assert isinstance(error, WebSocketTimeoutException)
    assert "no ping" in str(error)
    assert 0.2 <= time.monotonic() - begun < 2.0


def test_a_ping_may_have_less_time_than_the_next_one(wired: Any) -> None:
    """The answer is due within `pong_timeout`; the next ping comes after the whole interval."""
    begun = time.monotonic()
    reader = wired.read(ping_interval=1.0, pong_timeout=0.1)
    assert wired.peer.next() == (PING, b"ping")
    wired.peer.send(b"ping", PONG)
    assert wired.peer.next() == (PING, b"ping")
    assert time.monotonic() - begun >= 1.9
    assert isinstance(reader.ended(), WebSocketTimeoutException)
    assert time.monotonic() - begun < 2.9


def test_a_peer_in_doubt_is_pinged_at_once(wired: Any) -> None:
    """And given up if it does not answer."""
    begun = time.monotonic()
    reader = wired.read(ping_interval=60.0, pong_timeout=0.2)
    wired.wire.outbox.doubt()
    assert wired.peer.next() == (PING, b"ping")
    wired.wire.outbox.doubt()  # one is under way
    assert isinstance(reader.ended(), WebSocketTimeoutException)
    assert time.monotonic() - begun < 5.0


def test_texts_keep_their_pace_where_they_leave(wired: Any) -> None:
    """However close together they were left: the exchange cuts who sends too many at a time."""
    wired.read(pace=DialBudget(3, 0.5))
    for number in range(7):
        assert wired.wire.outbox.post(str(number))
    times: list[float] = []
    for number in range(7):
        assert wired.peer.next() == (TEXT, str(number).encode())
        times.append(time.monotonic())
    assert times[2] - times[0] < 0.4
    assert times[3] - times[0] > 0.4
    assert times[6] - times[3] > 0.4


def test_a_reader_comes_back_when_it_is_called(wired: Any) -> None:
    """With nothing, where nothing has come."""
    wire = wired.begin()
    wire.outbox.call()
    assert wire.receive() == []
    wire.outbox.call()
    wired.peer.send(b"data")
    received = wire.receive() + wire.receive()
    assert received == [b"data"]


def test_pings_go_on_under_a_flood(wired: Any) -> None:
    """A busy stream is no reason not to look whether the way back works."""
    wired.read(ping_interval=0.5)
    frames, deadline = wired.peer.frame(b"x" * 500) * 10, time.monotonic() + 0.7
    while time.monotonic() < deadline:
        wired.peer.sock.sendall(frames)
    assert wired.peer.next() == (PING, b"ping")


def test_a_reader_that_was_held_up_does_not_blame_the_peer(wired: Any) -> None:
    """The pong lies in the socket already: a slow subscriber of ours is no dead peer."""
    wire = wired.begin(ping_interval=0.05)
    held_up = threading.Event()

    def answer() -> None:
        assert wired.peer.next() == (PING, b"ping")
        wired.peer.send(b"data")
        wired.peer.send(b"ping", PONG)
        held_up.set()

    peer = threading.Thread(target=answer)
    peer.start()
    assert wire.receive() == [b"data"]
    assert held_up.wait(5)
    peer.join(5)
    threading.Event().wait(0.15)  # a subscriber's `block` holds the reader up for three intervals
    wired.peer.send(b"more")
    assert wire.receive() == [b"more"]
    assert wire.round_trip is not None


def test_texts_of_several_threads_keep_their_order(wired: Any) -> None:
    """Of each sender; all of them arrive."""
    wired.read()
    count, senders = 200, 4
    got: list[tuple[int, int]] = []

    def receive() -> None:
        for _ in range(count * senders):
            sender, number = wired.peer.next()[1].split(b" ")
            got.append((int(sender), int(number)))

    def send(sender: int) -> None:
        for number in range(count):
            while not wired.wire.outbox.post(f"{sender} {number}"):
                time.sleep(0.0005)

    threads = [threading.Thread(target=send, args=(each,)) for each in range(senders)]
    threads.append(threading.Thread(target=receive))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    for sender in range(senders):
        assert [number for who, number in got if who == sender] == list(range(count))


def test_too_much_to_send_is_refused() -> None:
    """The outbox has a bound."""
    wire = Wire(60.0)
    accepted = sum(wire.outbox.post("x") for _ in range(5000))
    assert accepted == 1024
    wire.end()


def test_a_flood_of_sends_does_not_starve_reading(wired: Any) -> None:
    """Nor does reading starve sending."""
    reader = wired.read()
    stop = threading.Event()

    def post() -> None:
        while not stop.is_set():
            if not wired.wire.outbox.post("x" * 100):
                stop.wait(0.001)

    poster = threading.Thread(target=post)
    poster.start()
    try:
        for number in range(50):
            wired.peer.send(b"%d" % number)
            wired.peer.next()
        deadline = time.monotonic() + 20
        while len(reader.messages.told) < 50 and time.monotonic() < deadline:
            wired.peer.next()  # else it would wait for us
        assert reader.messages.told == [b"%d" % number for number in range(50)]
    finally:
        stop.set()
        poster.join(5)


def test_stopping_closes_politely_and_at_once(wired: Any) -> None:
    """What was left to be sent goes first, then the close frame; no answer is waited for."""
    reader = wired.read()
    wired.wire.outbox.post("last")
    begun = time.monotonic()
    wired.wire.outbox.stop()
    error = reader.ended()
    assert time.monotonic() - begun < 1.0
    assert isinstance(error, WebSocketConnectionClosedException)
    assert "stopped" in str(error)
    assert wired.peer.next() == (TEXT, b"last")
    assert wired.peer.next() == (CLOSE, b"\x03\xe8")


def test_stopping_under_a_flood(wired: Any) -> None:
    """A busy stream does not keep it from hearing."""
    reader = wired.read()
    wired.peer.sock.sendall(wired.peer.frame(b"x" * 500) * 100)
    wired.wire.outbox.stop()
    assert "stopped" in str(reader.ended())


def test_shutting_the_socket_from_outside_wakes_the_reader(wired: Any) -> None:
    """Within milliseconds, whatever it waits for."""
    reader = wired.read()
    wired.peer.send(b"x")
    reader.messages.next()
    begun = time.monotonic()
    socket.socket.shutdown(wired.near, socket.SHUT_RDWR)
    assert isinstance(reader.ended(), WebSocketConnectionClosedException)
    assert time.monotonic() - begun < 0.5


def test_a_peer_that_reads_nothing_holds_up_a_sender_for_a_bounded_time(wired: Any) -> None:
    """A ping interval; then the connection counts as lost."""
    reader = wired.read(ping_interval=0.2)
    for _ in range(1000):
        wired.wire.outbox.post("x" * 10_000)
    assert isinstance(reader.ended(), (WebSocketTimeoutException, OSError))


def test_posting_and_stopping_after_the_end_harms_nobody(wired: Any) -> None:
    """The others may not know yet."""
    wire = wired.begin()
    wire.end()
    wire.outbox.post("late")
    wire.outbox.stop()
    wire.end()


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts descriptors in /proc")
def test_no_descriptor_is_left(eventually: Wait) -> None:
    """However it ends: stopped, lost, or never begun."""

    def descriptors() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = descriptors()
    for way in range(30):
        near, far = socket.socketpair()
        wire = Wire(60.0)
        if way % 3:
            wire.sock = near
            wire.connected = True
            wire.begin()
            if way % 3 == 1:
                wire.outbox.stop()
            else:
                far.shutdown(socket.SHUT_RDWR)
            with pytest.raises(WebSocketConnectionClosedException):
                wire.receive()
        wire.end()
        near.close()
        far.close()
    eventually(lambda: descriptors() <= before)


def test_what_was_never_sent_is_known(wired: Any) -> None:
    """The peer has reset the connection before anything was written: all of it is left."""
    wire = wired.begin()
    linger = struct.pack("ii", 1, 0)
    wired.peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    socket.socket.close(wired.peer.sock)
    for text in ("a", "b"):
        assert wire.outbox.post(text)
    with pytest.raises((WebSocketException, OSError)):
        wire.receive()
    assert wire.outbox.left() == {"a", "b"}


def test_what_was_sent_is_not_left(wired: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what could not be, and what is behind it."""
    wire = wired.begin()
    true, sent = wire.send, list[str]()

    def send_two(text: str) -> None:
        if len(sent) == 2:
            raise ConnectionResetError
        true(text)
        sent.append(text)

    monkeypatch.setattr(wire, "send", send_two)
    for text in ("a", "b", "c", "d"):
        wire.outbox.post(text)
    with pytest.raises(ConnectionResetError):
        wire.receive()
    assert [wired.peer.next(), wired.peer.next()] == [(TEXT, b"a"), (TEXT, b"b")]
    assert wire.outbox.left() == {"c", "d"}


def test_what_is_signed_shows_in_no_repr() -> None:
    """Neither an opening nor a command."""
    signed: Any = '{"apiKey":"KEY","signature":"SIGNATURE"}'
    line = Line(cast("Any", None), deque([signed]))
    assert "KEY" not in repr(line) + repr(Sent(cast("Any", None), None, signed, 1))
