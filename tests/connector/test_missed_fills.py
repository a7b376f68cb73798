"""Interruptions of the account in which more is executed than one page of fills tells."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any, cast

import msgspec
import pytest

from exchange_connector import (
    CancelOrder,
    ConnectorActor,
    ErrorOccurred,
    Fill,
    GetFills,
    MissingFillsError,
    Order,
    OrderType,
    PlaceOrder,
    Side,
    SubscribeEvents,
    SubscribeOrders,
    TimeInForce,
    ask,
)
from exchange_connector.actors.trading import refresh
from exchange_connector.core import fill_search
from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.trading.accounts import Account
from exchange_connector.simulator.trading.orders import Wanted

BTC, ETH = "BTCUSDT", "ETHUSDT"
LOT = Decimal("0.001")
UNITS = 100_000  # the same in the units of the matching engine


class Death(msgspec.Struct, frozen=True):
    """What lets the account's room die."""


class Mortal(ConnectorActor):
    """A connector whose account can be told to die."""

    def on_receive(self, message: Any) -> Any:
        """Let it die, of a bug."""
        if not isinstance(message, Death):
            return super().on_receive(message)
        ref: Any = self._children["account"].ref
        ref._actor_weakref().receive = _fail
        ref.tell(None)
        return None


def _fail(_message: Any) -> None:
    raise RuntimeError("a bug in a part")


class Market:
    """Somebody else, who sells as much as is wanted; what happens there is driven directly."""

    def __init__(self, exchange: SimulatedExchange) -> None:
        self._exchange = exchange
        other = exchange.add_account(balances={"BTC": "100", "ETH": "1000", "USDT": "0"})
        self._desk: Any = cast("Any", exchange._box.interface.desk)
        self._seller: Account = self._desk.house.keys[other.api_key][0]
        self._count = 0

    @property
    def account(self) -> Account:
        """The connector's."""
        account: Account = self._desk.house.keys[self._exchange.api_key][0]
        return account

    def sell(self, symbol: str, count: int) -> None:
        """So many sales of a lot, each to the best bid."""

        def one(now_us: int) -> None:
            self._count += 1
            terms: Any = {"side": "SELL", "type": "MARKET", "quantity": UNITS}
            wanted = Wanted(symbol=symbol, client_order_id=f"sale{self._count}", **terms)
            self._desk.house.place(self._seller, wanted, now_us)

        def some(much: int) -> None:
            for _ in range(much):
                self._desk.do(symbol, one)

        for done in range(0, count, 100):
            self._exchange._server.call(partial(some, min(100, count - done)))


@pytest.fixture
def exchange(request: pytest.FixtureRequest) -> Iterator[SimulatedExchange]:
    """An exchange whose market stands, and whose account is rich."""
    name = getattr(request, "param", "binance")
    with SimulatedExchange(rate=0.01, max_dials=0, exchange=name) as exchange:
        exchange.deposit("USDT", "100000000")
        yield exchange


@pytest.fixture
def market(exchange: SimulatedExchange) -> Market:
    """Who sells there."""
    return Market(exchange)


@pytest.fixture
def trade(
    exchange: SimulatedExchange, start: Callable[..., Any], recorder: Any, quick_fates: float
) -> Any:
    """A connector whose orders, and whose own life, are recorded."""
    del quick_fates
    ref = start(exchange, actor=Mortal, circuit_breaker={"max_failures": 1_000})
    ask(ref, SubscribeOrders(recorder))
    ask(ref, SubscribeEvents(recorder))
    return ref


def buy(exchange: SimulatedExchange, ref: Any, id: str, lots: int, symbol: str = BTC) -> Order:
    """An order for so many lots, which is behind those before it and before all else."""
    price = Decimal(exchange.book(symbol).bids[0][0])
    terms: dict[str, Any] = {"time_in_force": TimeInForce.GTC, "client_order_id": id}
    wanted = PlaceOrder(symbol, Side.BUY, OrderType.LIMIT, lots * LOT, price, **terms)
    return ask(ref, wanted)


def clear_way(exchange: SimulatedExchange, market: Market, symbol: str = BTC) -> None:
    """What others have at the best bid before the account's orders is sold to."""
    mine = sum(each.quantity for each in exchange.orders() if each.symbol == symbol)
    others = Decimal(exchange.book(symbol).bids[0][1]) - mine
    market.sell(symbol, math.ceil(others / LOT))


def interrupt(exchange: SimulatedExchange) -> None:
    """The account's websocket is gone, and does not come back."""
    exchange.refuse_upgrades(503)
    exchange.cut()
    assert exchange.wait_until(lambda exchange: exchange.connections == 0)


def last_told(recorder: Any, id: str) -> str:
    """The newest status of an order."""
    told = [each.status for each in recorder.of(Order) if each.client_order_id == id]
    return told[-1] if told else ""


def check(exchange: SimulatedExchange, recorder: Any, *, recovered: bool = True) -> None:
    """Every fill was told once, those of an order in order, and they make what was executed."""
    recorder.wait_for(Fill, len(exchange.fills()), 30)
    fills = recorder.of(Fill)
    true = [(str(each.trade_id), each.quantity) for each in exchange.fills()]
    assert sorted((each.trade_id, each.quantity) for each in fills) == sorted(true)
    for order in exchange.orders():
        mine = [each for each in fills if each.order_id == str(order.order_id)]
        assert [int(each.trade_id) for each in mine] == sorted(int(e.trade_id) for e in mine)
        assert sum((each.quantity for each in mine), Decimal(0)) == order.executed
        last = [each for each in recorder.of(Order) if each.order_id == str(order.order_id)][-1]
        assert (last.status, last.executed_quantity) == (order.status, order.executed)
    if recovered:
        assert all(each.recovered for each in fills)


def test_thousands_of_fills_are_told_after_a_cut(
    exchange: SimulatedExchange, market: Market, trade: Any, recorder: Any
) -> None:
    """2,500 of one order and 1,500 of others, on two symbols: each once."""
    lots = {"a": 2_500, "b": 1_200, "c": 200, "open": 50}
    for id, much in lots.items():
        buy(exchange, trade, id, much)
    buy(exchange, trade, "d", 100, ETH)
    interrupt(exchange)
    clear_way(exchange, market)
    clear_way(exchange, market, ETH)
    market.sell(BTC, 3_900 + 20)
    market.sell(ETH, 100)
    executed = {each.client_order_id: each.executed / LOT for each in exchange.orders()}
    assert executed["a"] == 2_500
    assert sum(executed.values()) >= 4_000
    exchange.clear_faults()
    check(exchange, recorder)
    assert not recorder.of(ErrorOccurred)


@pytest.mark.parametrize("exchange", ["bybit"], indirect=True)
def test_fills_without_numbers_are_told_after_a_cut(
    exchange: SimulatedExchange, market: Market, trade: Any, recorder: Any
) -> None:
    """1,200 of one order, more than the newest of all: they are asked for by the order alone."""
    buy(exchange, trade, "a", 1_200)
    buy(exchange, trade, "b", 50)
    interrupt(exchange)
    clear_way(exchange, market)
    market.sell(BTC, 1_250)
    exchange.clear_faults()
    check(exchange, recorder)
    assert not recorder.of(ErrorOccurred)


def test_a_search_that_is_interrupted_again_and_again(
    exchange: SimulatedExchange,
    market: Market,
    trade: Any,
    recorder: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By failing requests, another cut and the death of the part that asks: nothing is told twice."""
    monkeypatch.setattr(fill_search, "PAGE", 20)
    for id in "ab":
        buy(exchange, trade, id, 300)
    interrupt(exchange)
    clear_way(exchange, market)
    market.sell(BTC, 400)
    exchange.clear_faults()
    exchange.delay("/api/v3/myTrades", 0.02)
    exchange.reset_rest("GET /api/v3/myTrades", 2)
    recorder.wait_for(Fill, 60, 20)
    trade.ask(Death())
    recorder.wait_for(Fill, 150, 20)
    exchange.cut()
    recorder.wait_for(Fill, 300, 20)
    exchange.clear_faults()
    check(exchange, recorder)
    market.sell(BTC, 100)
    check(exchange, recorder, recovered=False)


def test_fills_that_no_event_told(
    exchange: SimulatedExchange,
    market: Market,
    trade: Any,
    recorder: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An answer says that an order was executed further: its fills are asked for, without a cut."""
    monkeypatch.setattr(refresh, "_LATE_FILLS", 0.1)
    buy(exchange, trade, "a", 50)
    recorder.wait(lambda _: last_told(recorder, "a") == "NEW")
    exchange.lose("userData@*", None)
    clear_way(exchange, market)
    market.sell(BTC, 20)
    ask(trade, CancelOrder(BTC, client_order_id="a"))
    check(exchange, recorder)


def test_who_joins_while_the_account_is_asked_for(
    exchange: SimulatedExchange, market: Market, trade: Any, recorder: Any, record: Any
) -> None:
    """Sees what is known, and what comes out; each once."""
    buy(exchange, trade, "a", 50)
    recorder.wait(lambda _: last_told(recorder, "a") == "NEW")
    interrupt(exchange)
    exchange.clear_faults()
    late = record()
    exchange.delay("/api/v3/openOrders", 0.5, count=1)
    clear_way(exchange, market)
    market.sell(BTC, 10)
    assert exchange.wait_until(lambda each: each.connections == 2)
    ask(trade, SubscribeOrders(late))
    late.wait_for(Fill, len(exchange.fills()))
    told = [(each.status, each.executed_quantity) for each in late.of(Order)]
    assert (told[0], told[-1]) == (
        ("NEW", Decimal(0)),
        ("PARTIALLY_FILLED", exchange.orders()[0].executed),
    )
    assert len(told) == len(set(told))
    check(exchange, late, recovered=False)


def test_fills_that_the_exchange_does_not_have(
    exchange: SimulatedExchange,
    market: Market,
    trade: Any,
    recorder: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An error event tells of which order how much is missing, once; all else goes on."""
    monkeypatch.setattr(refresh, "_LATE_FILLS", 0.1)
    monkeypatch.setattr(fill_search, "PATIENCE", 0.2)
    placed = buy(exchange, trade, "a", 50)
    interrupt(exchange)
    clear_way(exchange, market)
    market.sell(BTC, 30)
    executed = exchange.orders()[0].executed
    exchange._server.call(lambda: market.account.fills.__delitem__(slice(3, 5)))
    exchange.clear_faults()
    (told,) = recorder.wait_for(ErrorOccurred)
    ids = BTC, placed.order_id, "a"
    lost = sum((each.quantity for each in recorder.of(Fill)), Decimal(0))
    missing = MissingFillsError(*ids, executed, executed - lost, exchange="binance")
    assert told.error == missing
    assert missing.missing_quantity == 2 * LOT
    count = len(recorder.of(Fill))
    market.sell(BTC, 5)
    recorder.wait_for(Fill, count + 5)
    interrupt(exchange)
    market.sell(BTC, 5)
    exchange.clear_faults()
    recorder.wait_for(Fill, count + 10)
    assert len(recorder.of(ErrorOccurred)) == 1
    assert ask(trade, GetFills(BTC, order_id=placed.order_id))[-1].trade_id == (
        recorder.of(Fill)[-1].trade_id
    )
