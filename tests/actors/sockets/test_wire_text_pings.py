"""A wire whose pings are texts, as some exchanges want them: the reader of messages knows answers."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from websocket import WebSocketTimeoutException

from exchange_connector.actors.sockets.wire import Wire
from exchange_connector.core.limiter import DialBudget

TEXT, PING, PONG = 1, 9, 10
ASK, ANSWER = '{"op":"ping"}', b'{"op":"pong"}'


class Owner:
    """Reads a wire on a thread of its own, as a pump does: an answer is told, all else is kept."""

    def __init__(self, wire: Wire) -> None:
        self.messages: list[bytes] = []
        self.error: BaseException | None = None
        self._wire = wire
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            while True:
                for message in self._wire.receive():
                    if message == ANSWER:
                        self._wire.ponged()
                    else:
                        self.messages.append(message)
        except Exception as error:  # noqa: BLE001 - kept for the test to look at
            self.error = error

    def ended(self) -> BaseException:
        """How it ended; fails if it does not."""
        self._thread.join(5.0)
        assert self.error is not None
        return self.error


def own(wired: Any, ping_interval: float, **more: Any) -> Owner:
    """Begin, and read on a thread."""
    return Owner(wired.begin(ping_interval, ping_text=ASK, **more))


def left(wired: Any, owner: Owner) -> BaseException:
    """How it ends when its peer goes."""
    wired.peer.sock.close()
    return owner.ended()


def test_a_ping_is_the_text(wired: Any, eventually: Any) -> None:
    """Masked, one each interval as long as each is answered; the round trip is the answer's."""
    owner = own(wired, 0.05)
    for _ in range(3):
        assert wired.peer.next() == (TEXT, ASK.encode())
        wired.peer.send(ANSWER)
    eventually(lambda: wired.wire.round_trip is not None)
    assert 0 <= (wired.wire.round_trip or 0.0) < 1.0
    left(wired, owner)
    assert owner.messages == []


def test_a_peer_that_does_not_answer_the_text_is_left(wired: Any) -> None:
    """With the same patience as a websocket's ping, though a websocket's pong comes unasked."""
    begun = time.monotonic()
    owner = own(wired, 60.0, pong_timeout=0.3)
    wired.wire.outbox.doubt()
    assert wired.peer.next() == (TEXT, ASK.encode())
    wired.peer.send(b"", PONG)
    error = owner.ended()
    assert isinstance(error, WebSocketTimeoutException)
    assert 0.3 <= time.monotonic() - begun < 5.0
    assert wired.wire.round_trip is None


def test_data_is_no_answer(wired: Any) -> None:
    """What comes one way says nothing of the other."""
    owner = own(wired, 60.0, pong_timeout=0.3)
    wired.wire.outbox.doubt()
    assert wired.peer.next() == (TEXT, ASK.encode())
    wired.peer.send(b"data")
    assert isinstance(owner.ended(), WebSocketTimeoutException)
    assert owner.messages == [b"data"]


def test_a_peer_in_doubt_is_asked_at_once(wired: Any, eventually: Any) -> None:
    """And once, however often it is doubted, until it has answered."""
    owner = own(wired, 60.0, pong_timeout=5.0)
    wired.wire.outbox.doubt()
    assert wired.peer.next() == (TEXT, ASK.encode())
    wired.wire.outbox.doubt()
    wired.wire.outbox.post("other")
    assert wired.peer.next() == (TEXT, b"other")
    wired.peer.send(ANSWER)
    eventually(lambda: wired.wire.round_trip is not None)
    wired.wire.outbox.doubt()
    assert wired.peer.next() == (TEXT, ASK.encode())
    left(wired, owner)


def test_pings_of_the_servers_are_answered_still(wired: Any) -> None:
    """As the websocket's own rules say."""
    owner = own(wired, 60.0)
    wired.peer.send(b"123", PING)
    assert wired.peer.next() == (PONG, b"123")
    left(wired, owner)


def test_a_ping_takes_the_place_of_a_text(wired: Any, eventually: Any) -> None:
    """It does not wait, but the next text does: the exchange counts what it is sent."""
    owner = own(wired, 60.0, pace=DialBudget(2, 0.5))
    wired.wire.outbox.doubt()
    assert wired.peer.next() == (TEXT, ASK.encode())
    begun = time.monotonic()
    wired.peer.send(ANSWER)
    eventually(lambda: wired.wire.round_trip is not None)
    for number in range(2):
        wired.wire.outbox.post(str(number))
    assert wired.peer.next() == (TEXT, b"0")
    assert time.monotonic() - begun < 0.4
    assert wired.peer.next() == (TEXT, b"1")
    assert time.monotonic() - begun > 0.4
    left(wired, owner)


@pytest.mark.parametrize("size", [1, 200, 70_000])
def test_an_answer_among_others(wired: Any, eventually: Any, size: int) -> None:
    """In the same read as data, before and behind it."""
    owner = own(wired, 60.0, pong_timeout=5.0)
    wired.wire.outbox.doubt()
    assert wired.peer.next() == (TEXT, ASK.encode())
    data = b"x" * size
    wired.peer.sock.sendall(b"".join(map(wired.peer.frame, (data, ANSWER, data))))
    eventually(lambda: len(owner.messages) == 2)
    assert owner.messages == [data, data]
    assert wired.wire.round_trip is not None
    left(wired, owner)
