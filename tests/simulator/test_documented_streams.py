"""Every documented frame of the market streams against the frames that we send."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import websocket

from exchange_connector.simulator import SimulatedExchange

Dial = Callable[[str], websocket.WebSocket]
Documented = Callable[[str], list[tuple[str, Any]]]
Figure = Callable[[str, object], None]

STREAMS = {
    "Reference Price Streams 0": "bnbbtc@referencePrice",
    "Aggregate Trade Streams 0": "bnbbtc@aggTrade",
    "Trade Streams 0": "bnbbtc@trade",
    "Kline/Candlestick Streams for UTC 0": "bnbbtc@kline_1m",
    "Kline/Candlestick Streams with timezone offset 0": "bnbbtc@kline_1m@+08:00",
    "Individual Symbol Mini Ticker Stream 0": "bnbbtc@miniTicker",
    "All Market Mini Tickers Stream 0": "!miniTicker@arr",
    "Individual Symbol Ticker Streams 0": "bnbbtc@ticker",
    "Individual Symbol Rolling Window Statistics Streams 0": "bnbbtc@ticker_1h",
    "All Market Rolling Window Statistics Streams 0": "!ticker_1h@arr",
    "Individual Symbol Book Ticker Streams 0": "bnbusdt@bookTicker",
    "Average Price 0": "btcusdt@avgPrice",
    "Partial Book Depth Streams 0": "bnbbtc@depth5",
    "Diff. Depth Stream 0": "bnbbtc@depth@100ms",
}
BLOCKS = "Block Trade Streams 0"  # rare, and so waited for on a connection of its own
STEPS = 5_000  # enough for one
# of these the documentation leaves the rows to the streams of one symbol
ROWS = {
    "All Market Mini Tickers Stream 0": "Individual Symbol Mini Ticker Stream 0",
    "All Market Rolling Window Statistics Streams 0": (
        "Individual Symbol Rolling Window Statistics Streams 0"
    ),
}
SHORTENED = {
    r".* is 8 decimals, documented (digits|\d decimals)": (
        "the examples shorten prices and quantities; recorded frames have eight decimals"
    ),
    r".*\.P is 3 decimals, documented 2 decimals": (
        "the percentage of REST has three decimals, that of the stream's example two"
    ),
}
RECORDED = {
    "binance_spot/hft_20240808_ETHUSDT.jsonl.gz": {
        "ethusdt@trade": "trade",
        "ethusdt@bookTicker": "bookTicker",
        "ethusdt@depth@100ms": "depth@100ms",
    },
    "binance_spot/cf_20211012_combined_4sym.jsonl.gz": {
        "aggTrade": "aggTrade",
        "bookTicker": "bookTicker",
        "kline_1m": "kline_1m",
        "depth@100ms": "depth@100ms",
    },
}
PER_RECORDING = 50


@pytest.fixture
def market() -> Iterator[SimulatedExchange]:
    """An exchange that lists the symbols of the examples."""
    with SimulatedExchange(symbols=("BNBBTC", "BNBUSDT", "BTCUSDT")) as running:
        yield running


def first_frames(socket: websocket.WebSocket, streams: set[str]) -> dict[str, Any]:
    """The first payload of each stream of a combined connection."""
    found: dict[str, Any] = {}
    while found.keys() != streams:
        message = json.loads(socket.recv())
        found.setdefault(message["stream"], message["data"])
    return found


def test_frames_are_as_documented(
    market: SimulatedExchange,
    dial: Dial,
    comparison: Callable[[dict[str, str]], Any],
    documented: Documented,
    figure: Figure,
) -> None:
    """Same fields and kinds, and times in milliseconds."""
    names = "/".join(STREAMS.values()).replace("+", "%2B")
    frames = first_frames(
        dial(f"{market.stream_url}/stream?streams={names}"), set(STREAMS.values())
    )
    made = comparison(SHORTENED)
    examples = dict(documented("docs/binance_ws_streams.jsonl"))
    for title, stream in STREAMS.items():
        example = [examples[ROWS[title]]] if title in ROWS else examples[title]
        made.compare(title, example, frames[stream])
    made.compare(BLOCKS, examples[BLOCKS], block_trade(market, dial))
    assert made.differences == []
    figure("documented frames compared", f"{made.examples}, {made.fields} fields")
    figure("differences accepted in frames", sorted(set(SHORTENED.values())))


def block_trade(exchange: SimulatedExchange, dial: Dial) -> Any:
    """The first block trade from now on."""
    socket = dial(f"{exchange.stream_url}/ws/bnbbtc@blockTrade")
    assert exchange.wait_until(lambda seen: "bnbbtc@blockTrade" in seen.streams)
    exchange.hold()
    exchange.advance(STEPS)
    return json.loads(socket.recv())


def test_every_example_is_compared(documented: Documented) -> None:
    """What is documented is compared here or in one of the tests below."""
    titles = {title for title, _ in documented("docs/binance_ws_streams.jsonl")}
    control = {title for title in titles if title.startswith(CONTROLS)}
    assert titles == STREAMS.keys() | {BLOCKS} | control


CONTROLS = (
    "Subscribe",
    "Unsubscribe",
    "Listing Subscriptions",
    "Setting Properties",
    "Retrieving Properties",
    "Server Shutdown",
)


def test_control_messages_are_answered_as_documented(
    market: SimulatedExchange, dial: Dial, documented: Documented, figure: Figure
) -> None:
    """Each documented request, sent as it is and in its order, has the documented answer."""
    socket = dial(f"{market.stream_url}/ws")
    market.hold()
    request: Any = None
    compared = 0
    for title, example in documented("docs/binance_ws_streams.jsonl"):
        if title.startswith(CONTROLS[:-1]):
            if "method" in example:
                request = example
                continue
            socket.send(json.dumps(request))
            answer = json.loads(socket.recv())
            assert answer == example, title
            compared += 1
    assert compared == 5
    figure("documented control messages compared", compared)


def test_the_shutdown_is_announced_as_documented(
    market: SimulatedExchange,
    dial: Dial,
    comparison: Callable[[dict[str, str]], Any],
    documented: Documented,
    figure: Figure,
) -> None:
    """Raw, combined, and on the websocket API."""
    examples = dict(documented("docs/binance_ws_streams.jsonl"))
    api = dict(documented("docs/binance_ws_api.jsonl"))["Server Shutdown 0"]
    market.hold()
    sockets = [dial(market.stream_url + path) for path in ("/ws", "/stream")]
    sockets.append(dial(f"{market.ws_api_url}/ws-api/v3"))
    assert market.wait_until(lambda seen: seen.connections == 3)
    market.announce_shutdown()
    made = comparison({})
    events = [examples["Server Shutdown 0"], examples["Server Shutdown 1"], api]
    for socket, example in zip(sockets, events, strict=True):
        made.compare("shutdown", example, json.loads(socket.recv()))
    assert made.differences == []
    figure("documented shutdown events compared", made.examples)


@pytest.mark.parametrize("name", RECORDED)
def test_frames_are_as_recorded(
    market: SimulatedExchange,
    dial: Dial,
    comparison: Callable[[dict[str, str]], Any],
    fixture_file: Callable[[str], Path],
    figure: Figure,
    name: str,
) -> None:
    """Frames that the real exchange once sent have the very form of ours."""
    channels = set(RECORDED[name].values())
    streams = {f"btcusdt@{channel}" for channel in channels}
    socket = dial(f"{market.stream_url}/stream?streams={'/'.join(streams)}")
    ours = first_frames(socket, streams)
    made = comparison({r".*depth@100ms: \$\.[ab] is empty": "a diff may leave a side alone"})
    seen = dict.fromkeys(channels, 0)
    with gzip.open(fixture_file(name), "rt") as lines:
        for line in lines:
            entry = json.loads(line)
            if entry["t"] != "ws":
                continue
            frame = json.loads(entry["raw"])
            channel = str(frame.get("stream", "")).partition("@")[2]
            if channel in channels and seen[channel] < PER_RECORDING:
                seen[channel] += 1
                made.compare(channel, frame["data"], ours[f"btcusdt@{channel}"])
    assert made.differences == []
    assert all(seen.values())
    figure(f"recorded frames compared ({name.rpartition('/')[2]})", made.examples)
