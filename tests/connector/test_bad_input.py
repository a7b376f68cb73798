"""What the exchange must not send, and what becomes of it: told, counted, and never passed on."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector import (
    Disconnected,
    ErrorOccurred,
    ExchangeConnectionError,
    ExchangeError,
    GetHealth,
    OrderBookUpdate,
    ProtocolError,
    StreamGap,
    Trade,
    ask,
)
from exchange_connector.simulator import SimulatedExchange

TRADE = {
    "e": "trade", "E": 1672515782136, "s": "BTCUSDT", "t": 1, "p": "1.5", "q": "2",
    "T": 1672515782136, "m": True, "M": True,
}  # fmt: skip


def frame(**changes: Any) -> str:
    """A trade's frame with some fields changed."""
    return json.dumps({"stream": "btcusdt@trade", "data": TRADE | changes}, separators=(",", ":"))


NUMBERS = ["NaN", "sNaN", "Infinity", "-Infinity", "1e400000000", " 1", "1 ", "1_000", "١٢٣", "+1",
           "-1", "", ".", "0x10", "1,5", "1.2.3", "null"]  # fmt: skip
BAD: dict[str, str | bytes] = {
    "not json": '{"stream":"btcusdt@trade","data":{',
    "not an object": "[1,2,3]",
    "nothing": "",
    "text": "hello",
    "deep": '{"stream":"btcusdt@trade","data":' + "[" * 100_000 + "]" * 100_000 + "}",
    "deep in an unknown field": frame(X=0).replace('"X":0', '"X":' + "[" * 100_000 + "]" * 100_000),
    "invalid UTF-8": frame().encode().replace(b'"trade"', b'"tr\xff\xfede"'),
    "invalid UTF-8 in an unknown field": frame(X="y").encode().replace(b'"y"', b'"\xff"'),
    "missing field": json.dumps({"stream": "btcusdt@trade", "data": {"e": "trade"}}),
    "wrong type": frame(t="one"),
    "wrong bool": frame(m="yes"),
    "number for text": frame(p=1.5),
    "huge id": frame(t=10**400),
    "negative time": frame(T=-1),
    "another symbol": frame(s="ETHUSDT"),
}
BAD.update({f"number {number!r}": frame(p=number) for number in NUMBERS})


@pytest.mark.parametrize("name", BAD)
def test_a_bad_frame_is_told_and_the_session_goes_on(
    name: str, exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """`ErrorOccurred(ProtocolError)` with an excerpt; no value of it reaches a subscriber."""
    ref = start(exchange)
    connector, life, trades = ref.proxy(), record(), record()
    connector.subscribe_events(life).get(timeout=5)
    connector.subscribe_trades("BTCUSDT", trades).get(timeout=5)
    trades.wait_for(Trade)
    payload = BAD[name]
    exchange.inject(payload)
    (told,) = life.wait_for(ErrorOccurred)
    assert isinstance(told.error, ProtocolError)
    assert told.error.reason
    beginning = payload[:20] if isinstance(payload, str) else payload[:20].decode()
    assert told.error.excerpt.startswith(beginning)
    assert len(told.error.excerpt) < 500
    seen = len(trades.of(Trade))
    trades.wait_for(Trade, seen + 2)
    assert all(event.price.is_finite() for event in trades.of(Trade))
    assert Decimal("1.5") not in {event.price for event in trades.of(Trade)}
    assert ask(ref, GetHealth()).rejected_frames == 1
    assert life.of(Disconnected) == []


def test_an_oversized_frame_ends_the_connection(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Beyond 4 MiB nothing is read: the session goes on, on a new connection."""
    connector, life, trades = start(exchange).proxy(), record(), record()
    connector.subscribe_events(life).get(timeout=5)
    connector.subscribe_trades("BTCUSDT", trades).get(timeout=5)
    trades.wait_for(Trade)
    exchange.inject("x" * (5 << 20))
    (told,) = life.wait_for(ErrorOccurred)
    assert isinstance(told.error, ProtocolError)
    life.wait_for(Disconnected)
    trades.wait_for(StreamGap)
    seen = len(trades.of(Trade))
    trades.wait_for(Trade, seen + 2)


def test_unknown_fields_are_counted(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """The exchange may add fields: nothing breaks, and health shows that it did."""
    ref = start(exchange)
    updates = record()
    ref.proxy().subscribe_order_book_updates("BTCUSDT", updates).get(timeout=5)
    updates.wait_for(OrderBookUpdate)
    data = {"e": "depthUpdate", "E": 1672515782136, "s": "BTCUSDT", "U": 1 << 50, "u": 1 << 50,
            "b": [["1", "2"]], "a": [], "new": {"field": [1]}}  # fmt: skip
    exchange.publish("btcusdt@depth@100ms", json.dumps(data))
    updates.wait(lambda events: any(getattr(e, "last_update_id", 0) == 1 << 50 for e in events))
    assert exchange.wait_until(lambda _: ask(ref, GetHealth()).unknown_fields >= 1)


def test_lost_and_doubled_frames(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """A lost id is told in its place; a doubled one is delivered once."""
    trades = record()
    start(exchange, recovery={"enabled": False}).proxy().subscribe_trades("BTCUSDT", trades).get(
        timeout=5
    )
    trades.wait_for(Trade)
    exchange.lose("btcusdt@trade", 2)
    (gap,) = trades.wait_for(StreamGap)
    assert gap.reason == "missed"
    assert gap.missed == 2 == gap.last_missed_id - gap.first_missed_id + 1
    exchange.duplicate("btcusdt@trade", 3)
    seen = len(trades.of(Trade))
    trades.wait_for(Trade, seen + 6)
    ids = [int(event.trade_id) for event in trades.of(Trade)]
    assert ids == sorted(set(ids))
    assert set(range(ids[0], ids[-1] + 1)) - set(ids) == {gap.first_missed_id, gap.last_missed_id}
    place = trades.events.index(gap)
    assert int(trades.events[place - 1].trade_id) == gap.first_missed_id - 1
    assert int(trades.events[place + 1].trade_id) == gap.last_missed_id + 1
    assert len(trades.of(StreamGap)) == 1


BODIES: dict[str, tuple[int, str, type[Exception], int]] = {
    "html": (502, "<html>Bad gateway</html>", ExchangeError, 502),
    "html, refused": (403, "<html>WAF</html>", ExchangeError, 403),
    "empty": (200, "", ExchangeError, 200),
    "empty refusal": (400, "", ExchangeError, 400),
    "not json": (200, "{", ExchangeError, 200),
    "wrong shape": (200, '{"bids":1}', ExchangeError, 200),
    "bad number": (200, '{"lastUpdateId":1,"bids":[["NaN","1"]],"asks":[]}', ExchangeError, 200),
    "redirect": (302, "", ExchangeError, 302),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_bad_body_is_an_error_with_its_status(
    name: str, exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """REST answers that cannot be used."""
    status, body, kind, told = BODIES[name]
    connector = start(exchange).proxy()
    headers = {"Location": f"{exchange.rest_url}/api/v3/time"} if status == 302 else None
    exchange.answer("/api/v3/depth", status=status, body=body, headers=headers, count=1)
    with pytest.raises(kind) as caught:
        connector.order_book("BTCUSDT").get(timeout=5)
    assert getattr(caught.value, "http_status", None) == told
    assert connector.order_book("BTCUSDT").get(timeout=5).symbol == "BTCUSDT"


def test_a_reset_connection_is_a_connection_error(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """Retryable, and naming the part that met it."""
    connector = start(exchange).proxy()
    exchange.reset_rest("/api/v3/depth", 1)
    with pytest.raises(ExchangeConnectionError) as caught:
        connector.order_book("BTCUSDT").get(timeout=5)
    assert caught.value.component == "rest"
    assert caught.value.retryable
