"""A new connection begins with the present state, which may be older than what the old one brings."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from exchange_connector import Config, ConnectorActor, Kline, RolledOver, Ticker
from exchange_connector.campaign.proxy import Proxy
from exchange_connector.simulator import SimulatedExchange

LAG_S = 0.4
"""In which the old connection brings more."""


@pytest.mark.parametrize("market", ["spot", "linear"])
def test_candles_and_tickers_do_not_go_back(market: str, record: Callable[[], Any]) -> None:
    """Nor is any state delivered that is older than the one before it."""
    with SimulatedExchange(exchange="bybit", rate=20.0) as exchange:
        proxy = Proxy(exchange.port)
        proxy.start()
        builder = Config.builder().exchange(
            "bybit",
            market=market,
            rest_url=exchange.rest_url,
            stream_url=f"ws://127.0.0.1:{proxy.port}",
        )
        ref = ConnectorActor.start(builder.health(suspect_after=10.0).build())
        try:
            connector, klines, tickers = ref.proxy(), record(), record()
            connector.subscribe_klines("BTCUSDT", "1m", klines).get(timeout=10)
            connector.subscribe_ticker("BTCUSDT", tickers).get(timeout=10)
            klines.wait_for(Kline, 2)
            proxy.lag(LAG_S)
            for _ in range(2):
                assert connector.roll_over().get(timeout=20) == RolledOver(1)
            seen = len(klines.of(Kline))
            klines.wait_for(Kline, seen + 3)
            for recorder, kind in ((klines, Kline), (tickers, Ticker)):
                assert recorder.gaps == []
                times = [event.event_time for event in recorder.of(kind)]
                assert len(times) > 5
                back = [(one, other) for one, other in pairwise(times) if other < one]
                assert back == []
        finally:
            ref.stop(timeout=10)
            proxy.stop()
