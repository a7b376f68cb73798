"""pybit, as released, takes the simulated exchange for the real one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange

Run = Callable[..., dict[str, Any]]
IsTrue = Callable[[str, dict[str, Any]], bool]
RunOfTrades = Callable[..., bool]


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """A lively one with Bybit's interface."""
    with SimulatedExchange(exchange="bybit", seed=5, rate=20.0) as running:
        yield running


def test_pybit(
    exchange: SimulatedExchange, run: Run, is_true: IsTrue, run_of_trades: RunOfTrades
) -> None:
    """It reads, signs, pages, keeps books and tickers of both markets, comes back, and trades."""
    done = run("pybit")
    assert done["balances"] == {"BTC": "1.25", "ETH": "20.5", "USDT": "102500"}
    assert done["margin_mode"] == "REGULAR_MARGIN"
    assert done["key"] == exchange.api_key
    assert not [request for request in exchange.requests if request.status != 200]
    for category in ("spot", "linear"):
        told = done[category]
        assert told["symbols"] == told["first_page"] == ["BTCUSDT", "ETHUSDT"]
        assert is_true(category, told["depth"])
        assert run_of_trades(category, told["recent"])
        assert told["klines"] == list(range(told["klines"][0], told["klines"][-1] - 1, -60_000))
        assert told["day"] == told["ticker"]["symbol"] == "BTCUSDT"
        assert all(is_true(category, book) for book in told["books"])
        assert is_true(category, told["book_after_the_cut"])
        assert len(told["best"]["b"]) == len(told["best"]["a"]) == 1
        assert run_of_trades(category, told["trade_ids"])
        assert run_of_trades(category, told["after_the_cut"])
        assert told["kline"] == "1"
    assert "bid1Price" in done["linear"]["ticker"]
    assert "bid1Price" not in done["spot"]["ticker"]
    check_orders(exchange, done["orders"])
    methods = {control.method for control in exchange.controls}
    assert {"subscribe", "auth"} <= methods


def check_orders(exchange: SimulatedExchange, done: dict[str, Any]) -> None:
    """An order that was placed, seen and cancelled, and a purchase, all as the truth has them."""
    mine, bought = exchange.orders()
    assert done["placed"] == done["cancelled"]
    assert done["placed"] == {"orderId": str(mine.order_id), "orderLinkId": "mine"}
    assert done["resting"] == [str(mine.order_id)]
    assert (mine.status, exchange.order_requests["mine"]) == ("CANCELED", 2)
    assert done["refused"] == 170141
    assert done["bought"] == str(bought.order_id)
    assert done["statuses"] == [
        [str(mine.order_id), "New"],
        [str(mine.order_id), "Cancelled"],
        [str(bought.order_id), "PartiallyFilledCanceled"],
    ]
    assert done["locked"] == ["60", "0", "0"]
    assert done["history"] == [str(bought.order_id), str(mine.order_id)]
    truth = [str(fill.trade_id) for fill in exchange.fills()]
    assert done["executed"] == truth
    assert done["executions"] == truth[::-1]
