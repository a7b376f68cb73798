"""Recorded files of Bybit, played."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.recorded.lines import RecordingError

Find = Callable[[str], Path]
BEST = "bybit_v5/cf_20250613_linear_ob1.jsonl"
LINEAR = "bybit_v5/cf_20260809_linear_SOL_DOGE.jsonl.gz"
SPOT = "bybit_v5/cf_20260809_spot_ETHUSDT.jsonl"
FILES = {BEST: "linear", LINEAR: "linear", SPOT: "spot"}
SYMBOLS = {
    BEST: {"BANDUSDT", "RADUSDT", "SNTUSDT", "AIOZUSDT"},
    LINEAR: {"SOLUSDT", "DOGEUSDT"},
    SPOT: {"ETHUSDT"},
}


def recorded(path: Path) -> list[str]:
    """The frames of a file, as they were on the wire."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt") as file:
        lines = [json.loads(line) for line in file]
    return [line["raw"] for line in lines if line["t"] == "ws" and '"topic"' in line["raw"]]


def topics(raws: list[str]) -> list[str]:
    """The topics of frames, each once."""
    return list(dict.fromkeys(json.loads(raw)["topic"] for raw in raws))


def listen(one: Any, names: list[str]) -> None:
    """Subscribe to all, at most ten at a time."""
    for begin in range(0, len(names), 10):
        assert one.ask("subscribe", *names[begin : begin + 10])["success"]


@pytest.mark.parametrize("name", FILES)
def test_every_frame_is_played_as_it_was(client: Any, fixture_file: Find, name: str) -> None:
    """Byte for byte, in its order; the file's symbols are listed."""
    path = fixture_file(name)
    raws = recorded(path)
    exchange = SimulatedExchange(exchange="bybit", replay=path, speed=0)
    exchange.hold()
    with exchange:
        one = client(exchange, FILES[name])
        listen(one, topics(raws))
        exchange.release()
        assert [one.socket.recv() for _ in raws] == raws
        assert exchange.replay_done.wait(5)
        query = {"category": FILES[name]}
        url = f"{exchange.rest_url}/v5/market/instruments-info"
        listed = requests.get(url, params=query, timeout=5).json()["result"]["list"]
        assert {row["symbol"] for row in listed} == SYMBOLS[name]
        other = {"category": "spot" if FILES[name] == "linear" else "linear"}
        assert requests.get(url, params=other, timeout=5).json()["result"]["list"] == []


@pytest.mark.parametrize("name", [LINEAR, SPOT])
def test_the_book_so_far(client: Any, book: Any, get: Any, fixture_file: Find, name: str) -> None:
    """By REST and from the exchange itself, at the end and at a number on the way."""
    path, category = fixture_file(name), FILES[name]
    topic = next(each for each in topics(recorded(path)) if each.startswith("orderbook.200"))
    frames = [json.loads(raw) for raw in recorded(path) if f'"{topic}"' in raw]
    symbol = topic.rpartition(".")[2]
    exchange = SimulatedExchange(exchange="bybit", replay=path, speed=0)
    exchange.hold()
    with exchange:
        one = client(exchange, category)
        assert one.ask("subscribe", topic)["success"]
        exchange.release()
        assert exchange.replay_done.wait(10)
        kept = book()
        for number, frame in enumerate(one.frames(topic, len(frames))):
            kept.take(frame)
            if number % 50 == 0:
                assert kept.agrees(exchange.book(symbol, kept.u))
        assert kept.agrees(exchange.book(symbol))
        result = get(exchange, "market/orderbook", category=category, symbol=symbol, limit=1_000)
        assert result["result"]["u"] == kept.u
        assert dict(result["result"]["b"]) == kept.sides["b"]
        late = client(exchange, category)
        late.send("subscribe", topic)
        (snapshot,) = late.frames(topic, 1)
        assert list(snapshot) == list(frames[-1])
        again = book()
        again.take(snapshot)
        assert again.agrees(exchange.book(symbol))
        with pytest.raises(LookupError, match="update_id"):
            exchange.book(symbol, kept.u + 1)


def test_figures_so_far(client: Any, get: Any, fixture_file: Find) -> None:
    """Trades, tickers and candles by REST are those that were played."""
    path = fixture_file(LINEAR)
    raws = [json.loads(raw) for raw in recorded(path)]
    with SimulatedExchange(exchange="bybit", replay=path, speed=0) as exchange:
        one = client(exchange, "linear")
        one.ask("subscribe", "publicTrade.SOLUSDT")
        assert exchange.replay_done.wait(10)
        query = {"category": "linear", "symbol": "SOLUSDT"}
        trades = get(exchange, "market/recent-trade", **query)["result"]["list"]
        told = [
            row["i"] for raw in raws if raw["topic"] == "publicTrade.SOLUSDT" for row in raw["data"]
        ]
        assert [row["execId"] for row in reversed(trades)] == told
        assert list(exchange.trades_by_id("SOLUSDT")) == told
        merged: dict[str, str] = {}
        for raw in raws:
            if raw["topic"] == "tickers.SOLUSDT":
                merged |= raw["data"]
        (row,) = get(exchange, "market/tickers", **query)["result"]["list"]
        del merged["tickDirection"]
        assert row == merged
        candles = get(exchange, "market/kline", **query, interval="1")["result"]["list"]
        assert [int(candle[0]) for candle in candles] == [1786310820000, 1786310760000]
        late = client(exchange, "linear")
        late.send("subscribe", "tickers.SOLUSDT", "kline.1.SOLUSDT")
        ((ticker,), (kline,)) = (
            late.frames(topic, 1) for topic in ("tickers.SOLUSDT", "kline.1.SOLUSDT")
        )
        assert ticker["type"] == "snapshot"
        assert ticker["data"]["lastPrice"] == merged["lastPrice"]
        assert kline["data"][-1]["start"] == 1786310820000


def test_steps_of_the_instruments_are_those_of_the_file(get: Any, fixture_file: Find) -> None:
    """What was not recorded is made up so that it fits."""
    with SimulatedExchange(exchange="bybit", replay=fixture_file(LINEAR)) as exchange:
        rows = get(exchange, "market/instruments-info", category="linear")["result"]["list"]
    found = {
        row["symbol"]: (row["priceFilter"]["tickSize"], row["lotSizeFilter"]["qtyStep"])
        for row in rows
    }
    assert found == {"SOLUSDT": ("0.001", "0.1"), "DOGEUSDT": ("0.00001", "1")}


def test_nothing_is_played_before_a_subscription(client: Any, fixture_file: Find) -> None:
    """And frames that are advanced by hand come one by one."""
    path = fixture_file(SPOT)
    raws = recorded(path)
    exchange = SimulatedExchange(exchange="bybit", replay=path)
    exchange.hold()
    with exchange:
        one = client(exchange, "spot")
        listen(one, topics(raws))
        exchange.advance(3)
        assert [one.socket.recv() for _ in range(3)] == raws[:3]
        assert not exchange.replay_done.is_set()
        with pytest.raises(ValueError, match="resend_snapshots"):
            exchange.resend_snapshots()  # a recording is played as it is


def test_nobody_trades(trader_of: Any, fixture_file: Find) -> None:
    """170157 for a symbol that is played, 170121 for any other; the account is there."""
    with SimulatedExchange(exchange="bybit", replay=fixture_file(SPOT)) as exchange:
        trader = trader_of(exchange)
        assert trader.order(symbol="ETHUSDT")["retCode"] == 170157
        assert trader.cancel(symbol="ETHUSDT", orderId="1")["retCode"] == 170157
        assert trader.order(symbol="BTCUSDT")["retCode"] == 170121
        assert trader.rows("order/realtime") == trader.rows("execution/list") == []
        (wallet,) = trader.rows("account/wallet-balance", "accountType=UNIFIED")
        assert {row["coin"]: row["walletBalance"] for row in wallet["coin"]}["BTC"] == "1.25"


def test_what_is_no_recording_is_told_at_once(tmp_path: Path) -> None:
    """A file without a frame of a topic, or that is none at all."""
    for text in ("", "{}", "nonsense", '{"t":"ws","raw":"{}"}', '{"t":"ws","raw":"["}'):
        file = tmp_path / "file.jsonl"
        file.write_text(text)
        with pytest.raises(RecordingError, match="is no recording"):
            SimulatedExchange(exchange="bybit", replay=file)


def test_recorded_instruments_are_listed_as_they_were(
    tmp_path: Path, get: Any, fixture_file: Find
) -> None:
    """Where a file has the answer that tells of them."""
    file = fixture_file("bybit_v5/rest_instruments_info_spot_20260809.json.gz")
    body = gzip.decompress(file.read_bytes()).decode()
    line = {
        "t": "http",
        "url": "https://api.bybit.com/v5/market/instruments-info?category=spot",
        "raw": body,
    }
    copy = tmp_path / "with_instruments.jsonl"
    copy.write_text(json.dumps(line) + "\n" + fixture_file(SPOT).read_text())
    with SimulatedExchange(exchange="bybit", replay=copy) as exchange:
        (row,) = get(exchange, "market/instruments-info", category="spot")["result"]["list"]
    assert row in json.loads(body)["result"]["list"]
    assert row["symbol"] == "ETHUSDT"
