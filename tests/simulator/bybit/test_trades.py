"""Trades of the topics and of REST: the true ones, each once."""

from __future__ import annotations

import itertools
import json
import uuid
from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.market.fixed import parse

CATEGORIES = ("spot", "linear")
TOPIC = "publicTrade.BTCUSDT"


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_trade_is_told_once(held: SimulatedExchange, client: Any, category: str) -> None:
    """With its id on the wire; those of one step stand in one frame, in their order."""
    one = client(held, category)
    one.ask("subscribe", TOPIC)
    before = len(held.trades("BTCUSDT", category=category))
    held.advance(20)
    frames = one.frames(TOPIC, 20)
    rows = [row for frame in frames for row in frame["data"]]
    truth = list(held.trades_by_id("BTCUSDT", category=category).items())[before:]
    assert [row["i"] for row in rows] == [wire_id for wire_id, _ in truth]
    assert held.trades("BTCUSDT", category=category)[before:] == [trade for _, trade in truth]
    if category == "spot":
        assert [int(row["i"]) for row in rows] == [trade.trade_id for _, trade in truth]
    assert len({row["i"] for row in rows}) == len(rows) > len(frames)
    for row, (_, trade) in zip(rows, truth, strict=True):
        assert (parse(row["p"]), parse(row["v"])) == (trade.price, trade.quantity)
        assert row["S"] == ("Sell" if trade.buyer_is_maker else "Buy")
        assert row["T"] == trade.time_us // 1_000
    seqs = [row["seq"] for row in rows]
    assert seqs == sorted(seqs)


def test_ids_of_spot_are_numbers(exchange: SimulatedExchange) -> None:
    """And those of contracts are UUIDs, which follow from the seed."""
    spot = exchange.trades_by_id("BTCUSDT")
    linear = exchange.trades_by_id("BTCUSDT", category="linear")
    assert all(one.isdecimal() for one in spot)
    assert {uuid.UUID(one).version for one in linear} == {5}
    again = SimulatedExchange(exchange="bybit", seed=7, rate=50.0)
    first = next(iter(again.trades_by_id("BTCUSDT", category="linear")))
    assert first == next(iter(linear))
    other = SimulatedExchange(exchange="bybit", seed=8, rate=50.0)
    assert first not in other.trades_by_id("BTCUSDT", category="linear")


def test_which_way_the_price_went(held: SimulatedExchange, client: Any) -> None:
    """`L` of a contract follows from the price before."""
    one = client(held, "linear")
    one.ask("subscribe", TOPIC)
    held.advance(30)
    rows = [row for frame in one.frames(TOPIC, 30) for row in frame["data"]]
    for before, row in itertools.pairwise(rows):
        went = parse(row["p"]) - parse(before["p"])
        same = f"Zero{before['L'].removeprefix('Zero')}"
        assert row["L"] == ("PlusTick" if went > 0 else "MinusTick" if went < 0 else same)


@pytest.mark.parametrize("category", CATEGORIES)
def test_rest_has_the_same(held: SimulatedExchange, client: Any, get: Any, category: str) -> None:
    """Newest first, with the same ids and sequence numbers."""
    one = client(held, category)
    one.ask("subscribe", TOPIC)
    held.advance(3)
    told = [row for frame in one.frames(TOPIC, 3) for row in frame["data"]]
    answer = get(held, "market/recent-trade", category=category, symbol="BTCUSDT", limit=len(told))[
        "result"
    ]["list"]
    same = {"execId": "i", "price": "p", "size": "v", "side": "S", "symbol": "s"}
    for row, frame_row in zip(answer, reversed(told), strict=True):
        assert {name: row[name] for name in same} == {
            name: frame_row[short] for name, short in same.items()
        }
        assert (row["time"], row["seq"]) == (str(frame_row["T"]), str(frame_row["seq"]))


def test_what_is_published_stands_in_the_record(held: SimulatedExchange, client: Any) -> None:
    """Also what was lost."""
    one = client(held, "spot")
    one.ask("subscribe", TOPIC)
    held.lose(TOPIC, count=1)
    held.advance(2)
    (frame,) = one.frames(TOPIC, 1)
    payloads = [json.loads(each.payload) for each in held.published(f"spot/{TOPIC}")]
    assert len(payloads) == 2
    assert payloads[1] == frame
    assert held.lost[0][0] == f"spot/{TOPIC}"


@pytest.mark.parametrize("category", CATEGORIES)
def test_rest_may_lag_behind_the_stream(held: SimulatedExchange, get: Any, category: str) -> None:
    """It has the newest of so long ago, without a hole."""
    held.advance(100)
    query = {"category": category, "symbol": "BTCUSDT", "limit": 60}
    before = get(held, "market/recent-trade", **query)["result"]["list"]
    held.lag_trades(0.5)
    late = get(held, "market/recent-trade", **query)["result"]["list"]
    assert 0 < before.index(late[0]) < 60
    assert late[: 60 - before.index(late[0])] == before[before.index(late[0]) :]
    assert int(late[0]["time"]) <= int(before[0]["time"]) - 450
    held.lag_trades(0)
    assert get(held, "market/recent-trade", **query)["result"]["list"] == before
