"""Two limits at a time: what an exchange counts exceeds neither, in a minute or in a burst."""

from __future__ import annotations

import copy
import heapq
import math
from itertools import count
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from exchange_connector.core.weight import NotBefore, Reservation
from exchange_connector.core.weight_limits import WeightLimits

MINUTE, SHORT = 60.0, 5.0
BUDGET, BURST = 100, 30


def reserved(limits: WeightLimits, weight: int, now: float, budget: int = BUDGET) -> Reservation:
    answer = limits.reserve(weight, budget, now)
    assert isinstance(answer, Reservation)
    return answer


def not_before(limits: WeightLimits, weight: int, now: float, budget: int = BUDGET) -> float:
    answer = limits.reserve(weight, budget, now)
    assert isinstance(answer, NotBefore)
    return answer.at


def most_in_a_period(arrivals: list[tuple[float, int]], period: float) -> int:
    """The most weight that arrives in any interval of this length, wherever it begins."""
    return max(
        (sum(w for at, w in arrivals if start <= at < start + period) for start, _ in arrivals),
        default=0,
    )


def most_by_the_clock(arrivals: list[tuple[float, int]], period: float) -> int:
    """The most in an interval that begins at a whole multiple of the period, by any clock."""
    most = 0
    for phase in range(math.ceil(period)):
        counted: dict[int, int] = {}
        for at, weight in arrivals:
            number = int((at + phase) // period)
            counted[number] = counted.get(number, 0) + weight
        most = max(most, *counted.values(), 0)
    return most


def test_a_burst_waits_for_its_own_period() -> None:
    """Long before the minute has room."""
    limits = WeightLimits(MINUTE, BURST, SHORT)
    limits.complete(reserved(limits, BURST, 0.0), 0.5)
    assert not_before(limits, 1, 1.0) == 5.5
    reserved(limits, BURST, 5.5)
    assert limits.used(5.5) == 2 * BURST


def test_the_minute_counts_too() -> None:
    """Whoever keeps to the bursts may exceed it; the later of the two says when."""
    limits = WeightLimits(MINUTE, BURST, SHORT)
    for turn in range(3):
        limits.complete(reserved(limits, BURST, 10.0 * turn), 10.0 * turn)
    assert not_before(limits, 11, 30.0) == 60.0
    limits.complete(reserved(limits, 10, 30.0), 30.0)
    assert not_before(limits, 21, 31.0) == 60.0
    limits.complete(reserved(limits, BURST, 60.0), 62.0)
    assert not_before(limits, 1, 63.0) == 70.0  # the burst would admit it at 67
    limits.complete(reserved(limits, BURST, 70.0), 78.0)
    assert not_before(limits, 1, 79.0) == 83.0  # the minute at 80


def test_more_than_a_burst_never_fits() -> None:
    """However much a minute has room for."""
    limits = WeightLimits(MINUTE, BURST, SHORT)
    assert limits.admits(BURST)
    assert not limits.admits(BURST + 1)
    assert not_before(limits, BURST + 1, 0.0, budget=6000) == math.inf


def test_without_a_burst_there_is_the_minute_alone() -> None:
    """As for most exchanges."""
    limits = WeightLimits(MINUTE)
    assert limits.admits(10**9)
    reserved(limits, BUDGET, 0.0)
    assert not_before(limits, 1, 0.0) == MINUTE


def test_a_burst_holds_for_every_budget() -> None:
    """Two connectors with budgets of their own share it."""
    limits = WeightLimits(MINUTE, BURST, SHORT)
    reserved(limits, 20, 0.0, budget=20)
    assert not_before(limits, 1, 0.0, budget=20) == MINUTE
    reserved(limits, 10, 0.0, budget=6000)
    assert not_before(limits, 1, 0.0, budget=6000) == SHORT


def test_what_never_left_counts_in_neither() -> None:
    """Cancelled, or ended twice, it changes nothing further."""
    limits = WeightLimits(MINUTE, BURST, SHORT)
    request = reserved(limits, BURST, 0.0)
    limits.cancel(request)
    limits.complete(request, 0.0)
    request = reserved(limits, BURST, 0.0)
    limits.complete(request, 0.0)
    limits.cancel(request)
    assert not_before(limits, 1, 4.0) == 5.0


def test_a_block_and_foreign_weight_are_the_minutes() -> None:
    """The exchange's own count is of that; its refusal holds for all."""
    limits = WeightLimits(MINUTE, BURST, SHORT)
    limits.observe(90, 1.0, 0.0, 60.0)
    assert limits.used(1.0) == 90
    reserved(limits, 10, 1.0)
    assert not_before(limits, 11, 2.0) == 60.0
    limits.block_until(70.0)
    assert limits.blocked(60.0) == 10.0
    assert not_before(limits, 1, 61.5) == 70.0


def sent(weights: list[int], random: Random) -> list[tuple[float, int]]:
    """Send a queue as fast as both limits allow; when each request arrives at the exchange."""
    limits, now, order = WeightLimits(MINUTE, BURST, SHORT), 0.0, count()
    answers: list[tuple[float, int, Reservation]] = []
    arrivals: list[tuple[float, int]] = []
    for weight in weights:
        while isinstance(answer := limits.reserve(weight, BUDGET, now), NotBefore):
            now = min(answer.at, answers[0][0]) if answers else answer.at
            while answers and answers[0][0] <= now:
                at, _, request = heapq.heappop(answers)
                limits.complete(request, at)
        arrival = now + random.uniform(0.0, 2.0)
        arrivals.append((arrival, weight))
        heapq.heappush(answers, (arrival + random.uniform(0.0, 2.0), next(order), answer))
    return sorted(arrivals)


@given(weights=st.lists(st.integers(1, BURST), max_size=40), seed=st.integers(0, 2**32))
@settings(max_examples=50)
def test_no_queue_exceeds_either(weights: list[int], seed: int) -> None:
    """Whatever the weights and the delays, by sliding periods and by the clock's."""
    arrivals = sent(weights, Random(seed))
    for period, limit in ((MINUTE, BUDGET), (SHORT, BURST)):
        assert most_in_a_period(arrivals, period) <= limit
        assert most_by_the_clock(arrivals, period) <= limit


class LimitsMachine(RuleBasedStateMachine):
    """Any schedule of departures, arrivals, answers, cancellations and foreign weight."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.limits = WeightLimits(MINUTE, BURST, SHORT)
        self.on_the_way: list[Reservation] = []
        self.arrived: list[Reservation] = []
        self.arrivals: list[tuple[float, int]] = []

    @rule(halves=st.integers(1, 40))
    def time_passes(self, halves: int) -> None:
        self.now += halves / 2

    @rule(weight=st.integers(1, BURST))
    def send(self, weight: int) -> None:
        answer = self.limits.reserve(weight, BUDGET, self.now)
        if isinstance(answer, Reservation):
            self.on_the_way.append(answer)
        else:
            self.fits_then_and_not_before(weight, answer.at)

    def fits_then_and_not_before(self, weight: int, at: float) -> None:
        """If all that is under way is answered now, it fits exactly then."""
        assert at > self.now
        limits = copy.deepcopy(self.limits)
        for request in (*self.on_the_way, *self.arrived):
            limits.complete(request, self.now)
        assert isinstance(copy.deepcopy(limits).reserve(weight, BUDGET, at - 0.25), NotBefore)
        assert isinstance(limits.reserve(weight, BUDGET, at), Reservation)

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
        self.limits.cancel(request)

    @precondition(lambda self: bool(self.arrived))
    @rule(data=st.data())
    def answered(self, data: st.DataObject) -> None:
        request = data.draw(st.sampled_from(self.arrived))
        self.arrived.remove(request)
        self.limits.complete(request, self.now)

    @rule(used=st.integers(0, 150))
    def observed(self, used: int) -> None:
        minute = self.now // MINUTE * MINUTE
        self.limits.observe(used, self.now, minute, minute + MINUTE)
        assert self.limits.used(self.now) >= used

    @invariant()
    def never_above_either(self) -> None:
        assert most_in_a_period(self.arrivals, MINUTE) <= BUDGET
        assert most_in_a_period(self.arrivals, SHORT) <= BURST


TestLimitsMachine = LimitsMachine.TestCase
TestLimitsMachine.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
