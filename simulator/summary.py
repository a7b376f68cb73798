"""What an exchange has seen, in a few lines of text for whoever looks at a failed test.

Bounded in length, and without what proves who somebody is.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from .faults.engine import ActiveFault
from .faults.plan import PlannedFault
from .journal import Control, Received

if TYPE_CHECKING:
    from .exchange import SimulatedExchange

LINES = 10
LONGEST_LINE = 160
SECRET = {"signature", "apikey", "listenkey", "listentoken"}


def summary(exchange: SimulatedExchange) -> str:
    """The exchange's state now, the refused requests and the control messages so far, the faults."""
    requests = exchange.requests
    refused = [request for request in requests if request.status >= 400]
    unanswered = sum(not request.status for request in requests)
    lines = [
        f"websockets: {exchange.connections} open, {exchange.dials} dials",
        f"received: {exchange.pings} pings, {exchange.pongs} pongs",
        _listed("streams", sorted(exchange.streams)),
        f"request weight: {exchange.used_weight} in {exchange.weight_window}, {exchange.peak_weight} at most",
        _counted("requests", Counter(request.path for request in requests)),
        f"refused requests: {len(refused)}; without an answer: {unanswered}",
        *_newest([_request(request) for request in refused]),
        f"control messages: {len(exchange.controls)}",
        *_newest([_control(control) for control in exchange.controls]),
    ]
    faults = exchange.faults
    lines += [f"faults at work: {len(faults)}", *_newest([_fault(fault) for fault in faults])]
    return "\n".join(_short(line) for line in lines)


def _listed(title: str, names: list[str]) -> str:
    return f"{title}: {len(names)}" + (f" ({', '.join(names)})" if names else "")


def _counted(title: str, counts: Counter[str]) -> str:
    shown = ", ".join(f"{name} {count}" for name, count in counts.most_common(LINES))
    return f"{title}: {counts.total()}" + (f" ({shown})" if shown else "")


def _newest(lines: list[str]) -> list[str]:
    left_out = len(lines) - LINES
    return ([f"  … {left_out} earlier"] if left_out > 0 else []) + lines[-LINES:]


def _request(request: Received) -> str:
    query = "&".join(f"{name}={value}" for name, value in _masked(request.query).items())
    return f"  {request.status} {request.method} {request.path} {query}".rstrip()


def _control(control: Control) -> str:
    where = f"  #{control.connection}"
    if not control.method:  # whatever it holds, it is not for a report
        return f"{where} no valid request, {len(str(control.params))} characters"
    params = control.params
    shown = _masked(cast("dict[str, Any]", params)) if isinstance(params, dict) else params
    return f"{where} {control.method} {json.dumps(shown, default=str)}"


def _fault(active: ActiveFault) -> str:
    left = f", {active.left} left" if active.left is not None else ""
    return f"  {PlannedFault(active.fault)}{left}"


def _masked(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: "***" if name.lower() in SECRET else value for name, value in values.items()}


def _short(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"
