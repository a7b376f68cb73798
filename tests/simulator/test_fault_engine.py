"""Faults as they begin and end: one at a time, several at once, and for a while."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import websocket

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.faults import (
    Answer,
    Ban,
    Cut,
    Fault,
    Freeze,
    Hold,
    Lose,
    RefuseUpgrades,
    SkewClock,
    Stall,
    StepClock,
)

Dial = Callable[[str], websocket.WebSocket]
PING = "/api/v3/ping"


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """An exchange with no fault yet."""
    with SimulatedExchange(seed=7) as running:
        yield running


def kinds(exchange: SimulatedExchange) -> list[type[Fault]]:
    return [type(active.fault) for active in exchange.faults]


def status(exchange: SimulatedExchange, path: str = PING) -> int:
    return requests.get(exchange.rest_url + path, timeout=5).status_code


def clock_is_off(exchange: SimulatedExchange) -> float:
    """By how many seconds the exchange's clock is ahead of this machine's."""
    answer: dict[str, Any] = requests.get(f"{exchange.rest_url}/api/v3/time", timeout=5).json()
    return float(answer["serverTime"]) / 1_000 - time.time()


def test_a_fault_has_an_id_by_which_it_ends(exchange: SimulatedExchange) -> None:
    """Once; then it is at work no more."""
    number = exchange.apply(Answer(path=PING, status=503, count=None))
    assert [(active.id, active.left) for active in exchange.faults] == [(number, None)]
    assert status(exchange) == 503
    assert exchange.undo(number)
    assert not exchange.undo(number)
    assert (status(exchange), exchange.faults) == (200, [])


def test_a_fault_that_is_over_is_not_at_work(exchange: SimulatedExchange) -> None:
    """Because it happened, or was used up."""
    number = exchange.apply(Cut())
    assert exchange.faults == []
    assert not exchange.undo(number)
    used = exchange.apply(Answer(path=PING, status=503))
    assert status(exchange) == 503
    assert exchange.faults == []
    assert not exchange.undo(used)
    assert exchange.faults_applied == 2


def test_a_fault_for_a_while(exchange: SimulatedExchange) -> None:
    """It ends with the block, also with one that fails."""
    with exchange.fault(Answer(path=PING, status=503, count=None)):
        assert status(exchange) == 503
    assert status(exchange) == 200
    with pytest.raises(KeyError), exchange.fault(Freeze()):
        raise KeyError
    assert status(exchange) == 200


def test_two_freezes_end_with_the_second(exchange: SimulatedExchange) -> None:
    """The end of one does not end the other; `thaw` ends both."""
    with exchange.fault(Freeze()):
        with exchange.fault(Freeze()):
            pass
        with pytest.raises(requests.Timeout):
            requests.get(exchange.rest_url + PING, timeout=0.2)
    assert status(exchange) == 200
    for _ in range(2):
        exchange.freeze()
    exchange.thaw()
    assert (status(exchange), exchange.faults) == (200, [])


def test_all_faults_end_at_once(exchange: SimulatedExchange, dial: Dial) -> None:
    """Of every kind."""
    faults = [
        Stall(),
        Freeze(),
        Hold(),
        Lose(count=None),
        RefuseUpgrades(),
        Ban(seconds=60),
        SkewClock(seconds=-99),
        Answer(path="*", status=500, count=None),
    ]
    for fault in faults:
        exchange.apply(fault)
    assert kinds(exchange) == [type(fault) for fault in faults]
    assert exchange.clear_faults() == len(faults)
    assert exchange.faults == []
    assert status(exchange) == 200
    assert abs(clock_is_off(exchange)) < 1
    socket = dial(f"{exchange.stream_url}/ws/btcusdt@trade")
    assert json.loads(socket.recv())["e"] == "trade"


def test_the_clock_is_what_its_faults_make_of_it(exchange: SimulatedExchange) -> None:
    """A skew sets it, a step moves it, and whichever ends leaves the others."""
    before = exchange.apply(StepClock(seconds=5))
    skew = exchange.apply(SkewClock(seconds=100))
    exchange.apply(StepClock(seconds=10))
    assert clock_is_off(exchange) == pytest.approx(110, abs=1)
    exchange.undo(skew)
    assert clock_is_off(exchange) == pytest.approx(15, abs=1)
    exchange.undo(before)
    assert clock_is_off(exchange) == pytest.approx(10, abs=1)


def test_a_ban_can_be_lifted(exchange: SimulatedExchange) -> None:
    """By its id, or it ends by the exchange's clock."""
    number = exchange.apply(Ban(seconds=60))
    assert status(exchange) == 418
    exchange.undo(number)
    assert status(exchange) == 200
    exchange.apply(Ban(seconds=60))
    exchange.step_clock(61)
    assert status(exchange) == 200
    assert Ban not in kinds(exchange)


def test_upgrades_are_refused_by_path(exchange: SimulatedExchange, dial: Dial) -> None:
    """Those of one path, the others not."""
    exchange.apply(RefuseUpgrades(path="/stream", status=429, retry_after=3))
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        dial(f"{exchange.stream_url}/stream")
    assert refused.value.status_code == 429
    dial(f"{exchange.stream_url}/ws")


def test_a_predicate_chooses_frames_only(exchange: SimulatedExchange) -> None:
    """For other faults it has no meaning."""
    with pytest.raises(TypeError, match="when"):
        exchange.apply(Stall(), lambda stream, payload: True)
    assert exchange.faults == []


def test_faults_may_be_set_before_the_start() -> None:
    """They are at work from the first request on."""
    exchange = SimulatedExchange()
    exchange.apply(Answer(path=PING, status=503))
    with exchange:
        assert [status(exchange), status(exchange)] == [503, 200]


@pytest.mark.parametrize("first", ["short", "long"])
def test_bans_end_one_by_one(exchange: SimulatedExchange, first: str) -> None:
    """The longest counts; to undo one leaves the other."""
    bans = {"long": exchange.apply(Ban(seconds=600)), "short": exchange.apply(Ban(seconds=60))}
    url = f"{exchange.rest_url}/api/v3/ping"
    assert int(requests.get(url, timeout=5).headers["Retry-After"]) > 60
    exchange.undo(bans.pop(first))
    assert requests.get(url, timeout=5).status_code == 418
    exchange.undo(bans.popitem()[1])
    assert requests.get(url, timeout=5).status_code == 200


def test_a_ban_that_is_over_does_not_come_back(exchange: SimulatedExchange) -> None:
    """Also where the clock, by which it ended, is set back."""
    exchange.ban(60)
    with exchange.fault(StepClock(seconds=3_600)):
        assert [type(active.fault) for active in exchange.faults] == [StepClock]
    assert requests.get(f"{exchange.rest_url}/api/v3/ping", timeout=5).status_code == 200


def test_a_predicate_that_fails_ends_its_fault_alone(
    exchange: SimulatedExchange, caplog: pytest.LogCaptureFixture
) -> None:
    """The market goes on, and the reason is logged."""
    exchange.hold()
    socket = websocket.create_connection(f"{exchange.stream_url}/ws/btcusdt@trade", timeout=5)
    exchange.apply(Lose(count=None), when=lambda stream, payload: bool(stream[1_000]))
    exchange.advance(1)
    assert "BTCUSDT" in str(socket.recv())
    socket.close()
    assert not [active for active in exchange.faults if isinstance(active.fault, Lose)]
    assert "predicate failed" in caplog.text


def test_faults_are_listed_after_the_end() -> None:
    """Also those that would have ended by themselves."""
    with SimulatedExchange() as exchange:
        fault: dict[str, Any] = {"fault": "stall", "for": 60}
        requests.post(f"{exchange.rest_url}/_exchange/faults", json=fault, timeout=5)
    assert [active.fault for active in exchange.faults] == [Stall()]
