"""How often events come."""

from __future__ import annotations

import pytest

from exchange_connector.cli.pace import Pace, paced

SECOND = 1_000_000_000


def paced_every(step: int, times: int) -> Pace:
    """The pace of so many events, one every `step` nanoseconds."""
    pace: Pace | None = None
    for number in range(times):
        pace = paced(pace, number * step)
    assert pace is not None
    return pace


@pytest.mark.parametrize("times", [20, 100, 1_000])
def test_a_steady_rate(times: int) -> None:
    """Ten a second are ten a second, from the second second on."""
    pace = paced_every(SECOND // 10, times)
    assert pace.rate(pace.last) == pytest.approx(10.0, rel=0.1)


def test_silence() -> None:
    """The age grows, and the rate goes down to nothing."""
    pace = paced_every(SECOND // 10, 100)
    rates = [pace.rate(pace.last + n * SECOND) for n in range(30)]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.01
    assert pace.age(pace.last + 3 * SECOND) == 3.0


def test_the_first_event_is_no_rate_yet() -> None:
    """One event says nothing of how often they come."""
    assert paced(None, 5).rate(5) == 0.0


def test_a_clock_that_is_set_back() -> None:
    """The age is never negative."""
    pace = paced(paced(None, 5 * SECOND), SECOND)
    assert pace.age(2 * SECOND) == 0.0
    assert pace.age(6 * SECOND) == 1.0
    assert pace.rate(2 * SECOND) >= 0.0
