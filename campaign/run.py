"""Runs a row: a rig, a client, a fault, and the account of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from .clients import OURS, Client, Heard, Order, Program
from .faults import Row
from .markets import BINANCE, Market
from .outcome import Outcome, forgive, judge, settle_accounts
from .rig import SYMBOL, Rig

UP_S = 30.0
QUIET_S = 10.0
SPENT_S = 10.0
POLL_S = 0.1
WARM_TRADES = 20
JOBS = 3


IN_STREAMS = "StreamGap", "SubscriberLagged"
"""How the words of a client begin that tell where in a stream something is missing."""


@dataclass(frozen=True)
class Times:
    """When the fault began, and when it was over, on the monotonic clock."""

    began: float
    ended: float


def run(
    rows: Iterable[Row], program: Program = OURS, jobs: int = JOBS, market: Market = BINANCE
) -> Iterator[Outcome]:
    """Run rows, so many side by side, each with a rig and a process of its own; in their order."""
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(partial(run_row, program=program, market=market), rows)


def run_row(row: Row, program: Program = OURS, market: Market = BINANCE) -> Outcome:
    """Run one row."""
    outcome = Outcome(row.name, row.title, program.name, dict(row.order))
    with Rig(market, **row.exchange) as rig:
        order = Order(
            rig.rest_url,
            rig.stream_url,
            SYMBOL,
            is_full=program.is_full,
            exchange=market.exchange,
            market=market.name,
            **row.order,
        )
        with Client(program, order, rig.controls.path) as client:
            if not client.wait(lambda heard: heard.is_up and is_warm(heard, program), UP_S):
                outcome.failures.append(f"not up within {UP_S:g} s: {client.complaints[-1:]}")
                return outcome
            client.wait(lambda heard: heard.has_ended, row.warm_up)
            times = _let_it_happen(row, rig, client)
            back = _recovered(times, row, rig, client)
            if row.answers:
                client.wait(lambda heard: _answered(heard, times) is not None, row.patience)
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
    new: set[Hashable] = set()

    def at(heard: Heard) -> float | None:
        return min((at for trade, at in heard.trades if trade in new), default=None)

    found: float | None = None
    while found is None and time.monotonic() < deadline:
        new |= rig.said_since(rig.trades, times.ended)
        client.wait(lambda heard: at(heard) is not None, POLL_S)
        found = client.look(at)
    return found


def _answered(heard: Heard, times: Times) -> float | None:
    """When the first request was answered after the fault."""
    return min((at for at in heard.replies if at > times.ended), default=None)


def _come_to_rest(row: Row, rig: Rig, client: Client) -> bool:
    """Let every stream speak once more, stop the market, and wait for what is on its way.

    Returns:
        Whether every stream spoke, and the order book, if there is one, went on.
    """
    now, update_id = time.monotonic(), rig.book_id()

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
    """Note when it happened; once there are live trades, only words in a stream are of the fault."""
    outcome.recovered = None if back is None else max(0.0, back - times.ended)
    outcome.detected = _first(heard.signs, times.began)
    answered = _answered(heard, times)
    outcome.answered = None if answered is None else answered - times.ended
    told = [
        each
        for each in heard.told
        if back is None or each[1] <= max(back, times.ended) or each[0].startswith(IN_STREAMS)
    ]
    outcome.told = _first(told, times.began)


def _first(said: list[tuple[str, float]], since: float) -> float | None:
    return min((at - since for _, at in said if at >= since), default=None)
