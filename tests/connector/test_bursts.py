"""An exchange that counts a second, shorter period: no burst of requests exceeds it."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector import GetHealth, RateLimitError, ask
from exchange_connector.simulator import SimulatedExchange
from exchange_connector.venues import DRIVERS

BURST, PERIOD = 40, 0.5


@pytest.fixture(autouse=True)
def bursts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that knows of such a limit."""
    driver = DRIVERS["binance", "spot"]
    limits = dataclasses.replace(driver.limits, burst=BURST, burst_period=PERIOD)
    monkeypatch.setitem(DRIVERS, ("binance", "spot"), dataclasses.replace(driver, limits=limits))


def test_many_at_once(exchange: SimulatedExchange, start: Callable[..., Any]) -> None:
    """They wait for their turn, of two connectors together; health counts the minute's."""
    refs = [start(exchange), start(exchange)]
    futures = [ref.proxy().order_book("BTCUSDT", 100) for ref in refs for _ in range(12)]
    for future in futures:
        future.get(timeout=10)
    arrived = [(each.time, each.weight) for each in exchange.requests]
    assert sum(weight for _, weight in arrived) >= 24 * 5
    for begin, _ in arrived:
        assert sum(weight for at, weight in arrived if begin <= at < begin + PERIOD) <= BURST
    assert ask(refs[0], GetHealth()).weight_used >= sum(weight for _, weight in arrived)


def test_a_request_that_can_never_leave(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """Is told at once, though a minute has room for it."""
    connector = start(exchange).proxy()
    began = time.monotonic()
    with pytest.raises(RateLimitError) as caught:
        connector.order_book("BTCUSDT", 5000).get(timeout=5)
    assert caught.value.retry_after == math.inf
    assert time.monotonic() - began < 1.0
