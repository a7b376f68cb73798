"""One row of the campaign against one client: a rig and a process of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

import msgspec

from exchange_connector.campaign.clients import Client as Started
from exchange_connector.campaign.clients import Heard, Order
from exchange_connector.campaign.faults import ROWS, Action, Row, Swallow
from exchange_connector.campaign.rig import SYMBOL, Rig
from exchange_connector.simulator.faults import Ban, Close, Cut, Freeze, Stall
from exchange_connector.simulator.faults.kinds import FrameFault
from exchange_connector.simulator.wire.record import Published

from ..process import Failed
from .judge import Ran, judged
from .programs import Client

STALLED_S = 90.0
"""Without data, though pings are answered: longer than the campaign has it, for slower watchdogs."""
UP_S = 60.0
"""For a client to be subscribed, with five others starting beside it."""
SPENT_S = 10.0
"""For a fault to have had the frames that it is for."""
IN_TRANSIT_S = 0.05
"""The proxy, told to swallow everything, does so a little later."""
AFTER_S = 3.0
"""The market goes on for so long when data is back, for what comes of the fault still."""
QUIET_S = 2.0
"""A client that hands over nothing for so long, of a market that stands still, has done so."""
QUIET_WITHIN_S = 30.0
STREAMS = (f"{SYMBOL.lower()}@trade", f"{SYMBOL.lower()}@aggTrade")
TITLES = {
    "frames-lost": "7 trades are lost on the way",
    "frames-doubled": "20 trades come twice",
    "frames-reordered": "7 trades change places with the next",
}
"""Of rows that concern other streams too in the campaign."""
NOT_COMPARED = ("burst-bounded",)
"""Rows for a setting that the others do not have."""

STOPPING = (Cut, Close, Stall, Freeze, Swallow)
"""Actions that keep trades from the client."""

Figures = dict[str, Any]


def rows(stalled_s: float = STALLED_S) -> dict[str, Row]:
    """The rows that are compared, by name; data is stalled for so many seconds."""
    found = {row.name: _for_anyone(row) for row in ROWS if row.name not in NOT_COMPARED}
    found["stalled"] = replace(found["stalled"], lasts=stalled_s)
    return found


def _for_anyone(row: Row) -> Row:
    """With faults of frames for trades alone, and for aggregate trades, which one client takes."""
    actions: list[Action] = []
    for action in row.actions:
        if not isinstance(action, FrameFault):
            actions.append(action)
        elif action.stream == "*@trade":
            actions.append(msgspec.structs.replace(action, stream="*@*rade"))
    return replace(row, actions=tuple(actions), title=TITLES.get(row.name, row.title))


def measured(row: Row, client: Client) -> Figures:
    """What the client made of it, or why that could not be seen."""
    if client.lacks and "rest_every_s" in row.order:
        return {"excuse": client.lacks}
    try:
        return _measured(row, client)
    except Failed as failed:
        return {"failure": str(failed)}


def _measured(row: Row, client: Client) -> Figures:
    program = client.program
    with Rig() as rig:
        order = Order(rest_url=rig.rest_url, stream_url=rig.stream_url, **row.order)
        with Started(program, order, rig.controls.path) as started:
            if not started.wait(lambda heard: heard.is_up and bool(heard.trades), UP_S):
                raise Failed(f"not up within {UP_S:g} s: {_last_words(started)}")
            time.sleep(row.warm_up)
            began = time.monotonic()
            applied, ended = _go_wrong(rig, row)
            started.wait(lambda heard: _is_back(rig, heard, ended), row.patience)
            time.sleep(AFTER_S)
            rig.exchange.hold()
            _quiet(started)
            if started.look(lambda heard: heard.has_ended):
                raise Failed(f"its process ended: {_last_words(started)}")
            trades, told = started.look(lambda heard: (_numbered(heard), list(heard.told)))
        verdict = judged(Ran(_said(rig), trades, told, began, applied, ended))
        stops = any(isinstance(action, STOPPING) for action in row.actions)
        found: Figures = asdict(verdict) | {"stops": stops, "patience": row.patience}
        if any(isinstance(action, Ban) for action in row.actions):
            found["into_the_ban"] = sum(each.status == 418 for each in rig.exchange.requests)
        return found


def _go_wrong(rig: Rig, row: Row) -> tuple[float, float]:
    """Do what the row says, for as long as it says; when it was at work, and when it was over."""
    undone = [rig.apply(action) for action in row.actions]
    if any(isinstance(action, Swallow) for action in row.actions):
        time.sleep(IN_TRANSIT_S)
    applied = time.monotonic()
    if not row.lasts:
        rig.wait_until_spent(SPENT_S)
        return applied, applied
    time.sleep(row.lasts)
    for undo in reversed(undone):
        undo()
    return applied, time.monotonic()


def _is_back(rig: Rig, heard: Heard, ended: float) -> bool:
    """Whether a trade was handed over that the market made after the fault."""
    if not heard.trades or heard.trades[-1][1] < ended:
        return False
    fresh = {number for number, at in _said(rig, ended) if at >= ended}
    return any(number in fresh for number, at in _numbered(heard) if at >= ended)


def _numbered(heard: Heard) -> list[tuple[int, float]]:
    """The trades that were handed over; the ids of this exchange are numbers."""
    return [(int(trade), at) for trade, at in heard.trades]


def _quiet(started: Started) -> None:
    """Let the client hand over what it has."""
    deadline = time.monotonic() + QUIET_WITHIN_S
    known = -1
    while time.monotonic() < deadline and not started.look(lambda heard: heard.has_ended):
        count = started.look(lambda heard: len(heard.trades))
        if count == known:
            return
        known = count
        time.sleep(QUIET_S)


def _said(rig: Rig, since: float = 0.0) -> list[tuple[int, float]]:
    """Every trade of the market, or those of late; aggregate trades name theirs."""
    told: Iterable[Published] = (each for name in STREAMS for each in rig.exchange.published(name))
    found: dict[int, float] = {}
    for each in told:
        if each.time < since:
            continue
        payload = json.loads(each.payload)
        first, last = payload.get("f", payload.get("t")), payload.get("l", payload.get("t"))
        for number in range(first, last + 1):
            found.setdefault(number, each.time)
    return sorted(found.items())


def _last_words(started: Started) -> str:
    said = [line.strip() for line in started.complaints if line.strip()]
    return said[-1][:200] if said else "it said nothing"
