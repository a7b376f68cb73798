"""What this process has sent to one host, shared by all its connectors."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from exchange_connector.actors.sending.ledger import HostLedger, ledger_of
from exchange_connector.core.limiter import DialBudget
from exchange_connector.core.weight import NotBefore, Reservation, WeightWindow
from exchange_connector.venues.driver import Limits

LIMITS = Limits(
    weight=100,
    weight_period=60.0,
    dials=3,
    dial_period=300.0,
    streams=10,
    controls=5,
    control_period=1.0,
    names=10,
)


def together(count: int, work: Callable[[], None]) -> None:
    """Do it on so many threads at once."""
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://api.test", "https://api.test:443"),
        ("https://API.test", "https://api.TEST"),
        ("wss://api.test/ws", "https://api.test"),
        ("http://api.test", "ws://api.test:80"),
        ("http://127.0.0.1:9080", "ws://127.0.0.1:9080/stream"),
    ],
)
def test_one_host_and_port_has_one_ledger(one: str, other: str) -> None:
    """However its address is written."""
    ledger = ledger_of(one, LIMITS)
    assert ledger_of(other, LIMITS) is ledger


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://api.test", "https://testnet.test"),
        ("http://127.0.0.1:9080", "http://127.0.0.1:9081"),
        ("https://api.test", "http://api.test"),
    ],
)
def test_hosts_and_ports_are_kept_apart(one: str, other: str) -> None:
    """Live, testnet and simulators do not share."""
    ledger = ledger_of(one, LIMITS)
    assert ledger_of(other, LIMITS) is not ledger


def test_asking_at_once_gives_one_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connectors that start together share it."""

    class Slow(HostLedger):
        def __init__(self, limits: Limits) -> None:
            time.sleep(0.001)  # another thread gets its chance while this one is made
            super().__init__(limits)

    monkeypatch.setattr("exchange_connector.actors.sending.ledger.HostLedger", Slow)
    found: list[HostLedger] = []
    together(4, lambda: found.append(ledger_of("http://together.test", LIMITS)))
    assert len(set(map(id, found))) == 1


def test_weight_is_shared() -> None:
    """What one reserves the other cannot."""
    ledger = ledger_of("http://shared.test", LIMITS)
    same = ledger_of("http://shared.test", LIMITS)
    first = ledger.reserve(70, 100, 0.0)
    assert isinstance(first, Reservation)
    assert isinstance(same.reserve(40, 100, 0.0), NotBefore)
    ledger.cancel(first)
    assert isinstance(same.reserve(40, 100, 0.0), Reservation)
    assert ledger.used(0.0) == 40


def test_each_holds_the_shared_count_to_its_own_budget() -> None:
    """A modest connector stops earlier, whoever used the weight."""
    ledger = HostLedger(LIMITS)
    assert isinstance(ledger.reserve(50, 100, 0.0), Reservation)
    assert isinstance(ledger.reserve(1, 50, 0.0), NotBefore)
    assert isinstance(ledger.reserve(1, 100, 0.0), Reservation)


def test_a_request_counts_until_a_period_after_its_answer() -> None:
    """As the exchange may count it."""
    ledger = HostLedger(LIMITS)
    reservation = ledger.reserve(70, 100, 0.0)
    assert isinstance(reservation, Reservation)
    ledger.complete(reservation, 5.0)
    assert ledger.used(64.9) == 70
    assert ledger.used(65.1) == 0


def test_the_exchanges_own_count_is_taken_over() -> None:
    """Others may send from this address."""
    ledger = HostLedger(LIMITS)
    ledger.observe(80, 10.0, 0.0, 60.0)
    assert ledger.used(10.0) == 80
    assert ledger.used(60.1) == 0


def test_the_exchanges_silence_is_kept_by_all() -> None:
    """429 or 418 for one is for the whole address."""
    ledger = HostLedger(LIMITS)
    assert ledger.blocked(0.0) is None
    ledger.block_until(7.0)
    assert ledger.blocked(2.0) == 5.0
    assert ledger.blocked(7.0) is None


def test_dials_are_shared() -> None:
    """So many within a period; then how long to wait."""
    ledger = HostLedger(replace(LIMITS, dials=2, dial_period=10.0))
    assert ledger.dial(0.0) == 0.0
    assert ledger.dial(1.0) == 0.0
    assert ledger.dial(2.0) == 8.0
    assert ledger.dial(10.0) == 0.0


def test_the_budget_is_never_exceeded(restless: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many threads reserve, complete and cancel at once."""
    used = WeightWindow.used

    def slowly(self: WeightWindow, now: float) -> int:
        weight = used(self, now)
        time.sleep(1e-5)  # another thread gets its chance between the look and the taking
        return weight

    monkeypatch.setattr(WeightWindow, "used", slowly)
    ledger = HostLedger(LIMITS)
    over: list[int] = []
    granted: list[Reservation] = []

    def work() -> None:
        for number in range(200):
            reservation = ledger.reserve(30, 100, 0.0)
            if isinstance(reservation, Reservation):
                granted.append(reservation)
                if (weight := ledger.used(0.0)) > 100:
                    over.append(weight)
                if number % 100:
                    ledger.cancel(reservation)
                else:
                    ledger.complete(reservation, 0.0)

    together(6, work)
    assert over == []
    assert len({reservation.number for reservation in granted}) == len(granted)
    assert ledger.used(0.0) <= 100


def test_dials_are_never_exceeded(restless: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many sessions dial at once."""
    ready_at = DialBudget.ready_at

    def slowly(self: DialBudget, now: float) -> float:
        at = ready_at(self, now)
        time.sleep(1e-5)  # another thread gets its chance between the look and the dial
        return at

    monkeypatch.setattr(DialBudget, "ready_at", slowly)
    ledger = HostLedger(replace(LIMITS, dials=50))
    allowed: list[int] = []

    def work() -> None:
        for _ in range(100):
            if ledger.dial(0.0) == 0.0:
                allowed.append(1)

    together(4, work)
    assert len(allowed) == 50


def test_a_ledger_outlives_its_connectors() -> None:
    """Stopping and starting again within a minute does not make the exchange forget."""
    ledger = ledger_of("http://again.test", LIMITS)
    assert isinstance(ledger.reserve(70, 100, 0.0), Reservation)
    ledger.block_until(1e12)
    del ledger
    gc.collect()
    ledger = ledger_of("http://again.test", LIMITS)
    assert ledger.blocked(0.0) is not None
    assert ledger.used(0.0) == 70


def test_a_burst_is_shared_like_the_minute() -> None:
    """By connectors to two markets of one exchange, each with a budget of its own."""
    limits = replace(LIMITS, burst=20, burst_period=5.0)
    spot = ledger_of("https://burst.test", limits)
    linear = ledger_of("https://burst.test:443", limits)
    assert linear is spot
    assert not spot.admits(21)
    request = spot.reserve(15, 100, 0.0)
    assert isinstance(request, Reservation)
    spot.complete(request, 1.0)
    assert linear.reserve(6, 50, 1.5) == NotBefore(6.0)
    assert isinstance(linear.reserve(6, 50, 6.0), Reservation)
    assert spot.used(6.0) == 21
