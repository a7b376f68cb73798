"""Requests that lie before a part when it dies: executed once by its successor, or said to be unsent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from exchange_connector import (
    ActorRestarted,
    CancelOrder,
    ConnectorActor,
    GetBalances,
    GetServerTime,
    NotRunningError,
    Order,
    OrderStatus,
    OrderType,
    PlaceOrder,
    Side,
    SubscribeEvents,
    SubscribeOrders,
    TimeInForce,
    ask,
)
from exchange_connector.actors.base import room
from exchange_connector.simulator import SimulatedExchange

BTC = "BTCUSDT"


class Death(msgspec.Struct, frozen=True):
    """What lets a part wait for `go`, and die then."""

    name: str
    go: threading.Event


class Unread(msgspec.Struct, frozen=True):
    """Asks how many messages lie before a part."""

    name: str


class Mortal(ConnectorActor):
    """A connector whose parts can be told to die."""

    def on_receive(self, message: Any) -> Any:
        """Let one die, when it is time."""
        if isinstance(message, Unread):
            ref: Any = self._children[message.name].ref
            return ref.actor_inbox.qsize()
        if not isinstance(message, Death):
            return super().on_receive(message)
        part: Any = self._children[message.name].ref
        actor = part._actor_weakref()
        healthy = actor.receive

        def receive(told: Any) -> None:
            if told is message:
                message.go.wait(2.0)
                raise RuntimeError("a bug in a part")
            healthy(told)

        actor.receive = receive
        part.tell(message)
        return None


def resting(id: str) -> PlaceOrder:
    """An order that stays in the book."""
    terms: dict[str, Any] = {"time_in_force": TimeInForce.GTC, "client_order_id": id}
    return PlaceOrder(BTC, Side.BUY, OrderType.LIMIT, Decimal("0.01"), Decimal(60_000), **terms)


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """An exchange that refuses no dial."""
    with SimulatedExchange(rate=20.0, max_dials=0) as exchange:
        yield exchange


@pytest.fixture
def ref(exchange: SimulatedExchange, start: Callable[..., Any], recorder: Any) -> Any:
    """A connector that has placed an order, and whose orders and life are recorded."""
    ref = start(exchange, actor=Mortal)
    ask(ref, SubscribeOrders(recorder))
    ask(ref, SubscribeEvents(recorder))
    ask(ref, resting("warm"))
    return ref


@pytest.fixture
def grown_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts have lived long enough from the beginning."""
    monkeypatch.setattr(room, "_GROWN_UP", -1.0)


def test_orders_are_placed_once(
    grown_up: None, exchange: SimulatedExchange, ref: Any, recorder: Any
) -> None:
    """And cancelled, in the order in which that was asked."""
    go = threading.Event()
    ref.ask(Death("account", go))
    orders = [ref.ask(resting(f"a{number}"), block=False) for number in range(10)]
    cancel = ref.ask(CancelOrder(BTC, client_order_id="warm"), block=False)
    ref.ask(GetServerTime(), timeout=5)  # the root has passed on all of these
    go.set()
    placed = [order.get(timeout=10) for order in orders]
    assert [(each.client_order_id, each.status) for each in placed] == [
        (f"a{number}", OrderStatus.NEW) for number in range(10)
    ]
    assert cancel.get(timeout=10).status == OrderStatus.CANCELED
    assert exchange.order_requests == {"warm": 1, **{f"a{number}": 1 for number in range(10)}}
    recorder.wait_for(ActorRestarted)
    recorder.wait(lambda _: len(recorder.of(Order)) == 12)
    assert {each.client_order_id for each in recorder.of(Order)} == set(exchange.order_requests)


def test_questions_are_asked(grown_up: None, ref: Any, recorder: Any) -> None:
    """Signed ones too: the successor knows the exchange's time from the beginning."""
    go = threading.Event()
    ref.ask(Death("rest", go))
    questions = [ref.ask(each(), block=False) for each in (GetServerTime, GetBalances) * 5]
    assert ref.proxy().is_running().get(timeout=5)
    go.set()
    for question in questions:
        assert question.get(timeout=10)
    assert [each.component for each in recorder.wait_for(ActorRestarted)] == ["rest"]


def test_orders_that_lie_before_rest_are_placed_once(
    grown_up: None, start: Callable[..., Any], recorder: Any
) -> None:
    """They were not sent, and are not late yet."""
    with SimulatedExchange(exchange="bybit", rate=20.0, max_dials=0) as exchange:
        ref = start(exchange, actor=Mortal)
        ask(ref, SubscribeEvents(recorder))
        ask(ref, resting("warm"))
        go = threading.Event()
        ref.ask(Death("rest", go))
        orders = [ref.ask(resting(f"a{number}"), block=False) for number in range(3)]
        assert exchange.wait_until(lambda _: ref.ask(Unread("rest")) >= len(orders))
        go.set()
        placed = [order.get(timeout=10).status for order in orders]
        assert placed == [OrderStatus.NEW] * 3
        assert exchange.order_requests == {"warm": 1, "a0": 1, "a1": 1, "a2": 1}
        assert [each.component for each in recorder.wait_for(ActorRestarted)] == ["rest"]


def test_what_is_not_passed_on_was_not_sent(
    exchange: SimulatedExchange, ref: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part that dies as soon as it lives may die of what it was left; the error says what is so."""
    monkeypatch.setattr(room, "_GROWN_UP", 60.0)
    go = threading.Event()
    ref.ask(Death("account", go))
    order = ref.ask(resting("a"), block=False)
    assert ref.proxy().is_running().get(timeout=5)
    go.set()
    with pytest.raises(NotRunningError, match="was not sent"):
        order.get(timeout=10)
    assert ask(ref, resting("a")).status == OrderStatus.NEW
    assert exchange.order_requests == {"warm": 1, "a": 1}
