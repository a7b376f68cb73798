"""Frames and rows have the fields, in the order and of the types, of those that were recorded."""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange

Fixture = Callable[[str], Path]
RECORDED = {
    "spot": "bybit_v5/cf_20260809_spot_ETHUSDT.jsonl",
    "linear": "bybit_v5/cf_20260809_linear_SOL_DOGE.jsonl.gz",
}
TOPICS = {
    "orderbook": "orderbook.200.ETHUSDT",
    "publicTrade": "publicTrade.ETHUSDT",
    "tickers": "tickers.ETHUSDT",
    "kline": "kline.1.ETHUSDT",
}
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def shape(value: Any) -> Any:
    """What a value looks like: the names of an object in their order, and what kind each has."""
    if isinstance(value, dict):
        return [(name, shape(each)) for name, each in value.items()]
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, str):
        return "number in a text" if NUMBER.fullmatch(value) else "text"
    return type(value).__name__


def lines(path: Path) -> Iterable[dict[str, Any]]:
    """The lines of a recorded file."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt") as file:
        yield from (json.loads(line) for line in file)


def recorded(path: Path) -> dict[str, list[Any]]:
    """The frames of a recorded file by the kind of their topic; `""` for answers."""
    found: dict[str, list[Any]] = defaultdict(list)
    for line in lines(path):
        if line["t"] == "ws":
            frame = json.loads(line["raw"])
            found[frame.get("topic", "").partition(".")[0]].append(frame)
    return found


def whole(frames: list[Any]) -> list[Any]:
    """Those whose sides of a book are both there, and that are no deltas of a ticker."""
    return [
        frame
        for frame in frames
        if not (isinstance(frame["data"], dict) and frame["data"].get("b") == [])
        and not (isinstance(frame["data"], dict) and frame["data"].get("a") == [])
        and not (frame["topic"].startswith("tickers") and frame["type"] == "delta")
    ]


@pytest.mark.parametrize("category", RECORDED)
@pytest.mark.parametrize("kind", TOPICS)
def test_frames(
    exchange: SimulatedExchange, client: Any, fixture_file: Fixture, category: str, kind: str
) -> None:
    """Of each kind of topic."""
    real = whole(recorded(fixture_file(RECORDED[category]))[kind])
    one = client(exchange, category)
    one.send("subscribe", TOPICS[kind])
    made = whole(one.frames(TOPICS[kind], 3))
    known = [shape(frame) for frame in real]
    assert all(shape(frame) in known for frame in made), (shape(made[0]), known[0])


@pytest.mark.parametrize("category", RECORDED)
def test_answers(
    exchange: SimulatedExchange, client: Any, fixture_file: Fixture, category: str
) -> None:
    """To a subscription without an id."""
    (real, *_) = recorded(fixture_file(RECORDED[category]))[""]
    made = client(exchange, category).ask("subscribe", TOPICS["orderbook"])
    assert shape(made) == shape(real)
    assert {name: made[name] for name in made if name != "conn_id"} == {
        name: real[name] for name in real if name != "conn_id"
    }


def test_best_levels(exchange: SimulatedExchange, client: Any, fixture_file: Fixture) -> None:
    """Its fields are those of a year before; by now `ts` stands before `type` (orderbook.mdx)."""
    real = recorded(fixture_file("bybit_v5/cf_20250613_linear_ob1.jsonl"))["orderbook"][0]
    one = client(exchange, "linear")
    one.send("subscribe", "orderbook.1.BTCUSDT")
    (made,) = one.frames("orderbook.1.BTCUSDT", 1)
    assert sorted(shape(made)) == sorted(shape(real))
    assert list(made) == ["topic", "ts", "type", "data", "cts"]


def test_deltas_of_a_ticker(
    exchange: SimulatedExchange, client: Any, fixture_file: Fixture
) -> None:
    """What changes together is told together; the order is not quite that of a snapshot."""
    real = [
        tuple(frame["data"])
        for frame in recorded(fixture_file(RECORDED["linear"]))["tickers"]
        if frame["type"] == "delta"
    ]
    one = client(exchange, "linear")
    one.send("subscribe", TOPICS["tickers"])
    (first, *made) = [frame["data"] for frame in one.frames(TOPICS["tickers"], 12)]
    last = ["singleOpenInterest", "singleOpenInterestValue"]
    order = [name for name in first if name not in last] + last
    for names in [*real, *(tuple(data) for data in made)]:
        assert list(names) == sorted(names, key=order.index)
        assert names[0] == "symbol"
        for one_side in ("bid1", "ask1"):
            assert (f"{one_side}Price" in names) == (f"{one_side}Size" in names)


def test_instruments(exchange: SimulatedExchange, get: Any, fixture_file: Fixture) -> None:
    """Rows of spot, against the recorded answer of the real exchange."""
    file = fixture_file("bybit_v5/rest_instruments_info_spot_20260809.json.gz")
    real = json.loads(gzip.decompress(file.read_bytes()))
    made = get(exchange, "market/instruments-info", category="spot")
    assert list(made) == list(real)
    assert list(made["result"]) == list(real["result"])
    known = [shape(row) for row in real["result"]["list"]]
    assert all(shape(row) in known for row in made["result"]["list"])
