"""What is told of the account, whatever order, doubling and mixing its news come in."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, localcontext

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from exchange_connector.core.account_view import CLOSED, AccountView
from exchange_connector.messages.account import Balance, Fill, Order

FINAL = {"FILLED", "CANCELED", "REJECTED"}
ONE, ZERO = Decimal(1), Decimal(0)


def order(
    number: int, status: str = "NEW", executed: int = 0, time: int = 1, whole: int = 5
) -> Order:
    """As the exchange has it at a time."""
    words = f"{number}", f"id{number}", "BUY", "LIMIT", status
    amounts = ONE, Decimal(whole), Decimal(executed), Decimal(executed), None
    return Order("x", "BTCUSDT", time, time, *words, *amounts, "GTC", time)


def fill(number: int, trade: int, quantity: int = 1, time: int = 1) -> Fill:
    """One execution."""
    words = f"{trade}", f"{number}", f"id{number}", "BUY"
    return Fill(
        "x", "BTCUSDT", time, time, *words, ONE, Decimal(quantity), ZERO, "BNB", False, time
    )


def balance(asset: str, free: int, time: int) -> Balance:
    """What is held at a time."""
    return Balance("x", time, time, asset, Decimal(free), ZERO, time)


def view() -> AccountView:
    """Nothing known yet."""
    return AccountView(FINAL.__contains__)


def test_a_change_is_told_once() -> None:
    """And never one that is older than what was told."""
    known = view()
    told = [
        known.order(each) is not None
        for each in (
            order(1),
            order(1),
            order(1, "PARTIALLY_FILLED", 2, 3),
            order(1, "PARTIALLY_FILLED", 1, 2),
            order(1, "FILLED", 5, 4),
            order(1, "PARTIALLY_FILLED", 2, 9),
            order(1, "FILLED", 5, 9),
        )
    ]
    assert told == [True, False, True, False, True, False, False]
    assert known.open_orders() == ()


def test_of_two_that_are_executed_alike_the_later_is_news() -> None:
    """An order may change otherwise, as by a smaller quantity."""
    known = view()
    times = 5, 3, 7
    assert [known.order(order(1, time=time)) is not None for time in times] == [True, False, True]


def test_an_answer_that_does_not_say_how_it_is() -> None:
    """Is no news."""
    assert view().order(order(1, "")) is None


def test_fills_of_an_order_that_was_known_early_are_lacking_until_told() -> None:
    """So that they can be fetched."""
    known = view()
    known.order(order(1))
    known.order(order(1, "FILLED", 5, 4))
    assert [each.order_id for each in known.lacking()] == ["1"]
    assert known.fill(fill(1, 7, 2, 2)) is not None
    assert known.fill(fill(1, 7, 2, 2)) is None
    assert known.lacking()
    assert known.fill(fill(1, 8, 3, 4)) is not None
    assert known.lacking() == []


def test_a_trade_with_oneself_is_two_fills() -> None:
    """One of each order; neither is told twice."""
    known = view()
    sides = fill(1, 7), fill(2, 7)
    assert [known.fill(each) for each in (*sides, *sides)] == [*sides, None, None]


def test_what_was_executed_before_is_history_and_what_comes_later_is_not() -> None:
    """An order that was partly executed when it became known: only later fills are to be told."""
    known = view()
    known.order(order(1, "PARTIALLY_FILLED", 2, 10))
    assert known.lacking() == []
    known.order(order(1, "FILLED", 5, 20))
    assert [each.order_id for each in known.lacking()] == ["1"]
    assert known.fill(fill(1, 8, 3, 20)) is not None
    assert known.lacking() == []
    assert known.is_history(fill(1, 5, 2, 9))
    assert not known.is_history(fill(1, 8, 3, 20))


def test_all_of_an_own_order_is_to_be_told() -> None:
    """However far it was executed when it became known."""
    known = view()
    known.expect("id1")
    known.order(order(1, "PARTIALLY_FILLED", 2, 10))
    assert [each.order_id for each in known.lacking()] == ["1"]
    assert not known.is_history(fill(1, 5, 2, 9))
    known.fill(fill(1, 5, 2, 9))
    assert known.lacking() == []


def test_the_fill_that_came_with_the_first_news_is_told() -> None:
    """An order that becomes known by its execution: it is history that this event tells."""
    known = view()
    known.order(order(1, "PARTIALLY_FILLED", 2, 10))
    assert known.fill(fill(1, 5, 1, 10)) is not None
    known.order(order(1, "FILLED", 5, 20))
    assert known.lacking()
    known.fill(fill(1, 6, 3, 20))
    assert known.lacking() == []


def test_fills_that_cannot_be_had_are_given_up() -> None:
    """They are not asked for for ever."""
    known = view()
    known.order(order(1))
    known.order(order(1, "FILLED", 5, 4))
    known.given_up(known.lacking()[0])
    assert known.lacking() == []


def test_what_is_held_is_known_once_the_balances_tell_the_last_execution() -> None:
    """Until then it may be otherwise; balances that have not changed tell it too."""
    known = view()
    known.balance(balance("BTC", 3, 1))
    assert known.holding("BTC") == 3
    assert known.holding("ETH") == 0
    known.order(order(1, time=2))
    assert known.holding("BTC") == 3
    known.order(order(1, "PARTIALLY_FILLED", 2, 4))
    known.fill(fill(1, 7, 2, 4))
    assert known.holding("BTC") is None
    known.balance(balance("BTC", 4, 3))
    assert known.holding("BTC") is None
    known.balance(balance("BTC", 4, 4))
    assert known.holding("BTC") == 4
    known.order(order(1, "CANCELED", 2, 9))
    assert known.holding("BTC") == 4


def test_what_the_account_holds_no_more() -> None:
    """An exchange that leaves it out means zero."""
    known = view()
    for asset in ("BTC", "ETH"):
        assert known.balance(balance(asset, 3, 1)) is not None
    (gone,) = known.absent([balance("BTC", 3, 2)], 2)
    assert (gone.asset, gone.free, gone.update_time) == ("ETH", ZERO, 2)
    assert known.balance(gone) is not None
    assert known.absent([balance("BTC", 3, 2)], 3) == []


def test_an_event_that_an_answer_contradicts() -> None:
    """It is not news, and which is right is doubtful; the next answer decides, whatever its time."""
    known = view()
    asked = msgspec.structs.replace(balance("BTC", 5, 9), recovered=True)
    assert known.balance(asked) is asked
    assert not known.contradicts(balance("BTC", 5, 8))
    assert not known.contradicts(balance("BTC", 4, 9))
    assert not known.contradicts(balance("ETH", 4, 8))
    event = balance("BTC", 4, 8)
    assert known.contradicts(event)
    assert known.balance(event) is None
    again = msgspec.structs.replace(balance("BTC", 4, 7), recovered=True)
    assert known.balance(again) is again
    live = balance("BTC", 3, 8)
    assert known.balance(live) is live
    assert not known.contradicts(balance("BTC", 4, 7))  # an event that is late


def test_a_fill_that_comes_before_its_order_counts() -> None:
    """Of an own one; of another's it was history, or was told."""
    known = view()
    known.expect("id1")
    assert known.fill(fill(1, 7, 5, 3)) is not None
    assert known.fill(fill(2, 8, 5, 3)) is not None
    known.order(order(1, "FILLED", 5, 3))
    known.order(order(2, "FILLED", 5, 3))
    assert known.lacking() == []
    assert known.fill(fill(1, 7, 5, 3)) is None


def test_a_trade_with_oneself_is_told_of_both_orders() -> None:
    """It has one id, and each order its fill."""
    known = view()
    both = fill(1, 7), fill(2, 7)
    assert [known.fill(each) for each in (*both, *both)] == [*both, None, None]


def test_an_order_is_found() -> None:
    """As it is known, open or not."""
    known = view()
    known.order(order(1, "FILLED", 5, 3))
    found = known.find("BTCUSDT", "1")
    assert found is not None
    assert found.status == "FILLED"
    assert known.find("BTCUSDT", "2") is None


def test_a_context_of_the_users_changes_nothing() -> None:
    """Sums are exact, however few digits it allows."""
    known = view()
    known.order(order(1))
    digits = Decimal("1.23456789")
    known.order(msgspec.structs.replace(order(1, "FILLED", 0, 4), executed_quantity=2 * digits))
    with localcontext() as context:
        context.prec = 2
        for trade in (1, 2):
            known.fill(msgspec.structs.replace(fill(1, trade), quantity=digits))
    assert known.lacking() == []


def test_closed_orders_are_forgotten_at_last() -> None:
    """Memory has a bound."""
    known = view()
    for number in range(CLOSED + 10):
        known.order(order(number, "CANCELED"))
    assert known.order(order(CLOSED + 9, "CANCELED")) is None
    assert known.order(order(0, "CANCELED")) is not None


@dataclass
class Truth:
    """An order at the exchange: every state that it has had, and its fills."""

    states: list[Order]
    fills: list[Fill] = field(default_factory=list[Fill])
    told: list[int] = field(default_factory=list[int])


class Machine(RuleBasedStateMachine):
    """An account that lives, and news of it that come in any order, many times, or never."""

    def __init__(self) -> None:
        super().__init__()
        self.view = view()
        self.time = 1
        self.trades = 0
        self.truths: list[Truth] = []
        self.held: dict[str, list[Balance]] = {}
        self.told_fills: list[str] = []
        self.told_balances: dict[str, Balance] = {}

    # what happens at the exchange

    @precondition(lambda self: len(self.truths) < 4)
    @rule(pause=st.integers(0, 2))
    def place(self, pause: int) -> None:
        """An order of ours."""
        self.time += pause
        number = len(self.truths)
        self.view.expect(f"id{number}")
        self.truths.append(Truth([order(number, "NEW", 0, self.time)]))

    @precondition(lambda self: self.truths)
    @rule(data=st.data(), pause=st.integers(0, 2), quantity=st.integers(1, 3))
    def execute(self, data: st.DataObject, pause: int, quantity: int) -> None:
        """It is executed, in part or whole; two executions may be of one moment."""
        truth = data.draw(st.sampled_from(self.truths))
        last = truth.states[-1]
        if last.status in FINAL:
            return
        self.time += pause
        self.trades += 1
        executed = min(5, int(last.executed_quantity) + quantity)
        status = "FILLED" if executed == 5 else "PARTIALLY_FILLED"
        number = int(last.order_id)
        much = executed - int(last.executed_quantity)
        truth.states.append(order(number, status, executed, self.time))
        truth.fills.append(fill(number, self.trades, much, self.time))

    @precondition(lambda self: self.truths)
    @rule(data=st.data(), pause=st.integers(0, 2))
    def cancel(self, data: st.DataObject, pause: int) -> None:
        """It ends."""
        truth = data.draw(st.sampled_from(self.truths))
        last = truth.states[-1]
        if last.status not in FINAL:
            self.time += pause
            executed = int(last.executed_quantity)
            truth.states.append(order(int(last.order_id), "CANCELED", executed, self.time))

    @rule(asset=st.sampled_from(("BTC", "USDT")), free=st.integers(0, 4))
    def move(self, asset: str, free: int) -> None:
        """A balance changes."""
        self.time += 1
        self.held.setdefault(asset, []).append(balance(asset, free, self.time))

    # what comes of it

    @precondition(lambda self: self.truths)
    @rule(data=st.data())
    def tell_order(self, data: st.DataObject) -> None:
        """Any state that it has had: an event, an answer, or either of them once more."""
        truth = data.draw(st.sampled_from(self.truths))
        self._tell(truth, data.draw(st.integers(0, len(truth.states) - 1)))

    def _tell(self, truth: Truth, index: int) -> None:
        news = self.view.order(truth.states[index])
        if news is not None:
            truth.told.append(truth.states.index(news))

    @precondition(lambda self: any(truth.fills for truth in self.truths))
    @rule(data=st.data())
    def tell_fill(self, data: st.DataObject) -> None:
        """Any fill."""
        fills = [each for truth in self.truths for each in truth.fills]
        self._tell_fill(data.draw(st.sampled_from(fills)))

    def _tell_fill(self, event: Fill) -> None:
        if self.view.fill(event) is not None:
            self.told_fills.append(event.trade_id)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def tell_balance(self, data: st.DataObject) -> None:
        """Any that there was."""
        states = [each for held in self.held.values() for each in held]
        self._tell_balance(data.draw(st.sampled_from(states)))

    def _tell_balance(self, event: Balance) -> None:
        if (news := self.view.balance(event)) is not None:
            before = self.told_balances.get(news.asset)
            assert before is None or news.update_time >= before.update_time
            assert before is None or news.free != before.free
            self.told_balances[news.asset] = news

    @rule()
    def ask_for_all(self) -> None:
        """After an interruption: what is open, what is no more, what is held, and what is lacking."""
        there = [truth for truth in self.truths if truth.states[-1].status not in FINAL]
        numbers = {truth.states[0].order_id for truth in there}
        gone = [each for each in self.view.open_orders() if each.order_id not in numbers]
        for truth in there:
            self._tell(truth, len(truth.states) - 1)
        for each in gone:
            truth = self.truths[int(each.order_id)]
            self._tell(truth, len(truth.states) - 1)
        for held in self.held.values():
            self._tell_balance(held[-1])
        lacking = {each.order_id for each in self.view.lacking()}
        for truth in self.truths:
            if truth.states[0].order_id in lacking:
                for event in truth.fills:
                    if not self.view.is_history(event):
                        self._tell_fill(event)

    # what has to hold

    @invariant()
    def nothing_twice_and_never_back(self) -> None:
        """Each state is told once, in its order; each fill once."""
        for truth in self.truths:
            assert truth.told == sorted(set(truth.told))
        assert len(self.told_fills) == len(set(self.told_fills))

    @invariant()
    def lacks_what_was_not_told(self) -> None:
        """An order whose fills were all told lacks none; one of which some were not does."""
        lacking = {each.order_id for each in self.view.lacking()}
        for truth in self.truths:
            if not truth.told:
                continue
            known = truth.states[truth.told[-1]]
            told = sum(
                (each.quantity for each in truth.fills if each.trade_id in self.told_fills), ZERO
            )
            if told < known.executed_quantity:
                assert known.order_id in lacking

    def teardown(self) -> None:
        """At the end the view is the exchange's; fills of what it knows were told."""
        for truth in self.truths:
            self._tell(truth, len(truth.states) - 1)
        self.ask_for_all()
        assert {each.order_id for each in self.view.open_orders()} == {
            truth.states[0].order_id
            for truth in self.truths
            if truth.states[-1].status not in FINAL
        }
        for truth in self.truths:
            last = truth.states[truth.told[-1]]
            assert (last.status, last.executed_quantity) == (
                truth.states[-1].status,
                truth.states[-1].executed_quantity,
            )
        assert set(self.told_fills) == {
            each.trade_id for truth in self.truths for each in truth.fills
        }
        for asset, held in self.held.items():
            assert self.told_balances[asset].free == held[-1].free
        self.nothing_twice_and_never_back()


TestAccountView = Machine.TestCase
TestAccountView.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
