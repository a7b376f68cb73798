"""What is asked for when the account's session begins: one request after the other, and at a pace."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from exchange_connector.actors.trading import refresh as module
from exchange_connector.actors.trading.refresh import FillsDue, Refresh, Refreshed
from exchange_connector.core.account_view import AccountView
from exchange_connector.messages.account import Balance, Fill, Order
from exchange_connector.messages.errors import (
    AuthenticationError,
    ConnectorError,
    ExchangeConnectionError,
    ExchangeError,
    MissingFillsError,
    RateLimitError,
    ValidationError,
)
from exchange_connector.messages.orders import GetFills, GetOpenOrders, GetOrder
from exchange_connector.messages.requests import GetBalances
from exchange_connector.venues.account import Fate

ONE, ZERO = Decimal(1), Decimal(0)
FATES = {-1121: Fate.REFUSED, -2013: Fate.MISSING}


class Clock:
    """The time, as `time.monotonic` tells it."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        """It."""
        return self.now


class Room:
    """As much of the account's room as a refresh sees of it."""

    def __init__(self, max_weight: int = 1_000) -> None:
        self.view = AccountView({"FILLED", "CANCELED"}.__contains__)
        self.told: list[Any] = []
        self.asked: list[tuple[Any, Any]] = []
        self.timers: list[tuple[float, Any]] = []
        self.complaints: list[ConnectorError] = []
        self.refresh = Refresh(
            self.view,
            ask=lambda request, reply: self.asked.append((request, reply)),
            after=lambda delay, message: self.timers.append((delay, message)),
            weight=lambda request: 20 if getattr(request, "order_id", None) is None else 5,
            max_weight=max_weight,
            fate=lambda error, _: FATES.get(getattr(error, "code", 0), Fate.UNKNOWN),
            tell=self._take,
            complain=self.complaints.append,
            address=self,
        )
        self.is_well: list[bool] = []

    def _take(self, event: Order | Fill | Balance) -> None:
        news = self.view.fill(event) if isinstance(event, Fill) else event
        if isinstance(event, Order):
            news = self.view.order(event)
        if news is not None:
            self.told.append(news)

    def tell(self, message: Refreshed, /) -> None:
        """An answer."""
        self.is_well.append(self.refresh.answered(message))

    def answer(self, request: Any, value: Any = (), error: Any = None) -> None:
        """The one question that there is, answered."""
        ((asked, reply),) = self.asked
        assert asked == request
        self.asked.clear()
        if error is not None:
            reply.fail(error)
        else:
            reply.tell(value)

    @property
    def question(self) -> Any:
        """The one question that there is."""
        ((request, _),) = self.asked
        return request


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time stands."""
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def order(id: str, executed: int, status: str = "FILLED", symbol: str = "A") -> Order:
    """An order that was executed so far."""
    words = id, f"id{id}", "BUY", "LIMIT", status
    amounts = ONE, Decimal(9_999), Decimal(executed), Decimal(executed), None
    return Order("x", symbol, 1, 1, *words, *amounts, "GTC", 1 + executed)


def fills(order_id: str, *trades: int, symbol: str = "A") -> tuple[Fill, ...]:
    """Executions of one each."""
    return tuple(
        Fill("x", symbol, 5, 5, str(each), order_id, "", "BUY", ONE, ONE, ZERO, "BNB", False, 5)
        for each in trades
    )


def began(room: Room, *lacking: Order) -> None:
    """The refresh has begun, and knows of these orders that fills of them are lacking."""
    for each in lacking:
        room.view.order(order(each.order_id, 0, "NEW", each.symbol))
        room.view.order(each)
    room.refresh.begin()
    room.answer(GetOpenOrders())
    room.answer(GetBalances())


def test_one_request_after_the_other() -> None:
    """Open orders, balances, what is open no more, and its fills; then the account is known."""
    room = Room()
    room.view.order(order("1", 0, "NEW"))
    room.refresh.begin()
    room.answer(GetOpenOrders())
    room.answer(GetBalances())
    room.answer(GetOrder("A", order_id="1"), order("1", 2))
    assert not room.refresh.is_done
    room.answer(GetFills("A", limit=1000), fills("1", 7, 8))
    assert room.refresh.is_done
    assert room.asked == []
    assert [(type(each), each.recovered) for each in room.told] == [
        (Order, True),
        (Fill, True),
        (Fill, True),
    ]


def test_pages_of_one_order() -> None:
    """Where the newest are not enough; each from behind the last."""
    room = Room()
    began(room, order("1", 2_500))
    room.answer(GetFills("A", limit=1000), fills("1", *range(1_501, 2_501)))
    assert room.told == []
    for first in (0, 1_001, 2_001):
        trades = range(max(1, first), min(2_501, max(1, first) + 1_000))
        room.answer(GetFills("A", str(first), 1000, "1"), fills("1", *trades))
    assert room.refresh.is_done
    assert [int(each.trade_id) for each in room.told] == list(range(1, 2_501))


def test_fills_wait_for_their_share_of_the_weight(clock: Clock) -> None:
    """Within a minute no more than that; balances are asked for meanwhile."""
    room = Room(max_weight=40)
    symbols = "ABC"
    began(room, *(order(str(number), 1, symbol=each) for number, each in enumerate(symbols)))
    room.answer(GetFills("A", limit=1000), fills("0", 1))
    clock.now += 10
    room.answer(GetFills("B", limit=1000), fills("1", 2, symbol="B"))
    assert room.asked == []
    ((delay, due),) = room.timers
    assert delay == 50.0
    room.refresh.balances()
    room.refresh.due(due)  # too early, and another is asked
    room.answer(GetBalances())
    assert not room.refresh.is_done
    clock.now += 50
    room.refresh.due(due)
    room.refresh.due(room.timers[-1][1])  # one question at a time
    room.answer(GetFills("C", limit=1000), fills("2", 3, symbol="C"))
    assert room.refresh.is_done


def test_a_share_that_is_less_than_a_request_weighs() -> None:
    """One a minute all the same."""
    room = Room(max_weight=5)
    began(room, order("1", 1))
    room.answer(GetFills("A", limit=1000), fills("1", 1))
    assert room.refresh.is_done


@pytest.mark.parametrize(
    "error",
    [
        ExchangeConnectionError("rest", "reset"),
        RateLimitError(1.0),
        ExchangeError(-1003, "busy", 503),
        AuthenticationError(-2015, "no", 401),
    ],
)
def test_what_may_go_well_later_is_begun_anew(error: ConnectorError) -> None:
    """Nothing else is asked before."""
    room = Room()
    began(room, order("1", 1))
    room.answer(GetFills("A", limit=1000), error=error)
    assert room.is_well[-1] is False
    room.refresh.balances()
    room.refresh.look()
    assert (room.asked, room.timers, room.refresh.is_done) == ([], [], False)
    room.refresh.begin()
    assert room.question == GetOpenOrders()


@pytest.mark.parametrize(
    "error", [ExchangeError(-1121, "Invalid symbol.", 400), ValidationError("symbol", "?", "odd")]
)
def test_a_refusal_keeps_nothing_else_waiting(error: ConnectorError) -> None:
    """Fills of a symbol that is listed no more."""
    room = Room()
    began(room, order("1", 1), order("2", 1, symbol="B"))
    room.answer(GetFills("A", limit=1000), error=error)
    room.answer(GetFills("B", limit=1000), fills("2", 1, symbol="B"))
    assert room.refresh.is_done
    assert all(room.is_well)


def test_what_is_not_there_is_looked_for_again_and_then_told(clock: Clock) -> None:
    """By events that come later, by a later question, or by an error."""
    room = Room()
    began(room, order("1", 3))
    room.answer(GetFills("A", limit=1000), fills("1", 1))
    assert room.refresh.is_done
    assert room.complaints == []
    for _ in range(2):
        room.refresh.look()  # after whatever else has happened
        room.refresh.look()
        assert len(room.timers) == 1
        room.refresh.due(room.timers.pop()[1])
        assert room.refresh.is_done  # the account is known all the while
        clock.now += 5.0
        room.answer(GetFills("A", limit=1000), fills("1", 1))
    assert room.complaints == [MissingFillsError("A", "1", "id1", Decimal(3), Decimal(2))]
    room.refresh.look()
    assert room.timers == []


def test_events_that_come_late_spare_the_question() -> None:
    """What was lacking is there when it is time to ask."""
    room = Room()
    began(room)
    for each in (order("1", 0, "NEW"), order("1", 1)):
        room.view.order(each)
    room.refresh.look()
    ((_, due),) = room.timers
    (event,) = fills("1", 1)
    room.view.fill(event)
    room.refresh.due(due)
    assert room.asked == []


def test_nothing_of_an_earlier_connection_counts() -> None:
    """Neither answers nor timers."""
    room = Room(max_weight=5)
    began(room, order("1", 1), order("2", 1, symbol="B"))
    room.answer(GetFills("A", limit=1000), fills("1", 1))
    ((_, due),) = room.timers
    room.refresh.stop()
    room.refresh.due(due)
    room.refresh.due(FillsDue())
    room.refresh.balances()
    assert room.asked == []
    room.refresh.begin()
    ((request, reply),) = room.asked
    assert request == GetOpenOrders()
    room.refresh.begin()
    reply.tell((order("9", 1),))
    assert [each for each in room.told if isinstance(each, Order)] == []
