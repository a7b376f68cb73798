"""Payloads of the market streams against the documentation's own examples."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any, cast
from urllib.parse import quote

import pytest
import websocket

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.binance.streams import is_well_formed, parse_stream

Ask = Callable[..., Any]
Dial = Callable[[str], websocket.WebSocket]
Data = Callable[[websocket.WebSocket], Any]
Examples = Callable[[str, str], list[Any]]
STREAMS = "docs/binance_ws_streams.jsonl"


def kinds(payload: Any) -> Any:
    """Field names in their order, and the kind of each value."""
    if not isinstance(payload, dict):
        return type(payload).__name__
    fields = cast(dict[str, Any], payload)
    return {name: kinds(value) for name, value in fields.items()}


CHANNELS = {
    "trade": "> Trade Streams",
    "aggTrade": "Aggregate Trade Streams",
    "bookTicker": "Individual Symbol Book Ticker Streams",
    "ticker": "Individual Symbol Ticker Streams",
    "miniTicker": "Individual Symbol Mini Ticker Stream",
    "avgPrice": "Average Price",
    "referencePrice": "Reference Price Streams",
    "ticker_1h": "Individual Symbol Rolling Window Statistics Streams",
    "ticker_4h": "Individual Symbol Rolling Window Statistics Streams",
    "ticker_1d": "Individual Symbol Rolling Window Statistics Streams",
    "blockTrade": "Block Trade Streams",
    "kline_1m": "Kline/Candlestick Streams for UTC",
    "kline_1s": "Kline/Candlestick Streams for UTC",
    "kline_1d@+08:00": "Kline/Candlestick Streams with timezone offset",
    "depth": "Diff. Depth Stream",
    "depth@100ms": "Diff. Depth Stream",
    "depth5": "Partial Book Depth Streams",
    "depth10@100ms": "Partial Book Depth Streams",
    "depth20@1000ms": "Partial Book Depth Streams",
}


@pytest.fixture(scope="module")
def first_payloads() -> dict[str, Any]:
    """The first payload of each channel, by channel."""
    names = [f"btcusdt@{channel}" for channel in CHANNELS]
    found: dict[str, Any] = {}
    with SimulatedExchange() as exchange:
        exchange.hold()
        url = f"{exchange.stream_url}/stream?streams={quote('/'.join(names))}"
        socket: Any = websocket.create_connection(url, timeout=5)
        exchange.advance(2_000)  # a block trade is rare
        while len(found) < len(CHANNELS):
            message = json.loads(socket.recv())
            found.setdefault(message["stream"].removeprefix("btcusdt@"), message["data"])
        socket.shutdown()
    return found


@pytest.mark.parametrize("channel", CHANNELS)
def test_payloads_have_the_documented_fields_in_their_order(
    first_payloads: dict[str, Any], examples: Examples, channel: str
) -> None:
    """Every documented field is there, in its order and kind, and no other."""
    documented = kinds(examples(STREAMS, CHANNELS[channel])[0])
    payload = first_payloads[channel]
    assert kinds(payload) == documented
    assert list(payload) == list(documented)
    assert list(payload.get("k", {})) == list(documented.get("k", {}))


def test_combined_streams_are_wrapped(exchange: SimulatedExchange, dial: Dial, data: Data) -> None:
    """The envelope names the stream as it was subscribed."""
    streams = "btcusdt@trade/ethusdt@bookTicker/btcusdt@depth@100ms"
    socket = dial(f"{exchange.stream_url}/stream?streams={streams}")
    messages = [data(socket) for _ in range(30)]
    assert {message["stream"] for message in messages} == set(streams.split("/"))
    assert all(list(message) == ["stream", "data"] for message in messages)


def test_several_raw_streams_in_one_url(
    exchange: SimulatedExchange, dial: Dial, data: Data
) -> None:
    """`/ws/a/b` serves both, bare."""
    socket = dial(f"{exchange.stream_url}/ws/btcusdt@trade/ethusdt%40trade")
    assert {data(socket)["s"] for _ in range(10)} == {"BTCUSDT", "ETHUSDT"}


def test_every_symbol_trades_five_times_a_second_without_a_gap(
    exchange: SimulatedExchange, dial: Dial, data: Data
) -> None:
    """Trade ids are consecutive, and five trades take no longer than a second."""
    socket = dial(f"{exchange.stream_url}/ws/ethusdt@trade")
    trades = [data(socket) for _ in range(20)]
    assert all(later["t"] == earlier["t"] + 1 for earlier, later in pairwise(trades))
    assert trades[5]["E"] - trades[0]["E"] <= 1_000


def test_aggregate_trades_cover_the_trades(
    exchange: SimulatedExchange, dial: Dial, data: Data
) -> None:
    """Each begins with the trade after the last one's last."""
    socket = dial(f"{exchange.stream_url}/ws/btcusdt@aggTrade")
    trades = [data(socket) for _ in range(10)]
    assert all(later["f"] == earlier["l"] + 1 for earlier, later in pairwise(trades))
    assert all(later["a"] == earlier["a"] + 1 for earlier, later in pairwise(trades))


@pytest.mark.parametrize("stream", ["!miniTicker@arr", "!ticker_1h@arr", "!ticker_1d@arr"])
def test_all_markets_are_told_of_in_one_message(dial: Dial, data: Data, stream: str) -> None:
    """Each entry is what the symbol's own stream says at that time."""
    own = "miniTicker" if stream.startswith("!mini") else stream[1:-4]
    names = [stream, f"btcusdt@{own}", f"ethusdt@{own}"]
    with SimulatedExchange() as exchange:
        exchange.hold()
        socket = dial(f"{exchange.stream_url}/stream?streams={'/'.join(names)}")
        exchange.advance(20)
        messages = [data(socket) for _ in range(6)]
    told = {name: [m["data"] for m in messages if m["stream"] == name] for name in names}
    assert [[entry["s"] for entry in array] for array in told[stream]] == [
        ["BTCUSDT", "ETHUSDT"],
    ] * 2
    for number, name in enumerate(names[1:]):
        assert [array[number] for array in told[stream]] == told[name]


def test_all_markets_hold_only_what_has_changed(dial: Dial, data: Data) -> None:
    """A market that stands still is not told of again: the next message waits for a step."""
    with SimulatedExchange(rate=0.25) as exchange:
        exchange.hold()
        socket = dial(f"{exchange.stream_url}/ws/!miniTicker@arr")
        exchange.advance(3)
        times = [data(socket)[0]["E"] for _ in range(3)]
    assert times[1] - times[0] in (3_000, 4_000)
    assert times[2] - times[1] == 4_000


@pytest.mark.parametrize(
    "stream", ["!ticker@arr", "!bookTicker", "btcusdt@ticker_2h", "btcusdt@kline_1d@+09:00"]
)
def test_what_is_not_served_is_acknowledged_and_silent(
    exchange: SimulatedExchange, dial: Dial, ask: Ask, stream: str
) -> None:
    """A retired stream, a window and a time zone that there are not."""
    exchange.hold()
    socket = dial(f"{exchange.stream_url}/ws")
    assert ask(socket, "SUBSCRIBE", [stream]) == {"result": None, "id": 1}
    exchange.advance(50)
    assert ask(socket, "LIST_SUBSCRIPTIONS") == {"result": [stream], "id": 1}


@pytest.mark.parametrize(
    ("channel", "apart"),
    [
        ("kline_1s", 1_000),
        ("kline_1h", 2_000),
        ("ticker", 1_000),
        ("ticker_4h", 1_000),
        ("avgPrice", 1_000),
        ("depth", 1_000),
        ("depth@100ms", 100),
    ],
)
def test_streams_keep_their_pace(dial: Dial, data: Data, channel: str, apart: int) -> None:
    """By the times of the events; a candle that closes is told once more, in between."""
    with SimulatedExchange(start_time=1_700_000_000.05) as exchange:
        exchange.hold()
        socket = dial(f"{exchange.stream_url}/ws/btcusdt@{channel}")
        exchange.advance(100)
        events = [data(socket) for _ in range(4 if apart > 100 else 20)]
    times = [event["E"] for event in events if not event.get("k", {}).get("x")]
    if "x" in events[0].get("k", {}) and apart == 1_000:
        return_apart = {later - earlier for earlier, later in pairwise(times)}
        assert return_apart <= {50, 100, 900, 950, 1_000}
    else:
        assert {later - earlier for earlier, later in pairwise(times)} == {apart}


def test_stream_names() -> None:
    """What is a stream name, and what it means."""
    assert is_well_formed("btcusdt@depth20@100ms")
    assert is_well_formed("!miniTicker@arr")
    assert is_well_formed("btcusdt@kline_1m@+08:00")
    assert not any(is_well_formed(name) for name in ("", "btcusdt", "a b@trade", "a@", 5, None))
    month, minute = parse_stream("btcusdt@kline_1M"), parse_stream("btcusdt@kline_1m")
    assert month is not None
    assert minute is not None
    assert (month.interval, minute.interval) == ("1M", "1m")
    assert parse_stream("BTCUSDT@trade") is None
    assert parse_stream("btcusdt@kline_7m") is None
    there, here = parse_stream("btcusdt@kline_1d@+08:00"), parse_stream("btcusdt@kline_1d")
    assert there is not None
    assert here is not None
    assert (there.zone_ms, here.zone_ms) == (28_800_000, 0)
