"""The exchange says that too much was sent: what may still leave, and what waits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector import (
    CancelOrder,
    Config,
    ConnectorActor,
    GetServerTime,
    OrderType,
    PlaceOrder,
    RateLimitError,
    Side,
    SubscribeOrders,
    TimeInForce,
    ask,
)
from exchange_connector.simulator import SimulatedExchange

BTC = "BTCUSDT"
SMALL, FAR = Decimal("0.01"), Decimal("60000.00")
TOO_MUCH = "Too much request weight used; current limit is 6000 request weight per 1 MINUTE."
SUBSCRIBE = "userDataStream.subscribe.signature"


def resting(id: str) -> PlaceOrder:
    """An order that stays in the book."""
    terms: dict[str, Any] = {"time_in_force": TimeInForce.GTC, "client_order_id": id}
    return PlaceOrder(BTC, Side.BUY, OrderType.LIMIT, SMALL, FAR, **terms)


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """An exchange that refuses no dial."""
    with SimulatedExchange(rate=20.0, max_dials=0) as exchange:
        yield exchange


def asked(exchange: SimulatedExchange, method: str) -> int:
    """How often it was asked for over the websocket, whatever became of that."""
    return sum(control.method == method for control in exchange.controls)


def test_after_too_much_was_sent_nothing_leaves_over_the_websocket(
    exchange: SimulatedExchange, start: Callable[..., Any], recorder: Any
) -> None:
    """Neither orders nor cancellations: to go on leads to a ban."""
    ref = start(exchange)
    ask(ref, SubscribeOrders(recorder))
    ask(ref, resting("warm"))
    exchange.refuse_controls(code=-1003, message=TOO_MUCH, method="order.place")
    with pytest.raises(RateLimitError) as raised:
        ask(ref, resting("a"))
    assert raised.value.code == -1003
    for request in (resting("b"), CancelOrder(BTC, client_order_id="warm")):
        with pytest.raises(RateLimitError) as raised:
            ask(ref, request)
        assert raised.value.code is None
    assert (asked(exchange, "order.place"), asked(exchange, "order.cancel")) == (2, 0)


def test_what_rest_was_told_counts_for_the_websocket_too(
    exchange: SimulatedExchange, configured: Callable[..., Config], recorder: Any
) -> None:
    """They have two hosts, and for the exchange one address."""
    config = configured(exchange)
    ws_api_url = exchange.ws_api_url.replace("127.0.0.1", "localhost")
    other = Config.builder().exchange(
        "binance",
        exchange.api_key,
        exchange.api_secret,
        rest_url=config.exchange.rest_url,
        stream_url=config.exchange.stream_url,
        ws_api_url=ws_api_url,
    )
    ref = ConnectorActor.start(other.build())
    try:
        ref.proxy().ready().get(timeout=10)
        ask(ref, SubscribeOrders(recorder))
        ask(ref, resting("warm"))
        exchange.answer(
            "/api/v3/time", 429, {"code": -1003, "msg": TOO_MUCH}, {"Retry-After": "60"}
        )
        with pytest.raises(RateLimitError):
            ask(ref, GetServerTime())
        with pytest.raises(RateLimitError) as raised:
            ask(ref, resting("a"))
        assert raised.value.code is None
        assert asked(exchange, "order.place") == 1
    finally:
        ref.stop(timeout=10)


def test_a_session_that_is_refused_for_too_much_waits(
    exchange: SimulatedExchange, start: Callable[..., Any], recorder: Any
) -> None:
    """It does not try again before the exchange wants to hear of it."""
    ref = start(exchange)
    exchange.refuse_controls(code=-1003, message=TOO_MUCH, method=SUBSCRIBE, count=None)
    ref.ask(SubscribeOrders(recorder), block=False)
    assert exchange.wait_until(lambda exchange: asked(exchange, SUBSCRIBE) > 0)
    threading.Event().wait(1.0)  # five times as long as it waits for another reason
    assert asked(exchange, SUBSCRIBE) == 1


def test_too_many_orders_are_too_many_for_a_while(
    exchange: SimulatedExchange, start: Callable[..., Any], until: Any
) -> None:
    """New ones wait, or are refused here; all else goes on."""
    ref = start(exchange)
    ask(ref, SubscribeOrders(print))
    ask(ref, resting("warm"))
    exchange.refuse_upgrades(503)
    exchange.cut()
    until(ref, lambda health: health.sessions["account-session"].state == "DOWN")
    body = {"code": -1015, "msg": "Too many new orders; current limit is 100 per 10 SECOND."}
    exchange.answer("POST /api/v3/order", 429, body, {"Retry-After": "60"})
    with pytest.raises(RateLimitError) as raised:
        ask(ref, resting("a"))
    assert raised.value.code == -1015
    with pytest.raises(RateLimitError) as raised:
        ask(ref, resting("b"))
    assert raised.value.code is None
    assert 58 < raised.value.retry_after < 60.5
    ask(ref, CancelOrder(BTC, client_order_id="warm"))
    assert exchange.order_requests == {"warm": 1}
