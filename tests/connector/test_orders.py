"""Orders, placed and refused, on an exchange that does its part."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exchange_connector import (
    AuthenticationError,
    CancelAll,
    CancelOrder,
    ExchangeError,
    Fill,
    GetFills,
    GetOpenOrders,
    GetOrder,
    Order,
    OrderStatus,
    OrderType,
    PlaceOrder,
    ReplaceOrder,
    Side,
    SubscribeBalances,
    SubscribeOrders,
    TimeInForce,
    ValidationError,
    ask,
)
from exchange_connector.simulator import SimulatedExchange

BTC = "BTCUSDT"
SMALL = Decimal("0.01")
FAR = Decimal("60000.00")


def resting(id: str = "", price: Decimal = FAR, quantity: Decimal = SMALL) -> PlaceOrder:
    """An order that stays in the book."""
    return PlaceOrder(
        BTC,
        Side.BUY,
        OrderType.LIMIT,
        quantity,
        price,
        time_in_force=TimeInForce.GTC,
        client_order_id=id,
    )


def market(quantity: Decimal = SMALL, id: str = "") -> PlaceOrder:
    """An order that is executed at once."""
    return PlaceOrder(BTC, Side.BUY, OrderType.MARKET, quantity, client_order_id=id)


@pytest.fixture(params=["binance", "bybit"])
def exchange(request: pytest.FixtureRequest) -> Iterator[SimulatedExchange]:
    """An exchange with room for many orders."""
    with SimulatedExchange(rate=20.0, max_orders=10_000, exchange=request.param) as exchange:
        yield exchange


only_binance = pytest.mark.parametrize("exchange", ["binance"], indirect=True)
only_bybit = pytest.mark.parametrize("exchange", ["bybit"], indirect=True)


def endings(journal: Path) -> dict[str, str | None]:
    """What a journal says."""
    db = sqlite3.connect(journal)
    try:
        return dict(db.execute("SELECT id, ending FROM intents").fetchall())
    finally:
        db.close()


def test_an_order_rests(
    exchange: SimulatedExchange, start: Callable[..., Any], recorder: Any, record: Any
) -> None:
    """The answer, the events and the exchange say the same; it is asked for, and cancelled."""
    ref, holds = start(exchange), record()
    ask(ref, SubscribeOrders(recorder))
    ask(ref, SubscribeBalances(holds))
    placed = ask(ref, resting("mine"))
    (true,) = exchange.orders()
    assert (placed.client_order_id, placed.status) == ("mine", OrderStatus.NEW)
    assert placed.order_id == str(true.order_id)
    assert (placed.price, placed.quantity) == (true.price, true.quantity)
    assert recorder.wait_for(Order)[0].order_id == placed.order_id
    assert [each.client_order_id for each in ask(ref, GetOpenOrders())] == ["mine"]
    held = exchange.balances()["USDT"]
    holds.wait(lambda events: any(each.locked == held.locked for each in events))
    assert ask(ref, CancelOrder(BTC, client_order_id="mine")).status == OrderStatus.CANCELED
    recorder.wait_for(Order, 2)
    assert [each.status for each in recorder.of(Order)] == ["NEW", "CANCELED"]
    assert ask(ref, GetOrder(BTC, client_order_id="mine")).status == OrderStatus.CANCELED
    holds.wait(lambda events: events[-1].locked == 0 and events[-1].asset == "USDT")


def test_an_order_is_executed(
    exchange: SimulatedExchange, start: Callable[..., Any], recorder: Any, record: Any
) -> None:
    """The answer is how it ended; its fills are told once, balances after them."""
    ref, holds = start(exchange), record()
    ask(ref, SubscribeOrders(recorder))
    ask(ref, SubscribeBalances(holds))
    placed = ask(ref, market(Decimal("0.5")))
    assert (placed.status, placed.executed_quantity) == (OrderStatus.FILLED, Decimal("0.5"))
    true = exchange.fills()
    fills = recorder.wait_for(Fill, len(true))
    assert [(each.trade_id, each.price, each.quantity, each.commission) for each in fills] == [
        (str(each.trade_id), each.price, each.quantity, each.commission) for each in true
    ]
    free = exchange.balances()["BTC"].free
    holds.wait(lambda events: any(each.asset == "BTC" and each.free == free for each in events))
    assert [each.trade_id for each in ask(ref, GetFills(BTC))] == [
        str(each.trade_id) for each in true
    ]


def test_the_exchange_refuses(
    exchange: SimulatedExchange, start: Callable[..., Any], tmp_path: Path, interface: Any
) -> None:
    """An error with its code; the journal says so."""
    journal = tmp_path / "journal"
    ref = start(exchange, journal={"path": str(journal)})
    with pytest.raises(ExchangeError) as raised:
        ask(ref, resting("dear", quantity=Decimal(2)))
    assert raised.value.code == interface.poor
    assert exchange.orders() == []
    ref.stop(timeout=5)
    assert endings(journal) == {"dear": "refused"}


def test_what_breaks_a_rule_does_not_leave(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """Naming the field."""
    with pytest.raises(ValidationError) as raised:
        ask(start(exchange), resting("odd", quantity=Decimal("0.0000001")))
    assert raised.value.field == "quantity"
    assert exchange.order_requests == {}


@only_binance
def test_only_checked(
    exchange: SimulatedExchange, start: Callable[..., Any], tmp_path: Path
) -> None:
    """Nothing is placed, and nothing written down."""
    journal = tmp_path / "journal"
    ref = start(exchange, journal={"path": str(journal)})
    checked = PlaceOrder(BTC, Side.BUY, OrderType.MARKET, SMALL, test=True)
    assert ask(ref, checked).client_order_id
    ref.stop(timeout=5)
    assert (exchange.order_requests, endings(journal)) == ({}, {})


@only_binance
def test_one_is_replaced(
    exchange: SimulatedExchange, start: Callable[..., Any], recorder: Any
) -> None:
    """The first is no more, the second is; where the first is no more already, nothing is placed."""
    ref = start(exchange)
    ask(ref, SubscribeOrders(recorder))
    ask(ref, resting("first"))
    terms: dict[str, Any] = {"time_in_force": TimeInForce.GTC, "cancel_client_order_id": "first"}
    replaced = BTC, Side.BUY, OrderType.LIMIT, SMALL, Decimal("61000.00")
    second = ask(ref, ReplaceOrder(*replaced, client_order_id="second", **terms))
    assert second.status == OrderStatus.NEW
    recorder.wait_for(Order, 3)
    assert [(e.client_order_id, e.status) for e in recorder.of(Order)] == [
        ("first", "NEW"),
        ("first", "CANCELED"),
        ("second", "NEW"),
    ]
    with pytest.raises(ExchangeError):
        ask(ref, ReplaceOrder(*replaced, client_order_id="third", **terms))
    assert "third" not in {each.client_order_id for each in exchange.orders()}
    assert {each.client_order_id for each in ask(ref, CancelAll(BTC))} == {"second"}


def test_an_id_is_used_once(
    exchange: SimulatedExchange, start: Callable[..., Any], tmp_path: Path
) -> None:
    """Also when the first order has ended; what the journal says of that one stays true."""
    journal = tmp_path / "journal"
    ref = start(exchange, journal={"path": str(journal)})
    ask(ref, market(id="once"))
    for _ in range(2):
        with pytest.raises(ValidationError) as raised:
            ask(ref, market(id="once"))
        assert raised.value.field == "client_order_id"
    assert exchange.order_requests == {"once": 1}
    ref.stop(timeout=5)
    assert endings(journal) == {"once": "placed"}


def test_a_key_that_may_not_trade(
    exchange: SimulatedExchange, start: Callable[..., Any], configured: Any
) -> None:
    """Is told at once."""
    key = exchange.add_account(can_trade=False)
    ref = start(exchange, exchange_key=key)
    with pytest.raises(AuthenticationError):
        ask(ref, resting(), timeout=5)
    assert exchange.order_requests == {}


def test_a_key_that_the_exchange_does_not_know(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """Is told at once, by orders and by subscriptions."""

    class Unknown:
        api_key, api_secret = "A" * 64, "B" * 64

    ref = start(exchange, exchange_key=Unknown())
    with pytest.raises(AuthenticationError):
        ask(ref, resting(), timeout=5)
    for _ in range(2):  # the second comes when the session has been refused already
        with pytest.raises(AuthenticationError):
            ask(ref, SubscribeOrders(print), timeout=5)
    assert exchange.order_requests == {}


@pytest.mark.parametrize(
    "request_", [resting(), CancelOrder(BTC, client_order_id="a"), SubscribeOrders(print)]
)
def test_no_key(exchange: SimulatedExchange, start: Callable[..., Any], request_: Any) -> None:
    """Nothing leaves."""
    ref = start(exchange, key=False)
    with pytest.raises(ValidationError) as raised:
        ask(ref, request_)
    assert raised.value.field == "exchange.api_key"


@only_bybit
@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (PlaceOrder(BTC, Side.BUY, OrderType.MARKET, SMALL, test=True), "test"),
        (
            ReplaceOrder(BTC, Side.BUY, OrderType.MARKET, SMALL, cancel_client_order_id="a"),
            "cancel_client_order_id",
        ),
        (PlaceOrder(BTC, Side.BUY, OrderType.STOP_LOSS, SMALL, stop_price=FAR), "type"),
        (PlaceOrder(BTC, Side.BUY, OrderType.MARKET, SMALL, trailing_delta=9), "trailing_delta"),
        (GetFills(BTC, from_id="1"), "from_id"),
    ],
)
def test_what_the_exchange_cannot(
    exchange: SimulatedExchange, start: Callable[..., Any], request_: Any, field: str
) -> None:
    """Nothing leaves, and the field is named."""
    with pytest.raises(ValidationError) as raised:
        ask(start(exchange), request_)
    assert raised.value.field == field
    assert exchange.order_requests == {}


def test_all_are_cancelled(
    exchange: SimulatedExchange, start: Callable[..., Any], recorder: Any
) -> None:
    """Each is told at its end, to who has asked too."""
    ref = start(exchange)
    ask(ref, SubscribeOrders(recorder))
    ids = {f"n{number}" for number in range(5)}
    for id in ids:
        ask(ref, resting(id))
    cancelled = ask(ref, CancelAll(BTC))
    assert {(each.client_order_id, each.status) for each in cancelled} == {
        (id, OrderStatus.CANCELED) for id in ids
    }
    recorder.wait_for(Order, 10)
    assert ask(ref, CancelAll(BTC)) == () if exchange.name == "bybit" else True
    assert ask(ref, GetOpenOrders(BTC)) == ()


def test_money_is_spent(
    exchange: SimulatedExchange, start: Callable[..., Any], recorder: Any
) -> None:
    """A market order by what it costs: what it has bought is what it is of."""
    ref = start(exchange)
    ask(ref, SubscribeOrders(recorder))
    spent = PlaceOrder(BTC, Side.BUY, OrderType.MARKET, quote_quantity=Decimal(100))
    placed = ask(ref, spent)
    recorder.wait_for(Fill)
    (true,) = exchange.orders()
    assert placed.executed_quantity == true.executed > 0
    assert placed.quantity == placed.executed_quantity
    assert Decimal(99) < placed.executed_quote_quantity <= Decimal(100)


def test_a_maker_stays_or_goes(exchange: SimulatedExchange, start: Callable[..., Any]) -> None:
    """One that would take is not executed, whatever the exchange makes of that."""
    ref = start(exchange)
    maker = BTC, Side.BUY, OrderType.LIMIT_MAKER, SMALL
    placed = ask(ref, PlaceOrder(*maker, FAR))
    assert (placed.type, placed.status) == (OrderType.LIMIT_MAKER, OrderStatus.NEW)
    crossing = PlaceOrder(*maker, Decimal(67500))
    if exchange.name == "binance":
        with pytest.raises(ExchangeError):
            ask(ref, crossing)
    else:
        assert ask(ref, crossing).status == OrderStatus.CANCELED
    assert exchange.fills() == []


def test_many_at_once(
    exchange: SimulatedExchange, start: Callable[..., Any], recorder: Any, interface: Any
) -> None:
    """Each is answered with its own order; what the exchange would not take waits."""
    ref = start(exchange)
    ask(ref, SubscribeOrders(recorder))
    exchange.deposit("USDT", "10000000")
    futures = {
        f"n{number}": ref.ask(market(Decimal("0.001"), f"n{number}"), block=False)
        for number in range(interface.most)
    }
    for id, future in futures.items():
        assert future.get(timeout=20).client_order_id == id
    assert exchange.order_requests == dict.fromkeys(futures, 1)
    fills = recorder.wait_for(Fill, len(exchange.fills()))
    assert len({(each.order_id, each.trade_id) for each in fills}) == len(fills)
    assert len(fills) == len(exchange.fills())
