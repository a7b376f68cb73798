"""Candles of the topics and of REST."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange

TOPIC = "kline.1.BTCUSDT"
MINUTE_MS = 60_000


def candles(client: Any, count: int) -> list[list[dict[str, Any]]]:
    """What stands in the next frames."""
    return [frame["data"] for frame in client.frames(TOPIC, count)]


def until_closed(client: Any) -> list[list[dict[str, Any]]]:
    """The frames up to the one that has a closed candle, and the one after it."""
    found: list[list[dict[str, Any]]] = []
    while not found or not any(candle["confirm"] for candle in found[-1]):
        found += candles(client, 1)
    return found + candles(client, 1)


@pytest.mark.parametrize("category", ["spot", "linear"])
def test_a_candle_ends(held: SimulatedExchange, client: Any, get: Any, category: str) -> None:
    """Once more with `confirm`, and then the next; contracts tell both in one frame."""
    one = client(held, category)
    one.ask("subscribe", TOPIC)
    held.advance(250)  # 25 seconds: a minute ends in them
    frames = until_closed(one)
    ended = frames[-2]
    assert [candle["confirm"] for candle in ended] == (
        [True] if category == "spot" else [True, False]
    )
    closed = ended[0]
    assert closed["end"] == closed["start"] + MINUTE_MS - 1
    (begun, *_) = frames[-1]
    assert begun["start"] == closed["start"] + MINUTE_MS
    assert not begun["confirm"]
    running = [frame[0] for frame in frames[:-2]]
    assert {candle["start"] for candle in running} == {closed["start"]}
    assert not any(candle["confirm"] for candle in running)
    volumes = [float(candle["volume"]) for candle in (*running, closed)]
    assert volumes == sorted(volumes)
    query = {"category": category, "symbol": "BTCUSDT", "interval": "1"}
    rows = get(held, "market/kline", **query, limit=3)["result"]["list"]
    row = next(row for row in rows if row[0] == str(closed["start"]))
    names = ("open", "high", "low", "close", "volume", "turnover")
    assert row[1:] == [closed[name] for name in names]


def test_a_quiet_candle_says_nothing(client: Any) -> None:
    """Where nothing is traded for longer than a candle, it ends all the same."""
    exchange = SimulatedExchange(exchange="bybit", rate=1 / 150, start_time=1_786_310_860.0)
    exchange.hold()
    with exchange:
        one = client(exchange, "linear")
        one.send("subscribe", TOPIC)
        assert len(candles(one, 1)[0]) == 1
        exchange.advance(1)  # 150 seconds
        frames = candles(one, 2)
    for frame in frames:
        assert [candle["confirm"] for candle in frame] == [True, False]
        assert frame[1]["volume"] == "0"
        assert frame[1]["open"] == frame[1]["close"] == frame[0]["close"]


@pytest.mark.parametrize("interval", ["1", "3", "60", "720", "D", "W", "M"])
def test_rest_tells_the_newest_first(held: SimulatedExchange, get: Any, interval: str) -> None:
    """Rows of texts, each interval in its own steps."""
    query = {"category": "linear", "symbol": "BTCUSDT", "interval": interval}
    result = get(held, "market/kline", **query)["result"]
    begins = [int(row[0]) for row in result["list"]]
    assert begins == sorted(begins, reverse=True)
    assert len(begins) <= 200
    assert all(len(row) == 7 for row in result["list"])
    assert all(isinstance(each, str) for row in result["list"] for each in row)


def test_windows(held: SimulatedExchange, get: Any) -> None:
    """With a start alone the oldest from there on, with an end the newest up to it."""
    query = {"category": "spot", "symbol": "BTCUSDT", "interval": "1"}
    newest = int(get(held, "market/kline", **query, limit=1)["result"]["list"][0][0])
    start, end = newest - 100 * MINUTE_MS, newest - 50 * MINUTE_MS

    def begins(**window: int) -> list[int]:
        rows = get(held, "market/kline", **query, **window)["result"]["list"]
        return [(int(row[0]) - start) // MINUTE_MS for row in rows]

    assert begins(start=start, limit=3) == [2, 1, 0]
    assert begins(end=end, limit=3) == [50, 49, 48]
    assert begins(start=start, end=end, limit=3) == [50, 49, 48]
    assert begins(start=start, end=end) == list(range(50, -1, -1))


def test_contracts_are_meant_where_no_category_is_sent(held: SimulatedExchange, get: Any) -> None:
    """Of candles only."""
    result = get(held, "market/kline", symbol="BTCUSDT", interval="5")["result"]
    assert result["category"] == "linear"
