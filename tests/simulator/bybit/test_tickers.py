"""Tickers: whole ones of spot, and of contracts what has changed."""

from __future__ import annotations

from typing import Any

from exchange_connector.simulator import SimulatedExchange

TOPIC = "tickers.BTCUSDT"


def test_deltas_of_a_contract_add_up(held: SimulatedExchange, client: Any, get: Any) -> None:
    """A snapshot, then deltas that tell nothing but what has changed; together REST's row."""
    one = client(held, "linear")
    one.send("subscribe", TOPIC)
    (first,) = one.frames(TOPIC, 1)
    assert first["type"] == "snapshot"
    known = dict(first["data"])
    held.advance(30)
    for _ in range(30):
        (frame,) = one.frames(TOPIC, 1)
        assert frame["type"] == "delta"
        assert len(frame["data"]) < len(known)
        changed = {name for name in frame["data"] if known[name] != frame["data"][name]}
        assert changed
        known |= frame["data"]
    (row,) = get(held, "market/tickers", category="linear", symbol="BTCUSDT")["result"]["list"]
    assert {name: row[name] for name in known if name != "tickDirection"} == {
        name: told for name, told in known.items() if name != "tickDirection"
    }


def test_a_late_subscriber_gets_what_was_told_last(held: SimulatedExchange, client: Any) -> None:
    """So that the deltas that follow fit for it too."""
    early, late = client(held, "linear"), client(held, "linear")
    early.send("subscribe", TOPIC)
    (first,) = early.frames(TOPIC, 1)
    known = dict(first["data"])
    held.advance(5)
    for frame in early.frames(TOPIC, 5):
        known |= frame["data"]
    late.send("subscribe", TOPIC)
    (snapshot,) = late.frames(TOPIC, 1)
    assert snapshot["type"] == "snapshot"
    assert snapshot["data"] == known


def test_spot_tells_all_and_no_best_prices(held: SimulatedExchange, client: Any, get: Any) -> None:
    """Snapshots only; REST has the best prices, the topic has not."""
    one = client(held, "spot")
    one.ask("subscribe", TOPIC)
    held.advance(10)
    frames = one.frames(TOPIC, 8)
    assert {frame["type"] for frame in frames} == {"snapshot"}
    assert len({tuple(frame["data"]) for frame in frames}) == 1
    assert "bid1Price" not in frames[0]["data"]
    answer = get(held, "market/tickers", category="spot", symbol="BTCUSDT")
    (row,) = answer["result"]["list"]
    best = held.book("BTCUSDT", category="spot")
    assert (row["bid1Price"], row["bid1Size"]) == best.bids[0]
    assert (row["ask1Price"], row["ask1Size"]) == best.asks[0]


def test_all_tickers(held: SimulatedExchange, get: Any) -> None:
    """Without a symbol REST tells of every one."""
    for category in ("spot", "linear"):
        answer = get(held, "market/tickers", category=category)["result"]
        assert [row["symbol"] for row in answer["list"]] == ["BTCUSDT", "ETHUSDT"]


def test_figures_agree(held: SimulatedExchange, get: Any) -> None:
    """The last price is that of the newest trade, and lies between the day's highest and lowest."""
    held.advance(5)
    for category in ("spot", "linear"):
        query = {"category": category, "symbol": "BTCUSDT"}
        (row,) = get(held, "market/tickers", **query)["result"]["list"]
        (newest,) = get(held, "market/recent-trade", **query, limit=1)["result"]["list"]
        assert row["lastPrice"] == newest["price"]
        low, last, high = (
            float(row[name]) for name in ("lowPrice24h", "lastPrice", "highPrice24h")
        )
        assert low <= last <= high
        change = (last - float(row["prevPrice24h"])) / float(row["prevPrice24h"])
        assert abs(change - float(row["price24hPcnt"])) < 0.0001
