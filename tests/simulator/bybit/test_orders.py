"""Orders of spot: placed, traded, triggered and cancelled."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange

Price = Callable[..., str]
Until = Callable[[Callable[[], bool]], None]


def test_an_order_is_accepted(still: SimulatedExchange, trader: Any) -> None:
    """The answer has the two ids only; the order rests, and its money is bound."""
    answer = trader.order(orderLinkId="mine")
    assert answer["retCode"] == 0
    assert list(answer["result"]) == ["orderId", "orderLinkId"]
    assert answer["result"]["orderLinkId"] == "mine"
    row = trader.state(answer["result"]["orderId"])
    assert (row["orderStatus"], row["qty"], row["leavesQty"], row["leavesValue"]) == (
        *("New", "0.001", "0.001"),
        "60",
    )
    assert (row["price"], row["avgPrice"], row["timeInForce"]) == ("60000", "", "GTC")
    (seen,) = still.orders()
    assert (str(seen.order_id), seen.client_order_id) == (answer["result"]["orderId"], "mine")
    assert still.balances()["USDT"].locked == 60
    (usdt,) = trader.rows("account/wallet-balance", "accountType=UNIFIED&coin=USDT")[0]["coin"]
    assert (usdt["walletBalance"], usdt["locked"]) == ("102500", "60")


def test_a_name_is_taken_for_ever(still: SimulatedExchange, trader: Any) -> None:
    """170141, of an open order and of one that has ended; no name at all is none."""
    trader.placed(orderLinkId="mine")
    assert trader.order(orderLinkId="mine")["retCode"] == 170141
    assert trader.cancel(orderLinkId="mine")["retCode"] == 0
    assert (
        trader.order(orderLinkId="mine", symbol="ETHUSDT", qty="1", price="3400")["retCode"]
        == 170141
    )
    assert trader.placed() != trader.placed()
    assert still.order_requests["mine"] == 3


def test_a_cancellation(still: SimulatedExchange, trader: Any) -> None:
    """By either id, of which `orderId` counts; the money is free again."""
    first, second = trader.placed(orderLinkId="a"), trader.placed(orderLinkId="b")
    answer = trader.cancel(orderId=first, orderLinkId="b")
    assert answer["result"] == {"orderId": first, "orderLinkId": "a"}
    row = trader.state(first)
    assert (row["orderStatus"], row["cancelType"]) == ("Cancelled", "CancelByUser")
    assert (row["leavesQty"], row["rejectReason"]) == ("0", "EC_PerCancelRequest")
    assert trader.state(second)["orderStatus"] == "New"
    assert trader.cancel(orderLinkId="b")["retCode"] == 0
    assert still.balances()["USDT"].locked == 0


def test_what_cannot_be_cancelled(trader: Any, price: Price) -> None:
    """170213 for what is not there, 170142 and 170139 for what has ended."""
    assert trader.cancel(orderLinkId="none")["retCode"] == 170213
    assert trader.cancel(orderId="17")["retCode"] == 170213
    assert trader.cancel(orderId="x")["retCode"] == 170213
    assert trader.cancel()["retCode"] == 10001
    cancelled = trader.placed()
    assert trader.cancel(orderId=cancelled, symbol="ETHUSDT")["retCode"] == 170213
    trader.cancel(orderId=cancelled)
    assert trader.cancel(orderId=cancelled)["retCode"] == 170142
    filled = trader.placed(price=price("ask", "10"))
    assert trader.cancel(orderId=filled)["retCode"] == 170139


def test_all_are_cancelled(trader: Any) -> None:
    """Of a symbol, of a coin, or all; conditional ones only where they are meant."""
    ours = [trader.placed(), trader.placed()]
    ether = trader.placed(symbol="ETHUSDT", price="3400", qty="0.1")
    trader.placed(orderFilter="tpslOrder", triggerPrice="61000")

    def cancel_all(**named: str) -> list[str]:
        answer = trader.post("order/cancel-all", {"category": "spot", **named}).json()
        assert answer["result"]["success"] == "1"
        return [row["orderId"] for row in answer["result"]["list"]]

    assert cancel_all(symbol="ETHUSDT") == [ether]
    assert cancel_all(baseCoin="ETH") == []
    assert cancel_all() == ours
    assert len(cancel_all(orderFilter="tpslOrder")) == 1
    assert trader.rows("order/realtime") == []


def test_a_purchase_by_value(still: SimulatedExchange, trader: Any) -> None:
    """`qty` is dollars; what is left buys no lot, so that the order is not quite `Filled`."""
    order_id = trader.placed(orderType="Market", qty="100", price=None)
    row = trader.state(order_id)
    assert (row["marketUnit"], row["qty"], row["timeInForce"]) == ("quoteCoin", "100", "IOC")
    assert row["orderStatus"] == "PartiallyFilledCanceled"
    assert row["rejectReason"] == "EC_CancelByOrderValueZero"
    spent = Decimal(row["cumExecValue"])
    assert 99 < spent < 100
    fees = sum(fill.commission for fill in still.fills())
    assert row["cumFeeDetail"] == {"BTC": str(fees)}
    assert still.balances()["BTC"].free == Decimal("1.25") + Decimal(row["cumExecQty"]) - fees
    assert still.balances()["USDT"].free == 102_500 - spent


def test_market_orders_by_quantity(trader: Any) -> None:
    """A purchase where that is said, a sale by itself; a sale may go by value, too."""
    bought = trader.placed(orderType="Market", qty="0.002", price=None, marketUnit="baseCoin")
    sold = trader.placed(orderType="Market", side="Sell", qty="0.002", price="1")
    worth = trader.placed(orderType="Market", side="Sell", qty="50", marketUnit="quoteCoin")
    for order_id, coin in ((bought, "BTC"), (sold, "USDT")):
        row = trader.state(order_id)
        assert (row["orderStatus"], row["cumExecQty"]) == ("Filled", "0.002")
        assert (row["marketUnit"], row["price"]) == ("baseCoin", "0")
        assert list(row["cumFeeDetail"]) == [coin]
    row = trader.state(worth)
    assert row["orderStatus"] == "PartiallyFilledCanceled"
    assert 49 < Decimal(row["cumExecValue"]) < 50


def test_what_trades_at_once(trader: Any, price: Price) -> None:
    """IOC and FOK trade what they can, or nothing; their ends have reasons."""
    near = {"price": price("ask"), "qty": "100"}
    poor = trader.order(**near, timeInForce="IOC")
    assert (poor["retCode"], poor["retMsg"]) == (170131, "Balance insufficient")
    near["qty"] = "1.5"
    whole = trader.state(trader.placed(**near, timeInForce="FOK"))
    assert (whole["orderStatus"], whole["rejectReason"]) == ("Cancelled", "EC_CancelForNoFullFill")
    assert (whole["timeInForce"], whole["cumExecQty"]) == ("FOK", "0")
    part = trader.state(trader.placed(**near, timeInForce="IOC"))
    assert part["orderStatus"] == "PartiallyFilledCanceled"
    assert part["rejectReason"] == "EC_NoImmediateQtyToFill"
    assert 0 < Decimal(part["cumExecQty"]) < Decimal("1.5")
    assert (part["leavesQty"], part["cancelType"]) == ("0", "UNKNOWN")


def test_post_only(trader: Any, price: Price) -> None:
    """It is accepted, and then cancelled where it would trade."""
    taker = trader.state(trader.placed(price=price("ask"), timeInForce="PostOnly"))
    assert taker["orderStatus"] == "Cancelled"
    assert taker["rejectReason"] == "EC_PostOnlyWillTakeLiquidity"
    maker = trader.state(trader.placed(price=price("bid"), timeInForce="PostOnly"))
    assert (maker["orderStatus"], maker["timeInForce"]) == ("New", "PostOnly")


def test_the_market_takes(
    still: SimulatedExchange, trader: Any, price: Price, market_until: Until
) -> None:
    """An order at the best price is filled as the market goes on, as a maker."""
    order_id = trader.placed(price=price("bid", "0.5"), qty="0.01")
    market_until(lambda: still.orders()[0].status == "FILLED")
    row = trader.state(order_id)
    assert (row["orderStatus"], row["cumExecQty"], row["leavesQty"]) == ("Filled", "0.01", "0")
    assert {fill.is_maker for fill in still.fills()} == {True}


def test_a_stop_binds_late(
    still: SimulatedExchange, trader: Any, price: Price, market_until: Until
) -> None:
    """A conditional order binds nothing until its trigger is met, and ends if it cannot pay then."""
    terms = {"orderFilter": "StopOrder", "triggerPrice": price("ask", "0.5"), "orderType": "Market"}
    rich = trader.placed(**terms, price=None, qty="1000")
    poor = trader.placed(**terms, price=None, qty="99900")
    assert still.balances()["USDT"].locked == 0
    row = trader.state(rich)
    assert (row["orderStatus"], row["stopOrderType"]) == ("Untriggered", "Stop")
    assert (row["triggerDirection"], row["triggerPrice"]) == (1, terms["triggerPrice"])
    still.deposit("USDT", "-2600")
    market_until(lambda: trader.state(rich)["orderStatus"] != "Untriggered")
    assert trader.state(rich)["orderStatus"] == "PartiallyFilledCanceled"
    row = trader.state(poor)
    assert (row["orderStatus"], row["cumExecQty"]) == ("Cancelled", "0")


def test_a_take_profit_binds_at_once(still: SimulatedExchange, trader: Any, price: Price) -> None:
    """Its money is bound while it waits; only its own filter cancels it, as `Deactivated`."""
    trigger = price("bid", "-2000")
    order_id = trader.placed(orderFilter="tpslOrder", triggerPrice=trigger, price="64000")
    row = trader.state(order_id)
    assert (row["orderStatus"], row["stopOrderType"]) == ("Untriggered", "tpslOrder")
    assert row["triggerDirection"] == 2
    assert still.balances()["USDT"].locked == 64
    assert trader.cancel(orderId=order_id)["retCode"] == 170213
    assert trader.cancel(orderId=order_id, orderFilter="tpslOrder")["retCode"] == 0
    assert trader.state(order_id)["orderStatus"] == "Deactivated"
    assert still.balances()["USDT"].locked == 0


def test_a_triggered_limit_order_rests(
    still: SimulatedExchange, trader: Any, price: Price, market_until: Until
) -> None:
    """From then on it is an order as any."""
    trigger = price("ask", "0.5")
    order_id = trader.placed(triggerPrice=trigger, price="66000")
    assert trader.state(order_id)["stopOrderType"] == "Stop"  # a trigger alone makes it one
    market_until(lambda: trader.state(order_id)["orderStatus"] != "Untriggered")
    assert trader.state(order_id)["orderStatus"] == "New"
    assert still.balances()["USDT"].locked == 66
    assert trader.cancel(orderId=order_id)["retCode"] == 0
    assert trader.state(order_id)["orderStatus"] == "Cancelled"


def test_contracts_are_not_traded(still: SimulatedExchange, trader: Any) -> None:
    """110066, for each of the three requests; a category that is none is 10001."""
    assert trader.order(category="linear")["retCode"] == 110066
    assert trader.cancel(category="linear", orderId="1")["retCode"] == 110066
    for category, code in (("linear", 110066), ("", 10001), ("margin", 10001)):
        answer = trader.post("order/cancel-all", {"category": category})
        assert answer.json()["retCode"] == code
    assert still.orders() == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"symbol": None}, 10001),
        ({"symbol": "NOPE"}, 170121),
        ({"side": "BUY"}, 170117),
        ({"orderType": "LIMIT"}, 170116),
        ({"timeInForce": "GTX"}, 170115),
        ({"timeInForce": "RPI"}, 170355),
        ({"qty": None}, 10001),
        ({"qty": "-1"}, 170130),
        ({"qty": "1e-3"}, 170130),
        ({"qty": "0"}, 170136),
        ({"qty": "0.000011"}, 170137),
        ({"qty": "0.0000000001"}, 170137),
        ({"qty": "231"}, 170381),
        ({"price": None}, 10001),
        ({"price": "0"}, 170133),
        ({"price": "60000.001"}, 170134),
        ({"price": "68500"}, 170193),
        ({"price": "65500", "side": "Sell"}, 170194),
        ({"price": "60000", "qty": "0.00008"}, 170140),
        ({"qty": "2"}, 170131),
        ({"side": "Sell", "price": "70000", "qty": "1.3"}, 170131),
        ({"orderType": "Market", "qty": "4.9"}, 170140),
        ({"orderType": "Market", "qty": "100.00000001"}, 170148),
        ({"orderType": "Market", "qty": "121", "marketUnit": "baseCoin"}, 170382),
        ({"orderType": "Market", "marketUnit": "USDT"}, 10001),
        ({"orderFilter": "OcoOrder"}, 170201),
        ({"orderFilter": "tpslOrder"}, 170202),
        ({"triggerPrice": "60000.001"}, 170134),
        ({"orderLinkId": "a" * 37}, 10001),
        ({"orderLinkId": "a b"}, 10001),
        ({"isLeverage": 1}, 170227),
        ({"takeProfit": "70000"}, 170227),
        ({"slippageTolerance": "5"}, 170227),
        ({"smpType": "CancelMaker"}, 170227),
    ],
)
def test_what_is_refused(
    still: SimulatedExchange, trader: Any, changed: dict[str, Any], code: int
) -> None:
    """With its code, and nothing has come into being."""
    answer = trader.order(**changed)
    assert (answer["retCode"], answer["result"]) == (code, {})
    assert still.orders() == []
    assert all(held.locked == 0 for held in still.balances().values())


def test_harmless_parameters(trader: Any) -> None:
    """Those that ask for nothing, in whatever type they come, and unknown ones."""
    trader.placed(isLeverage=0, positionIdx=0, reduceOnly=False, smpType="None", takeProfit="")
    trader.placed(isLeverage=False, mmp=False, what="ever", orderLinkId="")


def test_a_trigger_at_the_very_price(still: SimulatedExchange, trader: Any) -> None:
    """170210: it can wait for neither a rise nor a fall."""
    last = str(still.trades("BTCUSDT", category="spot")[-1].price / 10**8)
    assert trader.order(triggerPrice=last, orderFilter="StopOrder")["retCode"] == 170210


@pytest.mark.parametrize("body", ["", "[]", "{", "null", '{"category": {}}', '"spot"'])
def test_bodies_that_are_none(trader: Any, body: str) -> None:
    """10001, once the signature was right."""
    assert trader.post("order/create", body).json()["retCode"] == 10001


def test_how_many_may_wait(trader: Any) -> None:
    """30 of a kind on a symbol; 170810."""
    terms = {"orderFilter": "tpslOrder", "price": "60000", "qty": "0.0001"}
    for number in range(30):
        trader.placed(**terms, triggerPrice=str(60_000 + number))
    assert trader.order(**terms, triggerPrice="61000")["retCode"] == 170810
    trader.placed(**(terms | {"orderFilter": "StopOrder"}), triggerPrice="61000")
    trader.placed(qty="0.0001")


def test_a_key_that_may_not_trade(still: SimulatedExchange, open_account: Any) -> None:
    """10005 for every request that changes something, and the queries are answered."""
    reader = open_account(can_trade=False)
    assert reader.order()["retCode"] == 10005
    assert reader.cancel(orderId="1")["retCode"] == 10005
    assert reader.rows("order/realtime") == []
    assert reader.get("user/query-api", "")["result"]["readOnly"] == 1
    assert still.order_requests == {}
