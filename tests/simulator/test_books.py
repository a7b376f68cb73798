"""Snapshot, diff stream, partial depth and book ticker tell of one and the same book."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
import requests
import websocket

from exchange_connector.simulator import BookView, SimulatedExchange

Dial = Callable[[str], websocket.WebSocket]
Data = Callable[[websocket.WebSocket], Any]
Levels = dict[Decimal, Decimal]


def levels(rows: Any) -> Levels:
    return {Decimal(price): Decimal(quantity) for price, quantity in rows}


def apply(side: Levels, rows: Any) -> None:
    for price, quantity in levels(rows).items():
        if quantity:
            side[price] = quantity
        else:
            side.pop(price, None)


def both(view: BookView) -> tuple[Levels, Levels]:
    return levels(view.bids), levels(view.asks)


def snapshot(exchange: SimulatedExchange, symbol: str) -> Any:
    url = f"{exchange.rest_url}/api/v3/depth?symbol={symbol}&limit=5000"
    return requests.get(url, timeout=5).json()


@pytest.mark.parametrize(
    ("symbol", "channel"),
    [("BTCUSDT", "depth@100ms"), ("ETHUSDT", "depth@100ms"), ("BTCUSDT", "depth")],
)
def test_diffs_on_a_snapshot_give_the_true_book(
    dial: Dial, data: Data, symbol: str, channel: str
) -> None:
    """By the documented procedure, and at every update id on the way."""
    with SimulatedExchange(rate=40, seed=11) as exchange:
        socket = dial(f"{exchange.stream_url}/ws/{symbol.lower()}@{channel}")
        events = [data(socket)]
        body = snapshot(exchange, symbol)
        update_id: int = body["lastUpdateId"]
        assert update_id >= events[0]["U"]
        bids, asks = levels(body["bids"]), levels(body["asks"])
        assert (bids, asks) == both(exchange.book(symbol, update_id))
        while len(events) < (10 if channel == "depth@100ms" else 3):
            events.append(data(socket))
            if events[-1]["u"] <= update_id:
                continue
            assert events[-1]["U"] <= update_id + 1
            update_id = events[-1]["u"]
            apply(bids, events[-1]["b"])
            apply(asks, events[-1]["a"])
            assert (bids, asks) == both(exchange.book(symbol, update_id))
    assert all(later["U"] == earlier["u"] + 1 for earlier, later in pairwise(events))


def test_partial_depth_is_the_top_of_the_true_book(
    exchange: SimulatedExchange, dial: Dial, data: Data
) -> None:
    """Its levels are those of the book at its lastUpdateId."""
    socket = dial(f"{exchange.stream_url}/ws/btcusdt@depth10@100ms")
    for _ in range(5):
        payload = data(socket)
        book = exchange.book("BTCUSDT", payload["lastUpdateId"])
        assert [tuple(level) for level in payload["bids"]] == list(book.bids[:10])
        assert [tuple(level) for level in payload["asks"]] == list(book.asks[:10])


def test_the_book_ticker_is_the_best_of_the_true_book(
    exchange: SimulatedExchange, dial: Dial, data: Data
) -> None:
    """Each message is the top at its update id."""
    socket = dial(f"{exchange.stream_url}/ws/ethusdt@bookTicker")
    for _ in range(20):
        top = data(socket)
        book = exchange.book("ETHUSDT", top["u"])
        assert (top["b"], top["B"]) == book.bids[0]
        assert (top["a"], top["A"]) == book.asks[0]


def test_streams_and_rest_tell_of_the_same_trades(
    exchange: SimulatedExchange, dial: Dial, data: Data
) -> None:
    """A trade has the same id, price, quantity and side on both."""
    socket = dial(f"{exchange.stream_url}/ws/btcusdt@trade")
    trades = [data(socket) for _ in range(10)]
    url = f"{exchange.rest_url}/api/v3/trades?symbol=BTCUSDT&limit=1000"
    rows = {row["id"]: row for row in requests.get(url, timeout=5).json()}
    for trade in trades:
        row = rows[trade["t"]]
        assert (row["price"], row["qty"]) == (trade["p"], trade["q"])
        assert (row["time"], row["isBuyerMaker"]) == (trade["T"], trade["m"])
    held = {trade.trade_id for trade in exchange.trades("BTCUSDT")}
    assert held >= rows.keys()


def test_a_candle_closes_once_with_its_final_values(dial: Dial, data: Data) -> None:
    """The stream tells the last state of each second, and REST has the same."""
    with SimulatedExchange(rate=30) as exchange:
        socket = dial(f"{exchange.stream_url}/ws/btcusdt@kline_1s")
        closed: list[Any] = []
        while len(closed) < 2:
            candle = data(socket)["k"]
            if candle["x"]:
                closed.append(candle)
        assert closed[1]["t"] == closed[0]["t"] + 1_000
        assert closed[1]["f"] == closed[0]["L"] + 1
        url = f"{exchange.rest_url}/api/v3/klines?symbol=BTCUSDT&interval=1s"
        rows = {row[0]: row for row in requests.get(url, timeout=5).json()}
        for candle in closed:
            row = rows[candle["t"]]
            assert row[1:6] == [candle[name] for name in ("o", "h", "l", "c", "v")]
            assert (row[6], row[8]) == (candle["T"], candle["n"])
