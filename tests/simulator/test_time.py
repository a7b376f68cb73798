"""The market's time: nominal, repeatable to the byte, moved by hand, and in either unit."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest
import requests
import websocket

from exchange_connector.simulator import SimulatedExchange

Dial = Callable[[str], websocket.WebSocket]
Data = Callable[[websocket.WebSocket], Any]
START = 1_700_006_399.5  # half a second before midnight UTC
CHANNELS = (
    "trade",
    "aggTrade",
    "bookTicker",
    "kline_1s",
    "kline_1m",
    "kline_1d",
    "kline_1d@+08:00",
    "kline_1M",
    "miniTicker",
    "ticker",
    "ticker_1h",
    "ticker_4h",
    "ticker_1d",
    "avgPrice",
    "referencePrice",
    "depth",
    "depth@100ms",
    "depth5",
    "depth20@100ms",
)
STREAMS = [
    *(f"{symbol}@{channel}" for symbol in ("btcusdt", "ethusdt") for channel in CHANNELS),
    "!miniTicker@arr",
    "!ticker_1h@arr",
    "!ticker_4h@arr",
]
PATHS = (
    "depth?limit=5000",
    "trades?",
    "aggTrades?",
    "klines?interval=1m",
    "klines?interval=1s",
    "klines?interval=1d&timeZone=8",
    "ticker/24hr?",
    "ticker?windowSize=4h",
    "ticker/tradingDay?",
    "avgPrice?",
    "ticker/bookTicker?",
)


@contextmanager
def held(**settings: Any) -> Generator[SimulatedExchange]:
    """An exchange that is held from its start on."""
    exchange = SimulatedExchange(**settings)
    exchange.hold()
    with exchange:
        yield exchange


def run(url: str, count: int, exchange: SimulatedExchange, dial: Dial) -> list[str]:
    """Subscribe, let go, and take the first frames."""
    socket = dial(url)
    assert exchange.wait_until(lambda one: len(one.streams) == len(STREAMS))
    exchange.release()
    return [str(socket.recv()) for _ in range(count)]


@pytest.mark.parametrize("unit", ["", "timeUnit=MICROSECOND"])
@pytest.mark.parametrize("path", ["stream?streams=", "ws/"])
def test_the_same_seed_gives_the_same_bytes(dial: Dial, path: str, unit: str) -> None:
    """Every frame of every stream, times included, over the close of a day."""
    received: list[list[str]] = []
    for _ in range(2):
        with held(seed=5, start_time=START, rate=100) as exchange:
            mark = "&" if "?" in path else "?"
            url = f"{exchange.stream_url}/{path}{quote('/'.join(STREAMS))}{mark if unit else ''}{unit}"
            received.append(run(url, 3_000, exchange, dial))
    assert received[0] == received[1]
    if path.startswith("stream"):
        assert {json.loads(text)["stream"] for text in received[0]} == set(STREAMS)


def test_rest_answers_the_same_bytes_at_the_same_step() -> None:
    """Whatever asks, and whenever."""
    bodies: list[list[str]] = []
    for _ in range(2):
        with held(seed=5, start_time=START) as exchange:
            exchange.advance(137)
            urls = [f"{exchange.rest_url}/api/v3/{path}&symbol=BTCUSDT" for path in PATHS]
            answers = [requests.get(url.replace("?&", "?"), timeout=5) for url in urls]
            assert [answer.status_code for answer in answers] == [200] * len(PATHS)
            bodies.append([answer.text for answer in answers])
    assert bodies[0] == bodies[1]


def test_the_first_step_is_one_period_after_the_start(dial: Dial, data: Data) -> None:
    """And the others follow at the rate, to the microsecond."""
    with held(start_time=START, rate=30) as exchange:
        socket = dial(f"{exchange.stream_url}/ws/btcusdt@trade?timeUnit=microsecond")
        exchange.advance(4)
        assert exchange.wait_until(lambda one: len(one.trades("BTCUSDT")) > 0)
        times = sorted({trade.time_us for trade in exchange.trades("BTCUSDT")})[-4:]
        first = data(socket)
    begin = int(START * 1_000_000)
    assert times == [begin + step for step in (33_333, 66_666, 100_000, 133_333)]
    assert first["E"] == first["T"] == times[0]


def server_time(exchange: SimulatedExchange) -> int:
    body: dict[str, int] = requests.get(f"{exchange.rest_url}/api/v3/time", timeout=5).json()
    return body["serverTime"]


def test_a_clock_with_a_start_time_waits_for_the_market() -> None:
    """It stands before the next step of a market that is held, and goes on as that advances."""
    begin = int(START * 1_000)
    with held(start_time=START, rate=1) as exchange:
        assert begin <= server_time(exchange) <= begin + 100
        exchange.advance(3_600)
        assert begin + 3_600_000 <= server_time(exchange) <= begin + 3_601_000


def test_a_hold_takes_no_time_of_a_clock_that_waits() -> None:
    """The market goes on where it stood, and makes up for nothing."""
    begin = int(START * 1_000)
    with held(start_time=START) as exchange:
        before = exchange.trades("BTCUSDT")[-1].trade_id
        assert not exchange.wait_until(lambda one: one.connections > 0, timeout=1.5)
        exchange.release()
        assert exchange.wait_until(lambda one: one.trades("BTCUSDT")[-1].trade_id > before)
        assert server_time(exchange) < begin + 1_400


def test_without_a_start_time_the_market_goes_by_this_machines_clock(
    exchange: SimulatedExchange, dial: Dial, data: Data
) -> None:
    """Also after a hold, in which no time of the market passes."""
    exchange.skew_clock(0)
    socket = dial(f"{exchange.stream_url}/ws/btcusdt@trade")
    assert abs(data(socket)["E"] - time.time() * 1_000) < 1_500
    exchange.hold()
    before = exchange.trades("BTCUSDT")[-1].trade_id
    assert not exchange.wait_until(lambda one: one.connections == 0, timeout=1.5)
    assert exchange.trades("BTCUSDT")[-1].trade_id == before
    exchange.release()
    while (trade := data(socket))["t"] <= before + 1:
        pass
    assert abs(trade["E"] - time.time() * 1_000) < 1_500


def test_a_step_of_the_clock_moves_the_market(
    exchange: SimulatedExchange, dial: Dial, data: Data
) -> None:
    """Event times and candles follow it."""
    socket = dial(f"{exchange.stream_url}/ws/btcusdt@trade")
    before = data(socket)["E"]
    exchange.step_clock(3_600)
    while data(socket)["E"] < before + 3_590_000:
        pass
    exchange.hold()
    url = f"{exchange.rest_url}/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=100"
    opens = [row[0] for row in requests.get(url, timeout=5).json()]
    assert all(later - earlier == 60_000 for earlier, later in pairwise(opens))
    assert opens[-1] > before + 3_500_000


def test_advancing_needs_a_hold(exchange: SimulatedExchange) -> None:
    """Or two would step at once; and no step is no advance."""
    with pytest.raises(RuntimeError, match="hold"):
        exchange.advance()
    exchange.hold()
    with pytest.raises(ValueError, match="steps"):
        exchange.advance(0)


def test_advancing_makes_each_step_and_tick(dial: Dial, data: Data) -> None:
    """A minute of steps, in no time: one diff each 100 ms, and no other trades than these."""
    with held(start_time=START) as exchange:
        socket = dial(f"{exchange.stream_url}/ws/btcusdt@depth@100ms")
        newest = exchange.trades("BTCUSDT")[-1]
        exchange.advance(600)
        events = [data(socket) for _ in range(600)]
        trades = [one for one in exchange.trades("BTCUSDT") if one.trade_id > newest.trade_id]
    assert {later["E"] - earlier["E"] for earlier, later in pairwise(events)} == {100}
    assert all(later["U"] == earlier["u"] + 1 for earlier, later in pairwise(events))
    assert len({trade.time_us for trade in trades}) == 600


TIMES = re.compile(r'"(?:E|T|t|O|C)":(\d+)')


def test_every_time_is_told_in_the_wanted_unit(dial: Dial) -> None:
    """The same frames, every time with three digits more, ends of candles with nines."""
    ids = re.compile(r'"e":"trade".*?"t":(\d+)')
    with held(start_time=START) as exchange:
        names = quote("/".join(STREAMS))
        coarse = dial(f"{exchange.stream_url}/stream?streams={names}")
        fine = dial(f"{exchange.stream_url}/stream?streams={names}&timeUnit=MICROSECOND")
        exchange.advance(60)
        pairs = [(str(coarse.recv()), str(fine.recv())) for _ in range(1_000)]
    seen = 0
    for one, other in pairs:
        plain = ids.sub("", one), ids.sub("", other)
        times = [[int(found) for found in TIMES.findall(text)] for text in plain]
        assert [time // 1_000 for time in times[1]] == times[0]
        assert TIMES.sub("", plain[0]) == TIMES.sub("", plain[1])
        seen += len(times[0])
    assert seen > 1_000
