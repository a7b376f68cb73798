"""cryptofeed, as released, takes the simulated exchange for the real one, by TLS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Run = Callable[..., dict[str, Any]]
Agrees = Callable[[dict[str, Any]], bool]
Follows = Callable[[list[int]], bool]


def test_cryptofeed(run: Run, agrees: Agrees, follows: Follows) -> None:
    """It reads, signs, listens, keeps a book, and comes back after a reset."""
    done = run("cryptofeed", tls=True)
    assert done["symbols"] == ["BTC-USDT", "ETH-USDT"]
    assert follows([opened // 60 for opened in done["klines"]])
    assert done["balances"]["BTC"] == "1.25000000"
    assert follows(done["aggregates"])
    assert done["best"] == "BTC-USDT"
    assert done["candle"] in range(done["klines"][-1], done["klines"][-1] + 300, 60)
    assert agrees(done["first_book"])
    assert follows(done["after_the_cut"])
    assert done["after_the_cut"][0] > done["aggregates"][-1]
    assert agrees(done["book"])
    assert done["book"]["update_id"] > done["first_book"]["update_id"]
