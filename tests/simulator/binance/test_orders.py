"""Orders by REST (rest-api.md "Trading endpoints" and "Account Endpoints")."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange

Price = Callable[..., str]


def refusal(answer: Any) -> tuple[int, int, str]:
    told = answer.json()
    return answer.status_code, told["code"], told["msg"]


@pytest.mark.parametrize("body", [False, True])
def test_an_order_is_placed_seen_and_cancelled(client: Any, price: Price, body: bool) -> None:
    """With the parameters in the query or in the body, the answers and queries agree."""
    terms = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "0.01",
        "price": price("bid", "-50"),
        "newClientOrderId": "my-order_1",
    }
    placed = client.rest("POST", "order", body=body, **terms)
    assert placed.status_code == 200, placed.text
    order = placed.json()
    assert (order["status"], order["fills"]) == ("NEW", [])
    seen = client.rest("GET", "order", symbol="BTCUSDT", origClientOrderId="my-order_1").json()
    assert seen["orderId"] == order["orderId"]
    assert client.rest("GET", "openOrders").json() == [seen]
    assert client.rest("GET", "openOrders", symbol="ETHUSDT").json() == []
    ids = {"symbol": "BTCUSDT", "orderId": order["orderId"]}
    gone = client.rest("DELETE", "order", body=body, newClientOrderId="bye", **ids).json()
    assert (gone["status"], gone["clientOrderId"]) == ("CANCELED", "bye")
    assert gone["origClientOrderId"] == "my-order_1"
    assert client.rest("GET", "openOrders").json() == []
    assert refusal(client.rest("DELETE", "order", **ids)) == (400, -2011, "Unknown order sent.")
    (last,) = client.rest("GET", "allOrders", symbol="BTCUSDT").json()
    assert last["status"] == "CANCELED"


def test_a_market_order_trades_with_the_public(exchange: SimulatedExchange, client: Any) -> None:
    """Its trades are the market's own, with the same ids; the balances are what came of them."""
    before = exchange.balances()
    order = client.order(type="MARKET", quantity="0.3").json()
    assert order["status"] == "FILLED"
    public = exchange.trades_by_id("BTCUSDT")
    mine = client.rest("GET", "myTrades", symbol="BTCUSDT").json()
    assert [row["id"] for row in mine] == [fill["tradeId"] for fill in order["fills"]]
    for row in mine:
        trade = public[str(row["id"])]
        assert Decimal(row["price"]) * 10**8 == trade.price
        assert not trade.buyer_is_maker
        assert (row["isBuyer"], row["isMaker"], row["commissionAsset"]) == (True, False, "BTC")
    fees = sum(Decimal(row["commission"]) for row in mine)
    after = exchange.balances()
    assert after["BTC"].free == before["BTC"].free + Decimal("0.3") - fees
    spent = Decimal(order["cummulativeQuoteQty"])
    assert after["USDT"].free == before["USDT"].free - spent
    account = client.rest("GET", "account").json()["balances"]
    assert {row["asset"]: Decimal(row["free"]) for row in account} == {
        asset: held.free for asset, held in after.items()
    }
    assert exchange.fees == {"BTC": fees}
    assert [fill.trade_id for fill in exchange.fills()] == [row["id"] for row in mine]


def test_an_order_rests_in_the_public_book(
    exchange: SimulatedExchange, client: Any, price: Price
) -> None:
    """Everyone sees it, and whoever takes it trades with it."""
    level = price("ask", "-0.01")
    client.order(side="SELL", price=level, quantity="0.5", newClientOrderId="mine")
    (best, *_) = exchange.book("BTCUSDT").asks
    assert (Decimal(best[0]), Decimal(best[1])) == (Decimal(level), Decimal("0.5"))
    exchange.advance(600)
    (seen,) = exchange.orders()
    assert seen.status == "FILLED"
    assert [event.kind for event in seen.events][:2] == ["NEW", "TRADE"]
    assert all(fill.is_maker and fill.price == Decimal(level) for fill in exchange.fills())
    assert sum(fill.quantity for fill in exchange.fills()) == Decimal("0.5")


@pytest.mark.parametrize(
    ("terms", "fields"),
    [
        ({"type": "LIMIT", "price": "60000"}, 17),
        ({"type": "LIMIT_MAKER", "price": "60000"}, 5),
        ({"type": "LIMIT", "price": "60000", "newOrderRespType": "ACK"}, 5),
        ({"type": "LIMIT_MAKER", "price": "60000", "newOrderRespType": "RESULT"}, 16),
        ({"type": "STOP_LOSS", "stopPrice": "70000"}, 5),
        ({"type": "STOP_LOSS", "stopPrice": "70000", "newOrderRespType": "FULL"}, 18),
        ({"type": "MARKET"}, 17),
    ],
)
def test_how_much_is_answered(client: Any, terms: Any, fields: int) -> None:
    """LIMIT and MARKET tell all, the others little, unless it is asked for."""
    order = client.order(quantity="0.001", **terms).json()
    assert len(order) == fields, sorted(order)


def test_a_name_is_used_once_at_a_time(
    exchange: SimulatedExchange, client: Any, price: Price
) -> None:
    """A second order of the same name is refused while the first is open, and counted."""
    terms = {"quantity": "0.01", "price": price("bid", "-50"), "newClientOrderId": "twin"}
    assert client.order(**terms).status_code == 200
    assert refusal(client.order(**terms)) == (400, -2010, "Duplicate order sent.")
    client.rest("DELETE", "order", symbol="BTCUSDT", origClientOrderId="twin")
    assert client.order(**terms).status_code == 200
    assert exchange.order_requests == {"twin": 3}
    assert [order.status for order in exchange.orders()] == ["CANCELED", "NEW"]


def test_what_is_tested_never_reaches_the_engine(
    exchange: SimulatedExchange, client: Any, price: Price
) -> None:
    """Everything is checked, and nothing placed."""
    terms = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
    path, level = "order/test", price("bid")
    assert client.rest("POST", path, price=level, quantity="0.01", **terms).json() == {}
    rates = client.rest(
        "POST", path, price=level, quantity="0.01", computeCommissionRates="true", **terms
    ).json()
    assert rates["standardCommissionForOrder"] == {"maker": "0.00100000", "taker": "0.00100000"}
    wrong = client.rest("POST", path, price=level, quantity="0.000001", **terms)
    assert refusal(wrong) == (400, -1013, "Filter failure: LOT_SIZE")
    assert (exchange.orders(), exchange.order_requests) == ([], {})


def test_looking_up(client: Any, price: Price) -> None:
    """By either id, or by both if they belong together."""
    terms = {"quantity": "0.01", "price": price("bid", "-50")}
    one = client.order(newClientOrderId="one", **terms).json()["orderId"]
    client.order(newClientOrderId="two", **terms)

    def look(**ids: Any) -> Any:
        return client.rest("GET", "order", symbol="BTCUSDT", **ids)

    assert look(orderId=one, origClientOrderId="one").json()["orderId"] == one
    assert refusal(look(orderId=one, origClientOrderId="two"))[:2] == (400, -2039)
    assert refusal(look(orderId=1)) == (400, -2013, "Order does not exist.")
    assert refusal(look(origClientOrderId="three"))[:2] == (400, -2013)
    assert refusal(look())[:2] == (400, -1102)
    cancel = client.rest("DELETE", "order", symbol="BTCUSDT", orderId=one, origClientOrderId="two")
    assert refusal(cancel)[:2] == (400, -2039)
    nothing = client.rest("DELETE", "order", symbol="BTCUSDT")
    assert refusal(nothing)[:2] == (400, -1102)


def test_cancelling_everything(exchange: SimulatedExchange, client: Any, price: Price) -> None:
    """All open orders of the symbol, and no others; none is refused."""
    for dollars in ("-50", "-60"):
        client.order(quantity="0.01", price=price("bid", dollars))
    client.order(symbol="ETHUSDT", quantity="0.01", price="3000")
    rows = client.rest("DELETE", "openOrders", symbol="BTCUSDT").json()
    assert [row["status"] for row in rows] == ["CANCELED", "CANCELED"]
    again = client.rest("DELETE", "openOrders", symbol="BTCUSDT")
    assert refusal(again) == (400, -2011, "Unknown order sent.")
    assert [order.status for order in exchange.orders()] == ["CANCELED", "CANCELED", "NEW"]


@pytest.mark.parametrize(
    ("restriction", "half_filled", "status"),
    [
        ("ONLY_NEW", False, 200),
        ("ONLY_NEW", True, 400),
        ("ONLY_PARTIALLY_FILLED", True, 200),
        ("ONLY_PARTIALLY_FILLED", False, 400),
    ],
)
def test_restricted_cancellations(
    client: Any,
    open_account: Any,
    price: Price,
    restriction: str,
    half_filled: bool,
    status: int,
) -> None:
    """Only while the order is as it is thought to be."""
    level = price("ask", "-0.01")
    order = client.order(side="SELL", quantity="0.01", price=level).json()
    if half_filled:
        open_account().order(quantity="0.004", price=level)
    ids = {"symbol": "BTCUSDT", "orderId": order["orderId"]}
    answer = client.rest("DELETE", "order", cancelRestrictions=restriction, **ids)
    assert answer.status_code == status
    if status == 400:
        words = "Order was not canceled due to cancel restrictions."
        assert refusal(answer) == (400, -2011, words)


def test_pages_of_trades_and_orders(client: Any) -> None:
    """The newest without a beginning, the oldest from there with one."""
    ids = [client.order(type="MARKET", quantity="0.0002").json()["orderId"] for _ in range(4)]

    def orders(**terms: Any) -> list[int]:
        rows = client.rest("GET", "allOrders", symbol="BTCUSDT", **terms).json()
        return [row["orderId"] for row in rows]

    assert orders() == ids
    assert orders(limit=2) == ids[-2:]
    assert orders(limit=2, orderId=ids[1]) == ids[1:3]
    assert orders(startTime=client.now() - 60_000, limit=3) == ids[:3]
    assert orders(startTime=client.now() + 60_000) == []
    rows = client.rest("GET", "myTrades", symbol="BTCUSDT").json()
    trades = [row["id"] for row in rows]
    newest = client.rest("GET", "myTrades", symbol="BTCUSDT", limit=1).json()
    assert [row["id"] for row in newest] == trades[-1:]
    later = client.rest("GET", "myTrades", symbol="BTCUSDT", fromId=trades[1], limit=2).json()
    assert [row["id"] for row in later] == trades[1:3]
    of_one = client.rest("GET", "myTrades", symbol="BTCUSDT", orderId=ids[2]).json()
    assert {row["orderId"] for row in of_one} == {ids[2]}


def test_pages_of_the_trades_of_one_order(client: Any, exchange: SimulatedExchange) -> None:
    """From an id on the oldest, without one the newest."""
    exchange.deposit("USDT", "100000000")
    asks = exchange.book("BTCUSDT").asks[:3]
    quantity = str(sum(Decimal(depth) for _, depth in asks))
    many = {"type": "LIMIT", "price": asks[-1][0], "quantity": quantity}
    answer = client.order(**many, newOrderRespType="FULL").json()
    client.order(type="MARKET", quantity="0.0002")
    trades = [fill["tradeId"] for fill in answer["fills"]]
    assert len(trades) >= 3

    def pages(**terms: Any) -> list[int]:
        rows = client.rest("GET", "myTrades", symbol="BTCUSDT", orderId=answer["orderId"], **terms)
        return [row["id"] for row in rows.json()]

    assert pages() == trades
    assert pages(limit=2) == trades[-2:]
    assert pages(fromId=0, limit=2) == trades[:2]
    assert pages(fromId=trades[1], limit=2) == trades[1:3]
    assert pages(fromId=trades[-1] + 1) == []


def test_nobody_trades_in_a_replay(
    fixture_file: Callable[[str], Any], client_of: Callable[[SimulatedExchange], Any]
) -> None:
    """There an order finds its market closed, and the account is as it was."""
    file = fixture_file("binance_spot/hft_20240808_ETHUSDT.jsonl.gz")
    with SimulatedExchange(replay=file) as recorded:
        client = client_of(recorded)
        answer = client.order(symbol="ETHUSDT", type="MARKET", quantity="1")
        assert refusal(answer) == (400, -2010, "Market is closed.")
        assert client.rest("GET", "openOrders").json() == recorded.orders() == []
        assert recorded.balances()["USDT"].free == 100_000
        with pytest.raises(LookupError):
            recorded.balances(api_key="nobody")


def test_listen_keys_are_gone(exchange: SimulatedExchange, client: Any) -> None:
    """CHANGELOG.md, 2026-01-21; the status is not documented."""
    for verb in ("POST", "PUT", "DELETE"):
        assert refusal(client.rest(verb, "userDataStream"))[:2] == (410, -1016)
    assert client.tell("userDataStream.start", {"apiKey": client.api_key})["error"]["code"] == -1020
