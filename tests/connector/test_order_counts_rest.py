"""What the exchange counts of the account's orders, where they go by REST."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector import PlaceOrder, RateLimitError, ask
from exchange_connector.simulator import SimulatedExchange


def test_what_rest_tells_of_the_count_is_kept_to(start: Callable[..., Any]) -> None:
    """Others have used up the account's orders of the day: the next one is not even sent."""
    with SimulatedExchange(rate=20.0, max_orders_a_day=4) as exchange:
        exchange.refuse_upgrades(count=None)  # so that there is no session of the account
        order = PlaceOrder(
            "BTCUSDT", "BUY", "LIMIT", Decimal("0.001"), Decimal(40000), time_in_force="GTC"
        )
        other, ref = start(exchange, ready=False), start(exchange, ready=False)
        for each in (other, ref):
            each.proxy().sync_clock().get(timeout=10)
        for each in (other, other, other, ref):
            ask(each, order, timeout=15)
        with pytest.raises(RateLimitError) as caught:
            ask(ref, order, timeout=15)
        assert caught.value.code is None  # not the exchange's word
        assert sum(exchange.order_requests.values()) == 4
