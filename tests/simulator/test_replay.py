"""Playing recorded files: digit by digit, from the first subscription, without a loss."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from pathlib import Path
from socket import SO_RCVBUF, SOL_SOCKET
from typing import Any

import pytest
import requests
import websocket

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.recorded.lines import RecordingError

Dial = Callable[[str], websocket.WebSocket]
Ask = Callable[..., Any]
Find = Callable[[str], Path]
FOUR = "binance_spot/cf_20211012_combined_4sym.jsonl.gz"
TEN = "binance_spot/cf_20210417_combined_10sym.jsonl.gz"
HFT = "binance_spot/hft_20240808_ETHUSDT.jsonl.gz"
EXAMPLES = "docs/binance_ws_streams.jsonl"
SAMPLES = "samples/jkorf_binance_spot_ws.jsonl"
HFT_STREAMS = "ethusdt@trade/ethusdt@depth@100ms/ethusdt@bookTicker"


def frames(path: Path) -> list[str]:
    """The recorded texts, as they were."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    return [line["raw"] for line in lines if line["t"] == "ws"]


def bodies(path: Path, part: str) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    return [line["raw"] for line in lines if part in line.get("url", "") + line.get("kind", "")]


def streams(texts: list[str]) -> str:
    return "/".join(dict.fromkeys(json.loads(text)["stream"] for text in texts))


def depth(exchange: SimulatedExchange, symbol: str, limit: int = 1000) -> requests.Response:
    url = f"{exchange.rest_url}/api/v3/depth?symbol={symbol}&limit={limit}"
    return requests.get(url, timeout=5)


@pytest.mark.parametrize("name", [FOUR, TEN, HFT])
def test_a_combined_client_gets_every_recorded_text_as_it_was(
    fixture_file: Find, dial: Dial, name: str
) -> None:
    """All streams, in their order, byte for byte, as fast as they are taken."""
    path = fixture_file(name)
    recorded = frames(path)
    with SimulatedExchange(replay=path, speed=0) as exchange:
        socket = dial(f"{exchange.stream_url}/stream?streams={streams(recorded)}")
        received = [socket.recv() for _ in recorded]
        assert exchange.replay_done.wait(5)
    assert received == recorded


def test_a_raw_client_gets_the_payload_as_it_was(fixture_file: Find, dial: Dial) -> None:
    """Without its envelope, digits unchanged."""
    path = fixture_file(FOUR)
    head = '{"stream":"nknusdt@depth@100ms","data":'
    recorded = [text[len(head) : -1] for text in frames(path) if text.startswith(head)]
    with SimulatedExchange(replay=path, speed=0) as exchange:
        socket = dial(f"{exchange.stream_url}/ws/nknusdt@depth@100ms")
        assert [socket.recv() for _ in recorded] == recorded


def test_another_update_speed_gets_the_recorded_one(fixture_file: Find, dial: Dial) -> None:
    """`x@depth` is served the frames of `x@depth@100ms` under its own name."""
    path = fixture_file(FOUR)
    with SimulatedExchange(replay=path, speed=0) as exchange:
        socket = dial(f"{exchange.stream_url}/stream?streams=nknusdt@depth")
        message = json.loads(socket.recv())
    assert message["stream"] == "nknusdt@depth"
    assert message["data"]["U"] == 499869750


def test_depth_is_first_the_recorded_body_then_the_book_so_far(
    fixture_file: Find, dial: Dial
) -> None:
    """The first answer is verbatim; later ones hold every diff that was sent."""
    path = fixture_file(HFT)
    (snapshot,) = bodies(path, "depth_snapshot")
    with SimulatedExchange(replay=path, speed=0) as exchange:
        assert depth(exchange, "ETHUSDT").text == snapshot
        socket = dial(f"{exchange.stream_url}/stream?streams=ethusdt@depth@100ms")
        last = 0
        while not exchange.replay_done.is_set() or last < 35346671849:
            last = json.loads(socket.recv())["data"]["u"]
        book = depth(exchange, "ETHUSDT", 5).json()
        true = exchange.book("ETHUSDT")
        assert exchange.book("ETHUSDT", 35346513512).update_id == 35346513512
        with pytest.raises(LookupError):
            exchange.book("ETHUSDT", 35346513513)
    assert book["lastUpdateId"] == true.update_id == last
    assert [tuple(level) for level in book["bids"]] == list(true.bids[:5])
    assert len(book["bids"]) == len(book["asks"]) == 5


def test_the_final_books_are_the_expected_ones(fixture_file: Find, dial: Dial) -> None:
    """Against figures computed independently from the same files."""
    expected = json.loads(fixture_file("expected_depth.json").read_text("utf-8"))["sequences"]
    path = fixture_file(FOUR)
    recorded = frames(path)
    with SimulatedExchange(replay=path, speed=0) as exchange:
        socket = dial(f"{exchange.stream_url}/stream?streams={streams(recorded)}")
        for _ in recorded:
            socket.recv()
        for symbol, figures in expected[FOUR].items():
            book = exchange.book(symbol)
            assert book.update_id == figures["final_u"]
            assert [len(book.bids), len(book.asks)] == figures["final"]["levels"]


def test_the_first_depth_answer_is_trimmed_to_its_limit(fixture_file: Find) -> None:
    """Fewer levels than recorded, with the recorded digits."""
    path = fixture_file(HFT)
    recorded = json.loads(bodies(path, "depth_snapshot")[0])
    with SimulatedExchange(replay=path) as exchange:
        book = depth(exchange, "ETHUSDT", 20).json()
    assert book["lastUpdateId"] == recorded["lastUpdateId"]
    assert book["bids"] == recorded["bids"][:20]


def test_exchange_info_lists_the_files_symbols(fixture_file: Find) -> None:
    """Recorded entries of the streams' symbols only, with the limits of this exchange."""
    path = fixture_file(FOUR)
    with SimulatedExchange(replay=path, max_weight=1234) as exchange:
        info = requests.get(f"{exchange.rest_url}/api/v3/exchangeInfo", timeout=5).json()
    recorded = {
        row["symbol"]: row for row in json.loads(bodies(path, "exchangeInfo")[0])["symbols"]
    }
    symbols = [row["symbol"] for row in info["symbols"]]
    assert symbols == ["NKNUSDT", "BLZETH", "LRCBTC", "RUNEEUR"]
    assert info["symbols"] == [recorded[symbol] for symbol in symbols]
    assert info["rateLimits"][0]["limit"] == 1234


def test_nothing_is_played_before_a_subscription_nor_during_a_hold(
    fixture_file: Find, dial: Dial, ask: Ask
) -> None:
    """Two sockets that subscribe during a hold both get their first frames."""
    path = fixture_file(FOUR)
    with SimulatedExchange(replay=path, speed=0) as exchange:
        exchange.hold()
        one, two = dial(f"{exchange.stream_url}/ws"), dial(f"{exchange.stream_url}/ws")
        assert ask(one, "SUBSCRIBE", ["nknusdt@depth@100ms"])["result"] is None
        assert ask(two, "SUBSCRIBE", ["nknusdt@depth@100ms"])["result"] is None
        assert not exchange.replay_done.wait(0.1)
        exchange.release()
        assert [json.loads(socket.recv())["U"] for socket in (one, two)] == [499869750] * 2
        assert exchange.replay_done.wait(5)


def test_the_answer_to_a_subscription_comes_before_its_first_frame(
    fixture_file: Find, dial: Dial
) -> None:
    """At speed 0 the play starts after the answer was sent."""
    with SimulatedExchange(replay=fixture_file(FOUR), speed=0) as exchange:
        socket = dial(f"{exchange.stream_url}/ws")
        socket.send('{"method":"SUBSCRIBE","params":["nknusdt@depth@100ms"],"id":1}')
        assert json.loads(socket.recv()) == {"result": None, "id": 1}
        assert json.loads(socket.recv())["U"] == 499869750


def test_speed_is_the_recorded_pace_times_a_factor(fixture_file: Find, dial: Dial) -> None:
    """31 recorded seconds take about one at speed 30."""
    with SimulatedExchange(replay=fixture_file(FOUR), speed=30) as exchange:
        begun = time.monotonic()
        dial(f"{exchange.stream_url}/ws/nknusdt@depth@100ms")
        assert exchange.replay_done.wait(5)
        assert 0.8 < time.monotonic() - begun < 3


def test_a_slow_reader_holds_the_play_and_misses_nothing(fixture_file: Find) -> None:
    """The file is not done while its reader does not read, and then it arrives whole."""
    path = fixture_file(HFT)
    recorded = frames(path)
    with SimulatedExchange(replay=path, speed=0) as exchange:
        reader: Any = websocket.create_connection(
            f"{exchange.stream_url}/stream?streams={HFT_STREAMS}",
            sockopt=((SOL_SOCKET, SO_RCVBUF, 4_096),),
            timeout=5,
        )
        assert not exchange.replay_done.wait(0.5)
        assert [reader.recv() for _ in recorded] == recorded
        assert exchange.replay_done.wait(5)
        reader.shutdown()


def test_a_stall_makes_a_replay_wait(fixture_file: Find, dial: Dial) -> None:
    """Nothing is lost by it."""
    path = fixture_file(FOUR)
    recorded = frames(path)
    with SimulatedExchange(replay=path, speed=0) as exchange:
        exchange.stall()
        socket = dial(f"{exchange.stream_url}/stream?streams={streams(recorded)}")
        assert not exchange.replay_done.wait(0.1)
        exchange.resume()
        assert [socket.recv() for _ in recorded] == recorded


@pytest.mark.parametrize(
    ("name", "stream", "event"),
    [
        (EXAMPLES, "bnbbtc@trade", "trade"),
        (EXAMPLES, "bnbbtc@depth@100ms", "depthUpdate"),
        (EXAMPLES, "bnbbtc@kline_1m", "kline"),
        (EXAMPLES, "bnbbtc@ticker", "24hrTicker"),
        (EXAMPLES, "bnbusdt@bookTicker", None),
        (SAMPLES, "bnbbtc@trade", "trade"),
        (SAMPLES, "bnbbtc@kline_8h", "kline"),
        (SAMPLES, "bnbusdt@bookTicker", None),
        (SAMPLES, "btcusdt@depth5@100ms", None),
    ],
)
def test_documentation_examples_are_played_too(
    fixture_file: Find, dial: Dial, name: str, stream: str, event: str | None
) -> None:
    """Streams named by the payload, white space as printed, other lines passed over."""
    with SimulatedExchange(replay=fixture_file(name), speed=0) as exchange:
        text = str(dial(f"{exchange.stream_url}/ws/{stream}").recv())
        info = requests.get(f"{exchange.rest_url}/api/v3/exchangeInfo", timeout=5).json()
    assert "\n" in text
    assert json.loads(text).get("e") == event
    assert stream.partition("@")[0].upper() in {row["symbol"] for row in info["symbols"]}


def test_a_book_without_a_snapshot_begins_before_its_first_diff(
    fixture_file: Find, dial: Dial
) -> None:
    """So that the documented procedure works on such a file as well."""
    with SimulatedExchange(replay=fixture_file(EXAMPLES), speed=0) as exchange:
        assert depth(exchange, "BNBBTC").json() == {"lastUpdateId": 156, "bids": [], "asks": []}
        dial(f"{exchange.stream_url}/ws/bnbbtc@depth").recv()
        assert depth(exchange, "BNBBTC").json() == {
            "lastUpdateId": 160,
            "bids": [["0.0024", "10"]],
            "asks": [["0.0026", "100"]],
        }


def test_what_was_played_is_answered_by_rest(fixture_file: Find, dial: Dial) -> None:
    """Trades, candles and prices come from the frames so far."""
    with SimulatedExchange(replay=fixture_file(EXAMPLES), speed=0) as exchange:
        dial(f"{exchange.stream_url}/ws/bnbbtc@depth").recv()
        assert exchange.replay_done.wait(5)
        url = f"{exchange.rest_url}/api/v3/"
        trades = requests.get(f"{url}trades?symbol=BNBBTC", timeout=5).json()
        klines = requests.get(f"{url}klines?symbol=BNBBTC&interval=1m", timeout=5).json()
        day = requests.get(f"{url}ticker/24hr?symbol=BNBBTC", timeout=5).json()
        held = exchange.trades("BNBBTC")
    assert [(row["id"], row["price"], row["qty"]) for row in trades] == [(12345, "0.001", "100")]
    assert [trade.trade_id for trade in held] == [12345]
    assert [row[:3] for row in klines] == [[1672515780000, "0.0010", "0.0025"]]
    assert (day["openPrice"], day["count"]) == ("0.0010", 18151)


def test_a_missing_file_is_told_at_once(tmp_path: Path) -> None:
    """Not later, on some thread."""
    with pytest.raises(FileNotFoundError):
        SimulatedExchange(replay=tmp_path / "none.jsonl")


@pytest.mark.parametrize(
    ("name", "content", "where"),
    [
        ("empty.jsonl", b"", "no market frame"),
        ("cut.jsonl.gz", gzip.compress(b'{"t": "x"}\n' * 500, mtime=0)[:40], "ended before"),
        ("none.jsonl.gz", b"{}", "line 1"),
        ("cut.jsonl", b'{"t": "x"}\n{"t": ', "line 2"),
        ("array.jsonl", b'{"t": "x"}\n\n[1]\n', "line 3"),
        ("body.jsonl", b'{"t": "http", "url": "/depth?symbol=A", "raw": "<html>"}', "line 1"),
    ],
)
def test_what_is_no_recording_is_told_at_once(
    tmp_path: Path, name: str, content: bytes, where: str
) -> None:
    """By file and line."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RecordingError, match=f"{name}' is no recording: .*{where}"):
        SimulatedExchange(replay=tmp_path / name)
