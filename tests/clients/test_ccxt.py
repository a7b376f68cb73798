"""ccxt, as released, takes the simulated exchange for the real one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Run = Callable[..., dict[str, Any]]
Agrees = Callable[[dict[str, Any]], bool]
Follows = Callable[[list[int]], bool]


def test_ccxt(run: Run, agrees: Agrees, follows: Follows) -> None:
    """It reads, signs, watches, keeps books, comes back after a reset, and unsubscribes."""
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
    assert follows(done["api_recent"])
    assert follows([opened // 60_000 for opened in done["api_klines"]])
