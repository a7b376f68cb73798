"""ccxt, as released, takes the simulated exchange for the real one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exchange_connector.simulator import SimulatedExchange

Run = Callable[..., dict[str, Any]]
Agrees = Callable[[dict[str, Any]], bool]
Follows = Callable[[list[int]], bool]


def test_ccxt(exchange: SimulatedExchange, run: Run, agrees: Agrees, follows: Follows) -> None:
    """It reads, signs, watches, trades, keeps books, comes back after a reset, unsubscribes."""
    done = run("ccxt")
    assert done["symbols"] == done["prices"] == done["best"] == ["BTC/USDT", "ETH/USDT"]
    assert done["precision"]["price"] == "0.01"
    assert done["precision"]["amount"] == "1e-05"
    assert agrees(done["depth"])
    assert follows(done["recent"])
    assert follows([opened // 60_000 for opened in done["klines"]])
    assert done["balances"] == {"BTC": 1.25, "USDT": 100_000.0}
    assert done["day"] == done["watched_ticker"] == "BTC/USDT"
    assert done["watched_candle"] in range(done["klines"][-1], done["server_time"] + 60_000, 60_000)
    assert done["watched_best"] == ["BTC/USDT"]
    assert agrees(done["first_book"])
    assert follows(done["trade_ids"])
    assert done["error"] == "NetworkError"
    assert follows(done["after_the_cut"])
    assert agrees(done["book"])
    assert done["book"]["update_id"] > done["first_book"]["update_id"]
    assert done["left"]
    assert done["api_balances"] == done["balances"]
    assert (done["placed"], done["seen"], done["gone"]) == ("open", "open", "canceled")
    assert (done["listed"], done["other"]) == (["by-rest"], "closed")
    assert done["told"][0] == ["by-rest", "open"]
    assert ["by-rest", "canceled"] in done["told"]
    assert done["told"][-1] == ["by-ws", "closed"]
    assert done["traded"] == [fill.trade_id for fill in exchange.fills()]
    assert exchange.order_requests == {"by-rest": 1, "by-ws": 1}
    assert follows(done["api_recent"])
    assert follows([opened // 60_000 for opened in done["api_klines"]])
