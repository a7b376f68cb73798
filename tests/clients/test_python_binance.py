"""python-binance, as released, takes the simulated exchange for the real one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exchange_connector.simulator import SimulatedExchange

Run = Callable[..., dict[str, Any]]
Agrees = Callable[[dict[str, Any]], bool]
Follows = Callable[[list[int]], bool]


def test_python_binance(
    exchange: SimulatedExchange, run: Run, agrees: Agrees, follows: Follows
) -> None:
    """It reads, signs, listens, trades, keeps a book, and comes back after a reset."""
    done = run("python-binance")
    assert done["symbols"] == done["prices"] == ["BTCUSDT", "ETHUSDT"]
    assert agrees(done["depth"])
    assert follows(done["recent"])
    assert follows(done["aggregates"])
    assert follows([opened // 60_000 for opened in done["klines"]])
    assert (done["day"], done["best"], done["average"]) == ("BTCUSDT", "BTCUSDT", 5)
    assert done["balances"]["BTC"] == "1.25000000"
    assert done["kinds"] == {
        "trade": "trade",
        "aggTrade": "aggTrade",
        "kline": "kline",
        "24hrTicker": "24hrTicker",
        "24hrMiniTicker": "24hrMiniTicker",
        "bookTicker": ["A", "B", "a", "b", "s", "u"],
        "partial": ["asks", "bids", "lastUpdateId"],
    }
    assert done["combined"] == ["btcusdt@aggTrade", "btcusdt@bookTicker"]
    assert agrees(done["book"])
    assert agrees(done["api_depth"])
    assert done["subscription"] is not None
    methods = [control.method for control in exchange.controls]
    assert "userDataStream.subscribe.signature" in methods
    assert "userDataStream.unsubscribe" in methods
    assert done["api_balances"] == done["balances"]
    assert done["api_time"] >= done["server_time"]
    assert (done["placed"], done["seen"], done["gone"]) == ("NEW", "NEW", "CANCELED")
    assert (done["listed"], done["other"]) == (["by-rest"], "FILLED")
    told = [tuple(each) for each in done["told"]]
    assert told[:3] == [("NEW", "NEW"), ("CANCELED", "CANCELED"), ("NEW", "NEW")]
    assert told[-1] == ("TRADE", "FILLED")
    assert done["traded"] == [fill.trade_id for fill in exchange.fills()]
    assert exchange.order_requests == {"by-rest": 1, "by-ws": 1}
    assert follows(done["trade_ids"])
    assert done["errors"]
    assert follows(done["after_the_cut"])
