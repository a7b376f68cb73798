"""The wait before dialling again."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.core.backoff import ReconnectBackoff


def test_the_bound_doubles_up_to_the_most() -> None:
    """With the greatest chance value the wait is the bound itself."""
    backoff = ReconnectBackoff(1.0, 60.0, lambda: 1.0)
    assert [backoff.delay(0.0) for _ in range(8)] == [2, 4, 8, 16, 32, 60, 60, 60]


def test_the_least_wait_is_the_first() -> None:
    """With the smallest chance value too."""
    backoff = ReconnectBackoff(1.0, 60.0, lambda: 0.0)
    assert {backoff.delay(0.0) for _ in range(100)} == {1.0}


def test_a_stable_session_is_redialled_at_once() -> None:
    """Once: where that redial fails, the waits begin afresh."""
    backoff = ReconnectBackoff(1.0, 60.0, lambda: 1.0)
    backoff.delay(0.0)
    backoff.delay(0.0)
    backoff.connected(10.0)
    assert backoff.delay(15.0) == 0.0
    assert backoff.delay(15.1) == 2.0
    assert backoff.attempts == 1


def test_a_session_that_does_not_last_counts_as_failed() -> None:
    """An exchange that accepts and hangs up is not hammered."""
    backoff = ReconnectBackoff(1.0, 60.0, lambda: 1.0)
    delays: list[float] = []
    for second in range(4):
        backoff.connected(second)
        delays.append(backoff.delay(second + 0.9))
    assert delays == [2.0, 4.0, 8.0, 16.0]


def test_ten_thousand_attempts_do_not_overflow() -> None:
    """A network may be away for weeks."""
    backoff = ReconnectBackoff(1.0, 60.0, lambda: 0.5)
    assert {backoff.delay(0.0) for _ in range(10_000)} == {1.5, 2.5, 4.5, 8.5, 16.5, 30.5}


@given(
    first=st.floats(0.001, 100.0),
    most=st.floats(0.001, 1000.0),
    attempts=st.integers(1, 2000),
    seed=st.integers(),
)
def test_every_wait_is_within_its_bounds(
    first: float, most: float, attempts: int, seed: int
) -> None:
    """Also where the configuration contradicts itself: the longest wait holds."""
    backoff = ReconnectBackoff(first, most, Random(seed).random)
    for _ in range(attempts):
        assert min(first, most) <= backoff.delay(0.0) <= most
