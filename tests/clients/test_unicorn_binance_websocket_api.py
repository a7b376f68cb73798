"""unicorn-binance-websocket-api, as released, takes the simulated exchange for the real one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Run = Callable[..., dict[str, Any]]
Agrees = Callable[[dict[str, Any]], bool]
Follows = Callable[[list[int]], bool]
Adjoin = Callable[[list[list[int]]], bool]


def test_unicorn_binance_websocket_api(
    run: Run, agrees: Agrees, follows: Follows, adjoin: Adjoin
) -> None:
    """It listens, subscribes and unsubscribes on the way, comes back after a reset, and asks."""
    done = run("unicorn-binance-websocket-api")
    assert follows(done["trade_ids"])
    assert adjoin(done["update_ids"])
    assert done["candle"] % 60_000 == 0
    assert (done["ticker"], done["other"]) == ("BTCUSDT", "ETHUSDT")
    assert agrees(done["book"])
    assert follows(done["aggregates"])
    assert done["subscriptions"] == [
        "btcusdt@aggTrade",
        "btcusdt@bookTicker",
        "btcusdt@depth20@100ms",
        "btcusdt@depth@100ms",
        "btcusdt@kline_1m",
        "btcusdt@ticker",
        "btcusdt@trade",
    ]
    assert done["signals"][:3] == ["CONNECT", "FIRST_RECEIVED_DATA", "DISCONNECT"]
    assert follows(done["after_the_cut"])
    assert done["api_ping"] == 200
    assert done["api_time"] > done["candle"]
    assert agrees(done["api_depth"])
    assert done["api_balances"]["BTC"] == "1.25000000"
    assert done["api_symbols"] == ["BTCUSDT"]
