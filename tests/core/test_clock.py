"""The offset of the exchange's clock."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.core.clock import ClockEstimator, Estimate, Sample, WallClockWatch, sample

MS = 1_000_000
SECOND = 1_000_000_000
EPOCH = 1_700_000_000 * SECOND


def asked(sent: int, out: int, back: int, offset: int, resolution: int = MS) -> Sample:
    """A round trip to an exchange that is `offset` ahead of the monotonic clock."""
    told = (sent + out + offset) // resolution * resolution
    return sample(sent, sent + out + back, told, resolution)


def test_an_equal_way_out_and_back_gives_the_offset() -> None:
    """Half the resolution is added, since times are cut off to it."""
    taken = sample(0, 20 * MS, EPOCH)
    assert taken == Sample(EPOCH - 10 * MS + MS // 2, 20 * MS, 20 * MS, MS)
    estimate = ClockEstimator().add(taken)
    assert estimate == Estimate(taken.offset_ns, 20 * MS, 10 * MS + MS // 2, 20 * MS)


def test_ten_seconds_ahead_is_found_to_the_millisecond() -> None:
    """However far off the clocks are, what is left of the error is the network's."""
    offset = EPOCH + 10 * SECOND
    estimator = ClockEstimator()
    assert estimator.estimate is None
    for index in range(8):
        estimator.add(asked(index * SECOND, 15 * MS + index, 15 * MS, offset))
    assert estimator.estimate is not None
    assert abs(estimator.estimate.offset_ns - offset) <= MS


def test_an_unequal_way_is_bounded_by_the_uncertainty() -> None:
    """200 ms out and 20 back: 90 ms wrong and invisible, but never beyond what is published."""
    estimate = ClockEstimator().add(asked(0, 200 * MS, 20 * MS, EPOCH))
    assert abs(estimate.offset_ns - EPOCH - 90 * MS) <= MS
    assert abs(estimate.offset_ns - EPOCH) <= estimate.uncertainty_ns == 110 * MS + MS // 2


ways = st.integers(0, 2 * SECOND)


@given(
    trips=st.lists(st.tuples(ways, ways), min_size=1, max_size=20),
    offset=st.integers(-EPOCH, 2 * EPOCH),
    resolution=st.sampled_from([1, 1000, MS, SECOND]),
)
def test_the_error_is_never_beyond_the_uncertainty(
    trips: list[tuple[int, int]], offset: int, resolution: int
) -> None:
    """For every network and every resolution, as long as the exchange's clock runs evenly."""
    estimator, now = ClockEstimator(), 0
    for out, back in trips:
        estimate = estimator.add(asked(now, out, back, offset, resolution))
        assert abs(estimate.offset_ns - offset) <= estimate.uncertainty_ns
        now += out + back + SECOND


def test_spikes_do_not_move_the_estimate() -> None:
    """On a network whose ways take 100 ms, and 100 to 400 more in three of ten, 99 % are good."""
    random, errors = Random(7), list[int]()

    def way() -> int:
        spike = random.randint(100, 400) if random.random() < 0.3 else 0
        return 100 * MS + random.randint(0, 2 * MS) + spike * MS

    for _ in range(500):
        estimator = ClockEstimator()
        estimates = [estimator.add(asked(i * SECOND, way(), way(), EPOCH)) for i in range(8)]
        errors.append(abs(estimates[-1].offset_ns - EPOCH))
    errors.sort()
    assert errors[250] <= 1 * MS
    assert errors[485] <= 4 * MS


def test_a_step_of_the_exchange_is_believed_at_once() -> None:
    """A quick old sample must not outvote what a newer one rules out."""
    estimator = ClockEstimator()
    for index in range(8):
        estimator.add(asked(index * SECOND, 1 * MS, 1 * MS, EPOCH))
    estimate = estimator.add(asked(9 * SECOND, 20 * MS, 20 * MS, EPOCH + SECOND))
    assert abs(estimate.offset_ns - EPOCH - SECOND) <= estimate.uncertainty_ns
    assert estimate.round_trip_ns == 40 * MS


def test_what_came_before_a_contradicted_sample_goes_too() -> None:
    """An old slow sample contradicts no newer slow one, but is older than what is known wrong."""
    estimator = ClockEstimator()
    estimator.add(asked(0, 500 * MS, 500 * MS, EPOCH))
    estimator.add(asked(10 * SECOND, MS, MS, EPOCH))
    estimate = estimator.add(asked(20 * SECOND, 600 * MS, 600 * MS, EPOCH + SECOND))
    assert estimate.round_trip_ns == 1200 * MS
    assert abs(estimate.offset_ns - EPOCH - SECOND) <= estimate.uncertainty_ns


def test_a_slow_sample_does_not_unseat_a_quick_one() -> None:
    """Where it is too uncertain to contradict, what is known stays."""
    estimator = ClockEstimator()
    estimator.add(asked(0, MS, MS, EPOCH))
    estimate = estimator.add(asked(SECOND, 1900 * MS, 100 * MS, EPOCH))
    assert estimate.round_trip_ns == 2 * MS


def test_the_window_forgets() -> None:
    """A quick sample counts until eight newer ones have come, or until it is cleared."""
    estimator = ClockEstimator(window=2)
    estimator.add(asked(0, MS, MS, EPOCH))
    assert estimator.add(asked(SECOND, 5 * MS, 5 * MS, EPOCH)).round_trip_ns == 2 * MS
    assert estimator.add(asked(2 * SECOND, 5 * MS, 5 * MS, EPOCH)).round_trip_ns == 10 * MS
    assert estimator.estimate is not None
    assert estimator.estimate.taken_ns == 2 * SECOND + 10 * MS
    estimator.clear()
    assert estimator.estimate is None


def test_a_stepped_wall_clock_is_seen_once() -> None:
    """Forwards and back; what NTP slews within a second is none."""
    watch = WallClockWatch(EPOCH, 0)
    assert watch.step(EPOCH + SECOND, SECOND) == 0.0
    assert watch.step(EPOCH + 2 * SECOND + 500_000, 2 * SECOND) == 0.0
    assert watch.step(EPOCH + 62 * SECOND, 3 * SECOND) == 58.9995
    assert watch.step(EPOCH + 63 * SECOND, 4 * SECOND) == 0.0
    assert watch.step(EPOCH - 36 * SECOND, 5 * SECOND) == -100.0
    assert watch.step(EPOCH - 35 * SECOND, 6 * SECOND) == 0.0
