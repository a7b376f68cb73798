"""ccxt, as released, takes the simulated exchange for Bybit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange

Run = Callable[..., dict[str, Any]]
Follows = Callable[[list[int]], bool]
IsTrue = Callable[[str, dict[str, Any]], bool]
RunOfTrades = Callable[..., bool]
SYMBOLS = {"spot": "BTC/USDT", "linear": "BTC/USDT:USDT"}


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """A lively one with Bybit's interface, which remembers what it has told."""
    with SimulatedExchange(exchange="bybit", seed=5, rate=20.0, keep_published=10_000) as running:
        yield running


@pytest.fixture
def numbered(exchange: SimulatedExchange) -> Callable[[str, dict[str, Any]], dict[str, Any]]:
    """A book with its update id: ccxt hands on only the time of the newest frame in it."""

    def numbered(category: str, told: dict[str, Any]) -> dict[str, Any]:
        for published in exchange.published(f"{category}/orderbook.{told['depth']}.BTCUSDT"):
            frame = json.loads(published.payload)
            if frame["ts"] == told["ts"]:
                return {**told, "update_id": frame["data"]["u"]}
        raise AssertionError(f"no frame of {told['ts']}")

    return numbered


def test_ccxt(
    exchange: SimulatedExchange,
    run: Run,
    numbered: Callable[[str, dict[str, Any]], dict[str, Any]],
    is_true: IsTrue,
    run_of_trades: RunOfTrades,
    follows: Follows,
) -> None:
    """It reads, signs, watches, keeps books of both markets, comes back, and trades."""
    done = run("ccxt", script="ccxt_bybit")
    assert done["symbols"] == ["BTC/USDT", "BTC/USDT:USDT", "ETH/USDT", "ETH/USDT:USDT"]
    assert done["balances"] == {"BTC": 1.25, "USDT": 102_500.0}
    for category, symbol in SYMBOLS.items():
        told = done[category]
        assert told["precision"] == {"price": "0.01", "amount": "1e-05"}
        assert told["levels"] == [50, 50]
        assert run_of_trades(category, told["recent"], shuffled=True)
        assert follows([opened // 60_000 for opened in told["klines"]])
        assert told["day"] == told["ticker"] == symbol
        assert told["candle"] in range(told["klines"][-1], done["server_time"] + 60_000, 60_000)
        assert is_true(category, numbered(category, told["book"]))
        assert run_of_trades(category, told["trade_ids"])
        assert told["error"] == "NetworkError"
        assert run_of_trades(category, told["after_the_cut"])
    check_orders(exchange, done["orders"])
    unsubscribed = [each.params for each in exchange.controls if each.method == "unsubscribe"]
    assert unsubscribed == [["publicTrade.BTCUSDT"]] * 2


def check_orders(exchange: SimulatedExchange, done: dict[str, Any]) -> None:
    """An order that was placed, told of and cancelled, and a sale, all as the truth has them."""
    mine, sold = exchange.orders()
    assert done["placed"] == str(mine.order_id)
    assert done["told"] == [[done["placed"], "open", "mine"]]
    assert done["resting"] == [done["placed"]]
    assert done["cancelled"] == [done["placed"], "canceled"]
    assert done["closed"] == [[str(sold.order_id), "closed", 0.002]]
    assert done["trades"] == [str(fill.trade_id) for fill in exchange.fills()]
    assert done["refused"] == "InsufficientFunds"
