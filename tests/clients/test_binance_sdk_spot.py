"""binance-sdk-spot, the exchange's own client, takes the simulated exchange for the real one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Run = Callable[..., dict[str, Any]]
Agrees = Callable[[dict[str, Any]], bool]
Follows = Callable[[list[int]], bool]
Adjoin = Callable[[list[list[int]]], bool]
NAMED = ("trade", "depthUpdate", "aggTrade", "kline", "24hrTicker", "24hrMiniTicker", "avgPrice")


def test_binance_sdk_spot(run: Run, agrees: Agrees, follows: Follows, adjoin: Adjoin) -> None:
    """It reads, signs, listens, unsubscribes, and asks; its models know every field there is."""
    done = run("binance-sdk-spot")
    assert done["undescribed"] == done["undescribed_events"] == done["undescribed_answers"] == {}
    assert done["symbols"] == ["BTCUSDT", "ETHUSDT"]
    assert agrees(done["depth"])
    assert follows(done["recent"])
    assert follows([opened // 60_000 for opened in done["klines"]])
    assert done["balances"]["BTC"] == "1.25000000"
    nameless = {"bookTicker": None, "partial": None}
    assert done["kinds"] == {name: name for name in NAMED} | nameless
    assert agrees(done["book"])
    assert follows(done["trade_ids"])
    assert adjoin(done["update_ids"])
    assert done["subscriptions"] == [
        "btcusdt@aggTrade",
        "btcusdt@avgPrice",
        "btcusdt@bookTicker",
        "btcusdt@depth20@100ms",
        "btcusdt@kline_1m",
        "btcusdt@miniTicker",
        "btcusdt@ticker",
        "btcusdt@trade",
    ]
    assert follows(done["after_the_cut"])
    assert agrees(done["api_depth"])
    assert done["api_balances"] == done["balances"]
    assert done["api_time"] >= done["server_time"]
    assert done["api_average"] == 5
    assert done["subscribed"] == 1
    assert follows([opened // 60_000 for opened in done["api_klines"]])
