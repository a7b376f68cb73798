"""The user data stream of the websocket API (user-data-stream.md, web-socket-api.md)."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.faults import DelayFrames

Price = Callable[..., str]


def reports(events: list[Any]) -> list[Any]:
    return [event for event in events if event["e"] == "executionReport"]


def until(count: int) -> Callable[[list[Any]], bool]:
    """Enough are so many events."""
    return lambda events: len(events) >= count


def test_an_order_is_told(exchange: SimulatedExchange, client: Any, price: Price) -> None:
    """New, traded and cancelled, each followed by what the account holds then."""
    assert client.listen() == 0
    placed = client.order(quantity="0.01", price=price("bid", "-5"), newClientOrderId="a").json()
    client.rest("DELETE", "order", symbol="BTCUSDT", origClientOrderId="a", newClientOrderId="b")
    new, bound, gone, free = client.heard(until(4))
    assert (new["x"], new["X"], new["c"], new["C"]) == ("NEW", "NEW", "a", "")
    assert (gone["x"], gone["X"], gone["c"], gone["C"]) == ("CANCELED", "CANCELED", "b", "a")
    assert new["i"] == gone["i"] == placed["orderId"]
    assert (new["w"], gone["w"]) == (True, False)
    usdt = {row["a"]: row for row in bound["B"]}["USDT"]
    assert Decimal(usdt["l"]) == Decimal(placed["price"]) * Decimal("0.01")
    assert {row["a"]: row["l"] for row in free["B"]} == {"BTC": "0.00000000", "USDT": "0.00000000"}
    assert gone["I"] > new["I"]


def test_trades_are_told_to_both_sides(client: Any, open_account: Any, price: Price) -> None:
    """Each hears its own side, with its own commission, and the trade's public id."""
    other = open_account()
    client.listen()
    other.listen()
    level = price("ask", "-0.01")
    sell = client.order(side="SELL", quantity="0.01", price=level).json()
    bought = other.order(quantity="0.004", price=level).json()
    maker = reports(client.heard(until(4)))[-1]
    taker = reports(other.heard(until(4)))[-1]
    assert (maker["i"], taker["i"]) == (sell["orderId"], bought["orderId"])
    assert maker["t"] == taker["t"] == bought["fills"][0]["tradeId"]
    assert (maker["m"], taker["m"]) == (True, False)
    assert (maker["X"], taker["X"]) == ("PARTIALLY_FILLED", "FILLED")
    assert (maker["N"], taker["N"]) == ("USDT", "BTC")
    assert (maker["l"], maker["z"], maker["q"]) == ("0.00400000", "0.00400000", "0.01000000")
    assert Decimal(taker["Z"]) == Decimal(taker["Y"]) == Decimal(level) * Decimal("0.004")
    assert Decimal(taker["n"]) == Decimal("0.000004")


def test_what_the_market_takes_is_told(
    exchange: SimulatedExchange, client: Any, price: Price
) -> None:
    """The reports sum up to the order, and the last position is the truth."""
    client.listen()
    client.order(side="SELL", quantity="0.2", price=price("ask", "-0.01"))
    exchange.advance(600)
    events = client.heard(lambda seen: bool(reports(seen)) and reports(seen)[-1]["X"] == "FILLED")
    events += client.heard(until(1)) if events[-1]["e"] == "executionReport" else []
    trades = [one for one in reports(events) if one["x"] == "TRADE"]
    assert sum(Decimal(one["l"]) for one in trades) == Decimal("0.2")
    assert [one["t"] for one in trades] == [fill.trade_id for fill in exchange.fills()]
    held = {row["a"]: Decimal(row["f"]) for row in events[-1]["B"]}
    assert held == {asset: exchange.balances()[asset].free for asset in ("BTC", "USDT")}


def test_deposits_are_told(exchange: SimulatedExchange, client: Any) -> None:
    """`balanceUpdate` with what came, and the position after it."""
    client.listen()
    exchange.deposit("BTC", "0.5")
    exchange.deposit("SOL", "2")
    moved, held, _, _ = client.heard(until(4))
    assert (moved["e"], moved["a"], moved["d"]) == ("balanceUpdate", "BTC", "0.50000000")
    assert held["B"] == [{"a": "BTC", "f": "1.75000000", "l": "0.00000000"}]
    assert exchange.balances()["SOL"].free == 2
    with pytest.raises(ValueError, match="eight decimals"):
        exchange.deposit("BTC", "0.000000001")
    with pytest.raises(ValueError, match="not so much"):
        exchange.deposit("BTC", "-2")


def test_nothing_is_told_anew(exchange: SimulatedExchange, client: Any, dial: Any) -> None:
    """What happens while nobody is subscribed is told to nobody, then or later."""
    client.listen()
    exchange.cut()
    client.order(type="MARKET", quantity="0.001")
    client._socket = None
    assert client.listen() == 0
    assert client.tell("session.subscriptions", {})["result"] == [{"subscriptionId": 0}]
    assert client.events == []


def test_a_subscription_ends(client: Any) -> None:
    """The end is told, and nothing after it."""
    client.listen()
    client.tell("userDataStream.unsubscribe", {})
    (end,) = client.heard(until(1))
    assert end["e"] == "eventStreamTerminated"
    client.order(type="MARKET", quantity="0.001")
    assert client.tell("ping", {})["status"] == 200
    assert client.events == []


def test_several_accounts_by_one_connection(
    exchange: SimulatedExchange, client: Any, open_account: Any
) -> None:
    """Each event says whose it is by the number of its subscription."""
    other = open_account()
    other._socket = client.socket
    assert (client.listen(), other.listen()) == (0, 1)
    other.order(type="MARKET", quantity="0.001")
    events = [json.loads(client.socket.recv()) for _ in range(2)]
    assert {event["subscriptionId"] for event in events} == {1}


def test_microseconds(exchange: SimulatedExchange, client: Any, dial: Any) -> None:
    """Every time field of the connection is in its unit."""
    client._socket = dial(f"{exchange.ws_api_url}/ws-api/v3?timeUnit=MICROSECOND")
    client.listen()
    client.order(type="MARKET", quantity="0.001")
    report, position = client.heard(until(2))[:2]
    for instant in (report["E"], report["T"], report["O"], report["W"], position["u"]):
        assert 10**15 < instant < 10**16


def test_events_may_be_late_lost_or_doubled(exchange: SimulatedExchange, client: Any) -> None:
    """They are frames of the streams `userData@…`, and every fault of frames is for them too."""
    client.listen()
    with exchange.fault(DelayFrames(stream="userData@*", seconds=0.2, count=2)):
        client.order(type="MARKET", quantity="0.001")
        assert client.tell("ping", {})["status"] == 200
        assert [one["event"]["X"] for one in client.events if "X" in one["event"]] == ["FILLED"]
        late = client.heard(lambda seen: any(one.get("X") == "NEW" for one in seen))
    assert [one["X"] for one in reports(late)] == ["FILLED", "NEW"]
    client.heard(until(0))
    exchange.duplicate("userData@executionReport", copies=2, count=1)
    client.order(type="MARKET", quantity="0.001", newClientOrderId="twice")
    seen = reports(client.heard(lambda seen: any(one.get("X") == "FILLED" for one in seen)))
    assert [one["X"] for one in seen if one["c"] == "twice"] == ["NEW", "NEW", "FILLED"]
    exchange.lose("userData@executionReport", count=1)
    client.order(type="MARKET", quantity="0.001", newClientOrderId="lost")
    seen = reports(client.heard(lambda seen: any(one.get("c") == "lost" for one in seen)))
    assert [one["x"] for one in seen if one["c"] == "lost"] == ["TRADE"]
    assert [stream for stream, _ in exchange.lost] == ["userData@executionReport"]
