"""What Bybit's answers about orders become."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from exchange_connector.messages.account import Fill, Order
from exchange_connector.messages.base import Request
from exchange_connector.messages.errors import ExchangeError
from exchange_connector.messages.orders import (
    CancelAll,
    CancelOrder,
    GetFills,
    GetOpenOrders,
    GetOrder,
    PlaceOrder,
)
from exchange_connector.venues.account import Fate, OrderAnswer
from exchange_connector.venues.bybit import SPOT
from exchange_connector.venues.bybit.account import ACCOUNT, is_final
from exchange_connector.venues.bybit.order_events import STATUSES
from exchange_connector.venues.driver import Endpoint, MalformedError, Page

Lines = Callable[[str], Iterator[dict[str, Any]]]

D = Decimal
AT = 1_700_000_000_000_000_000
ORDER: dict[str, Any] = {
    "orderId": "1523347543495541248",
    "orderLinkId": "mine",
    "symbol": "ETHUSDT",
    "price": "1600.00",
    "qty": "0.10",
    "side": "Buy",
    "orderStatus": "New",
    "avgPrice": "",
    "cumExecQty": "0.00",
    "cumExecValue": "0",
    "timeInForce": "GTC",
    "orderType": "Limit",
    "stopOrderType": "UNKNOWN",
    "marketUnit": "",
    "createdTime": "1684738540559",
    "updatedTime": "1684738540561",
    "a new field": None,
}
EXECUTION: dict[str, Any] = {
    "symbol": "ETHUSDT",
    "orderId": "7",
    "orderLinkId": "mine",
    "side": "Sell",
    "execId": "2290000000525217537",
    "execPrice": "1190.15",
    "execQty": "0.10",
    "execType": "Trade",
    "execFee": "-0.0014",
    "feeCurrency": "USDT",
    "isMaker": True,
    "execTime": "1672282722429",
}


def answer(**result: Any) -> bytes:
    """A success."""
    body = {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": 1684765770483}
    return json.dumps(body).encode()


def decoded(request: Request[Any], body: bytes, endpoint: Endpoint | None = None) -> Any:
    """What a request's row makes of it."""
    return (endpoint or SPOT.endpoints[type(request)]).decode(body, request, AT)


def the_order(**fields: Any) -> Order:
    """One with these fields, as a question is answered."""
    request = GetOrder("ETHUSDT", order_id="1523347543495541248")
    order: Order = decoded(request, answer(list=[ORDER | fields], nextPageCursor=""))
    return order


def test_placed_means_accepted() -> None:
    """How it is nobody has said: no status, and the time of the answer."""
    request = PlaceOrder("btcusdt", "BUY", "LIMIT", D(1), D(2), client_order_id="mine")
    placed = decoded(request, answer(orderId="77", orderLinkId="mine"))
    assert isinstance(placed, OrderAnswer)
    order = placed.order
    assert (order.symbol, order.order_id, order.client_order_id) == ("BTCUSDT", "77", "mine")
    assert (order.status, order.update_time) == ("", 1684765770483000000)
    assert (placed.fills, placed.cancelled) == ((), None)
    assert decoded(request, answer(orderId="77", orderLinkId="")) == placed
    with pytest.raises(MalformedError):
        decoded(request, answer(orderId="77", orderLinkId="another"))


def test_cancelled_means_accepted() -> None:
    """No more than ids."""
    one = decoded(CancelOrder("ethusdt", "mine"), answer(orderId="77", orderLinkId="mine"))
    assert (one.symbol, one.order_id, one.client_order_id) == ("ETHUSDT", "77", "mine")
    assert one.status == ""
    accepted = [{"orderId": "77", "orderLinkId": "mine"}]
    assert decoded(CancelAll("ethusdt"), answer(list=accepted, success="1")) == (one,)
    assert decoded(CancelAll("ethusdt"), answer(list=[])) == ()
    with pytest.raises(MalformedError):
        decoded(CancelAll("ethusdt"), answer(list=accepted, success="0"))


def test_an_order() -> None:
    """Digit by digit."""
    assert the_order(
        cumExecQty="0.040", cumExecValue="63.99", avgPrice="1599.75", orderStatus="PartiallyFilled"
    ) == Order(
        "bybit",
        "ETHUSDT",
        event_time=1684738540561000000,
        received_time=AT,
        order_id="1523347543495541248",
        client_order_id="mine",
        side="BUY",
        type="LIMIT",
        status="PARTIALLY_FILLED",
        price=D("1600.00"),
        quantity=D("0.10"),
        executed_quantity=D("0.040"),
        executed_quote_quantity=D("63.99"),
        average_price=D("1599.75"),
        time_in_force="GTC",
        update_time=1684738540561000000,
    )


@pytest.mark.parametrize(
    ("told", "status", "ends"),
    [
        ("New", "NEW", False),
        ("PartiallyFilled", "PARTIALLY_FILLED", False),
        ("Untriggered", "NEW", False),
        ("Triggered", "NEW", False),
        ("Rejected", "REJECTED", True),
        ("PartiallyFilledCanceled", "CANCELED", True),
        ("Filled", "FILLED", True),
        ("Cancelled", "CANCELED", True),
        ("Deactivated", "CANCELED", True),
        ("Teleported", "Teleported", False),
    ],
)
def test_each_status(told: str, status: str, ends: bool) -> None:
    """Every documented one of spot; a new one stays as it is, and may change yet."""
    assert the_order(orderStatus=told).status == status
    assert is_final(status) == ends
    assert (told in STATUSES) == (told != "Teleported")


def test_each_kind_of_order() -> None:
    """What must not take, what waits for a price, and what counts money."""
    maker = the_order(timeInForce="PostOnly")
    assert (maker.type, maker.time_in_force) == ("LIMIT_MAKER", "GTC")
    assert the_order(stopOrderType="tpslOrder").type == "tpslOrder"
    bought = {"orderType": "Market", "qty": "100", "price": "1700", "cumExecQty": "0.06"}
    by_value = the_order(**bought, marketUnit="quoteCoin", timeInForce="IOC")
    assert (by_value.type, by_value.price, by_value.quantity) == ("MARKET", D(0), D("0.06"))
    assert the_order(**bought).quantity == D("0.06")
    assert the_order(**bought, marketUnit="baseCoin").quantity == D(100)
    assert the_order(**bought, side="Sell").quantity == D(100)
    assert the_order(price="").price == 0


@pytest.mark.parametrize(
    "fields",
    [
        *({name: "1e5"} for name in ("price", "qty", "cumExecQty", "cumExecValue", "avgPrice")),
        {"updatedTime": "9" * 19},
        {"updatedTime": "-5"},
        {"orderId": ""},
        {"symbol": None},
    ],
)
def test_what_is_no_order(fields: dict[str, Any]) -> None:
    """A number that is none is never taken for one."""
    with pytest.raises(MalformedError):
        the_order(**fields)


def test_an_order_that_is_over_is_in_the_history() -> None:
    """The second question; where it is not there either, there is none."""
    request = GetOrder("ETHUSDT", "mine")
    page = decoded(request, answer(list=[], nextPageCursor=""))
    assert isinstance(page, Page)
    assert page.endpoint is not None
    assert page.endpoint.path == "/v5/order/history"
    assert page.endpoint.parameters(request)[-1] == ("orderLinkId", "mine")
    past = answer(list=[ORDER | {"orderStatus": "Cancelled"}])
    order = decoded(request, past, page.endpoint)
    assert page.join([None, order]) is order
    assert order.status == "CANCELED"
    with pytest.raises(ExchangeError) as raised:
        decoded(request, answer(list=[]), page.endpoint)
    assert ACCOUNT.fate(raised.value, request) is Fate.MISSING


@pytest.mark.parametrize(
    "request_",
    [
        GetOrder("BTCUSDT", "mine"),
        GetOrder("ETHUSDT", "other"),
        GetOrder("ETHUSDT", "mine", "5"),
        GetOrder("ETHUSDT", "other", "1523347543495541248"),
    ],
)
def test_another_order_is_not_the_answer(request_: GetOrder) -> None:
    """Bybit looks at one id, and at no symbol; here all have to be right."""
    assert isinstance(decoded(request_, answer(list=[ORDER])), Page)


def test_open_orders_come_in_pages() -> None:
    """Each is one of the answer once."""
    request = GetOpenOrders()
    second = ORDER | {"orderId": "2"}
    page = decoded(request, answer(list=[ORDER, second], nextPageCursor="page_args%3D2%26"))
    assert isinstance(page, Page)
    assert (page.following, page.endpoint) == ((("cursor", "page_args=2&"),), None)
    rest = decoded(request, answer(list=[second, ORDER | {"orderId": "3"}]))
    whole = page.join([page.reply, rest])
    assert [each.order_id for each in whole] == ["1523347543495541248", "2", "3"]
    assert decoded(request, answer(list=[], nextPageCursor="x")) == ()


def test_a_fill() -> None:
    """Less than nothing is what a maker is paid."""
    (fill,) = decoded(GetFills("ETHUSDT"), answer(list=[EXECUTION]))
    assert fill == Fill(
        "bybit",
        "ETHUSDT",
        event_time=1672282722429000000,
        received_time=AT,
        trade_id="2290000000525217537",
        order_id="7",
        client_order_id="mine",
        side="SELL",
        price=D("1190.15"),
        quantity=D("0.10"),
        commission=D("-0.0014"),
        commission_asset="USDT",
        is_maker=True,
        trade_time=1672282722429000000,
    )


def test_fills_come_in_pages_until_there_are_enough() -> None:
    """Newest first there, oldest first here; each page asks for no more than is wanted."""

    def page_of(first: int, count: int) -> bytes:
        rows = [
            EXECUTION | {"execId": f"{first - index}", "execTime": f"{(first - index) // 2}"}
            for index in range(count)
        ]
        return answer(list=rows, nextPageCursor=f"{first}%3A2")

    request = GetFills("ETHUSDT", limit=250)
    endpoint, pages, first = SPOT.endpoints[GetFills], list[Page](), 1000
    for count in (100, 100, 50):
        assert dict(endpoint.parameters(request))["limit"] == str(count)
        page = decoded(request, page_of(first, count), endpoint)
        first -= count
        if count == 50:
            break
        assert isinstance(page, Page)
        assert page.following == ((("cursor", f"{first + 100}:2")),)
        assert page.endpoint is not None
        endpoint = page.endpoint
        pages.append(page)
    whole = pages[-1].join([*(each.reply for each in pages), page])
    assert [int(each.trade_id) for each in whole] == list(range(751, 1001))


def test_what_is_no_fill_is_left_out() -> None:
    """What else changes an account, on contracts mostly."""
    rows = [EXECUTION | {"execType": kind} for kind in ("Funding", "Settle", "Something")]
    assert decoded(GetFills("ETHUSDT"), answer(list=rows)) == ()


def test_every_documented_answer(lines: Lines) -> None:
    """That is about orders is read."""
    read = 0
    for line in lines("docs/bybit_trade.jsonl"):
        body = json.loads(line["raw"])
        if not isinstance(body, dict) or "result" not in body:
            continue
        page, raw = line["file"].rpartition("/")[2], line["raw"].encode()
        if page == "open-order.mdx":
            (order,) = decoded(GetOpenOrders(), raw).reply
            assert (order.order_id, order.price) == (
                "fd4300ae-7847-404e-b947-b46980a4d140",
                D("1600.00"),
            )
        elif page == "order-list.mdx":
            assert SPOT.endpoints[GetOpenOrders].decode(raw, GetOpenOrders(), AT).reply
        elif page == "execution.mdx":
            (fill,) = decoded(GetFills("ETHPERP"), raw).reply
            assert (fill.price, fill.commission) == (D("1190.15"), D("0.071409"))
        elif page == "cancel-order.mdx":
            assert decoded(CancelOrder("BTCUSDT", "linear-004"), raw).order_id.startswith("c6f055")
        elif page == "cancel-all.mdx":
            assert len(decoded(CancelAll("BTCUSDT"), raw)) == 2
        else:
            continue
        read += 1
    assert read == 5


def test_garbage() -> None:
    """Is no answer to anything."""
    for kind in (
        PlaceOrder("B", "BUY", "MARKET", D(1), client_order_id="a"),
        CancelOrder("B", "a"),
        CancelAll("B"),
        GetOrder("B", "a"),
        GetOpenOrders(),
        GetFills("B"),
    ):
        for body in (b"", b"{}", b"[]", answer(), answer(list=5), answer(list=[{}])):
            with pytest.raises(MalformedError):
                decoded(kind, body)
    assert msgspec.json.decode(answer())["retCode"] == 0
