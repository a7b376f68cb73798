"""Every documented frame of the websocket API and of the account's events, and bodies of orders."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from exchange_connector.messages.account import Balance, Order
from exchange_connector.messages.base import Request
from exchange_connector.messages.orders import (
    CancelAll,
    CancelOrder,
    GetFills,
    GetOpenOrders,
    GetOrder,
    PlaceOrder,
    ReplaceOrder,
)
from exchange_connector.messages.requests import GetBalances
from exchange_connector.venues.account import (
    AccountAnswer,
    AccountChanged,
    AccountControl,
    AccountEnded,
    AccountEvents,
    OrderAnswer,
)
from exchange_connector.venues.binance import DRIVER
from exchange_connector.venues.binance.account import ACCOUNT
from exchange_connector.venues.driver import MalformedError

D = Decimal
Lines = Callable[[str], Iterator[dict[str, Any]]]
RECEIVED = 1_700_000_000_123_456_789

TERMS: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "type": "LIMIT",
    "quantity": D(1),
    "price": D(2),
    "time_in_force": "GTC",
    "client_order_id": "a",
}
ASKED: dict[str, Request[Any]] = {
    "order.place": PlaceOrder(**TERMS),
    "order.test": PlaceOrder(**TERMS, test=True),
    "order.cancel": CancelOrder(
        "BTCUSDT", order_id="19431", client_order_id="bX5wROblo6YeDwa9iTLeyY"
    ),
    "order.cancelReplace": ReplaceOrder(**TERMS, cancel_client_order_id="b"),
    "openOrders.cancelAll": CancelAll("BTCUSDT"),
    "order.status": GetOrder("BTCUSDT", order_id="1"),
    "openOrders.status": GetOpenOrders(),
    "myTrades": GetFills("BTCUSDT"),
    "account.status": GetBalances(),
}


def read(raw: str | dict[str, Any]) -> AccountControl:
    """What a frame is."""
    text = raw if isinstance(raw, str) else json.dumps(raw)
    return ACCOUNT.control(text.encode(), RECEIVED)


def numbered(raw: str) -> str | None:
    """The same frame with an id of our own, which are numbers; None if it was not received."""
    frame = json.loads(raw)
    if "method" in frame or not frame.keys() & {"status", "event"}:
        return None
    return json.dumps({**frame, "id": 7}) if frame.get("id") is not None else raw


def reply_kinds(reply: object) -> Iterator[str]:
    """Which messages are in a reply."""
    match reply:
        case OrderAnswer():
            yield "OrderAnswer"
            yield from ("its Fill" for _ in reply.fills)
        case tuple():
            for each in reply:
                yield type(each).__name__
        case _:
            yield type(reply).__name__


def test_every_documented_frame_of_the_websocket_api_is_understood(lines: Lines) -> None:
    """Answers to what we ask are decoded as by REST, too."""
    frames, replies = Counter[str](), Counter[str]()
    method, section = "", ""
    for line in lines("docs/binance_ws_api.jsonl"):
        before = method if line["section"] == section else ""
        method, section = json.loads(line["raw"]).get("method", before), line["section"]
        frame = numbered(line["raw"])
        if frame is None:
            frames["sent, or a part"] += 1
            continue
        content = read(frame)
        frames[type(content).__name__] += 1
        if isinstance(content, AccountAnswer):
            assert content.id == 7
            assert (content.body is None) is (content.refusal is not None)
            if content.body is not None and (request := ASKED.get(method)):
                reply = DRIVER.endpoints[type(request)].decode(content.body, request, RECEIVED)
                replies.update(f"{method}: {kind}" for kind in reply_kinds(reply))
    assert frames == {
        "sent, or a part": 73,
        "AccountAnswer": 88,
        "AccountEnded": 2,
        "AccountEvents": 1,
    }
    assert replies == {
        "order.place: OrderAnswer": 3,
        "order.place: its Fill": 2,
        "order.test: OrderAnswer": 2,
        "order.cancelReplace: OrderAnswer": 1,
        "order.cancel: Order": 2,
        "openOrders.cancelAll: Order": 3,
        "order.status: Order": 1,
        "openOrders.status: Order": 1,
        "myTrades: Fill": 2,
        "account.status: Balance": 3,
    }


def test_every_sample_of_another_client_is_understood(lines: Lines) -> None:
    """The same for the samples that another client is tested with."""
    frames, replies = Counter[str](), Counter[str]()
    method = ""
    for line in lines("samples/jkorf_binance_spot_ws.jsonl"):
        content = json.loads(line["raw"])
        method = content.get("method", method) if isinstance(content, dict) else method
        frame = numbered(line["raw"]) if isinstance(content, dict) else None
        if frame is None:
            frames["sent, or of a market stream"] += 1
            continue
        answer = read(frame)
        frames[type(answer).__name__] += 1
        if isinstance(answer, AccountAnswer) and answer.body and (request := ASKED.get(method)):
            reply = DRIVER.endpoints[type(request)].decode(answer.body, request, RECEIVED)
            replies.update(f"{method}: {kind}" for kind in reply_kinds(reply))
    assert frames == {
        "sent, or of a market stream": 61,
        "AccountAnswer": 31,
        "AccountEvents": 3,
        "AccountChanged": 1,
    }
    assert replies == {
        "order.place: OrderAnswer": 1,
        "order.place: its Fill": 2,
        "order.test: OrderAnswer": 1,
        "order.cancelReplace: OrderAnswer": 1,
        "order.cancel: Order": 1,
        "openOrders.cancelAll: Order": 1,
        "order.status: Order": 1,
        "openOrders.status: Order": 1,
        "myTrades: Fill": 2,
        "account.status: Balance": 3,
    }


def test_every_documented_event_of_the_account_is_understood(lines: Lines) -> None:
    """None has a field that is not known; of a list of orders nothing is told."""
    found = [read(line["raw"]) for line in lines("docs/binance_user_data_stream.jsonl")]
    position, change, report, of_list, ended, lock = found
    time, changed = 1564034571105 * 1_000_000, 1564034571073 * 1_000_000
    ether = Balance("binance", time, RECEIVED, "ETH", D("10000.000000"), D("0.000000"), changed)
    assert position == AccountEvents((ether,))
    assert change == AccountChanged("BTC", 1573200697110 * 1_000_000)
    assert lock == AccountChanged("NEO", 1581557507324 * 1_000_000)
    assert of_list == AccountEvents(())
    assert ended == AccountEnded("eventStreamTerminated")
    assert isinstance(report, AccountEvents)
    assert not report.has_drifted
    (order,) = report.events
    assert isinstance(order, Order)
    assert (order.symbol, order.order_id, order.status) == ("ETHBTC", "4293153", "NEW")
    assert order.client_order_id == "mUvoqJxFIILMdfAW5iGSOW"
    assert (str(order.price), str(order.quantity)) == ("0.10264410", "1.00000000")


OF_SECTION: dict[str, Request[Any]] = {
    "New order (TRADE)": ASKED["order.place"],
    "Test new order (TRADE)": ASKED["order.test"],
    "Cancel order (TRADE)": ASKED["order.cancel"],
    "Cancel All Open Orders on a Symbol (TRADE)": ASKED["openOrders.cancelAll"],
    "Query order (USER_DATA)": ASKED["order.status"],
    "Current open orders (USER_DATA)": ASKED["openOrders.status"],
    "All orders (USER_DATA)": ASKED["openOrders.status"],
    "Account trade list (USER_DATA)": ASKED["myTrades"],
}


def test_every_documented_body_about_orders_is_understood(lines: Lines) -> None:
    """Errors are refusals; all else is decoded."""
    found, refused = Counter[str](), 0
    for line in lines("docs/binance_rest.jsonl"):
        title = line["section"].rpartition(" > ")[2]
        request = OF_SECTION.get(title)
        if request is None:
            continue
        if '"code"' in line["raw"]:
            assert DRIVER.refusal(400, {}, line["raw"].encode(), 0.0) is not None
            refused += 1
            continue
        body = line["raw"].encode()
        reply = DRIVER.endpoints[type(request)].decode(body, request, RECEIVED)
        found.update(f"{title.partition(' (')[0]}: {kind}" for kind in reply_kinds(reply))
    assert refused == 2
    assert found == {
        "New order: OrderAnswer": 3,
        "New order: its Fill": 5,
        "Test new order: OrderAnswer": 2,
        "Cancel order: Order": 1,
        "Cancel All Open Orders on a Symbol: Order": 4,
        "Query order: Order": 1,
        "Current open orders: Order": 1,
        "All orders: Order": 1,
        "Account trade list: Fill": 1,
    }


OF_ROW: dict[tuple[str, str], Request[Any]] = {
    ("POST", "/api/v3/order"): ASKED["order.place"],
    ("POST", "/api/v3/order/test"): ASKED["order.test"],
    ("DELETE", "/api/v3/order"): ASKED["order.cancel"],
    ("DELETE", "/api/v3/openOrders"): ASKED["openOrders.cancelAll"],
    ("GET", "/api/v3/order"): ASKED["order.status"],
    ("GET", "/api/v3/openOrders"): ASKED["openOrders.status"],
    ("GET", "/api/v3/allOrders"): ASKED["openOrders.status"],
    ("GET", "/api/v3/myTrades"): ASKED["myTrades"],
    ("GET", "/api/v3/account"): ASKED["account.status"],
    ("POST", "/api/v3/order/cancelReplace"): ASKED["order.cancelReplace"],
}


def test_every_sample_of_a_body_is_understood(lines: Lines) -> None:
    """Save one: a replacement inside of `data`, which is how only errors are documented."""
    found, refused = Counter[str](), list[str]()
    for line in lines("samples/jkorf_binance_spot_rest.jsonl"):
        request = OF_ROW.get((line["method"], line["url"]))
        if request is None:
            continue
        try:
            decode = DRIVER.endpoints[type(request)].decode
            reply = decode(line["raw"].encode(), request, RECEIVED)
        except MalformedError:
            refused.append(line["url"])
            continue
        kinds = set(reply_kinds(reply))
        found.update(f"{line['method']} {line['url'][8:]}: {kind}" for kind in kinds)
    assert refused == ["/api/v3/order/cancelReplace"]
    assert found == {
        "POST order: OrderAnswer": 1,
        "POST order: its Fill": 1,
        "POST order/test: OrderAnswer": 1,
        "DELETE order: Order": 1,
        "DELETE openOrders: Order": 1,
        "GET order: Order": 1,
        "GET openOrders: Order": 1,
        "GET allOrders: Order": 1,
        "GET myTrades: Fill": 1,
        "GET account: Balance": 1,
    }
