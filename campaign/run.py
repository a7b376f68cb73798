"""Runs a row: a rig, a client, a fault, and the account of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from .clients import OURS, Client, Heard, Order, Program
from .faults import Row
from .outcome import Outcome, forgive, judge, settle_accounts
from .rig import SYMBOL, Rig

UP_S = 30.0
QUIET_S = 10.0
SPENT_S = 10.0
POLL_S = 0.02
WARM_TRADES = 20
JOBS = 3


@dataclass(frozen=True)
class Times:
    """When the fault began, and when it was over, on the monotonic clock."""

    began: float
    ended: float


def run(rows: Iterable[Row], program: Program = OURS, jobs: int = JOBS) -> Iterator[Outcome]:
    """Run rows, so many side by side, each with a rig and a process of its own; in their order."""
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(partial(run_row, program=program), rows)


def run_row(row: Row, program: Program = OURS) -> Outcome:
    """Run one row."""
    outcome = Outcome(row.name, row.title, program.name, dict(row.order))
    with Rig() as rig:
        order = Order(rig.rest_url, rig.stream_url, SYMBOL, is_full=program.is_full, **row.order)
        with Client(program, order, rig.controls.path) as client:
            if not client.wait(lambda heard: heard.is_up and is_warm(heard, program), UP_S):
                outcome.failures.append(f"not up within {UP_S:g} s: {client.complaints[-1:]}")
                return outcome
            client.wait(lambda heard: heard.has_ended, row.warm_up)
            times = _let_it_happen(row, rig, client)
            back = _recovered(times, row, rig, client)
            if not _come_to_rest(row, rig, client):
                outcome.failures.append("a stream or the order book did not come back")
            heard = client.look(lambda heard: heard)
        outcome.notes += rig.notes
        _measure(outcome, heard, times, back)
        settle_accounts(outcome, heard, rig)
    if not program.is_full:
        forgive(outcome)
    judge(outcome, row)
    return outcome


def is_warm(heard: Heard, program: Program) -> bool:
    """Whether a client gets everything that it should."""
    if len(heard.trades) < WARM_TRADES:
        return False
    return not program.is_full or (len(heard.took) >= FULL_STREAMS and bool(heard.books))


FULL_STREAMS = 5
"""That a full client tells of, beside its order book."""


def _let_it_happen(row: Row, rig: Rig, client: Client) -> Times:
    began = time.monotonic()
    undoing: list[Callable[[], object]] = [rig.apply(action) for action in row.actions]
    ended = time.monotonic()  # of what happens in an instant
    if not row.lasts:
        rig.wait_until_spent(SPENT_S)
        return Times(began, ended)
    client.wait(lambda heard: heard.has_ended, began + row.lasts - time.monotonic())
    for undo in reversed(undoing):
        undo()
    return Times(began, time.monotonic())


def _recovered(times: Times, row: Row, rig: Rig, client: Client) -> float | None:
    """When the first trade came that was made after the fault; waits for it."""
    deadline = times.ended + row.patience
    while (first := rig.first_trade_after(times.ended)) is None:
        if time.monotonic() > deadline:
            return None
        time.sleep(POLL_S)

    def at(heard: Heard) -> float | None:
        arrived = (at for number, at in reversed(heard.trades) if number >= first)
        return min(arrived, default=None)

    client.wait(lambda heard: at(heard) is not None, deadline - time.monotonic())
    found: float | None = client.look(at)
    return found


def _come_to_rest(row: Row, rig: Rig, client: Client) -> bool:
    """Let every stream speak once more, stop the market, and wait for what is on its way.

    Returns:
        Whether every stream spoke, and the order book, if there is one, went on.
    """
    now, update_id = time.monotonic(), rig.exchange.book(SYMBOL).update_id

    def goes_on(heard: Heard) -> bool:
        is_kept = not heard.books or heard.books[-1][0] > update_id
        return is_kept and all(
            last in rig.said_since(stream, now) for stream, last in heard.last.items()
        )

    is_whole = client.wait(goes_on, row.patience)
    rig.stop_the_market()
    ends = {stream: rig.last_said(stream) for stream in client.look(lambda heard: [*heard.last])}
    client.wait(lambda heard: heard.last == ends, QUIET_S)
    return is_whole


def _measure(outcome: Outcome, heard: Heard, times: Times, back: float | None) -> None:
    outcome.recovered = None if back is None else max(0.0, back - times.ended)
    outcome.detected = _first(heard.signs, times.began)
    told = [each for each in heard.told if back is None or each[1] <= max(back, times.ended)]
    outcome.told = _first(told, times.began)


def _first(said: list[tuple[str, float]], since: float) -> float | None:
    return min((at - since for _, at in said if at >= since), default=None)
