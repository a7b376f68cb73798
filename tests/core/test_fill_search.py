"""Fills that orders lack: looked for page by page, told once and in order, or told as missing."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, localcontext

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.core import fill_search
from exchange_connector.core.account_view import AccountView
from exchange_connector.core.fill_search import PATIENCE, FillSearch, Missing
from exchange_connector.messages.account import Fill, Order
from exchange_connector.messages.orders import GetFills

ONE, ZERO = Decimal(1), Decimal(0)
FINAL = {"FILLED", "CANCELED"}
SYMBOLS = "AB"


def order(id: str, executed: int, symbol: str = "A", status: str = "FILLED") -> Order:
    """An order that was executed so far."""
    words = id, f"id{id}", "BUY", "LIMIT", status
    amounts = ONE, Decimal(1_000), Decimal(executed), Decimal(executed), None
    return Order("x", symbol, 1, 1, *words, *amounts, "GTC", 9)


def fill(trade: int, order_id: str, symbol: str = "A", quantity: int = 1) -> Fill:
    """One execution."""
    words = f"{trade}", order_id, "", "BUY"
    return Fill("x", symbol, 5, 5, *words, ONE, Decimal(quantity), ZERO, "BNB", False, 5)


class Desk:
    """An account: what the exchange has of its fills, what was asked, and what was told."""

    def __init__(self, fills: Iterable[Fill]) -> None:
        self.fills = sorted(fills, key=lambda each: int(each.trade_id))
        self.view = AccountView(FINAL.__contains__)
        self.told: list[Fill] = []
        self.asked: list[GetFills] = []
        self.search = FillSearch(self.view, self._tell)

    def know(self, *orders: Order) -> None:
        """They have become known while nothing of them was executed, and then as they are now."""
        for each in orders:
            self.view.order(msgspec.structs.replace(each, status="NEW", executed_quantity=ZERO))
            self.view.order(each)

    def _tell(self, event: Fill) -> None:
        if self.view.fill(msgspec.structs.replace(event, recovered=True)) is not None:
            self.told.append(event)

    def live(self, event: Fill) -> None:
        """An event tells of it."""
        if self.view.fill(event) is not None:
            self.told.append(event)

    def page(self, request: GetFills) -> list[Fill]:
        """What the exchange answers: the oldest from an id on, else the newest."""
        rows = [
            each
            for each in self.fills
            if each.symbol == request.symbol and request.order_id in (None, each.order_id)
        ]
        if request.from_id is None:
            return rows[-request.limit :]
        first = int(request.from_id)
        return [each for each in rows if int(each.trade_id) >= first][: request.limit]

    def look(self, now: float = 0.0) -> list[Missing]:
        """Search once."""
        self.search.begin()
        while (request := self.search.next_request()) is not None:
            self.asked.append(request)
            assert len(self.asked) < 500, "it never ends"
            self.search.take(request, self.page(request))
        return self.search.end(now)

    def ids(self, order_id: str) -> list[int]:
        """The trade ids that were told of an order, as they were told."""
        return [int(each.trade_id) for each in self.told if each.order_id == order_id]


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of four fills."""
    monkeypatch.setattr(fill_search, "PAGE", 4)


def test_the_newest_are_enough_mostly() -> None:
    """One request for all orders of a symbol."""
    desk = Desk([fill(1, "0"), fill(2, "0"), fill(3, "1"), fill(4, "2"), fill(5, "1")])
    desk.know(order("1", 2), order("2", 1))
    assert desk.look() == []
    assert desk.asked == [GetFills("A", limit=4)]
    assert [int(each.trade_id) for each in desk.told] == [3, 4, 5]
    assert not desk.view.is_lacking


def test_of_more_than_a_page_each_is_told_in_order() -> None:
    """The newest wait until those before them were told."""
    desk = Desk([fill(number, "12"[number % 5 == 0]) for number in range(1, 26)])
    desk.know(order("1", 20), order("2", 5))
    assert desk.look() == []
    assert desk.ids("1") == [number for number in range(1, 26) if number % 5]
    assert desk.ids("2") == [5, 10, 15, 20, 25]
    of_one = [each.from_id for each in desk.asked if each.order_id == "1"]
    assert of_one == ["0", "5", "10", "15", "20"]  # the last page is full, and the order complete


def test_it_goes_on_behind_what_was_told() -> None:
    """Live before the interruption; and what a search that failed has told."""
    desk = Desk([fill(number, "1") for number in range(1, 31)])
    desk.view.order(order("1", 0, status="NEW"))
    for number in range(1, 11):
        desk.view.order(order("1", number, status="PARTIALLY_FILLED"))
        desk.live(fill(number, "1"))
    desk.view.order(order("1", 30))
    desk.search.begin()
    for _ in range(3):  # the newest, and two pages
        request = desk.search.next_request()
        assert request is not None
        desk.search.take(request, desk.page(request))
    assert desk.ids("1") == list(range(1, 19))
    desk.look()
    assert desk.ids("1") == list(range(1, 31))
    assert desk.asked[1].from_id == "19"


def test_a_symbol_with_few_fills_is_not_asked_twice() -> None:
    """A page that is not full is all that there is."""
    desk = Desk([fill(1, "1"), fill(2, "2")])
    desk.know(order("1", 5), order("2", 1))
    desk.look()
    assert len(desk.asked) == 1
    assert [int(each.trade_id) for each in desk.told] == [1, 2]


def test_what_the_exchange_does_not_have_is_told_in_the_end() -> None:
    """How much of which order; once, and not before its database has had time."""
    desk = Desk([fill(1, "1"), fill(2, "1"), fill(3, "2")])
    lacking = order("1", 5)
    desk.know(lacking, order("2", 1))
    assert desk.look(100.0) == desk.look(100.0 + PATIENCE / 2) == []
    assert desk.look(100.0 + PATIENCE) == [Missing(lacking, Decimal(3))]
    assert not desk.view.is_lacking
    assert desk.look(100.0 + 3 * PATIENCE) == []


def test_a_database_that_is_behind() -> None:
    """What is there the next time counts."""
    desk = Desk([fill(number, "1") for number in range(1, 6)])
    desk.know(order("1", 6))
    assert desk.look(0.0) == []
    desk.fills.append(fill(6, "1"))
    assert desk.look(PATIENCE) == []
    assert desk.ids("1") == [1, 2, 3, 4, 5, 6]
    desk.know(order("2", 1))
    assert desk.look(2 * PATIENCE) == []  # its own time begins now


def test_an_order_goes_on_after_some_were_missing() -> None:
    """What it lacks later is looked for; what comes after all is no surplus."""
    desk = Desk([fill(1, "1")])
    desk.know(order("1", 3, status="PARTIALLY_FILLED"))
    desk.look(0.0)
    assert desk.look(PATIENCE) == [Missing(order("1", 3, status="PARTIALLY_FILLED"), Decimal(2))]
    late = msgspec.structs.replace(fill(9, "1", quantity=2), trade_time=20)
    desk.view.order(msgspec.structs.replace(order("1", 5), update_time=20))
    assert desk.view.is_lacking
    desk.fills.append(late)
    desk.look(2 * PATIENCE)
    assert desk.ids("1") == [1, 9]
    assert not desk.view.is_lacking
    desk.live(fill(2, "1"))
    desk.live(fill(3, "1"))
    assert desk.view.lack(order("1", 5)) == 0


def test_a_refusal_ends_it() -> None:
    """A symbol that is listed no more: its orders are not asked for one by one, others are."""
    desk = Desk([fill(1, "2", "B")])
    desk.know(order("1", 5), order("2", 1, "B"))
    desk.search.begin()
    first, second = GetFills("A", limit=4), GetFills("B", limit=4)
    assert desk.search.next_request() == first
    desk.search.refused(first)
    assert desk.search.next_request() == second
    desk.search.take(second, desk.page(second))
    assert desk.search.next_request() is None
    assert desk.search.end(0.0) == []
    assert desk.search.end(PATIENCE) == [Missing(order("1", 5), Decimal(5))]


def test_a_page_that_leads_to_itself() -> None:
    """An exchange that heeds no `from_id` is not asked for ever."""
    desk = Desk([])
    desk.know(order("1", 9))
    stubborn = [fill(number, "1") for number in range(1, 5)]
    desk.search.begin()
    asked = 0
    while (request := desk.search.next_request()) is not None:
        asked += 1
        desk.search.take(request, stubborn)
    assert asked == 3
    assert desk.ids("1") == [1, 2, 3, 4]


def test_a_context_of_the_users_changes_nothing() -> None:
    """Sums are exact, however few digits it allows."""
    digits = Decimal("1.23456789")
    fills = [msgspec.structs.replace(fill(number, "1"), quantity=digits) for number in range(2, 5)]
    desk = Desk([fill(1, "2"), *fills])
    desk.know(msgspec.structs.replace(order("1", 0), executed_quantity=3 * digits))
    with localcontext() as context:
        context.prec = 2
        desk.look()
    assert len(desk.asked) == 1
    assert desk.ids("1") == [2, 3, 4]


@given(
    owners=st.lists(st.sampled_from([*((id, "A") for id in "123"), *((id, "B") for id in "45")])),
    live=st.integers(0, 40),
    gone=st.sets(st.integers(0, 40)),
    quantities=st.lists(st.integers(1, 3), min_size=60, max_size=60),
)
def test_whatever_was_missed(
    owners: list[tuple[str, str]], live: int, gone: set[int], quantities: list[int]
) -> None:
    """Each fill that the exchange has is told once, in order; of the others it is told how much."""
    every = [fill(number, *owner, quantities[number]) for number, owner in enumerate(owners)]
    gone = {number for number in gone if live <= number < len(every)}
    desk = Desk([each for each in every if int(each.trade_id) not in gone])
    executed = dict.fromkeys("12345", 0)
    symbols = dict(zip("12345", "AAABB", strict=True))
    for id, symbol in symbols.items():
        desk.view.order(order(id, 0, symbol, "NEW"))
    for number, each in enumerate(every):
        executed[each.order_id] += int(each.quantity)
        if number < live:
            known = order(each.order_id, executed[each.order_id], each.symbol, "PARTIALLY_FILLED")
            desk.view.order(known)
            desk.live(each)
    for id, symbol in symbols.items():
        desk.view.order(order(id, executed[id], symbol))
    desk.look(0.0)
    missing = desk.look(PATIENCE)
    there = [number for number in range(len(every)) if number not in gone]
    assert sorted(int(each.trade_id) for each in desk.told) == there
    for id in symbols:
        assert desk.ids(id) == sorted(desk.ids(id))
    told_missing = {order.order_id: quantity for order, quantity in missing}
    truly = dict.fromkeys((every[number].order_id for number in gone), ZERO)
    for number in gone:
        truly[every[number].order_id] += every[number].quantity
    assert told_missing == truly
