"""Candles by themselves: their times, their sums, and a past that leads up to the first trade."""

from __future__ import annotations

from itertools import pairwise

import pytest

from exchange_connector.simulator.market.candles import Candle, close_time, open_time
from exchange_connector.simulator.market.events import Trade
from exchange_connector.simulator.market.history import Candles
from exchange_connector.simulator.market.market import SymbolMarket
from exchange_connector.simulator.market.past import DAYS, MINUTES_A_DAY
from exchange_connector.simulator.market.statistics import day, trading_day, window
from exchange_connector.simulator.market.symbols import listing

MINUTE = 60_000_000
HOUR = 60 * MINUTE
NOON = 1_700_049_600_000_000  # 2023-11-15 12:00 UTC, a Wednesday


def market(symbol: str = "BTCUSDT", steps: int = 100, rate: float = 10.0) -> SymbolMarket:
    """A market that has traded from noon on, ten steps a second."""
    one = SymbolMarket(listing(symbol), 1, rate)
    for step in range(steps):
        one.step(NOON + step * 100_000)
    return one


def trade(number: int, time_us: int, price: int) -> Trade:
    return Trade("X", number, price, 10, time_us, number % 2 == 0)


def figures(candle: Candle) -> tuple[int, ...]:
    return (
        candle.volume,
        candle.quote_volume,
        candle.count,
        candle.taker_volume,
        candle.taker_quote_volume,
    )


def test_candles_are_sums_of_trades() -> None:
    """Every interval counts every trade; an empty minute repeats the last close."""
    candles = Candles()
    for number, minute in enumerate((0, 0, 1, 4)):
        candles.trade(trade(number, minute * MINUTE + number, 100 + number))
    minutes, fives = candles.of("1m"), candles.of("5m")
    assert [candle.count for candle in minutes] == [2, 1, 0, 0, 1]
    assert [candle.close for candle in minutes] == [101, 102, 102, 102, 103]
    assert [(candle.first_id, candle.last_id) for candle in minutes][1:3] == [(2, 2), (-1, -1)]
    assert [(candle.open, candle.high, candle.low, candle.close) for candle in fives] == [
        (100, 103, 100, 103)
    ]
    assert (fives[0].first_id, fives[0].last_id, fives[0].count) == (0, 3, 4)


def test_candles_go_on_without_trades() -> None:
    """Time that has passed is told, flat and empty, and the next trade opens anew."""
    candles = Candles()
    candles.trade(trade(1, 0, 100))
    candles.reach(2 * MINUTE + 1)
    assert [(candle.opened_us, candle.count) for candle in candles.of("1m")] == [
        (0, 1),
        (MINUTE, 0),
        (2 * MINUTE, 0),
    ]
    candles.trade(trade(2, 2 * MINUTE + 2, 150))
    assert (candles.present("1m").open, candles.present("1m").low) == (150, 150)


def test_a_clock_that_jumps_far_ahead_costs_no_more_than_what_is_kept() -> None:
    """What was before is forgotten, and what follows is unbroken."""
    candles = Candles(kept_minutes=100, kept_seconds=100)
    candles.trade(trade(1, 0, 100))
    candles.trade(trade(2, 1_000 * MINUTE, 101))
    opens = [candle.opened_us for candle in candles.of("1m")]
    assert 100 <= len(opens) < 120
    assert all(later - earlier == MINUTE for earlier, later in pairwise(opens))
    assert candles.of("1m")[-1].count == 1


def test_a_clock_set_back_adds_to_the_running_candle() -> None:
    """Nothing that was told is unsaid."""
    candles = Candles()
    candles.trade(trade(1, 5 * MINUTE, 100))
    candles.trade(trade(2, 0, 101))
    assert [candle.count for candle in candles.of("1m")] == [2]


def test_candles_are_bounded() -> None:
    """The oldest are forgotten, the newest stay."""
    candles = Candles(kept_seconds=50)
    for number in range(500):
        candles.trade(trade(number, number * 1_000_000, 100))
    seconds = candles.of("1s")
    assert 50 <= len(seconds) < 70
    assert seconds[-1].first_id == 499


@pytest.mark.parametrize(
    ("interval", "zone_hours", "time", "opens", "closes"),
    [
        ("1m", 0, 1_700_000_045_000, 1_700_000_040_000, 1_700_000_099_999),
        ("1d", 0, 1_700_000_045_000, 1_699_920_000_000, 1_700_006_399_999),
        ("1d", 8, 1_700_000_045_000, 1_699_977_600_000, 1_700_063_999_999),  # from 16:00 UTC
        ("1h", 5.5, 1_700_000_045_000, 1_699_997_400_000, 1_700_000_999_999),
        ("1w", 0, 1_700_000_045_000, 1_699_833_600_000, 1_700_438_399_999),  # from a Monday
        ("1M", 0, 1_700_000_045_000, 1_698_796_800_000, 1_701_388_799_999),  # November 2023
        ("1M", 8, 1_701_388_800_000, 1_701_360_000_000, 1_704_038_399_999),  # December by then
        ("1M", -12, 1_701_388_800_000, 1_698_840_000_000, 1_701_431_999_999),  # still November
    ],
)
def test_when_candles_open_and_close(
    interval: str, zone_hours: float, time: int, opens: int, closes: int
) -> None:
    """By the clocks of the time zone, weeks from Monday, months from their first day."""
    zone = int(zone_hours * HOUR)
    opened = open_time(time * 1_000, interval, zone)
    assert opened == opens * 1_000
    assert close_time(opened, interval, zone) == closes * 1_000 + 999


def test_the_past_leads_up_to_the_first_trade() -> None:
    """Thirty days of minutes without a gap in time, price or trade id, the live ones included."""
    one = market()
    first = one.trades[0]
    minutes = one.candles.of("1m", start_us=0, limit=10**6)
    assert len(minutes) == DAYS * MINUTES_A_DAY + 1
    for earlier, later in pairwise(minutes):
        assert later.opened_us == earlier.opened_us + MINUTE
        assert later.open == earlier.close
        assert later.first_id == earlier.last_id + 1
        assert earlier.count == earlier.last_id - earlier.first_id + 1
    assert (minutes[-1].open, minutes[-1].first_id) == (first.price, first.trade_id)


@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHBTC", "ANYCOIN"])
def test_the_past_is_plausible(symbol: str) -> None:
    """Prices on the tick and in order, volumes in lots, the average within the range."""
    one = market(symbol)
    start = one.listing.start_price
    for minute in one.candles.of("1m", limit=3_000):
        assert minute.low <= min(minute.open, minute.close)
        assert minute.high >= max(minute.open, minute.close)
        assert 0.8 * start < minute.low < minute.high + 1 < 1.2 * start
        assert all(price % one.listing.tick == 0 for price in (minute.high, minute.low))
        assert minute.volume % one.listing.step == 0
        assert 0 <= minute.taker_volume <= minute.volume
        average = minute.quote_volume * 10**8 / minute.volume
        assert minute.low - 1 <= average <= minute.high + 1


def test_the_past_follows_from_the_seed_alone() -> None:
    """Whatever was asked for first, and in whatever pieces."""
    one, two = market(), market()
    day(one, NOON + HOUR)
    assert one.candles.of("1M", limit=3) == two.candles.of("1M", limit=3)
    assert one.candles.of("1m", limit=5_000) == two.candles.of("1m", limit=5_000)


def test_a_slow_market_has_minutes_without_trades() -> None:
    """They are flat, and the trade ids go on over them."""
    one = market(steps=1, rate=0.005)
    minutes = one.candles.of("1m", limit=1_440)
    empty = [minute for minute in minutes if not minute.count]
    assert 0 < len(empty) < len(minutes)
    assert all(minute.high == minute.low and minute.first_id == -1 for minute in empty)
    traded = [minute for minute in minutes if minute.count]
    assert all(later.first_id == earlier.last_id + 1 for earlier, later in pairwise(traded))


@pytest.mark.parametrize("interval", ["3m", "1h", "4h", "1d", "3d", "1w", "1M"])
def test_every_interval_adds_up_to_the_same(interval: str) -> None:
    """Volumes, counts and ids of all candles are those of all minutes."""
    one = market()
    minutes = one.candles.of("1m", start_us=0, limit=10**6)
    longer = one.candles.of(interval, start_us=0, limit=10**6)
    assert [sum(column) for column in zip(*map(figures, longer), strict=True)] == [
        sum(column) for column in zip(*map(figures, minutes), strict=True)
    ]
    assert (longer[-1].close, longer[-1].last_id) == (minutes[-1].close, minutes[-1].last_id)
    present = one.candles.present(interval)
    assert present == longer[-1]


def test_windows_are_sums_of_their_minutes() -> None:
    """24 hours, an hour, a trading day: each counts what the candles count."""
    one = market(steps=2_000)
    now = NOON + 1_999 * 100_000
    for statistics, begin in (
        (day(one, now), now - 24 * HOUR),
        (window(one, HOUR, now), now - HOUR - (now - HOUR) % MINUTE),
        (trading_day(one, now, 0), NOON - 12 * HOUR),
        (trading_day(one, now, 8 * HOUR), NOON - 20 * HOUR),
    ):
        minutes = one.candles.of("1m", start_us=begin, limit=10**6)
        assert statistics.open_us == begin
        assert statistics.sum.count == sum(minute.count for minute in minutes)
        assert statistics.sum.volume == sum(minute.volume for minute in minutes)
        assert statistics.sum.high == max(minute.high for minute in minutes)
        assert statistics.sum.first_id == minutes[0].first_id
        assert statistics.sum.last_id == one.trades[-1].trade_id
        assert statistics.previous_close == minutes[0].open


def test_remembered_sums_follow_the_minutes() -> None:
    """A sum asked for after each step is the one that is made anew at the end."""
    one, fresh = market(steps=0), market(steps=0)
    for step in range(1_500):
        for each in (one, fresh):
            each.step(NOON + step * 1_000_000)
        day(one, NOON + step * 1_000_000)
        one.candles.present("1h")
    assert day(one, NOON + HOUR) == day(fresh, NOON + HOUR)
    assert one.candles.present("1h") == fresh.candles.present("1h")


def test_a_page_of_candles() -> None:
    """The oldest from a start, the newest without; the end counts in, and so does the start."""
    candles = market().candles
    hour = NOON - 5 * HOUR
    assert [candle.opened_us for candle in candles.of("1h", start_us=hour, limit=2)] == [
        hour,
        hour + HOUR,
    ]
    assert candles.of("1h", start_us=hour + 1, limit=1)[0].opened_us == hour + HOUR
    assert [candle.opened_us for candle in candles.of("1h", end_us=hour, limit=2)] == [
        hour - HOUR,
        hour,
    ]
    assert candles.of("1h", start_us=NOON + HOUR) == []
    assert candles.of("1h", end_us=1) == []
    assert [candle.opened_us for candle in candles.of("1M", limit=1)] == [1_698_796_800_000_000]


@pytest.mark.parametrize("back", [MINUTE, HOUR])
def test_a_clock_that_was_ahead_for_a_while(back: int) -> None:
    """No candle stays in the future, none is lost, and they close again."""
    candles = Candles()
    for number, time in enumerate((NOON, NOON + back, NOON + back + 1, NOON + 2)):
        candles.trade(trade(number, time, 100 + number))
    for interval in ("1s", "1m", "5m", "1h"):
        assert candles.opened(interval) <= NOON
        last = candles.of(interval)[-1]
        assert (last.opened_us, last.count, last.close) == (NOON, 4, 103)
    candles.trade(trade(4, NOON + MINUTE, 90))
    assert [candle.count for candle in candles.of("1m")][-2:] == [4, 1]
    assert candles.since(NOON, "day").count == 5


def test_sums_are_made_anew_when_the_clock_is_set_back() -> None:
    """A remembered sum would reach beyond the running minute."""
    one = market(steps=1_200)
    before = day(one, NOON + 2 * MINUTE).sum.count
    one.step(NOON + 30_000_000)
    assert day(one, NOON + 30_000_000).sum.count > before - 2 * MINUTES_A_DAY
    assert one.candles.of("1m")[-1].opened_us == NOON
