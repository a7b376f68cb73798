"""The weight window: what an exchange counts never exceeds the budget."""

from __future__ import annotations

import copy
import heapq
import math
from itertools import count
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from exchange_connector.core.limiter import NotBefore, Reservation, WeightWindow


def reserved(window: WeightWindow, weight: int, now: float, budget: int = 100) -> Reservation:
    answer = window.reserve(weight, budget, now)
    assert isinstance(answer, Reservation)
    return answer


def not_before(window: WeightWindow, weight: int, now: float, budget: int = 100) -> float:
    answer = window.reserve(weight, budget, now)
    assert isinstance(answer, NotBefore)
    return answer.at


def most_in_a_period(arrivals: list[tuple[float, int]], period: float) -> int:
    """The most weight that arrives in any interval of this length, wherever it begins."""
    return max(
        (sum(w for at, w in arrivals if start <= at < start + period) for start, _ in arrivals),
        default=0,
    )


def test_weight_counts_until_a_period_after_the_answer() -> None:
    """Not after the departure: nobody knows when in between it arrived."""
    window = WeightWindow()
    request = reserved(window, 60, 0.0)
    assert window.used(1000.0) == 60
    window.complete(request, 10.0)
    assert window.used(69.9) == 60
    assert window.used(70.0) == 0


def test_the_answer_says_when_it_fits() -> None:
    """As early as possible: only what must leave the window is waited for."""
    window = WeightWindow()
    for weight, at in ((30, 0.0), (50, 10.0)):
        window.complete(reserved(window, weight, at), at)
    assert not_before(window, 21, 12.0) == 60.0
    assert not_before(window, 50, 12.0) == 60.0
    assert not_before(window, 51, 12.0) == 70.0
    reserved(window, 20, 12.0)
    assert not_before(window, 100, 13.0) == 73.0


def test_more_than_the_budget_never_fits() -> None:
    """Said at once, so that it does not hold up others for ever."""
    assert not_before(WeightWindow(), 101, 0.0) == math.inf


def test_connectors_share_the_window_with_budgets_of_their_own() -> None:
    """The smaller budget is full where the larger is not."""
    window = WeightWindow()
    reserved(window, 50, 0.0, budget=6000)
    assert not_before(window, 1, 0.0, budget=50) == 60.0
    reserved(window, 1, 0.0, budget=6000)


def test_what_never_left_counts_no_more() -> None:
    """Cancelled, or reported twice, a reservation changes nothing further."""
    window = WeightWindow()
    request, other = reserved(window, 40, 0.0), reserved(window, 30, 0.0)
    window.cancel(request)
    window.cancel(request)
    window.complete(request, 1.0)
    assert window.used(1.0) == 30
    window.complete(other, 1.0)
    window.cancel(other)
    window.complete(other, 50.0)
    assert window.used(60.9) == 30
    assert window.used(61.0) == 0


def test_foreign_weight_counts_until_the_minute_ends() -> None:
    """What the exchange counts beyond what departed from here in its minute."""
    window = WeightWindow()
    window.complete(reserved(window, 10, 5.0), 5.0)
    window.complete(reserved(window, 20, 25.0), 25.0)
    window.observe(50, 26.0, minute_start=20.0, minute_end=80.0)
    assert window.used(26.0) == 10 + 20 + 30
    assert not_before(window, 41, 30.0) == 65.0
    assert not_before(window, 51, 30.0) == 80.0
    assert window.used(79.9) == 20 + 30
    assert window.used(80.0) == 20


def test_observations_are_not_added_up() -> None:
    """The largest of a minute counts; a smaller one, or one of a past minute, changes nothing."""
    window = WeightWindow()
    for used in (30, 50, 20):
        window.observe(used, 26.0, 20.0, 80.0)
    assert window.used(26.0) == 50
    window.observe(90, 80.0, 20.0, 80.0)
    assert window.used(79.0) == 50
    window.observe(7, 81.0, 80.0, 140.0)
    assert window.used(81.0) == 7


def test_an_observation_never_lowers_the_count() -> None:
    """The exchange's minute began afresh; our window did not."""
    window = WeightWindow()
    window.complete(reserved(window, 80, 50.0), 50.0)
    window.observe(1, 61.0, 60.0, 120.0)
    assert window.used(61.0) == 81
    window.observe(0, 62.0, 60.0, 120.0)
    assert window.used(62.0) == 81


def test_a_block_is_never_shortened() -> None:
    """The longest of several refusals holds."""
    window = WeightWindow()
    assert window.blocked(0.0) is None
    window.block_until(100.0)
    window.block_until(50.0)
    assert window.blocked(99.0) == 1.0
    assert not_before(window, 1, 60.0) == 100.0
    assert window.blocked(100.0) is None
    reserved(window, 1, 100.0)


def burst(weights: list[int], budget: int, random: Random) -> list[tuple[float, int]]:
    """Send a queue as fast as the window allows; when each request arrives at the exchange."""
    window, now, order = WeightWindow(), 0.0, count()
    answers: list[tuple[float, int, Reservation]] = []
    arrivals: list[tuple[float, int]] = []
    for weight in weights:
        while isinstance(answer := window.reserve(weight, budget, now), NotBefore):
            now = min(answer.at, answers[0][0]) if answers else answer.at
            while answers and answers[0][0] <= now:
                at, _, request = heapq.heappop(answers)
                window.complete(request, at)
        arrival = now + random.uniform(0.0, 3.0)
        arrivals.append((arrival, weight))
        heapq.heappush(answers, (arrival + random.uniform(0.0, 3.0), next(order), answer))
    return sorted(arrivals)


def test_a_burst_of_ten_thousand() -> None:
    """10,000 weight against a limit of 6,000: never above it in any minute, and done in two."""
    weights = [1, 2, 5, 25, 250, 80, 20, 4, 10, 3] * 25
    assert sum(weights) == 10_000
    for seed in range(5):
        arrivals = burst(weights, 6000, Random(seed))
        assert most_in_a_period(arrivals, 60.0) <= 6000
        for phase in range(60):
            minutes: dict[int, int] = {}
            for at, weight in arrivals:
                minute = int((at + phase) // 60)
                minutes[minute] = minutes.get(minute, 0) + weight
            assert max(minutes.values()) <= 6000
        assert arrivals[-1][0] < 80.0


@given(
    weights=st.lists(st.integers(1, 60), max_size=40),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=50)
def test_no_burst_exceeds_the_budget(weights: list[int], seed: int) -> None:
    """Whatever the weights and the delays."""
    assert most_in_a_period(burst(weights, 100, Random(seed)), 60.0) <= 100


class WindowMachine(RuleBasedStateMachine):
    """Any schedule of departures, arrivals, answers, cancellations and foreign weight."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        self.window = WeightWindow(60.0)
        self.on_the_way: list[Reservation] = []
        self.arrived: list[Reservation] = []
        self.arrivals: list[tuple[float, int]] = []

    @rule(seconds=st.integers(1, 45))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @rule(weight=st.integers(1, 40))
    def send(self, weight: int) -> None:
        before = self.window.used(self.now)
        answer = self.window.reserve(weight, 100, self.now)
        if isinstance(answer, Reservation):
            assert before + weight <= 100
            self.on_the_way.append(answer)
            return
        assert before + weight > 100
        self.fits_then_and_not_before(weight, answer.at)

    def fits_then_and_not_before(self, weight: int, at: float) -> None:
        """If all that is under way is answered now, it fits exactly then."""
        window = copy.deepcopy(self.window)
        for request in (*self.on_the_way, *self.arrived):
            window.complete(request, self.now)
        assert isinstance(copy.deepcopy(window).reserve(weight, 100, at - 0.5), NotBefore)
        assert isinstance(window.reserve(weight, 100, at), Reservation)

    @precondition(lambda self: bool(self.on_the_way))
    @rule(data=st.data())
    def arrives(self, data: st.DataObject) -> None:
        request = data.draw(st.sampled_from(self.on_the_way))
        self.on_the_way.remove(request)
        self.arrived.append(request)
        self.arrivals.append((self.now, request.weight))

    @precondition(lambda self: bool(self.on_the_way))
    @rule(data=st.data())
    def never_left(self, data: st.DataObject) -> None:
        request = data.draw(st.sampled_from(self.on_the_way))
        self.on_the_way.remove(request)
        self.window.cancel(request)

    @precondition(lambda self: bool(self.arrived))
    @rule(data=st.data())
    def answered(self, data: st.DataObject) -> None:
        request = data.draw(st.sampled_from(self.arrived))
        self.arrived.remove(request)
        self.window.complete(request, self.now)

    @rule(used=st.integers(0, 150))
    def observed(self, used: int) -> None:
        before = self.window.used(self.now)
        minute = self.now // 60 * 60
        self.window.observe(used, self.now, minute, minute + 60)
        after = self.window.used(self.now)
        assert after >= before
        assert after >= used

    @invariant()
    def never_above_the_budget(self) -> None:
        assert most_in_a_period(self.arrivals, 60) <= 100


TestWindowMachine = WindowMachine.TestCase
TestWindowMachine.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
