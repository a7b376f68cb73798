"""Orders where the exchange's ways are its own: Bybit."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector import (
    AuthenticationError,
    CancelAll,
    CancelOrder,
    ConnectorError,
    ExchangeError,
    GetFills,
    GetOpenOrders,
    GetOrder,
    Order,
    OrderStatus,
    OrderType,
    PlaceOrder,
    RateLimitError,
    Side,
    SubscribeBalances,
    SubscribeOrders,
    UnknownExecutionError,
    ValidationError,
    ask,
)
from exchange_connector.simulator import SimulatedExchange
from exchange_connector.venues import DRIVERS
from exchange_connector.venues.account import AccountAnswer
from exchange_connector.venues.control import UNNUMBERED

BTC = "BTCUSDT"
SMALL, FAR = Decimal("0.01"), Decimal("60000.00")
CREATE = "POST /v5/order/create"
KEY = "bybit", "spot"


def resting(id: str = "") -> PlaceOrder:
    """An order that stays in the book."""
    return PlaceOrder(BTC, Side.BUY, OrderType.LIMIT, SMALL, FAR, client_order_id=id)


def answer(code: int, message: str = "", **result: Any) -> dict[str, Any]:
    """A body of the exchange's."""
    return {"retCode": code, "retMsg": message, "result": result, "retExtInfo": {}, "time": 1}


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """Whose clock is far from this machine's, and which soon cuts whoever sends no pings."""
    with SimulatedExchange(rate=20.0, max_dials=0, exchange="bybit", idle_timeout=1.0) as exchange:
        exchange.skew_clock(90.0)
        yield exchange


@pytest.fixture
def trader(
    exchange: SimulatedExchange, start: Callable[..., Any], recorder: Any, quick_fates: float
) -> Any:
    """A connector whose orders are followed."""
    del quick_fates
    ref = start(exchange, connection={"ping_interval": 0.2})
    ask(ref, SubscribeOrders(recorder))
    return ref


@pytest.mark.parametrize(
    "request_",
    [
        resting("a"),
        CancelOrder(BTC, client_order_id="a"),
        CancelAll(BTC),
        GetOrder(BTC, client_order_id="a"),
        GetOpenOrders(),
        GetFills(BTC),
        SubscribeOrders(print),
        SubscribeBalances(print),
    ],
    ids=lambda request: type(request).__name__,
)
def test_contracts_are_not_traded(
    exchange: SimulatedExchange, start: Callable[..., Any], request_: Any
) -> None:
    """Clearly, and nothing leaves."""
    ref = start(exchange, market="linear")
    with pytest.raises(ValidationError):
        ask(ref, request_)
    assert not [each for each in exchange.requests if "/order" in each.path]


@pytest.mark.parametrize("is_done", [True, False])
def test_a_timeout_that_comes_as_a_success(
    exchange: SimulatedExchange, trader: Any, recorder: Any, is_done: bool
) -> None:
    """HTTP status 200, and a code that says that nobody knows: it is found out."""
    exchange.lose_answer(CREATE, status=200, done=is_done)
    if is_done:
        assert ask(trader, resting("a"), timeout=10).status == OrderStatus.NEW
    else:
        with pytest.raises(UnknownExecutionError):
            ask(trader, resting("a"), timeout=10)
        told = recorder.wait_for(Order)[0]
        assert (told.status, told.order_id) == (OrderStatus.REJECTED, "")
    assert exchange.order_requests == ({"a": 1} if is_done else {})


def test_one_that_was_accepted_and_is_not_there(
    exchange: SimulatedExchange, trader: Any, recorder: Any
) -> None:
    """It is unknown, and is not called rejected soon: the exchange has said that it has it."""
    exchange.answer(CREATE, body=answer(0, "OK", orderId="77", orderLinkId="a"))
    with pytest.raises(UnknownExecutionError):
        ask(trader, resting("a"), timeout=10)
    asked = len([each for each in exchange.requests if each.path == "/v5/order/history"])

    def was_asked_twice_more(exchange: SimulatedExchange) -> bool:
        paths = [each.path for each in exchange.requests if each.status]
        return paths.count("/v5/order/history") >= asked + 2

    assert exchange.wait_until(was_asked_twice_more, 20.0)
    ask(trader, resting("b"))
    assert [each.client_order_id for each in recorder.wait_for(Order)] == ["b"]


@pytest.mark.parametrize(
    ("code", "kind"),
    [(170131, ExchangeError), (10006, RateLimitError), (10005, AuthenticationError)],
)
def test_a_refusal_is_told_at_once(
    exchange: SimulatedExchange, trader: Any, code: int, kind: type[ConnectorError]
) -> None:
    """Nothing was placed, and the key's owner hears what to do."""
    exchange.answer(CREATE, body=answer(code, "no"))
    with pytest.raises(kind) as raised:
        ask(trader, resting("a"), timeout=2)
    assert getattr(raised.value, "code", None) == code
    assert ("not read-only" in str(raised.value)) == (code == 10005)
    assert exchange.order_requests == {}


def test_an_order_that_is_known_already(
    exchange: SimulatedExchange, trader: Any, start: Callable[..., Any]
) -> None:
    """Its id was used by another program, and never returns: nothing is placed."""
    ask(trader, resting("a"))
    ask(trader, CancelOrder(BTC, client_order_id="a"))
    other = start(exchange)
    with pytest.raises(ExchangeError) as raised:
        ask(other, resting("a"))
    assert raised.value.code == 170141
    assert len(exchange.orders()) == 1


def test_the_private_socket_is_kept_alive(
    exchange: SimulatedExchange, trader: Any, until: Any, recorder: Any
) -> None:
    """By pings that are texts; it is the same one all the time."""
    dials = exchange.dials
    assert exchange.wait_until(
        lambda exchange: sum(each.method == "ping" for each in exchange.controls) > 20, 20.0
    )
    assert exchange.dials == dials
    until(trader, lambda health: health.sessions["account-session"].state == "LIVE")
    ask(trader, resting("a"))
    recorder.wait_for(Order)


def test_a_logon_whose_answer_has_no_number(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    recorder: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As it is documented: it is for what was sent last."""
    driver = DRIVERS[KEY]
    trading = driver.account
    assert trading is not None
    told = trading.control

    def control(frame: bytes, received_time: int) -> Any:
        content = told(frame, received_time)
        if isinstance(content, AccountAnswer):
            return dataclasses.replace(content, id=UNNUMBERED)
        return content

    account = dataclasses.replace(trading, control=control)
    monkeypatch.setitem(DRIVERS, KEY, dataclasses.replace(driver, account=account))
    ref = start(exchange)
    ask(ref, SubscribeOrders(recorder))
    ask(ref, resting("a"))
    recorder.wait_for(Order)


def test_nothing_secret_is_shown(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    recorder: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With every logger at its loudest, in orders, logons, refusals and cuts."""
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "websocket", "pykka", "exchange_connector", "requests"):
        caplog.set_level(logging.DEBUG, logger=name)
    ref = start(exchange)
    ask(ref, SubscribeOrders(recorder))
    shown = [repr(ask(ref, resting("a")))]
    exchange.answer(CREATE, body=answer(10004, "Error sign, please check"))
    exchange.answer("GET /v5/order/realtime", status=500, body="<html>")
    asked: tuple[Any, ...] = resting("b"), GetOpenOrders(), CancelOrder(BTC, client_order_id="a")
    for request in asked:
        try:
            shown.append(repr(ask(ref, request, timeout=10)))
        except ConnectorError as error:
            shown.append(repr(error) + str(error) + repr(vars(error)) + repr(error.__cause__))
    exchange.cut()
    ref.stop(timeout=5)
    shown += [repr(event) for event in recorder.events]
    shown += [record.getMessage() + repr(vars(record)) for record in caplog.records]
    text = "\n".join(shown)
    assert "POST" in text
    signatures = {each.headers.get("x-bapi-sign", "") for each in exchange.requests} - {""}
    logons = [each for each in exchange.controls if each.method == "auth"]
    assert signatures
    assert logons
    for secret in (exchange.api_secret, exchange.api_key, *signatures):
        assert secret not in text
