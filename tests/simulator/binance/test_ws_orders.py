"""Orders by the websocket API (web-socket-api.md "Trading requests", "Account requests")."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exchange_connector.simulator import SimulatedExchange

FAR = {"quantity": "0.001", "price": "60000"}
BUY = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", **FAR}


def test_the_whole_life_of_an_order(exchange: SimulatedExchange, client: Any) -> None:
    """Placed, looked up, listed, cancelled: the same as by REST."""
    placed = client.call("order.place", **BUY, newClientOrderId="ours")
    assert (placed["status"], placed["result"]["status"]) == (200, "NEW")
    ids = {"symbol": "BTCUSDT", "orderId": placed["result"]["orderId"]}
    seen = client.call("order.status", **ids)["result"]
    assert seen == client.rest("GET", "order", **ids).json()
    assert client.call("openOrders.status", symbol="BTCUSDT")["result"] == [seen]
    gone = client.call("order.cancel", **ids)["result"]
    assert (gone["status"], gone["origClientOrderId"]) == ("CANCELED", "ours")
    again = client.call("order.cancel", **ids)
    assert (again["status"], again["error"]["code"]) == (400, -2011)
    client.call("order.place", **BUY)
    rows = client.call("openOrders.cancelAll", symbol="BTCUSDT")["result"]
    assert [row["status"] for row in rows] == ["CANCELED"]
    history = client.call("allOrders", symbol="BTCUSDT")["result"]
    assert [row["status"] for row in history] == ["CANCELED", "CANCELED"]
    market = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.001"}
    fills = client.call("order.place", **market)["result"]["fills"]
    trades = client.call("myTrades", symbol="BTCUSDT")["result"]
    assert [row["id"] for row in trades] == [fill["tradeId"] for fill in fills]
    assert client.call("order.test", **BUY)["result"] == {}
    held = client.call("account.status")["result"]["balances"]
    assert held == client.rest("GET", "account").json()["balances"]


def test_the_counts_stand_beside_the_weight(client: Any) -> None:
    """Of requests that place orders; weight is given back to those that succeed."""
    placed = client.call("order.place", **BUY)
    kinds = [(row["rateLimitType"], row["interval"], row["count"]) for row in placed["rateLimits"]]
    weight = client.tell("ping", {})["rateLimits"][0]["count"] - 1
    assert kinds == [
        ("ORDERS", "SECOND", 1),
        ("ORDERS", "DAY", 1),
        ("REQUEST_WEIGHT", "MINUTE", weight),
    ]
    refused = client.call("order.place", **(BUY | {"quantity": "0"}))
    assert refused["rateLimits"][-1]["count"] == weight + 2
    quiet = client.call("order.place", **BUY, returnRateLimits="false")
    assert "rateLimits" not in quiet
    assert client.call("account.rateLimits.orders")["result"][0]["count"] == 2


def test_an_answer_and_an_event_share_the_connection(client: Any) -> None:
    """Whoever trades and listens by one socket gets both."""
    client.listen()
    placed = client.call("order.place", **BUY)["result"]
    report, _ = client.heard(lambda seen: len(seen) >= 2)
    assert report["i"] == placed["orderId"]


def test_public_requests_need_no_key(client: Any, price: Callable[..., str]) -> None:
    """As before."""
    depth = client.tell("depth", {"symbol": "BTCUSDT", "limit": 5})["result"]
    assert float(depth["bids"][0][0]) == float(price("bid"))
    assert client.tell("ping", {})["result"] == {}
    symbols = client.tell("exchangeInfo", {"symbol": "BTCUSDT"})["result"]["symbols"]
    assert [row["symbol"] for row in symbols] == ["BTCUSDT"]
