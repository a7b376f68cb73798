"""What an account asks of its orders and executions."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import requests

from exchange_connector.simulator import SimulatedExchange

Price = Callable[..., str]
DAY_S = 86_400
REALTIME, HISTORY, EXECUTIONS = "order/realtime", "order/history", "execution/list"


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["orderId"] for row in rows]


def pages(trader: Any, path: str, query: str) -> list[list[str]]:
    """The ids of every page, the cursor sent as it came."""
    found: list[list[str]] = []
    cursor = ""
    while True:
        result = trader.get(path, f"{query}&cursor={cursor}" if cursor else query)["result"]
        found.append([row.get("execId") or row["orderId"] for row in result["list"]])
        cursor = result["nextPageCursor"]
        if not cursor:
            return found


def test_open_orders_come_in_pages(trader: Any) -> None:
    """Newest first; a page that is full has a cursor, whether or not anything follows."""
    placed = [trader.placed() for _ in range(5)]
    newest = placed[::-1]
    assert pages(trader, REALTIME, "category=spot&limit=2") == [newest[:2], newest[2:4], newest[4:]]
    assert pages(trader, REALTIME, "category=spot&limit=5") == [newest, []]
    assert pages(trader, REALTIME, "category=spot") == [newest]
    for _ in range(16):
        trader.placed(qty="0.0001")
    assert [len(page) for page in pages(trader, REALTIME, "category=spot")] == [20, 1]
    assert trader.get(REALTIME, "category=spot&limit=51")["retCode"] == 10001
    assert trader.get(REALTIME, "category=spot&cursor=page_args%253D1%2526")["retCode"] == 10001


def test_an_order_in_between_pages(trader: Any) -> None:
    """A cursor points behind an order, so that newer ones shift nothing."""
    first, second = trader.placed(), trader.placed()
    result = trader.get(REALTIME, "category=spot&limit=1")["result"]
    assert ids(result["list"]) == [second]
    trader.placed()
    trader.cancel(orderId=second)
    query = f"category=spot&limit=1&cursor={result['nextPageCursor']}"
    assert ids(trader.rows(REALTIME, query)) == [first]


def test_which_orders_are_meant(trader: Any, price: Price) -> None:
    """`orderId` before `orderLinkId` before `symbol` before `baseCoin`; open ones or closed ones."""
    resting = trader.placed(orderLinkId="rests")
    ether = trader.placed(symbol="ETHUSDT", qty="1", price="3400", orderLinkId="ether")
    closed = trader.placed(price=price("ask", "1"))

    def found(more: str) -> list[str]:
        return ids(trader.rows(REALTIME, f"category=spot&{more}"))

    assert found("symbol=BTCUSDT") == [resting]
    assert found("baseCoin=ETH") == [ether]
    assert found("orderLinkId=rests&symbol=ETHUSDT") == [resting]
    assert found(f"orderLinkId=rests&orderId={ether}") == [ether]
    assert found("openOnly=1") == [closed]
    assert found(f"orderId={closed}") == [closed]
    assert found("orderId=17") == found("orderId=x") == found("orderLinkId=none") == []
    assert found("orderFilter=Order") == [ether, resting]
    assert found("orderFilter=tpslOrder") == []


def test_history_has_what_is_over(still: SimulatedExchange, trader: Any, price: Price) -> None:
    """What had no fill for a day, the rest for a week, and longer only if it is asked for."""
    trader.placed()
    filled = trader.placed(price=price("ask", "1"))
    cancelled = trader.placed(orderLinkId="gone")
    trader.cancel(orderId=cancelled)
    begun = trader.now()
    assert ids(trader.rows(HISTORY)) == [cancelled, filled]
    assert ids(trader.rows(HISTORY, "category=spot&orderStatus=Filled")) == [filled]
    assert ids(trader.rows(HISTORY, "category=spot&orderLinkId=gone")) == [cancelled]
    assert pages(trader, HISTORY, "category=spot&limit=1") == [[cancelled], [filled], []]
    still.step_clock(DAY_S + 1)
    assert ids(trader.rows(HISTORY)) == [filled]
    still.step_clock(7 * DAY_S)
    assert trader.rows(HISTORY) == []
    assert ids(trader.rows(HISTORY, f"category=spot&startTime={begun - 60_000}")) == [filled]
    more = f"category=spot&startTime={begun}&endTime={begun + 7 * DAY_S * 1_000 + 1}"
    assert trader.get(HISTORY, more)["retCode"] == 10001


def test_realtime_remembers_500(trader: Any) -> None:
    """Of what is over; before those only history knows, by the name too."""
    placed = [trader.placed(timeInForce="IOC", orderLinkId=f"n{number}") for number in range(501)]
    by_50 = pages(trader, REALTIME, "category=spot&openOnly=1&limit=50")
    assert [one for page in by_50 for one in page] == placed[:0:-1]
    assert trader.rows(REALTIME, "category=spot&orderLinkId=n0") == []
    assert trader.rows(REALTIME, f"category=spot&orderId={placed[0]}") == []
    assert ids(trader.rows(REALTIME, "category=spot&orderLinkId=n1")) == [placed[1]]
    assert ids(trader.rows(HISTORY, "category=spot&orderLinkId=n0")) == [placed[0]]


def test_executions_come_in_pages(still: SimulatedExchange, trader: Any) -> None:
    """Every fill once, newest first, of an order or of a time; with the ids of the public trades."""
    first = trader.placed(orderType="Market", qty="80000", price=None, orderLinkId="mine")
    other = trader.placed(orderType="Market", side="Sell", qty="0.3", price=None)
    truth = [str(fill.trade_id) for fill in still.fills()][::-1]
    assert len(truth) > 5
    by_three = pages(trader, EXECUTIONS, "category=spot&limit=3")
    assert [one for page in by_three for one in page] == truth
    assert set(truth) <= set(still.trades_by_id("BTCUSDT", category="spot"))
    rows = trader.rows(EXECUTIONS, "category=spot&limit=100&orderLinkId=mine&symbol=ETHUSDT")
    assert set(ids(rows)) == {first}
    assert rows[0]["leavesQty"] == "0"
    assert rows == trader.rows(EXECUTIONS, f"category=spot&limit=100&orderId={first}")
    assert len(rows) + len(trader.rows(EXECUTIONS, f"category=spot&orderId={other}")) == len(truth)
    assert trader.rows(EXECUTIONS, "category=spot&symbol=ETHUSDT") == []
    assert trader.rows(EXECUTIONS, f"category=spot&startTime={trader.now() + 1_000}") == []
    assert trader.rows(EXECUTIONS, "category=spot&execType=Funding") == []


def test_executions_add_up(still: SimulatedExchange, trader: Any) -> None:
    """To the order, its value and its fee; each says what is left after it."""
    order_id = trader.placed(orderType="Market", side="Sell", qty="1.2", price=None)
    order = trader.state(order_id)
    rows = trader.rows(EXECUTIONS, f"category=spot&limit=100&orderId={order_id}")
    assert len(rows) > 2
    assert sum(Decimal(row["execQty"]) for row in rows) == Decimal(order["cumExecQty"])
    assert sum(Decimal(row["execValue"]) for row in rows) == Decimal(order["cumExecValue"])
    fee = sum(Decimal(row["execFee"]) for row in rows)
    assert order["cumFeeDetail"] == {"USDT": str(fee)}
    left = Decimal("1.2")
    for row in reversed(rows):
        left -= Decimal(row["execQty"])
        assert Decimal(row["leavesQty"]) == left
        assert (row["feeCurrency"], row["feeRate"], row["isMaker"]) == ("USDT", "0.001", False)


def test_contracts_have_none(trader: Any) -> None:
    """Queries of them are answered, and empty; the open ones take a symbol or a coin."""
    trader.placed()
    assert trader.get(REALTIME, "category=linear")["retCode"] == 10001
    assert trader.rows(REALTIME, "category=linear&settleCoin=USDT") == []
    assert trader.rows(HISTORY, "category=linear") == []
    assert trader.rows(EXECUTIONS, "category=linear") == []
    assert trader.get(REALTIME, "category=inverse")["retCode"] == 10001


def test_accounts_are_apart(trader: Any, open_account: Any) -> None:
    """Nobody sees or cancels an order of somebody else; a name is taken for its account only."""
    order_id = trader.placed(orderLinkId="mine")
    other = open_account()
    assert other.rows(REALTIME, f"category=spot&orderId={order_id}") == []
    assert other.cancel(orderId=order_id)["retCode"] == 170213
    assert other.order(orderLinkId="mine")["retCode"] == 0


def test_the_window_and_the_signature_of_a_post(still: SimulatedExchange, trader: Any) -> None:
    """10002, 10003 and 10004 as for a GET, 401 without a key; nothing is done."""
    body = {"category": "spot", "symbol": "BTCUSDT"}
    assert trader.post("order/cancel", body, window="x").json()["retCode"] == 10001
    wrong = trader.post("order/cancel", body)
    assert wrong.json()["retCode"] == 10001  # neither id
    url = f"{still.rest_url}/v5/order/create"
    assert requests.post(url, json=body, timeout=5).status_code == 401
    assert requests.get(url, timeout=5).status_code == 404
    headers = trader._headers("{}", "5000")
    answer = requests.post(url, data='{"a":1}', headers=headers, timeout=5).json()
    assert answer["retCode"] == 10004
    assert answer["retMsg"].endswith('5000{"a":1}]')
    old = trader._headers("{}", "5000")
    still.step_clock(6)
    assert requests.post(url, data="{}", headers=old, timeout=5).json()["retCode"] == 10002
    nobody = old | {"X-BAPI-API-KEY": "nobody"}
    assert requests.post(url, data="{}", headers=nobody, timeout=5).json()["retCode"] == 10003
    assert still.order_requests == {}


def test_rate_limits_of_orders(trader_of: Any) -> None:
    """20 orders a second of an account, told by headers; one more is 10006 and not placed."""
    with SimulatedExchange(exchange="bybit", seed=7) as exchange:
        trader = trader_of(exchange)
        body = {
            "category": "spot",
            "symbol": "BTCUSDT",
            "side": "Buy",
            "orderType": "Limit",
            "qty": "0.001",
            "price": "60000",
        }
        begun = time.monotonic()
        answers = [trader.post("order/create", body) for _ in range(21)]
        if time.monotonic() - begun >= 1:
            pytest.skip("this machine was too slow to ask 21 times in a second")
        assert [one.headers["X-Bapi-Limit"] for one in answers] == ["20"] * 21
        left = [int(one.headers["X-Bapi-Limit-Status"]) for one in answers]
        assert left == [*range(19, -1, -1), 0]
        assert answers[-1].json()["retCode"] == 10006
        assert int(answers[-1].headers["X-Bapi-Limit-Reset-Timestamp"]) > trader.now() - 1_000
        assert len(exchange.orders()) == 20
        assert trader.cancel(orderId="1")["retCode"] == 170213
        key = exchange.add_account()
        other = type(trader)(exchange, key.api_key, key.api_secret, trader._connect)
        answer = other.post("order/create", body)
        assert (answer.json()["retCode"], answer.headers["X-Bapi-Limit-Status"]) == (0, "19")
