"""REST: the envelope, the parameters, the pages."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from exchange_connector.simulator import SimulatedExchange

MARKET = {"category": "linear", "symbol": "BTCUSDT"}


def test_the_envelope(held: SimulatedExchange, get: Any) -> None:
    """Every answer has the same fields, and the exchange's time."""
    answer = get(held, "market/time")
    assert list(answer) == ["retCode", "retMsg", "result", "retExtInfo", "time"]
    assert (answer["retCode"], answer["retMsg"]) == (0, "OK")
    seconds, nanoseconds = (answer["result"][name] for name in ("timeSecond", "timeNano"))
    assert int(nanoseconds) // 10**9 == int(seconds) == answer["time"] // 1_000


@pytest.mark.parametrize(
    ("path", "query", "message"),
    [
        ("orderbook", {"symbol": "BTCUSDT"}, "Illegal category"),
        ("orderbook", {"category": "inverse", "symbol": "BTCUSDT"}, "Illegal category"),
        ("orderbook", {"category": "spot"}, "params error: symbol"),
        ("orderbook", {"category": "spot", "symbol": "btcusdt"}, "Not supported symbols"),
        ("orderbook", {**MARKET, "limit": "0"}, "params error: limit"),
        ("orderbook", {**MARKET, "limit": "1001"}, "params error: limit"),
        ("orderbook", {**MARKET, "limit": "x"}, "params error: limit"),
        ("recent-trade", {**MARKET, "category": "spot", "limit": "61"}, "params error: limit"),
        ("recent-trade", {**MARKET, "limit": "1001"}, "params error: limit"),
        ("kline", {**MARKET, "interval": "1m"}, "params error: interval"),
        ("kline", MARKET, "params error: interval"),
        ("kline", {**MARKET, "interval": "1", "start": "now"}, "params error: start"),
        ("tickers", {}, "Illegal category"),
        ("tickers", {"category": "linear", "symbol": "XYZ"}, "Not supported symbols"),
        ("instruments-info", {}, "Illegal category"),
        ("instruments-info", {"category": "linear", "cursor": "x"}, "params error: cursor"),
    ],
)
def test_a_parameter_that_is_wrong(
    held: SimulatedExchange, get: Any, path: str, query: dict[str, str], message: str
) -> None:
    """It is refused with 10001, and HTTP 200."""
    answer = get(held, f"market/{path}", **query)
    assert answer["retCode"] == 10001
    assert answer["retMsg"].startswith(message)
    assert answer["result"] == {}


@pytest.mark.parametrize(("category", "levels"), [("spot", 1), ("linear", 25)])
def test_levels_of_a_book(held: SimulatedExchange, get: Any, category: str, levels: int) -> None:
    """So many where no limit is sent; they are the best of the true book."""
    query = {"category": category, "symbol": "ETHUSDT"}
    truth = held.book("ETHUSDT", category=category)
    for limit, sent in ((levels, {}), (3, {"limit": 3}), (1_000, {"limit": 1_000})):
        result = get(held, "market/orderbook", **query, **sent)["result"]
        assert [tuple(level) for level in result["b"]] == list(truth.bids[:limit])
        assert [tuple(level) for level in result["a"]] == list(truth.asks[:limit])
        assert result["u"] == truth.update_id


def test_contracts_come_in_pages(get: Any) -> None:
    """A cursor is percent-encoded already: sent as it came it goes on, encoded again it is refused."""
    symbols = ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
    exchange = SimulatedExchange(exchange="bybit", symbols=symbols)
    exchange.hold()
    with exchange:
        url = f"{exchange.rest_url}/v5/market/instruments-info?category=linear&limit=2"
        first = requests.get(url, timeout=5).json()["result"]
        cursor = first["nextPageCursor"]
        assert [row["symbol"] for row in first["list"]] == symbols[:2]
        assert "%" in cursor
        second = requests.get(f"{url}&cursor={cursor}", timeout=5).json()["result"]
        assert [row["symbol"] for row in second["list"]] == symbols[2:]
        assert second["nextPageCursor"] == ""
        refused = requests.get(url, params={"cursor": cursor}, timeout=5).json()
        assert refused["retCode"] == 10001
        spot = get(exchange, "market/instruments-info", category="spot", limit=1)["result"]
        assert [row["symbol"] for row in spot["list"]] == symbols
        assert "nextPageCursor" not in spot


def test_pages_can_be_made_small(get: Any) -> None:
    """So that a client with few symbols has to turn them."""
    with SimulatedExchange(exchange="bybit", page_size=1) as exchange:
        answer = get(exchange, "market/instruments-info", category="linear", limit=1_000)
    assert len(answer["result"]["list"]) == 1
    assert answer["result"]["nextPageCursor"]


def test_one_instrument(held: SimulatedExchange, get: Any) -> None:
    """By its name, in both categories."""
    for category in ("spot", "linear"):
        query = {"category": category, "symbol": "ETHUSDT"}
        (row,) = get(held, "market/instruments-info", **query)["result"]["list"]
        assert (row["symbol"], row["baseCoin"], row["quoteCoin"]) == ("ETHUSDT", "ETH", "USDT")


def test_what_is_not_there(held: SimulatedExchange) -> None:
    """Another path or method is 404, and a GET with a body 403."""
    for path in ("/", "/v5", "/v5/market", "/v5/order/create", "/v5/public/option", "/v5/trade"):
        assert requests.get(held.rest_url + path, timeout=5).status_code == 404
    url = f"{held.rest_url}/v5/market/time"
    assert requests.post(url, timeout=5).status_code == 404
    assert requests.get(url, json={}, timeout=5).status_code == 403


def test_names_of_exchanges() -> None:
    """Another is refused with the names there are."""
    with pytest.raises(ValueError, match="exchange must be one of binance, bybit"):
        SimulatedExchange(exchange="nowhere")
    assert SimulatedExchange(exchange="bybit").name == "bybit"
    assert SimulatedExchange().name == "binance"
