"""Payloads of the market streams against the documentation's own examples."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any, cast

import pytest
import websocket

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.binance.streams import is_well_formed, parse_stream

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
    "kline_1m": "Kline/Candlestick Streams for UTC",
    "kline_1s": "Kline/Candlestick Streams for UTC",
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
        url = f"{exchange.stream_url}/stream?streams={'/'.join(names)}"
        socket: Any = websocket.create_connection(url, timeout=5)
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
