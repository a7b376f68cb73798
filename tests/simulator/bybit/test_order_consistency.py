"""Whatever two accounts do: messages, queries and the truth tell the same."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange

DEEDS = 120
STATUS = {"Filled": "FILLED", "New": "NEW", "PartiallyFilled": "PARTIALLY_FILLED"}
"""What the truth calls the states that have one name there."""


def act(chance: Random, trader: Any, price: Any) -> None:
    """Place an order of some kind, or cancel the newest one; either may be refused."""
    if chance.random() < 0.25:
        for row in trader.rows("order/realtime", "category=spot&limit=1"):
            kind = {"Stop": "StopOrder", "tpslOrder": "tpslOrder"}.get(row["stopOrderType"])
            waits = row["orderStatus"] == "Untriggered"
            named = {"orderFilter": kind} if kind and waits else {}
            assert trader.cancel(orderId=row["orderId"], **named)["retCode"] == 0
        return
    side = chance.choice(("Buy", "Sell"))
    near = price(chance.choice(("bid", "ask")), str(chance.randint(-9, 9)))
    terms: dict[str, Any] = {
        "side": side,
        "qty": str(chance.randint(1, 60) / 1_000),
        "price": near,
        "timeInForce": chance.choice(("GTC", "GTC", "IOC", "FOK", "PostOnly")),
    }
    if chance.random() < 0.2:
        terms |= {"orderType": "Market", "price": None, "marketUnit": "quoteCoin", "qty": "700"}
    if chance.random() < 0.25:
        terms["triggerPrice"] = price("bid", str(chance.choice((-5, 5))))
        terms["orderFilter"] = chance.choice(("StopOrder", "tpslOrder"))
    assert trader.order(**terms)["retCode"] in (0, 170131, 170210)


@pytest.mark.parametrize("seed", [1, 2])
def test_all_agree(
    still: SimulatedExchange, trader: Any, open_account: Any, price: Any, seed: int
) -> None:
    """Every fill is told once, and the last word on each order and coin is the truth."""
    chance = Random(seed)
    other = open_account(balances={"BTC": "0.5", "USDT": "9000"})
    traders = (trader, other)
    for one in traders:
        one.listen("order", "execution", "wallet")
    for _ in range(DEEDS):
        act(chance, chance.choice(traders), price)
        if chance.random() < 0.5:
            still.advance(chance.randint(1, 3))
    for one in traders:
        one._quiet()
        check(still, one)
    assert len(still.fills()) + len(still.fills(api_key=other.api_key)) > 40


def check(exchange: SimulatedExchange, trader: Any) -> None:
    """Compare what an account was told and can ask with what is so."""
    told: dict[str, list[Any]] = {"order": [], "execution": [], "wallet": []}
    for message in trader.heard:
        told[message["topic"]] += message["data"]
    fills = exchange.fills(api_key=trader.api_key)
    assert [(row["execId"], row["orderId"]) for row in told["execution"]] == [
        (str(fill.trade_id), str(fill.order_id)) for fill in fills
    ]
    last = {row["orderId"]: row for row in told["order"]}
    orders = exchange.orders(api_key=trader.api_key)
    assert list(last) == [str(order.order_id) for order in orders]
    for order in orders:
        row = last[str(order.order_id)]
        assert Decimal(row["cumExecQty"]) == order.executed
        assert Decimal(row["cumExecValue"]) == order.executed_quote
        assert STATUS.get(row["orderStatus"], order.status) == order.status
        asked = trader.state(row["orderId"])
        same = row.keys() & asked.keys()
        assert {name: row[name] for name in same} == {name: asked[name] for name in same}
    held = exchange.balances(api_key=trader.api_key)
    coins = {row["coin"]: row for wallet in told["wallet"] for row in wallet["coin"]}
    for coin in ("BTC", "USDT"):
        assert Decimal(coins[coin]["walletBalance"]) == held[coin].free + held[coin].locked
        assert Decimal(coins[coin]["locked"]) == held[coin].locked
        assert held[coin].free >= 0
