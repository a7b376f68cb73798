"""The circuit breaker."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from exchange_connector.core.breaker import CircuitBreaker, Denied, Permit
from exchange_connector.messages.enums import CircuitState

CLOSED, OPEN, HALF_OPEN = CircuitState.CLOSED, CircuitState.OPEN, CircuitState.HALF_OPEN


def breaker(**options: float) -> CircuitBreaker:
    return CircuitBreaker(3, 2, 30.0, **options)


def granted(machine: CircuitBreaker, now: float, own: bool = False) -> Permit:
    permit = machine.permit(now, own)
    assert isinstance(permit, Permit)
    return permit


def denied(machine: CircuitBreaker, now: float, own: bool = False) -> Denied:
    answer = machine.permit(now, own)
    assert isinstance(answer, Denied)
    return answer


def trip(machine: CircuitBreaker, now: float) -> None:
    for permit in [granted(machine, now) for _ in range(3)]:
        machine.failed(permit, now)
    assert machine.state is OPEN


def test_opens_after_failures_in_a_row() -> None:
    """A success in between starts the count afresh."""
    machine = breaker()
    for outcome in ("failed", "failed", "succeeded", "failed", "failed"):
        getattr(machine, outcome)(granted(machine, 0.0), 0.0)
        assert machine.state is CLOSED
    machine.failed(granted(machine, 7.0), 8.0)
    assert machine.state is OPEN
    assert denied(machine, 10.0) == Denied(OPEN, 28.0)
    assert machine.changes() == [(CLOSED, OPEN)]
    assert machine.changes() == []


def test_an_excluded_outcome_is_neither() -> None:
    """It neither counts as a failure nor forgives those before it."""
    machine = breaker()
    for outcome in ("failed", "failed", "excluded"):
        getattr(machine, outcome)(granted(machine, 0.0), 0.0)
    assert machine.stats(0.0).consecutive_failures == 2
    machine.failed(granted(machine, 0.0), 0.0)
    assert machine.state is OPEN


def test_half_open_admits_as_many_trials_as_it_needs_successes() -> None:
    """Then it closes, and requests flow again."""
    machine = breaker()
    trip(machine, 0.0)
    trials = [granted(machine, 30.0), granted(machine, 30.0)]
    assert denied(machine, 30.0).state is HALF_OPEN
    assert denied(machine, 30.0).retry_after > 0.0
    machine.succeeded(trials[0], 30.5)
    assert machine.state is HALF_OPEN
    machine.succeeded(trials[1], 30.6)
    assert machine.state is CLOSED
    assert machine.changes() == [(CLOSED, OPEN), (OPEN, HALF_OPEN), (HALF_OPEN, CLOSED)]


def test_a_failed_trial_opens_again_for_the_whole_time() -> None:
    """The time counts from that failure, not from the first one."""
    machine = breaker()
    trip(machine, 0.0)
    machine.failed(granted(machine, 31.0), 32.0)
    assert denied(machine, 61.0) == Denied(OPEN, 1.0)
    granted(machine, 62.0)


def test_reports_of_a_former_generation_move_nothing() -> None:
    """A request that left before the trip is no trial, and its failure does not prolong."""
    machine = breaker()
    early = [granted(machine, 0.0) for _ in range(3)]
    trip(machine, 1.0)
    machine.failed(early[0], 20.0)
    assert machine.stats(20.0).retry_after == 11.0
    trial = granted(machine, 31.0)
    machine.succeeded(early[1], 31.0)
    machine.succeeded(trial, 31.0)
    assert machine.state is HALF_OPEN
    machine.failed(early[2], 31.0)
    assert machine.state is HALF_OPEN
    stats = machine.stats(31.0)
    assert (stats.total_failures, stats.total_successes) == (5, 2)


@pytest.mark.parametrize("outcome", ["succeeded", "failed", "excluded"])
def test_a_permit_counts_once(outcome: str) -> None:
    """Reported twice, it neither frees a second place nor counts again."""
    machine = breaker()
    trip(machine, 0.0)
    trial = granted(machine, 30.0)
    machine.excluded(trial, 30.0)
    before = machine.stats(30.0)
    getattr(machine, outcome)(trial, 31.0)
    assert machine.stats(31.0) == before
    granted(machine, 31.0)
    granted(machine, 31.0)
    denied(machine, 31.0)


def test_a_trial_that_nobody_reports_gives_its_place_back() -> None:
    """Its late report is counted, but has no vote any more."""
    machine = breaker(trial_lease=12.0)
    trip(machine, 0.0)
    lost = [granted(machine, 30.0), granted(machine, 30.0)]
    assert denied(machine, 41.5).retry_after == 0.5
    trial = granted(machine, 42.0)
    machine.failed(lost[0], 43.0)
    assert machine.state is HALF_OPEN
    machine.succeeded(trial, 43.0)
    machine.succeeded(granted(machine, 43.0), 43.0)
    assert machine.state is CLOSED


def test_own_requests_leave_the_trials_to_users() -> None:
    """They are trials only where no user asks for the length of the grace."""
    machine = breaker()
    trip(machine, 0.0)
    assert denied(machine, 29.0, own=True) == Denied(OPEN, 2.0)
    assert denied(machine, 30.25, own=True) == Denied(OPEN, 0.75)
    assert machine.state is OPEN
    user = granted(machine, 30.5)
    assert denied(machine, 31.0, own=True) == Denied(HALF_OPEN, 0.5)
    own = granted(machine, 31.5, own=True)
    denied(machine, 31.5)
    machine.succeeded(user, 32.0)
    machine.succeeded(own, 32.0)
    assert machine.state is CLOSED
    granted(machine, 32.0, own=True)


def test_own_requests_mend_a_circuit_that_nobody_uses() -> None:
    """Without any user the connector's own requests close it."""
    machine = breaker()
    trip(machine, 0.0)
    for _ in range(2):
        machine.succeeded(granted(machine, 31.0, own=True), 31.0)
    assert machine.state is CLOSED


def test_reset_closes_and_forgets() -> None:
    """Requests under way at a reset no longer count, and a reset of a closed one is no change."""
    machine = breaker()
    under_way = [granted(machine, 0.0) for _ in range(3)]
    machine.failed(granted(machine, 0.0), 0.0)
    machine.reset(1.0)
    assert machine.changes() == []
    for permit in under_way:
        machine.failed(permit, 1.0)
    assert machine.state is CLOSED
    trip(machine, 2.0)
    machine.reset(3.0)
    assert machine.changes() == [(CLOSED, OPEN), (OPEN, CLOSED)]
    assert machine.stats(3.0).consecutive_failures == 0


def test_stats_count_everything() -> None:
    """Requests, outcomes, rejections, and when the last failure was."""
    machine = breaker()
    assert machine.stats(0.0).last_failure is None
    machine.succeeded(granted(machine, 0.0), 1.0)
    trip(machine, 2.0)
    denied(machine, 3.0)
    stats = machine.stats(4.0)
    assert (stats.total_requests, stats.total_successes, stats.total_failures) == (4, 1, 3)
    assert (stats.consecutive_failures, stats.rejected, stats.last_failure) == (3, 1, 2.0)
    assert (stats.state, stats.retry_after) == (OPEN, 28.0)
    assert machine.stats(99.0).retry_after == 0.0


def test_forgotten_permits_do_not_pile_up() -> None:
    """An owner that never reports costs no memory without bound; newer permits still count."""
    machine = breaker()
    for _ in range(10_000):
        granted(machine, 0.0)
    trip(machine, 0.0)
    assert machine.stats(0.0).total_failures == 3


@dataclass
class Model:
    """What the rules say, written down a second time without pybreaker."""

    state: CircuitState = CLOSED
    era: int = 0
    failures: int = 0
    successes: int = 0
    opened_at: float = 0.0
    leases: dict[Permit, float] = field(default_factory=dict[Permit, float])

    def enter(self, state: CircuitState, now: float) -> None:
        self.state, self.era = state, self.era + 1
        self.failures = self.successes = 0
        self.leases.clear()
        if state is OPEN:
            self.opened_at = now


class BreakerMachine(RuleBasedStateMachine):
    """Any order of permits, reports, time and resets."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 100.0
        self.machine = CircuitBreaker(3, 2, 30.0, trial_lease=12.0)
        self.model = Model()
        self.permits: list[tuple[Permit, int]] = []
        self.reported: set[Permit] = set()

    @rule(seconds=st.sampled_from([0.1, 1.0, 5.0, 13.0, 31.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(own=st.booleans())
    def ask(self, own: bool) -> None:
        model = self.model
        answer = self.machine.permit(self.now, own)
        over = model.state is OPEN and self.now >= model.opened_at + 30.0
        model.leases = {p: end for p, end in model.leases.items() if end > self.now}
        free = model.state is CLOSED or over or (model.state is HALF_OPEN and len(model.leases) < 2)
        if isinstance(answer, Denied):
            assert not free or (own and model.state is not CLOSED)
            assert answer.retry_after > 0.0
            return
        assert free
        if over:
            model.enter(HALF_OPEN, self.now)
        if model.state is HALF_OPEN:
            model.leases[answer] = self.now + 12.0
        self.permits.append((answer, model.era))

    @precondition(lambda self: bool(self.permits))
    @rule(data=st.data(), outcome=st.sampled_from(["succeeded", "failed", "excluded"]))
    def report(self, data: st.DataObject, outcome: str) -> None:
        permit, era = data.draw(st.sampled_from(self.permits))
        getattr(self.machine, outcome)(permit, self.now)
        again = permit in self.reported
        self.reported.add(permit)
        model = self.model
        if again or era != model.era:
            return
        if model.state is HALF_OPEN and model.leases.pop(permit, None) is None:
            return
        if outcome == "succeeded":
            model.failures = 0
            model.successes += 1
            if model.state is HALF_OPEN and model.successes == 2:
                model.enter(CLOSED, self.now)
        elif outcome == "failed":
            model.failures += 1
            if model.state is HALF_OPEN or model.failures == 3:
                model.enter(OPEN, self.now)

    @rule()
    def reset(self) -> None:
        self.machine.reset(self.now)
        self.model.enter(CLOSED, self.now)

    @invariant()
    def agrees(self) -> None:
        assert self.machine.state is self.model.state
        stats = self.machine.stats(self.now)
        assert stats.total_requests == len(self.permits)
        if self.model.state is OPEN:
            assert stats.retry_after == max(0.0, self.model.opened_at + 30.0 - self.now)


TestBreakerMachine = BreakerMachine.TestCase
TestBreakerMachine.settings = settings(max_examples=100, stateful_step_count=60, deadline=None)
