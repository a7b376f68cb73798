"""What a way of delivery cannot do: said at once, and by name."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_connector import Disconnected, ErrorOccurred, Handlers, Trade, ValidationError
from exchange_connector.simulator import SimulatedExchange


def test_an_inline_one_must_not_wait_for_an_answer(
    exchange: SimulatedExchange, start: Any, record: Any
) -> None:
    """It is told so at once, by name; asking without waiting is fine, and the session goes on."""
    connector, life, recorder = start(exchange).proxy(), record(), record()
    connector.subscribe_events(life).get(timeout=5)
    futures: list[Any] = []

    def take(event: Any) -> None:
        recorder(event)
        futures.append(connector.health())
        connector.subscribe_ticker("BTCUSDT", print).get(timeout=10)

    connector.subscribe_trades("BTCUSDT", take, delivery="inline").get(timeout=5)
    (told, *_) = life.wait_for(ErrorOccurred, 2)
    assert "ValidationError" in told.error.reason
    assert "must not wait" in told.error.reason
    recorder.wait_for(Trade, 3)
    assert futures[0].get(timeout=5).subscribers >= 1
    assert life.of(Disconnected) == []


def test_the_connectors_own_life_is_not_delivered_inline(
    exchange: SimulatedExchange, start: Any, record: Any
) -> None:
    """It comes from another thread: one callable has one."""
    connector, inline, threaded = start(exchange).proxy(), record(), record()
    connector.subscribe_trades("BTCUSDT", inline, delivery="inline").get(timeout=5)
    with pytest.raises(ValidationError, match="delivered otherwise"):
        connector.subscribe_events(inline).get(timeout=5)
    connector.subscribe_events(threaded).get(timeout=5)
    with pytest.raises(ValidationError, match="delivered otherwise"):
        connector.subscribe_trades("BTCUSDT", threaded, delivery="inline").get(timeout=5)


@pytest.mark.parametrize(
    ("field", "value"),
    [("batch", "yes"), ("batch", 1), ("delivery", "process"), ("delivery", None)],
)
def test_what_is_no_way_of_delivery_is_refused(
    field: str, value: Any, exchange: SimulatedExchange, start: Any, record: Any
) -> None:
    """Naming the field; nothing is left of the attempt."""
    connector = start(exchange).proxy()
    with pytest.raises(ValidationError) as caught:
        connector.subscribe_trades("BTCUSDT", record(), **{field: value}).get(timeout=5)
    assert caught.value.field == field
    assert connector.health().get(timeout=5).subscribers == 0


@pytest.mark.parametrize("more", [{"batch": True}, {"delivery": "inline"}])
def test_handlers_take_one_event_on_their_own_thread(
    more: dict[str, Any], exchange: SimulatedExchange, start: Any, record: Any
) -> None:
    """There is no handler for a batch: nothing must vanish because of that."""
    connector, recorder = start(exchange).proxy(), record()
    connector.set_handlers(Handlers(on_trade=recorder)).get(timeout=5)
    with pytest.raises(ValidationError) as caught:
        connector.subscribe_trades("BTCUSDT", **more).get(timeout=5)
    assert caught.value.field == next(iter(more))
    connector.subscribe_trades("BTCUSDT").get(timeout=5)
    recorder.wait_for(Trade)
