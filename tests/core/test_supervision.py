"""What becomes of a child that died or hangs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.core.supervision import (
    LEDGER,
    GiveUp,
    Restart,
    RestartBudget,
    RestartLedger,
    Supervision,
    is_hung,
)
from exchange_connector.messages.health import Restart as Note


def test_the_first_restart_is_at_once_and_the_waits_double() -> None:
    """Up to two seconds; then the budget is spent."""
    supervision = Supervision(9, 60.0)
    decisions = [supervision.died("session", 0.0) for _ in range(10)]
    delays = [0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]
    assert decisions == [*map(Restart, delays), GiveUp(9)]
    assert supervision.restarts("session") == 9


def test_each_child_has_its_own_budget() -> None:
    """One that keeps dying takes nothing from the others."""
    supervision = Supervision(1, 60.0)
    assert supervision.died("clock", 0.0) == Restart(0.0)
    assert supervision.died("clock", 1.0) == GiveUp(1)
    assert supervision.died("session", 2.0) == Restart(0.0)
    assert supervision.restarts("books") == 0


def test_the_budget_refills_with_time() -> None:
    """Restarts older than the period neither count nor delay; the total goes on."""
    supervision = Supervision(2, 60.0)
    assert [supervision.died("rest", at) for at in (0.0, 30.0, 59.9, 60.0, 200.0)] == [
        Restart(0.0),
        Restart(0.05),
        GiveUp(2),
        Restart(0.05),
        Restart(0.0),
    ]
    assert supervision.restarts("rest") == 4


def test_what_is_left_grows_back() -> None:
    """Each restart counts until it is older than the period."""
    supervision = Supervision(2, 60.0)
    assert supervision.left("rest", 0.0) == 2
    left: list[int] = []
    for at in (0.0, 30.0, 59.9):
        supervision.died("rest", at)
        left.append(supervision.left("rest", at))
    assert left == [1, 0, 0]
    assert [supervision.left("rest", at) for at in (60.0, 90.0)] == [1, 2]
    assert supervision.left("books", 59.9) == 2


def test_the_ledger_is_bounded_and_forgets_no_childs_last() -> None:
    """Of all restarts the newest; of each child its last, however long ago."""
    ledger = RestartLedger()
    first = Note("rest", "a bug", 0, False, 1)
    ledger.note(first)
    notes = [Note("books", f"bug {n}", n, True, n) for n in range(1, LEDGER + 2)]
    for note in notes:
        ledger.note(note)
    assert ledger.newest() == tuple(notes[-LEDGER:])
    assert ledger.last("rest") is first
    assert ledger.last("books") is notes[-1]
    assert ledger.last("clock") is None


def test_no_restarts_allowed() -> None:
    """The first death is the last."""
    assert Supervision(0, 60.0).died("rest", 0.0) == GiveUp(0)


def test_chance_shortens_a_wait_by_up_to_half() -> None:
    """The first restart is at once all the same."""
    supervision = Supervision(5, 60.0, random=lambda: 0.5)
    assert supervision.died("rest", 0.0) == Restart(0.0)
    assert supervision.died("rest", 0.0) == Restart(0.05 * 0.75)


@given(st.lists(st.floats(0.0, 30.0), max_size=40))
def test_no_period_holds_more_restarts_than_allowed(pauses: list[float]) -> None:
    """Wherever it begins."""
    budget, now, restarts = RestartBudget(3, 60.0), 0.0, list[float]()
    for pause in pauses:
        now += pause
        if budget.spend(now) is not None:
            restarts.append(now)
        assert sum(now < at + 60.0 for at in restarts) <= 3
    assert budget.total == len(restarts)


def test_only_a_busy_child_can_hang() -> None:
    """Longer than the limit at one message."""
    assert not is_hung(None, 100.0, 5.0)
    assert not is_hung(95.0, 100.0, 5.0)
    assert is_hung(94.9, 100.0, 5.0)
