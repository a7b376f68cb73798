"""Faults of chosen data frames, as a plain client sees them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import websocket

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.faults import (
    DelayFrames,
    Duplicate,
    Lose,
    Reorder,
    Split,
)

Dial = Callable[[str], websocket.WebSocket]
Data = Callable[[websocket.WebSocket], Any]
TRADES = "btcusdt@trade"
CONTINUATION, TEXT, PING, PONG = 0x0, 0x1, 0x9, 0xA


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """An exchange whose market stands still: its streams carry what the test publishes."""
    with SimulatedExchange(seed=7) as running:
        running.hold()
        yield running


@pytest.fixture
def told(exchange: SimulatedExchange, dial: Dial) -> websocket.WebSocket:
    """A subscriber of two streams."""
    socket = dial(f"{exchange.stream_url}/ws/{TRADES}/ethusdt@trade")
    assert exchange.wait_until(lambda seen: len(seen.streams) == 2)
    return socket


def publish(exchange: SimulatedExchange, *ids: int, stream: str = TRADES) -> None:
    for number in ids:
        exchange.publish(stream, json.dumps({"e": "trade", "t": number, "p": "2.50"}))


def ids_of(socket: websocket.WebSocket, count: int) -> list[int]:
    return [json.loads(socket.recv())["t"] for _ in range(count)]


def test_a_frame_changes_places_with_the_next_of_its_stream(
    exchange: SimulatedExchange, told: websocket.WebSocket
) -> None:
    """Another stream's frame passes; then all is in order again."""
    exchange.reorder(TRADES)
    publish(exchange, 1)
    publish(exchange, 9, stream="ethusdt@trade")
    publish(exchange, 2, 3)
    assert ids_of(told, 4) == [9, 2, 1, 3]
    assert TRADES not in [getattr(active.fault, "stream", "") for active in exchange.faults]


def test_every_pair_may_be_reordered_until_that_ends(
    exchange: SimulatedExchange, told: websocket.WebSocket
) -> None:
    """And a frame that waited for its partner then leaves: it is not lost."""
    exchange.reorder(TRADES, count=None)
    publish(exchange, 1, 2, 3, 4, 5)
    exchange.clear_frames()
    publish(exchange, 6)
    assert ids_of(told, 6) == [2, 1, 4, 3, 5, 6]


def is_json(message: bytes) -> bool:
    try:
        json.loads(message)
    except json.JSONDecodeError:
        return False
    return True


def trade_in(message: bytes) -> Any:
    """The trade, out of its envelope if it has one."""
    read = json.loads(message)
    return read.get("data", read)


@pytest.mark.parametrize("path", ["ws/x@trade", "stream?streams=x@trade"])
@pytest.mark.parametrize(
    ("how", "is_so"),
    [
        ("truncated", lambda message, sound: message == sound[: len(sound) // 2]),
        ("garbled", lambda message, sound: message.decode() and not is_json(message)),
        ("not_utf8", lambda message, sound: message.replace(b"\xff\xfe", b"") == sound),
        ("wrong_type", lambda message, sound: trade_in(message)["p"] == 2.5),
        ("digits", lambda message, sound: trade_in(message) == {"e": "trade", "p": "2.x"}),
        ("missing", lambda message, sound: trade_in(message) == {"e": "trade", "_p": "2.5"}),
    ],
)
def test_content_is_spoilt(
    exchange: SimulatedExchange, dial: Dial, path: str, how: Any, is_so: Any
) -> None:
    """In the way that is asked for; the frame around it is sound, and so is the next one."""
    socket: Any = dial(f"{exchange.stream_url}/{path}")
    assert exchange.wait_until(lambda seen: seen.streams == {"x@trade"})
    exchange.corrupt("x@trade", how=how)
    for _ in range(2):
        exchange.publish("x@trade", '{"e":"trade","p":"2.5"}')
    spoilt, sound = socket.recv_frame(), socket.recv_frame()
    assert (spoilt.opcode, spoilt.fin) == (TEXT, 1)
    assert trade_in(sound.data) == {"e": "trade", "p": "2.5"}
    assert spoilt.data != sound.data
    assert is_so(spoilt.data, sound.data)


def test_a_delayed_frame_is_passed_by_others(
    exchange: SimulatedExchange, told: websocket.WebSocket
) -> None:
    """Those that are delayed keep their order, and come after their time."""
    exchange.delay_frames(TRADES, seconds=0.3, count=2)
    begun = time.monotonic()
    publish(exchange, 1, 2, 3)
    assert ids_of(told, 3) == [3, 1, 2]
    assert time.monotonic() - begun >= 0.3
    assert exchange.faults_applied == 2  # the hold, and this one
    assert exchange.wait_until(lambda seen: len(seen.faults) == 1)


def test_a_delay_outlives_the_connection(exchange: SimulatedExchange, dial: Dial) -> None:
    """A frame that comes too late for one reader goes to the others."""
    first, second = (dial(f"{exchange.stream_url}/ws/{TRADES}") for _ in range(2))
    assert exchange.wait_until(lambda seen: seen.connections == 2 and bool(seen.streams))
    exchange.delay_frames(seconds=0.2)
    publish(exchange, 1)
    exchange.cut(exchange.connection_ids[0])
    with pytest.raises(ConnectionResetError):
        first.recv()
    assert ids_of(second, 1) == [1]


def test_a_frame_arrives_in_pieces_and_all_else_behind_it(
    exchange: SimulatedExchange, told: websocket.WebSocket
) -> None:
    """Also the answer to a ping."""
    exchange.split(TRADES, pieces=3, pause=0.15)
    publish(exchange, 1, 2)
    raw: Any = told.sock
    first = raw.recv(4096)
    told.ping(b"behind?")
    begun = time.monotonic()
    second = raw.recv(4096)
    rest = b""
    while b"behind?" not in rest:
        rest += raw.recv(4096)
    assert time.monotonic() - begun > 0.15
    assert first[0] == 0x80 | TEXT
    assert len(first) == len(second) < first[1]  # a third each, of two bytes of head and the rest
    whole = first + second + rest
    texts = whole.index(b'"t": 1'), whole.index(b'"t": 2'), whole.index(b"behind?")
    assert list(texts) == sorted(texts)


def test_a_cut_may_come_in_the_middle_of_a_frame(
    exchange: SimulatedExchange, told: websocket.WebSocket
) -> None:
    """The rest never arrives."""
    exchange.split(TRADES, pause=60)
    publish(exchange, 1)
    raw: Any = told.sock
    assert raw.recv(4096)
    exchange.cut()
    with pytest.raises(ConnectionResetError):
        raw.recv(4096)
    assert exchange.wait_until(lambda seen: seen.connections == 0)


def test_a_freeze_holds_pieces_back_too(
    exchange: SimulatedExchange, told: websocket.WebSocket
) -> None:
    """They go on after the thaw."""
    exchange.split(TRADES, pause=0.1)
    publish(exchange, 1)
    raw: Any = told.sock
    first = raw.recv(4096)
    exchange.freeze()
    raw.settimeout(0.4)
    with pytest.raises(TimeoutError):
        raw.recv(4096)
    exchange.thaw()
    raw.settimeout(5)
    assert b'"t": 1' in first + raw.recv(4096)


def test_a_message_arrives_in_fragments(
    exchange: SimulatedExchange, told: websocket.WebSocket
) -> None:
    """As RFC 6455 has them, with a ping between; the client puts it together."""
    exchange.split(TRADES, pieces=3, pause=0, as_fragments=True, ping_between=True, count=2)
    publish(exchange, 1)
    socket: Any = told
    frames = [socket.recv_frame() for _ in range(4)]
    assert [(frame.opcode, frame.fin) for frame in frames] == [
        (TEXT, 0),
        (PING, 1),
        (CONTINUATION, 0),
        (CONTINUATION, 1),
    ]
    text = b"".join(frame.data for frame in frames if frame.opcode != PING)
    assert json.loads(text)["t"] == 1
    publish(exchange, 2)
    assert ids_of(told, 1) == [2]


def test_frames_are_chosen_by_pattern_and_content(
    exchange: SimulatedExchange, told: websocket.WebSocket
) -> None:
    """By a pattern of the stream, a part of the payload, and after the first ones."""
    exchange.apply(Lose(stream="btc*@trade", containing='"t": 1', skip=1, count=2))
    publish(exchange, 10, 20, 11, 21, 12, 13)
    publish(exchange, 14, stream="ethusdt@trade")
    assert ids_of(told, 5) == [10, 20, 21, 13, 14]
    assert [json.loads(payload)["t"] for _, payload in exchange.lost] == [11, 12]


def test_frames_are_chosen_by_what_a_test_says(
    exchange: SimulatedExchange, told: websocket.WebSocket
) -> None:
    """The predicate sees stream and payload, also where the fault is given as data."""
    exchange.apply(Duplicate(count=None, copies=3), lambda _, text: json.loads(text)["t"] == 2)
    publish(exchange, 1, 2, 3)
    assert ids_of(told, 5) == [1, 2, 2, 2, 3]


def test_chances_follow_from_the_seed(dial: Dial) -> None:
    """The same seed loses the same frames, another seed others."""

    def lost(seed: int) -> list[int]:
        with SimulatedExchange(seed=seed) as exchange:
            exchange.hold()
            dial(f"{exchange.stream_url}/ws/{TRADES}")
            assert exchange.wait_until(lambda seen: bool(seen.streams))
            exchange.apply(Lose(chance=0.5, count=None))
            publish(exchange, *range(40))
            return [json.loads(payload)["t"] for _, payload in exchange.lost]

    first, again, other = lost(1), lost(1), lost(2)
    assert first == again != other
    assert 5 < len(first) < 35


def test_faults_of_one_frame_take_turns(
    exchange: SimulatedExchange, told: websocket.WebSocket
) -> None:
    """The first rule that takes a frame decides; used up, it leaves the rest to the next."""
    exchange.apply(Lose(stream=TRADES))
    exchange.apply(Duplicate(stream="*@trade"))
    publish(exchange, 1, 2, 3)
    assert ids_of(told, 3) == [2, 2, 3]


def test_every_frame_of_a_fault_is_counted(exchange: SimulatedExchange, dial: Dial) -> None:
    """What is left of it is told."""
    dial(f"{exchange.stream_url}/ws/{TRADES}")
    assert exchange.wait_until(lambda seen: bool(seen.streams))
    exchange.apply(Lose(count=3))
    publish(exchange, 1)
    assert [active.left for active in exchange.faults] == [None, 2]
    publish(exchange, 2, 3)
    assert [active.left for active in exchange.faults] == [None]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (lambda: Lose(count=0), "count"),
        (lambda: Lose(chance=1.5), "chance"),
        (lambda: Reorder(stream=""), "stream"),
        (lambda: DelayFrames(seconds=-1), "seconds"),
        (lambda: DelayFrames(seconds=float("nan")), "seconds"),
        (lambda: Split(pieces=1), "pieces"),
        (lambda: Split(ping_between=True), "ping_between"),
    ],
)
def test_what_makes_no_sense_is_refused(
    exchange: SimulatedExchange, wrong: Callable[[], Any], field: str
) -> None:
    """By the name of the field; then nothing has begun."""
    with pytest.raises(ValueError, match=f"^{field}: "):
        exchange.apply(wrong())
    assert exchange.faults_applied == 1  # the hold
