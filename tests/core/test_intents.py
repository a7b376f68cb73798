"""One ending for every intent, whatever the exchange, the way there and back, and time do to it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from exchange_connector.core.intents import (
    PATIENCE,
    Action,
    Ask,
    End,
    Ending,
    Fate,
    Intent,
    Intents,
    Settle,
    State,
)
from exchange_connector.messages.account import Order
from exchange_connector.messages.errors import (
    ExchangeConnectionError,
    ExchangeError,
)

HORIZON, TIMEOUT = 17.0, 12.0
LOST = ExchangeConnectionError("rest", "the answer was lost")
REFUSAL = ExchangeError(-2010, "no", 400)
MISSING = ExchangeError(-2013, "Order does not exist.", 400)


def order(id: str, status: str = "NEW", force: str = "GTC") -> Order:
    """As the exchange has it."""
    zero, one = Decimal(0), Decimal(1)
    text = "BUY", "LIMIT", status
    return Order("x", "BTCUSDT", 1, 1, f"#{id}", id, *text, one, one, zero, zero, None, force, 1)


# rules one by one


@pytest.fixture
def intents() -> Intents:
    """None yet."""
    return Intents(HORIZON)


def left(intents: Intents, id: str = "a", now: float = 0.0) -> Intent:
    """One that has left."""
    intent = intents.write(id, "BTCUSDT", now + TIMEOUT)
    intents.left(intent, now)
    return intent


def test_an_answer_ends_it(intents: Intents) -> None:
    """The asker gets the order, and nobody is told twice."""
    intent = left(intents)
    placed = order("a")
    assert intents.answered("a", placed) == [
        End(intent, Ending.PLACED, placed, is_news=False),
        Settle(intent, placed),
    ]
    assert intents.answered("a", placed) == []
    assert intents.failed(intent, Fate.UNKNOWN, LOST, 1.0) == []
    assert (len(intents), intents.next_due(), intent.state) == (0, math.inf, State.ENDED)


def test_an_id_on_its_way_is_in_use(intents: Intents) -> None:
    """Until its fate is known."""
    left(intents)
    with pytest.raises(KeyError):
        intents.write("a", "BTCUSDT", 1.0)
    intents.answered("a", order("a"))
    intents.write("a", "BTCUSDT", 1.0)  # that it was used before is the journal's to say


def test_an_event_waits_for_the_answer_which_says_more(intents: Intents) -> None:
    """For a while; then it is all there is."""
    intent = left(intents)
    assert intents.seen("a", order("a"), is_final=False) == []
    end, settle = intents.due(PATIENCE)
    assert end == End(intent, Ending.PLACED, order("a"), is_news=False)
    assert settle == Settle(intent, order("a"))


def test_an_event_before_the_answer_is_lost(intents: Intents) -> None:
    """Then no question is needed."""
    intent = left(intents)
    intents.seen("a", order("a"), is_final=False)
    end, _ = intents.failed(intent, Fate.UNKNOWN, LOST, 0.5)
    assert isinstance(end, End)
    assert end.ending is Ending.PLACED


def test_one_that_is_accepted_waits_for_an_event(intents: Intents) -> None:
    """That, or soon a question, says how it is."""
    intent = left(intents)
    assert intents.accepted("a", 1.0) == []
    assert intent.ask_at == pytest.approx(1.2)
    placed = order("a")
    assert intents.seen("a", placed, is_final=False) == [
        End(intent, Ending.PLACED, placed, is_news=False),
        Settle(intent, placed),
    ]
    intent = left(intents)
    assert intents.seen("a", placed, is_final=False) == []
    assert [type(each) for each in intents.accepted("a", 1.0)] == [End, Settle]


def test_one_that_ends_at_once_is_told_at_its_end(intents: Intents) -> None:
    """How it began is told only where nothing follows."""
    for is_first in (True, False):
        intent = left(intents)
        begun = order("a", "PARTIALLY_FILLED", "IOC")
        if is_first:
            assert intents.seen("a", begun, is_final=False) == []
        assert intents.accepted("a", 1.0) == []
        if not is_first:
            assert intents.seen("a", begun, is_final=False) == []
        assert intents.due(1.1) == []
        if is_first:
            ended = order("a", "FILLED", "IOC")
            assert Settle(intent, ended) in intents.seen("a", ended, is_final=True)
        else:
            assert Settle(intent, begun) in intents.due(1.2)


def test_one_that_is_accepted_is_not_believed_missing_soon(intents: Intents) -> None:
    """The exchange has said that it has it: for ten minutes after the deadline its silence is none."""
    intent = left(intents)
    intents.accepted("a", 1.0)
    ends = list[Action]()
    for now in (TIMEOUT + HORIZON + 1.0, TIMEOUT + 590.0, TIMEOUT + 601.0, TIMEOUT + 603.0):
        assert ends == []
        intents.due(now)
        intents.asked(intent, now)
        ends = intents.not_found(intent, Fate.MISSING, MISSING, now)
    assert ends == [End(intent, Ending.NEVER, None, is_news=True)]


def test_no_such_order_soon_proves_nothing(intents: Intents) -> None:
    """It may be on its way; twice, and after the last moment, it does."""
    intent = left(intents)
    assert intents.failed(intent, Fate.UNKNOWN, LOST, 1.0) == []
    for now in (2.0, 5.0, TIMEOUT + HORIZON - 0.1):
        intents.asked(intent, now)
        assert intents.not_found(intent, Fate.MISSING, MISSING, now + 0.1) == []
    now = TIMEOUT + HORIZON
    assert intents.due(now) == [Settle(intent)] or not intent.is_awaited
    intents.asked(intent, now)
    assert intents.not_found(intent, Fate.MISSING, MISSING, now + 0.1) == []
    assert intent.ask_at == pytest.approx(now + 1.1)
    intents.asked(intent, now + 1.1)
    (end,) = intents.not_found(intent, Fate.MISSING, MISSING, now + 1.2)
    assert end == End(intent, Ending.NEVER, None, is_news=True)


def test_a_question_that_fails_is_asked_again_later_and_later(intents: Intents) -> None:
    """Each wait is longer, up to a bound; an exchange that says how long is obeyed."""
    intent = left(intents)
    intents.failed(intent, Fate.UNKNOWN, LOST, 0.0)
    waits, now = list[float](), 0.2
    for _ in range(12):
        intents.asked(intent, now)
        assert intents.not_found(intent, Fate.UNKNOWN, LOST, now) == []
        waits.append(intent.ask_at - now)
        now = intent.ask_at
    assert waits == pytest.approx(sorted(waits))
    assert waits[-1] == pytest.approx(10.0)
    intents.asked(intent, now)
    intents.not_found(intent, Fate.UNKNOWN, LOST, now, wait=60.0)
    assert intent.ask_at == pytest.approx(now + 60.0)


def test_what_was_inherited_is_asked_for_at_once(intents: Intents) -> None:
    """It may still be on its way as long as its deadline allowed; its end is news."""
    intent = intents.inherit("a", "BTCUSDT", 8.0, 0.0)
    assert intents.due(0.0) == [Ask(intent)]
    intents.asked(intent, 0.0)
    assert intents.not_found(intent, Fate.MISSING, MISSING, 0.1) == []
    assert intents.answered("a", order("a")) == [
        End(intent, Ending.PLACED, order("a"), is_news=True)
    ]


def test_the_asker_is_answered_by_the_deadline(intents: Intents) -> None:
    """With nothing; once."""
    intent = left(intents)
    assert Settle(intent) in intents.due(TIMEOUT)
    assert Settle(intent) not in intents.due(TIMEOUT + 1)


def test_what_was_not_written_never_left(intents: Intents) -> None:
    """Whatever the failure means elsewhere."""
    intent = intents.write("a", "BTCUSDT", TIMEOUT)
    end, settle = intents.failed(intent, Fate.UNKNOWN, LOST, 1.0)
    assert end == End(intent, Ending.REFUSED, None, is_news=False)
    assert settle == Settle(intent, None, LOST)


def test_late_news_of_an_earlier_order_are_not_of_the_one_that_has_its_id(
    intents: Intents,
) -> None:
    """One that has not left cannot be there: the journal will say that the id was used."""
    left(intents)
    intents.answered("a", order("a"))
    again = intents.write("a", "BTCUSDT", TIMEOUT)
    assert intents.seen("a", order("a", "FILLED"), is_final=True) == []
    assert intents.answered("a", order("a")) == []
    assert again.state is State.WRITTEN


# all of them together


@dataclass
class Case:
    """An intent, and the truth about it.

    Attributes:
        arrives_at: When it comes to the exchange; infinite if it never does.
        is_refused: Whether the exchange will not have it.
        questions: When each that is under way was asked, or None once the exchange has looked at
            it, with what it saw.
    """

    intent: Intent
    deadline: float
    was_inherited: bool = False
    times_sent: int = 0
    arrives_at: float = math.inf
    is_refused: bool = False
    is_there: bool = False
    status: str = "NEW"
    has_answer: bool = False
    ends: list[End] = field(default_factory=list[End])
    settled: list[tuple[float, Settle]] = field(default_factory=list[tuple[float, Settle]])
    questions: int = 0
    was_missing: bool = False


class Machine(RuleBasedStateMachine):
    """An exchange that may take an order or not, and tell of it late, twice, or not at all."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.intents = Intents(HORIZON)
        self.cases: dict[str, Case] = {}

    # what the bot does

    @precondition(lambda self: len(self.cases) < 5)
    @rule(
        way=st.sampled_from(("sent", "unwritten", "inherited", "inherited unsent")),
        delay=st.floats(0, TIMEOUT + HORIZON - 0.01),
        fate=st.sampled_from(("taken", "taken", "refused", "lost")),
    )
    def begin(self, way: str, delay: float, fate: str) -> None:
        """Place an order; when it comes to the exchange, and what that does, is settled now."""
        id = f"id{len(self.cases)}"
        deadline = self.now + TIMEOUT
        if way.startswith("inherited"):
            intent = self.intents.inherit(id, "BTCUSDT", deadline, self.now)
            case = self.cases[id] = Case(intent, deadline, was_inherited=True)
        else:
            intent = self.intents.write(id, "BTCUSDT", deadline)
            case = self.cases[id] = Case(intent, deadline)
        if way == "unwritten":
            self._do(self.intents.failed(intent, Fate.REFUSED, LOST, self.now))
            return
        if way == "sent":
            self.intents.left(intent, self.now)
        if way != "inherited unsent":
            case.times_sent += 1
            case.is_refused = fate == "refused"
            case.arrives_at = math.inf if fate == "lost" else self.now + delay

    # what the exchange does

    def _arrivals(self) -> None:
        for case in self.cases.values():
            if case.arrives_at <= self.now and not case.has_answer:
                case.has_answer = True
                case.is_there = not case.is_refused

    def _some(self, data: st.DataObject, chosen: list[Case]) -> Case | None:
        return data.draw(st.sampled_from(chosen)) if chosen else None

    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        """The request's answer comes; perhaps for the second time."""
        sent = [case for case in self.cases.values() if case.has_answer and not case.was_inherited]
        if (case := self._some(data, sent)) is None:
            return
        id = case.intent.id
        if case.is_refused:
            self._do(self.intents.failed(case.intent, Fate.REFUSED, REFUSAL, self.now))
        elif data.draw(st.booleans()):
            self._do(self.intents.accepted(id, self.now))
        else:
            self._do(self.intents.answered(id, order(id, case.status)))

    @rule(data=st.data())
    def lose_answer(self, data: st.DataObject) -> None:
        """The request fails, though it may have been done, or may be yet; perhaps twice."""
        sent = [c for c in self.cases.values() if c.times_sent and not c.was_inherited]
        if (case := self._some(data, sent)) is not None:
            self._do(self.intents.failed(case.intent, Fate.UNKNOWN, LOST, self.now))

    @rule(data=st.data())
    def tell(self, data: st.DataObject) -> None:
        """The account's stream tells of an order, also of one that has ended."""
        there = [case for case in self.cases.values() if case.is_there]
        if (case := self._some(data, there)) is not None:
            id, is_final = case.intent.id, case.status == "FILLED"
            told = order(id, case.status, data.draw(st.sampled_from(("GTC", "IOC"))))
            self._do(self.intents.seen(id, told, is_final=is_final))

    @rule(data=st.data())
    def fill(self, data: st.DataObject) -> None:
        """An order is executed."""
        there = [case for case in self.cases.values() if case.is_there]
        if (case := self._some(data, there)) is not None:
            case.status = "FILLED"

    @rule(data=st.data())
    def look(self, data: st.DataObject) -> None:
        """The exchange looks for an order; its answer leaves, and may be old when it comes."""
        asked = [case for case in self.cases.values() if case.questions and not case.was_missing]
        if (case := self._some(data, asked)) is not None and not case.is_there:
            case.was_missing = True

    @rule(data=st.data(), wait=st.sampled_from((0.0, 0.0, 5.0)))
    def answer_question(self, data: st.DataObject, wait: float) -> None:
        """A question is answered, truly as of when the exchange looked, or it fails."""
        asked = [case for case in self.cases.values() if case.questions]
        if (case := self._some(data, asked)) is None:
            return
        how = data.draw(st.sampled_from(("well", "well", "fails")))
        self._answer_question(case, how, wait)

    def _answer_question(self, case: Case, how: str, wait: float = 0.0) -> None:
        id, intents = case.intent.id, self.intents
        was_missing = case.was_missing or not case.is_there
        case.questions -= 1
        case.was_missing = False
        if how == "fails":
            self._do(intents.not_found(case.intent, Fate.UNKNOWN, LOST, self.now, wait))
        elif was_missing:
            self._do(intents.not_found(case.intent, Fate.MISSING, MISSING, self.now, wait))
        else:
            self._do(intents.answered(id, order(id, case.status)))

    # time

    @rule(seconds=st.sampled_from((0.1, 1.0, 3.0, 9.0, 20.0)))
    def pass_time(self, seconds: float) -> None:
        """Everything that is due is done when it is."""
        end = self.now + seconds
        while (due := self.intents.next_due()) <= end:
            self.now = max(self.now, due)
            self._arrivals()
            actions = self.intents.due(self.now)
            assert actions, "woken for nothing"
            self._do(actions)
        self.now = end
        self._arrivals()

    # what has to hold

    def _do(self, actions: list[Action]) -> None:
        for action in actions:
            case = self.cases[action.intent.id]
            match action:
                case Ask():
                    assert not case.ends, "asked for what has ended"
                    assert not case.questions, "asked twice at once"
                    self.intents.asked(action.intent, self.now)
                    case.questions += 1
                case Settle():
                    case.settled.append((self.now, action))
                case End():
                    case.ends.append(action)
                    self._check_ending(case, action)

    def _check_ending(self, case: Case, end: End) -> None:
        match end.ending:
            case Ending.PLACED:
                assert case.is_there
                assert end.order is not None
                assert end.order.client_order_id == end.intent.id
            case Ending.REFUSED:
                assert case.is_refused or not case.times_sent
            case Ending.NEVER:
                assert not case.is_there
                assert case.arrives_at == math.inf or case.is_refused, "it will come yet"
        was_told = bool(case.settled)
        assert end.is_news == (was_told or case.was_inherited)

    @invariant()
    def one_of_each(self) -> None:
        """One ending, one answer, nothing in between that is neither."""
        for case in self.cases.values():
            assert len(case.ends) <= 1
            assert len(case.settled) <= (0 if case.was_inherited else 1)
            assert bool(case.ends) == (self.intents.get(case.intent.id) is None)
            if case.was_inherited:
                continue
            if case.ends or self.now >= case.deadline:
                ((at, settle),) = case.settled
                assert at <= case.deadline
                assert settle.order is None or settle.error is None
                is_known = settle.order is not None or settle.error is not None
                assert is_known or at == case.deadline or case.ends
                if settle.order is not None:
                    assert case.ends[0].ending is Ending.PLACED

    def teardown(self) -> None:
        """When all goes well again, everything comes to its end."""
        for _ in range(2_000):
            if not len(self.intents):
                break
            self.pass_time(0.5)
            for case in [*self.cases.values()]:
                while case.questions:
                    self._answer_question(case, "well")
        assert not len(self.intents)
        for case in self.cases.values():
            (end,) = case.ends
            assert (end.ending is Ending.PLACED) == case.is_there
        self.one_of_each()


TestIntents = Machine.TestCase
TestIntents.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
