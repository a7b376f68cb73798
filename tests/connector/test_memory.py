"""What nobody needs any more is let go of."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

from exchange_connector import Trade
from exchange_connector.actors.frame import Source
from exchange_connector.simulator import SimulatedExchange


def test_streams_that_were_left_leave_nothing_behind(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Their decoders are the largest part; frames are nothing that the collector follows."""
    connector = start(exchange).proxy()
    for _ in range(20):
        trades = record()
        subscription = connector.subscribe_trades("BTCUSDT", trades).get(timeout=5)
        trades.wait_for(Trade)
        connector.unsubscribe(subscription).get(timeout=5)
    assert exchange.wait_until(lambda e: not e.streams)
    gc.collect()
    assert sum(type(each) is Source for each in gc.get_objects()) <= 2
