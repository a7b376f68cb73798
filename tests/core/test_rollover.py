"""When a session is replaced by a new one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.core.rollover import rollover_at

HOUR = 3600.0
DAY = 24 * HOUR
EVENING = 20_000 * DAY + 20 * HOUR


def test_at_the_latest_after_the_time_that_is_set() -> None:
    """And up to five per cent earlier, by chance."""
    assert rollover_at(EVENING, 23 * HOUR, -1, 0.0) == EVENING + 23 * HOUR
    assert rollover_at(EVENING, 23 * HOUR, -1, 1.0) == EVENING + 0.95 * 23 * HOUR


def test_rather_in_the_quiet_hour() -> None:
    """Somewhere in it."""
    begin = 20_001 * DAY + 4 * HOUR
    assert rollover_at(EVENING, 23 * HOUR, 4, 0.0) == begin + HOUR
    assert rollover_at(EVENING, 23 * HOUR, 4, 0.5) == begin + HOUR / 2
    assert rollover_at(EVENING, 23 * HOUR, 4, 1.0) == begin


def test_a_quiet_hour_that_comes_too_soon_or_too_late_is_passed_over() -> None:
    """A session that has just begun stays; one does not wait for more than a day."""
    in_the_hour = EVENING + 30 * 60
    assert rollover_at(in_the_hour, 23 * HOUR, 20, 0.0) == in_the_hour + 23 * HOUR


@given(
    connected=st.floats(1e9, 3e9),
    after=st.floats(60.0, 2 * DAY),
    quiet_hour=st.integers(-1, 23),
    chance=st.floats(0.0, 1.0),
)
def test_never_too_late_nor_much_too_early(
    connected: float, after: float, quiet_hour: int, chance: float
) -> None:
    """Whatever is set."""
    at = rollover_at(connected, after, quiet_hour, chance)
    assert connected + after / 24 - 1 <= at <= connected + after + 1
