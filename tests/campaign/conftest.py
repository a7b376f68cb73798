"""The short form of the campaign, some rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from exchange_connector.campaign.faults import ROWS
from exchange_connector.campaign.outcome import Outcome
from exchange_connector.campaign.run import JOBS, run_row

NAMES = [row.name for row in ROWS]


@pytest.fixture(scope="module")
def outcome_of(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Outcome]]:
    """Waits for the outcome of a row; all that were chosen are under way at once, so many abreast."""
    chosen = {name for item in request.session.items for name in NAMES if f"[{name}]" in item.name}
    with ThreadPoolExecutor(JOBS) as pool:
        running: dict[str, Future[Outcome]] = {
            row.name: pool.submit(run_row, row.short()) for row in ROWS if row.name in chosen
        }
        yield lambda name: running[name].result()
        for future in running.values():
            future.cancel()
