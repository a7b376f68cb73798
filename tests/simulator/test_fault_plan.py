"""Plans of faults: what is due when, what a wrong one is told, and a plan at work."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.faults import Cut, Freeze, Lose, Plan, PlanError, PlannedFault

PLAN = """
[[fault]]
at = 5.0
fault = "cut"

[[fault]]
at = 10.0
for = 3.0
fault = "freeze"

[[fault]]
at = 15.0
every = 30.0
times = 3
fault = "lose"
stream = "*@trade"
count = 3

[[fault]]
after = "start"
fault = "ban"
seconds = 7
"""


def test_a_plan_is_read() -> None:
    """Each fault with its times."""
    faults = Plan.parse(PLAN).faults
    assert faults[0] == PlannedFault(Cut(), at=5.0)
    assert faults[1] == PlannedFault(Freeze(), at=10.0, lasts=3.0)
    assert faults[2] == PlannedFault(Lose(stream="*@trade", count=3), 15.0, None, 30.0, 3)
    assert (faults[3].after, faults[3].at) == ("start", 0.0)
    assert [str(fault) for fault in faults[1:]] == [
        "freeze for 3 s",
        "lose count=3 stream=*@trade",
        "ban seconds=7.0",
    ]


def test_what_is_due() -> None:
    """In the order of the times, each once, and again as often as it says."""
    schedule = Plan.parse(PLAN).schedule("subscription")
    assert schedule.next_at == 5.0
    assert schedule.due(4.9) == []
    assert [str(fault) for fault in schedule.due(12)] == ["cut", "freeze for 3 s"]
    assert schedule.next_at == 15.0
    assert len(schedule.due(15)) == 1
    assert schedule.next_at == 45.0
    assert len(schedule.due(1_000)) == 2
    assert schedule.next_at is None
    assert schedule.due(2_000) == []


def test_what_has_no_end_happens_again_and_again() -> None:
    """Without `times`."""
    plan = Plan((PlannedFault(Cut(), at=1.0, every=2.0),))
    assert len(plan.schedule("subscription").due(1_001)) == 501


def test_all_that_is_wrong_is_told_at_once() -> None:
    """Each with the place where it stands."""
    with pytest.raises(PlanError) as told:
        Plan.parse(
            """
            title = "mine"
            [[fault]]
            fault = "lose"
            count = 0
            colour = "red"
            [[fault]]
            at = -1
            fault = "explode"
            [[fault]]
            times = 2
            fault = "cut"
            for = 1
            [[fault]]
            fault = "stall"
            every = 1.0
            for = 2.0
            [[fault]]
            at = inf
            after = "noon"
            """
        )
    assert [error.partition(": ")[0] for error in told.value.errors] == [
        "title",
        "fault[0].colour",
        "fault[0].count",
        "fault[1].at",
        "fault[1].fault",
        "fault[2].times",
        "fault[2].for",
        "fault[3].for",
        "fault[4].at",
        "fault[4].after",
        "fault[4].fault",
    ]


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (lambda: PlannedFault(Lose(count=0)), "count"),
        (lambda: PlannedFault(Cut(), at=-1), "at"),
        (lambda: PlannedFault(Cut(), every=0.0001), "every"),
        (lambda: PlannedFault(Cut(), lasts=1), "for"),
    ],
)
def test_a_plan_made_in_python_is_checked_too(entry: Callable[[], Any], field: str) -> None:
    """By the same names."""
    with pytest.raises(ValueError, match=f"^{field}: "):
        entry()


@pytest.mark.parametrize("text", ["fault = 3", "[fault]\nfault = 'cut'", "fault = [1]", "[["])
def test_what_is_no_plan_is_told(text: str) -> None:
    """One error."""
    with pytest.raises(PlanError) as told:
        Plan.parse(text)
    assert len(told.value.errors) == 1


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """At once, when the exchange is made."""
    with pytest.raises(FileNotFoundError):
        SimulatedExchange(plan=tmp_path / "none.toml")
    wrong = tmp_path / "wrong.toml"
    wrong.write_bytes(b"\xff")
    with pytest.raises(PlanError):
        SimulatedExchange(plan=wrong)


def test_a_plan_at_work(
    dial: Callable[[str], Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """From its file: some from the start, some from the first subscription; each is logged."""
    caplog.set_level(logging.INFO)
    file = tmp_path / "plan.toml"
    file.write_text(
        """
        [[fault]]
        after = "start"
        fault = "answer"
        path = "/api/v3/ping"
        status = 503
        [[fault]]
        at = 0.2
        for = 0.3
        fault = "answer"
        path = "/api/v3/time"
        status = 500
        count = "all"
        [[fault]]
        at = 0.3
        every = 0.1
        times = 2
        fault = "inject"
        payload = "{}"
        """,
        encoding="utf-8",
    )
    with SimulatedExchange(plan=str(file)) as exchange:

        def status(path: str) -> int:
            return requests.get(f"{exchange.rest_url}/api/v3/{path}", timeout=5).status_code

        assert [status("ping"), status("ping")] == [503, 200]
        assert exchange.faults_applied == 1
        socket = dial(f"{exchange.stream_url}/ws/silent@trade")
        assert exchange.wait_until(lambda seen: len(seen.faults) == 1)
        assert status("time") == 500
        assert [socket.recv(), socket.recv()] == ["{}", "{}"]
        assert exchange.wait_until(lambda seen: not seen.faults)
        assert status("time") == 200
    told = [record.getMessage() for record in caplog.records if "fault after" in record.message]
    assert [line.partition(" s: ")[2] for line in told] == [
        "answer path=/api/v3/ping status=503",
        "answer count=None path=/api/v3/time status=500 for 0.3 s",
        "inject payload={}",
        "inject payload={}",
    ]


def test_a_plan_waits_for_a_subscription() -> None:
    """Before it, nothing of it happens."""
    with SimulatedExchange(plan=Plan((PlannedFault(Cut()),))) as exchange:
        assert not exchange.wait_until(lambda seen: seen.faults_applied > 0, timeout=0.2)
