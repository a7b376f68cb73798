"""Which of the exchange's orders may be the one that was sent."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from exchange_connector import Order, OrderType, PlaceOrder, Side
from exchange_connector.actors.base.exchange_clock import ExchangeClock
from exchange_connector.actors.trading.terms import Wanted, written_terms
from exchange_connector.messages.config import ClockSyncConfig
from exchange_connector.messages.rooms import ClockUpdated

MINUTE = 60 * 10**9
AHEAD = 3_600 * 10**9
TERMS = written_terms(PlaceOrder("BTCUSDT", Side.BUY, OrderType.LIMIT, Decimal(1), Decimal(2)))


def order(
    update_time: int, symbol: str = "BTCUSDT", side: str = "BUY", kind: str = "LIMIT"
) -> Order:
    """As the exchange has it."""
    zero, one = Decimal(0), Decimal(1)
    words = "7", "a", side, kind, "NEW"
    return Order("x", symbol, 1, 1, *words, one, one, zero, zero, None, "GTC", update_time)


@pytest.fixture
def clock() -> ExchangeClock:
    """The exchange's clock is an hour ahead of this machine's."""
    made = ExchangeClock(ClockSyncConfig())
    offset = time.time_ns() - time.monotonic_ns() + AHEAD
    made.update = ClockUpdated(offset, 1, 1, time.monotonic_ns())
    return made


def test_what_it_must_have_in_common(clock: ExchangeClock) -> None:
    """Symbol, side and type."""
    wanted, now = Wanted("btcusdt", TERMS), clock.now_ns()
    assert wanted.may_be(order(now), clock)
    others = order(now, "ETHUSDT"), order(now, side="SELL"), order(now, kind="MARKET")
    assert not any(wanted.may_be(other, clock) for other in others)


def test_an_order_of_before_it_left(clock: ExchangeClock) -> None:
    """By the exchange's clock, as it is known when that is asked; where it says no time, it may be."""
    left, now = time.monotonic_ns(), clock.now_ns()
    wanted = Wanted("BTCUSDT", TERMS, left)
    times = now, now - MINUTE // 2, 0, now - 2 * MINUTE, 1
    assert [wanted.may_be(order(at), clock) for at in times] == [True, True, True, False, False]
    unknown = ExchangeClock(ClockSyncConfig())
    assert wanted.may_be(order(1), unknown)
    assert clock.update is not None
    clock.update = ClockUpdated(clock.update.offset_ns - AHEAD, 1, 1, left)  # measured anew
    assert wanted.may_be(order(now - AHEAD), clock)


def test_one_of_another_process(clock: ExchangeClock) -> None:
    """When it left is not known, nor, perhaps, what it was."""
    assert Wanted("BTCUSDT", TERMS).may_be(order(1), clock)
    assert Wanted("BTCUSDT", b"\xff").may_be(order(1, side="SELL"), clock)
