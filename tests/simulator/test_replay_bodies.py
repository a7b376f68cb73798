"""What REST answers of a recording, in either unit, and a recording sent by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
import websocket

from exchange_connector.simulator import SimulatedExchange

Dial = Callable[[str], websocket.WebSocket]
TIME = 1_700_000_000_123
HOUR_TICKER: dict[str, Any] = {
    "e": "1hTicker", "E": TIME, "s": "BNBBTC", "p": "0.1", "P": "1.0", "o": "0.2", "h": "0.3",
    "l": "0.2", "c": "0.3", "w": "0.25", "v": "7", "q": "2", "O": TIME - 3_600_000, "C": TIME,
    "F": 1, "L": 9, "n": 9,
}  # fmt: skip
KLINE: dict[str, Any] = {
    "t": 1_700_000_000_000, "T": 1_700_000_000_999, "s": "BNBBTC", "i": "1s", "f": 1, "L": 1,
    "o": "1", "c": "1", "h": "1", "l": "1", "v": "2", "n": 1, "x": True, "q": "2", "V": "2",
    "Q": "2", "B": "0",
}  # fmt: skip
FRAMES: list[dict[str, Any]] = [
    {"e": "trade", "E": TIME, "s": "BNBBTC", "t": 5, "p": "0.3", "q": "2", "T": TIME, "m": True,
     "M": True},
    {"e": "aggTrade", "E": TIME, "s": "BNBBTC", "a": 3, "p": "0.3", "q": "2", "f": 5, "l": 5,
     "T": TIME, "m": True, "M": True},
    {"e": "blockTrade", "E": TIME, "s": "BNBBTC", "t": 7, "p": "0.3", "q": "900", "T": TIME,
     "m": True},
    {"e": "referencePrice", "s": "BNBBTC", "r": "0.3", "t": TIME},
    HOUR_TICKER,
    {"e": "kline", "E": TIME, "s": "BNBBTC", "k": KLINE},
]  # fmt: skip


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A file with one frame of each kind, half a second apart."""
    path = tmp_path / "recording.jsonl"
    lines = [
        json.dumps({"t": "ws", "ts": number / 2, "raw": json.dumps(frame)})
        for number, frame in enumerate(FRAMES)
    ]
    path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.mark.parametrize(("unit", "factor"), [("MILLISECOND", 1), ("MICROSECOND", 1_000)])
def test_recorded_times_are_told_in_the_wanted_unit(
    recording: Path, dial: Dial, unit: str, factor: int
) -> None:
    """Trades, candles and windows; the frames themselves stay as they were recorded."""
    with SimulatedExchange(replay=recording, speed=0) as exchange:
        socket = dial(f"{exchange.stream_url}/ws/bnbbtc@trade?timeUnit={unit}")
        assert json.loads(socket.recv()) == FRAMES[0]
        assert exchange.replay_done.wait(5)

        def get(path: str) -> Any:
            url = f"{exchange.rest_url}/api/v3/{path}symbol=BNBBTC"
            return requests.get(url, headers={"X-MBX-TIME-UNIT": unit}, timeout=5).json()

        times = (
            get("trades?")[0]["time"],
            get("aggTrades?")[0]["T"],
            get("historicalBlockTrades?fromId=1&")[0]["time"],
            get("referencePrice?")["timestamp"],
            get("ticker?windowSize=1h&")["closeTime"],
        )
        kline = get("klines?interval=1s&")[0]
        trade = exchange.trades("BNBBTC")[0]
    assert set(times) == {TIME * factor}
    assert (kline[0], kline[6]) == (KLINE["t"] * factor, (KLINE["t"] + 1_000) * factor - 1)
    assert trade.time_us == TIME * 1_000


def test_a_held_recording_is_sent_by_hand(recording: Path, dial: Dial) -> None:
    """Frame by frame, and no further than its end."""
    with SimulatedExchange(replay=recording) as exchange:
        exchange.hold()
        socket = dial(f"{exchange.stream_url}/ws/bnbbtc@trade/bnbbtc@aggTrade/bnbbtc@kline_1s")
        exchange.advance()
        assert json.loads(socket.recv())["e"] == "trade"
        exchange.advance(100)
        assert [json.loads(socket.recv())["e"] for _ in range(2)] == ["aggTrade", "kline"]
        exchange.release()
        assert exchange.replay_done.wait(5)
