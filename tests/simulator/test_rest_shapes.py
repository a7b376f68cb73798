"""Bodies of the REST endpoints against the documentation's own examples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
import requests

from exchange_connector.simulator import SimulatedExchange

REST = "docs/binance_rest.jsonl"
Examples = Callable[[str, str], list[Any]]


def shape(value: Any) -> Any:
    """The field names, their order, and the kind of each value."""
    if isinstance(value, dict):
        fields = cast(dict[str, Any], value)
        return {name: shape(inner) for name, inner in fields.items()}
    if isinstance(value, list):
        rows: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
        return [shape(inner) for inner in rows[:1]]
    return type(value).__name__


def get(exchange: SimulatedExchange, path: str) -> Any:
    answer = requests.get(f"{exchange.rest_url}/api/v3/{path}", timeout=5)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"
    return answer.json()


@pytest.mark.parametrize(
    ("path", "title", "index"),
    [
        ("ping", "Test connectivity", 0),
        ("time", "Check server time", 0),
        ("depth?symbol=BTCUSDT&limit=5", "Order book", 0),
        ("trades?symbol=BTCUSDT", "Recent trades list", 0),
        ("historicalTrades?symbol=BTCUSDT", "Old trade lookup", 0),
        ("aggTrades?symbol=BTCUSDT", "Compressed/Aggregate trades list", 0),
        ("klines?symbol=BTCUSDT&interval=1m", "Kline/Candlestick data", 0),
        ("avgPrice?symbol=BTCUSDT", "Current average price", 0),
        ("ticker/24hr?symbol=BTCUSDT", "24hr ticker price change statistics", 0),
        ("ticker/24hr", "24hr ticker price change statistics", 1),
        ("ticker/24hr?symbol=BTCUSDT&type=MINI", "24hr ticker price change statistics", 2),
        ('ticker/24hr?symbols=["BTCUSDT"]&type=MINI', "24hr ticker price change statistics", 3),
        ("ticker/price?symbol=BTCUSDT", "Symbol price ticker", 0),
        ("ticker/price", "Symbol price ticker", 1),
        ("ticker/bookTicker?symbol=BTCUSDT", "Symbol order book ticker", 0),
        ("ticker/bookTicker", "Symbol order book ticker", 1),
    ],
)
def test_bodies_have_the_documented_fields_in_their_order(
    exchange: SimulatedExchange, examples: Examples, path: str, title: str, index: int
) -> None:
    """Every field of the documented answer is there, in its order and kind, and no other."""
    documented = shape(examples(REST, title)[index])
    answered = shape(get(exchange, path))
    assert answered == documented
    assert list(answered) == list(documented)


def test_exchange_info_has_every_documented_field(
    exchange: SimulatedExchange, examples: Examples
) -> None:
    """A symbol's entry has the documented fields, and filters that a client can trade by."""
    documented = examples(REST, "Exchange information")[0]["symbols"][0]
    info = get(exchange, "exchangeInfo")
    assert [entry["symbol"] for entry in info["symbols"]] == ["BTCUSDT", "ETHUSDT"]
    assert list(info["symbols"][0]) == list(documented)
    kinds = {entry["filterType"]: entry for entry in info["symbols"][0]["filters"]}
    assert kinds["PRICE_FILTER"]["tickSize"] == "0.01000000"
    assert kinds["LOT_SIZE"]["stepSize"] == "0.00001000"
    assert {"NOTIONAL", "MARKET_LOT_SIZE", "PERCENT_PRICE_BY_SIDE"} <= kinds.keys()


def test_exchange_info_can_be_asked_of_some_symbols(exchange: SimulatedExchange) -> None:
    """`symbol` and `symbols` choose among the listed symbols."""
    one = get(exchange, "exchangeInfo?symbol=ETHUSDT")
    two = get(exchange, 'exchangeInfo?symbols=["ETHUSDT","BTCUSDT"]')
    assert [entry["symbol"] for entry in one["symbols"]] == ["ETHUSDT"]
    assert [entry["symbol"] for entry in two["symbols"]] == ["ETHUSDT", "BTCUSDT"]


def test_depth_is_trimmed_to_its_limit(exchange: SimulatedExchange) -> None:
    """The best levels come first, no more than were asked for."""
    book = get(exchange, "depth?symbol=BTCUSDT&limit=20")
    bids = [float(price) for price, _ in book["bids"]]
    asks = [float(price) for price, _ in book["asks"]]
    assert len(bids) == len(asks) == 20
    assert bids == sorted(bids, reverse=True)
    assert asks == sorted(asks)
    assert bids[0] < asks[0]


def test_klines_sum_up_the_trades(exchange: SimulatedExchange) -> None:
    """Longer intervals are made of the same trades as shorter ones."""
    exchange.hold()
    minutes = get(exchange, "klines?symbol=BTCUSDT&interval=1m")
    days = get(exchange, "klines?symbol=BTCUSDT&interval=1d")
    assert sum(row[8] for row in minutes) == sum(row[8] for row in days)
    assert sum(row[8] for row in days) == len(exchange.trades("BTCUSDT"))


def test_klines_are_chosen_by_time(exchange: SimulatedExchange) -> None:
    """`startTime` gives rows from there on, `endTime` and `limit` the newest before."""
    exchange.hold()
    rows = get(exchange, "klines?symbol=BTCUSDT&interval=1s")
    third = rows[2][0]
    assert get(exchange, f"klines?symbol=BTCUSDT&interval=1s&startTime={third}")[0][0] == third
    newest = get(exchange, f"klines?symbol=BTCUSDT&interval=1s&endTime={third}&limit=2")
    assert [row[0] for row in newest] == [rows[1][0], third]


def test_trades_are_chosen_by_id(exchange: SimulatedExchange) -> None:
    """`fromId` gives the oldest from there on, otherwise the newest come, oldest first."""
    exchange.hold()
    ids = [trade.trade_id for trade in exchange.trades("BTCUSDT")]
    newest = get(exchange, "trades?symbol=BTCUSDT&limit=3")
    missed = get(exchange, f"historicalTrades?symbol=BTCUSDT&fromId={ids[4]}&limit=3")
    assert [row["id"] for row in newest] == ids[-3:]
    assert [row["id"] for row in missed] == ids[4:7]


def test_aggregate_trades_are_chosen_by_id_or_time(exchange: SimulatedExchange) -> None:
    """Both at once are refused."""
    exchange.hold()
    rows = get(exchange, "aggTrades?symbol=BTCUSDT&limit=1000")
    later = get(exchange, f"aggTrades?symbol=BTCUSDT&fromId={rows[3]['a']}&limit=2")
    timed = get(exchange, f"aggTrades?symbol=BTCUSDT&startTime={rows[-1]['T']}")
    assert later == rows[3:5]
    assert timed == [row for row in rows if row["T"] >= rows[-1]["T"]]
    url = f"{exchange.rest_url}/api/v3/aggTrades?symbol=BTCUSDT&fromId=1&startTime=1"
    assert requests.get(url, timeout=5).json()["code"] == -1128
