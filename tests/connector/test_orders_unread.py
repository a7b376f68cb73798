"""What the account's session brings cannot be read: it is told, and the account asked for instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector import (
    Balance,
    CancelOrder,
    ErrorOccurred,
    Order,
    OrderType,
    PlaceOrder,
    ProtocolError,
    Side,
    SubscribeBalances,
    SubscribeEvents,
    SubscribeOrders,
    TimeInForce,
    ask,
)
from exchange_connector.actors import account_session
from exchange_connector.simulator import SimulatedExchange

BTC = "BTCUSDT"
SMALL, FAR = Decimal("0.01"), Decimal("60000.00")


def resting(id: str) -> PlaceOrder:
    """An order that stays in the book."""
    terms: dict[str, Any] = {"time_in_force": TimeInForce.GTC, "client_order_id": id}
    return PlaceOrder(BTC, Side.BUY, OrderType.LIMIT, SMALL, FAR, **terms)


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """An exchange that refuses no dial."""
    with SimulatedExchange(rate=20.0, max_dials=0) as exchange:
        yield exchange


@pytest.mark.parametrize("how", ["truncated", "garbled", "missing", "wrong_type"])
def test_events_that_cannot_be_read(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    recorder: Any,
    record: Any,
    monkeypatch: pytest.MonkeyPatch,
    how: Any,
) -> None:
    """What another client does in the meantime is told all the same."""
    monkeypatch.setattr(account_session, "_DOUBT", 0.2)
    ref, other, life = start(exchange), start(exchange), record()
    ask(ref, SubscribeEvents(life))
    ask(ref, SubscribeOrders(recorder))
    ask(ref, SubscribeBalances(recorder))
    ask(ref, resting("a"))
    exchange.corrupt("userData@*", None, how)
    ask(other, CancelOrder(BTC, client_order_id="a"))
    assert isinstance(life.wait_for(ErrorOccurred)[0].error, ProtocolError)
    recorder.wait(lambda _: [event.status for event in recorder.of(Order)] == ["NEW", "CANCELED"])
    free = exchange.balances()["USDT"].free
    recorder.wait(lambda _: [b.free for b in recorder.of(Balance) if b.asset == "USDT"][-1] == free)


def test_a_frame_that_names_the_key_is_shown_without(
    exchange: SimulatedExchange, start: Callable[..., Any], recorder: Any, record: Any
) -> None:
    """As an answer to a logon does."""
    ref, life = start(exchange), record()
    ask(ref, SubscribeEvents(life))
    ask(ref, SubscribeOrders(recorder))
    payload = f'{{"id":1.5,"status":200,"result":{{"apiKey":"{exchange.api_key}"'
    exchange.inject(payload)

    def is_told(events: list[Any]) -> bool:
        errors = [each.error for each in events if isinstance(each, ErrorOccurred)]
        return len([each for each in errors if isinstance(each, ProtocolError)]) >= 2

    life.wait(is_told)  # the session of market data has one of its own
    excerpts = [each.error.excerpt for each in life.of(ErrorOccurred)]
    assert any("apiKey" in each and exchange.api_key not in each for each in excerpts)
