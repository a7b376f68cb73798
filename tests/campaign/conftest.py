"""The short form of the campaign, some rows at a time.

Of the second exchange there are the rows in which it differs; `CONNECTOR_TEST_CAMPAIGN=all` adds the
others, and its other market.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from exchange_connector.campaign.faults import Row
from exchange_connector.campaign.markets import BINANCE, BYBIT_LINEAR, BYBIT_SPOT, Market
from exchange_connector.campaign.outcome import Outcome
from exchange_connector.campaign.rows import BYBITS, BYBITS_OWN, rows
from exchange_connector.campaign.run import JOBS, run_row

IS_LONG = os.environ.get("CONNECTOR_TEST_CAMPAIGN") == "all"
DIFFERENT = {"tcp-reset", "stalled", *BYBITS, *(row.name for row in BYBITS_OWN)}
"""Rows of Bybit that are run in the short form of the tests, too."""


@dataclass(frozen=True)
class Case:
    """A row in its short form, on a market."""

    market: Market
    row: Row

    @property
    def name(self) -> str:
        """As its test is called."""
        return f"{self.market.exchange}-{self.market.name}-{self.row.name}"


def cases() -> Iterator[Case]:
    """Those that are run."""
    for market in (BINANCE, BYBIT_LINEAR, BYBIT_SPOT):
        for row in rows(quick=True, market=market):
            is_short = market is BINANCE or (market is BYBIT_LINEAR and row.name in DIFFERENT)
            if IS_LONG or is_short:
                yield Case(market, row)


CASES = list(cases())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test a row."""
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", CASES, ids=[case.name for case in CASES])


@pytest.fixture(scope="module")
def outcome_of(request: pytest.FixtureRequest) -> Iterator[Callable[[Case], Outcome]]:
    """Waits for the outcome of a row; all that were chosen are under way at once, so many abreast."""
    items = {item.name for item in request.session.items}
    chosen = [case for case in CASES if any(f"[{case.name}]" in name for name in items)]
    with ThreadPoolExecutor(JOBS) as pool:
        running: dict[str, Future[Outcome]] = {
            case.name: pool.submit(run_row, case.row, market=case.market) for case in chosen
        }
        yield lambda case: running[case.name].result()
        for future in running.values():
            future.cancel()
