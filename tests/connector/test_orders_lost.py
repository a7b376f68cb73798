"""Orders whose answer is late or lost: the truth is found out, and told by the deadline or after."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector import (
    Balance,
    CancelAll,
    CancelOrder,
    Fill,
    Order,
    OrderStatus,
    OrderType,
    PlaceOrder,
    ReplaceOrder,
    Side,
    SubscribeBalances,
    SubscribeOrders,
    TimeInForce,
    UnknownExecutionError,
    ask,
)
from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.faults import DelayFrames

BTC = "BTCUSDT"
SMALL, FAR = Decimal("0.01"), Decimal("60000.00")
WAYS = "session", "alone"
"""While the account's session is up, and while there is none."""
LOSSES: dict[str, dict[str, Any]] = {
    "reset": {},
    "silent": {"silent": True},
    "unknown": {"status": 503},
}


def resting(id: str) -> PlaceOrder:
    """An order that stays in the book."""
    terms: dict[str, Any] = {"time_in_force": TimeInForce.GTC, "client_order_id": id}
    return PlaceOrder(BTC, Side.BUY, OrderType.LIMIT, SMALL, FAR, **terms)


def market(id: str) -> PlaceOrder:
    """An order that is executed at once."""
    return PlaceOrder(BTC, Side.BUY, OrderType.MARKET, SMALL, client_order_id=id)


@pytest.fixture(params=["binance", "bybit"])
def exchange(request: pytest.FixtureRequest) -> Iterator[SimulatedExchange]:
    """An exchange that refuses no dial."""
    with SimulatedExchange(rate=20.0, max_dials=0, exchange=request.param) as exchange:
        yield exchange


@pytest.fixture
def trader(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    recorder: Any,
    until: Callable[..., Any],
    quick_fates: float,
) -> Callable[[str], Any]:
    """A connector whose orders leave by one of the two ways, and whose events are recorded."""
    del quick_fates

    def started(way: str) -> Any:
        ref = start(exchange, circuit_breaker={"max_failures": 1_000})
        ask(ref, SubscribeOrders(recorder))
        # what an order needs to be known beforehand is known then
        ask(ref, resting("warm"))
        ask(ref, CancelAll(BTC))
        recorder.wait(lambda events: any(e.status == "CANCELED" for e in events))
        if way == "alone":
            exchange.refuse_upgrades(503)
            exchange.cut()
            until(ref, lambda health: health.sessions["account-session"].state == "DOWN")
        return ref

    return started


def ended(recorder: Any, id: str) -> list[Any]:
    """What was told of an order."""
    return [event for event in recorder.of(Order) if event.client_order_id == id]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("way", WAYS)
def test_the_answer_is_lost_and_the_order_is_there(
    exchange: SimulatedExchange, trader: Any, recorder: Any, interface: Any, way: str, loss: str
) -> None:
    """It is found, and told once, as if nothing had happened."""
    ref = trader(way)
    exchange.lose_answer(interface.place[way], **LOSSES[loss])
    placed = ask(ref, resting("a"), timeout=10)
    assert (placed.client_order_id, placed.status) == ("a", OrderStatus.NEW)
    exchange.clear_faults()
    ask(ref, CancelOrder(BTC, client_order_id="a"))
    recorder.wait(lambda _: len(ended(recorder, "a")) == 2)
    assert [event.status for event in ended(recorder, "a")] == ["NEW", "CANCELED"]
    assert exchange.order_requests["a"] == 1


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("way", WAYS)
def test_the_order_is_lost(
    exchange: SimulatedExchange,
    trader: Any,
    recorder: Any,
    interface: Any,
    quick_fates: float,
    way: str,
    loss: str,
) -> None:
    """That is unknown at the deadline; an event tells later that it was never placed."""
    ref = trader(way)
    exchange.lose_answer(interface.place[way], done=False, **LOSSES[loss])
    began = time.monotonic()
    with pytest.raises(UnknownExecutionError) as raised:
        ask(ref, resting("a"), timeout=10)
    assert raised.value.client_order_id == "a"
    assert time.monotonic() - began == pytest.approx(quick_fates, abs=0.7)
    recorder.wait(lambda _: len(ended(recorder, "a")) > 0)
    (event,) = ended(recorder, "a")
    assert (event.status, event.order_id, event.recovered) == ("REJECTED", "", True)
    assert "a" not in exchange.order_requests
    exchange.clear_faults()
    ask(ref, resting("b"))


@pytest.mark.parametrize("way", WAYS)
def test_nobody_can_be_asked_either(
    exchange: SimulatedExchange,
    trader: Any,
    recorder: Any,
    interface: Any,
    quick_fates: float,
    way: str,
) -> None:
    """Then it is unknown at the deadline, and an event tells of the order once REST is back."""
    ref = trader(way)
    exchange.lose_answer(interface.place[way], silent=True)
    exchange.lose(interface.events, None)
    exchange.reset_rest(interface.question, count=None)
    began = time.monotonic()
    with pytest.raises(UnknownExecutionError):
        ask(ref, resting("a"), timeout=10)
    assert time.monotonic() - began == pytest.approx(quick_fates, abs=0.7)
    assert ended(recorder, "a") == []
    exchange.clear_faults()
    recorder.wait(lambda _: len(ended(recorder, "a")) > 0, 20)
    (event,) = ended(recorder, "a")
    assert (event.status, event.recovered) == ("NEW", True)
    assert exchange.order_requests["a"] == 1


@pytest.mark.parametrize("way", WAYS)
def test_a_timestamp_is_refused(
    exchange: SimulatedExchange, trader: Any, interface: Any, way: str
) -> None:
    """However that ends for the order, it is true, and the next one is placed."""
    ref = trader(way)
    exchange.refuse_timestamps(interface.place[way])
    try:
        ask(ref, resting("a"), timeout=10)
        is_placed = True
    except Exception:  # noqa: BLE001 - any error says that it was not
        is_placed = False
    assert ("a" in exchange.order_requests) == is_placed
    assert ask(ref, resting("b"), timeout=10).status == OrderStatus.NEW


@pytest.mark.parametrize("way", WAYS)
def test_the_answer_is_late(
    exchange: SimulatedExchange, trader: Any, recorder: Any, interface: Any, way: str
) -> None:
    """By then the events have told of it; the asker gets the order all the same, and no twice."""
    ref = trader(way)
    exchange.delay(interface.place[way], 1.0, count=1, where="after")
    assert ask(ref, market("a"), timeout=10).status == OrderStatus.FILLED
    if way == "session":
        recorder.wait_for(Fill)
    ask(ref, resting("b"), timeout=10)
    assert [event.status for event in ended(recorder, "a")].count("FILLED") <= 1
    fills = recorder.of(Fill)
    assert len({event.trade_id for event in fills}) == len(fills)


def test_events_are_late(
    exchange: SimulatedExchange, trader: Any, recorder: Any, interface: Any
) -> None:
    """What the answer has told is not told again."""
    ref = trader("session")
    exchange.apply(DelayFrames(stream=interface.events, seconds=0.5, count=20))
    assert ask(ref, market("a"), timeout=10).status == OrderStatus.FILLED
    assert ask(ref, resting("b"), timeout=10).status == OrderStatus.NEW
    exchange.clear_frames()
    ask(ref, CancelOrder(BTC, client_order_id="b"))
    recorder.wait(lambda _: len(ended(recorder, "b")) == 2)
    recorder.wait_for(Fill, len(exchange.fills()))
    told = [event.status for event in ended(recorder, "a")]
    assert told[-1] == "FILLED"
    assert len(told) == len(set(told))
    assert [event.status for event in ended(recorder, "b")] == ["NEW", "CANCELED"]
    fills = [event.trade_id for event in recorder.of(Fill)]
    assert sorted(fills) == sorted({str(fill.trade_id) for fill in exchange.fills()})


def test_events_come_twice(
    exchange: SimulatedExchange, trader: Any, recorder: Any, interface: Any
) -> None:
    """They are told once."""
    ref = trader("session")
    exchange.duplicate(interface.events, None)
    ask(ref, market("a"), timeout=10)
    ask(ref, resting("b"), timeout=10)
    ask(ref, CancelOrder(BTC, client_order_id="b"))
    recorder.wait(lambda _: len(ended(recorder, "b")) == 2)
    recorder.wait_for(Fill, len(exchange.fills()))
    assert [event.status for event in ended(recorder, "a")].count("FILLED") == 1
    fills = [event.trade_id for event in recorder.of(Fill)]
    assert sorted(fills) == sorted({str(fill.trade_id) for fill in exchange.fills()})


@pytest.mark.parametrize("exchange", ["binance"], indirect=True)
@pytest.mark.parametrize("loss", LOSSES)
def test_a_replacement_whose_answer_is_lost(
    exchange: SimulatedExchange, trader: Any, recorder: Any, loss: str
) -> None:
    """Both orders are told as they are."""
    ref = trader("session")
    ask(ref, resting("a"))
    exchange.lose_answer("order.cancelReplace", **LOSSES[loss])
    terms: dict[str, Any] = {"time_in_force": TimeInForce.GTC, "cancel_client_order_id": "a"}
    wanted = BTC, Side.BUY, OrderType.LIMIT, SMALL, FAR - 1
    placed = ask(ref, ReplaceOrder(*wanted, client_order_id="b", **terms), timeout=10)
    assert (placed.client_order_id, placed.status) == ("b", OrderStatus.NEW)
    recorder.wait(lambda _: len(ended(recorder, "a")) == 2)
    recorder.wait(lambda _: len(ended(recorder, "b")) == 1)
    assert exchange.order_requests["b"] == 1


@pytest.mark.parametrize("exchange", ["binance"], indirect=True)
@pytest.mark.parametrize("is_done", [True, False])
def test_a_replacement_of_which_neither_answer_nor_events_come(
    exchange: SimulatedExchange, trader: Any, recorder: Any, is_done: bool
) -> None:
    """What has become of the order that was to be cancelled is asked for, too."""
    ref = trader("session")
    ask(ref, resting("a"))
    exchange.lose("userData@*", None)
    exchange.lose_answer("order.cancelReplace", silent=True, done=is_done)
    terms: dict[str, Any] = {"time_in_force": TimeInForce.GTC, "cancel_client_order_id": "a"}
    wanted = BTC, Side.BUY, OrderType.LIMIT, SMALL, FAR - 1
    future = ref.ask(ReplaceOrder(*wanted, client_order_id="b", **terms), block=False)
    if is_done:
        assert future.get(timeout=10).status == OrderStatus.NEW
        recorder.wait(lambda _: len(ended(recorder, "a")) == 2)
        assert [event.status for event in ended(recorder, "a")] == ["NEW", "CANCELED"]
    else:
        with pytest.raises(UnknownExecutionError):
            future.get(timeout=10)
        recorder.wait(lambda _: len(ended(recorder, "b")) == 1)
        assert [event.status for event in ended(recorder, "a")] == ["NEW"]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("way", WAYS)
def test_a_cancellation_whose_answer_is_lost(
    exchange: SimulatedExchange, trader: Any, interface: Any, way: str, loss: str
) -> None:
    """The order is told as it is."""
    ref = trader(way)
    ask(ref, resting("a"))
    exchange.lose_answer(interface.cancel[way], **LOSSES[loss])
    cancelled = ask(ref, CancelOrder(BTC, client_order_id="a"), timeout=12)
    assert cancelled.status == OrderStatus.CANCELED


@pytest.mark.parametrize("exchange", ["bybit"], indirect=True)
def test_a_balance_that_an_answer_contradicts(
    exchange: SimulatedExchange, start: Callable[..., Any], recorder: Any
) -> None:
    """The answer is stamped later than what it says was true: the event makes it be asked again."""
    coin = {"coin": "USDT", "walletBalance": "1", "locked": "0"}
    late = round((time.time() + 3600) * 1000)
    wallet = {"list": [{"accountType": "UNIFIED", "coin": [coin]}]}
    answer = {"retCode": 0, "retMsg": "OK", "time": late, "result": wallet}
    exchange.answer("GET /v5/account/wallet-balance", body=answer)
    ref = start(exchange)
    ask(ref, SubscribeBalances(recorder))
    (balance,) = recorder.wait_for(Balance)
    assert (balance.asset, balance.free) == ("USDT", 1)
    ask(ref, resting("a"))
    true = exchange.balances()["USDT"]
    recorder.wait(lambda events: (events[-1].free, events[-1].locked) == (true.free, true.locked))


@pytest.mark.parametrize("exchange", ["bybit"], indirect=True)
@pytest.mark.parametrize("events", ["live", "fills first", "late", "lost"])
def test_an_answer_that_only_says_accepted(
    exchange: SimulatedExchange, trader: Any, recorder: Any, interface: Any, events: str
) -> None:
    """The asker gets the order as it is, by the event or by asking, and so of a cancellation."""
    ref = trader("session")
    if events == "late":
        exchange.apply(DelayFrames(stream=interface.events, seconds=0.7, count=20))
    elif events == "fills first":
        exchange.apply(DelayFrames(stream="private/order.spot", seconds=0.1, count=20))
    elif events == "lost":
        exchange.lose(interface.events, None)
    asked = len(exchange.requests)
    assert ask(ref, market("m"), timeout=10).status == OrderStatus.FILLED
    assert ask(ref, resting("a"), timeout=10).status == OrderStatus.NEW
    ask(ref, resting("b"), timeout=10)
    assert ask(ref, CancelOrder(BTC, client_order_id="a"), timeout=10).status == "CANCELED"
    (rest,) = ask(ref, CancelAll(BTC), timeout=10)
    assert (rest.client_order_id, rest.status) == ("b", OrderStatus.CANCELED)
    if events in ("live", "fills first"):  # nothing had to be asked
        assert len(exchange.requests) - asked == 5
    recorder.wait(lambda _: len(ended(recorder, "b")) == 2)
    fills = recorder.wait_for(Fill)
    assert [each.trade_id for each in fills] == [str(each.trade_id) for each in exchange.fills()]
    assert exchange.order_requests == dict.fromkeys(("warm", "m", "a", "b"), 1)
