"""`exchange-connector campaign`."""

from __future__ import annotations

import json

import typer

from ..campaign.faults import rows
from ..campaign.outcome import Outcome
from ..campaign.report import as_json, head, line, listed, summary
from ..campaign.run import run as outcomes_of
from ..campaign.soak.outcome import closing
from ..campaign.soak.run import new_seed, soak


def run(names: str, *, is_list: bool, is_json: bool, quick: bool, jobs: int) -> int:
    """Run the rows of these names, or all; the exit code is 1 if one has not been passed.

    Raises:
        typer.BadParameter: Naming what is no row.
    """
    wanted = tuple(name.strip() for name in names.split(",") if name.strip())
    try:
        chosen = rows(wanted, quick=quick)
    except LookupError as error:
        raise typer.BadParameter(str(error), param_hint="--only") from error
    if is_list:
        print(listed(chosen))
        return 0
    if not is_json:
        print(head(), flush=True)
    outcomes: list[Outcome] = []
    for outcome in outcomes_of(chosen, jobs=jobs):
        outcomes.append(outcome)
        print(json.dumps(as_json(outcome)) if is_json else line(outcome), flush=True)
    if not is_json:
        print(summary(outcomes))
    return 1 if any(outcome.failures for outcome in outcomes) else 0


def run_soak(seconds: float, seed: int | None) -> int:
    """Soak; the exit code is 1 if anything was wrong, with the reasons and the seed."""
    chosen = new_seed() if seed is None else seed
    print(f"a soak of {seconds:g} s with the seed {chosen}", flush=True)
    outcome = soak(seconds, chosen, lambda line: print(line, flush=True))
    print(*closing(outcome), sep="\n")
    return 1 if outcome.failures else 0
