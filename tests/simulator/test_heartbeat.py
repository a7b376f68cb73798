"""Pings, pongs and the limit of incoming messages (web-socket-streams.md)."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import websocket

from exchange_connector.simulator import SimulatedExchange

Dial = Callable[[str], websocket.WebSocket]
NextFrame = Callable[[websocket.WebSocket], tuple[int, bytes]]
PING, PONG, CLOSE = 0x9, 0xA, 0x8


def test_pings_come_at_their_interval_and_pongs_keep_the_connection(
    dial: Dial, frame: NextFrame
) -> None:
    """A client that answers (websocket-client does while it reads) stays connected."""
    with SimulatedExchange(ping_interval=0.1, pong_timeout=0.3) as exchange:
        socket = dial(f"{exchange.stream_url}/ws")
        begun = time.monotonic()
        opcodes = [frame(socket)[0] for _ in range(4)]
        assert opcodes == [PING] * 4
        assert 0.35 < time.monotonic() - begun < 2
        assert exchange.wait_until(lambda seen: seen.pongs == 4)
        assert exchange.connections == 1


def test_a_client_without_pongs_is_cut(dial: Dial) -> None:
    """Silence longer than the pong timeout ends the connection with code 1008."""
    with SimulatedExchange(ping_interval=0.05, pong_timeout=0.2) as exchange:
        dial(f"{exchange.stream_url}/ws")
        assert exchange.wait_until(lambda seen: seen.connections == 1)
        assert exchange.wait_until(lambda seen: seen.connections == 0)


def test_unsolicited_pongs_do_not_keep_it_alive(dial: Dial) -> None:
    """Only a pong with the payload of a ping counts."""
    with SimulatedExchange(
        ping_interval=0.1, pong_timeout=0.3, ws_messages_per_second=0
    ) as exchange:
        socket = dial(f"{exchange.stream_url}/ws")
        for _ in range(3):
            socket.pong(b"")
        assert exchange.wait_until(lambda seen: seen.pongs == 3)
        assert exchange.wait_until(lambda seen: seen.connections == 0)


def test_client_pings_are_answered_with_their_payload(
    exchange: SimulatedExchange, dial: Dial, frame: NextFrame
) -> None:
    """A ping of the client is allowed, counted and echoed."""
    socket = dial(f"{exchange.stream_url}/ws")
    socket.ping(b"are you there")
    assert frame(socket) == (PONG, b"are you there")
    assert exchange.pings == 1


@pytest.mark.parametrize("kind", ["ping", "pong", "text"])
def test_the_sixth_message_in_a_second_ends_the_connection(
    exchange: SimulatedExchange, dial: Dial, frame: NextFrame, kind: str
) -> None:
    """Pings, pongs and control messages count alike."""
    socket = dial(f"{exchange.stream_url}/ws")
    for _ in range(6):
        if kind == "text":
            socket.send('{"method":"LIST_SUBSCRIPTIONS","id":1}')
        else:
            getattr(socket, kind)(b"")
    while (last := frame(socket))[0] != CLOSE:
        pass
    assert int.from_bytes(last[1][:2], "big") == 1008
    assert exchange.wait_until(lambda seen: seen.connections == 0)


def test_the_limit_can_be_switched_off(dial: Dial) -> None:
    """A limit of 0 allows any number."""
    with SimulatedExchange(ws_messages_per_second=0) as exchange:
        socket = dial(f"{exchange.stream_url}/ws")
        for _ in range(50):
            socket.ping(b"")
        assert exchange.wait_until(lambda seen: seen.pings == 50)
        assert exchange.connections == 1
