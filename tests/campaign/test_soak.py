"""The soak in its short form; `CONNECTOR_TEST_SOAK=1800` makes it a long one.

`CONNECTOR_TEST_SOAK_MARKET="bybit linear"` has it on that market.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from exchange_connector.campaign.markets import market_of
from exchange_connector.campaign.soak.outcome import closing
from exchange_connector.campaign.soak.run import soak

SECONDS = float(os.environ.get("CONNECTOR_TEST_SOAK", "60"))
MARKET = market_of(*os.environ.get("CONNECTOR_TEST_SOAK_MARKET", "binance spot").split())
SEED = int(os.environ.get("CONNECTOR_TEST_SOAK_SEED", "1"))
AROUND_S = 400.0
"""For coming up and for coming to rest, at the worst."""


@pytest.mark.timeout(SECONDS + AROUND_S)
def test_nothing_is_lost_in_silence_whatever_happens(figure: Callable[[str, object], None]) -> None:
    """Faults, deaths, rollovers and subscriptions at random; then every event is accounted for."""
    outcome = soak(MARKET, SECONDS, SEED, print)
    print(*closing(outcome), sep="\n")
    found = outcome.totals
    figure(
        f"soak of {SECONDS:g} s: {sum(outcome.incidents.values())} faults",
        f"{found.said:,} events, {found.told:,} told as missed, {found.lost} lost without notice",
    )
    assert outcome.failures == []
    assert (found.lost, found.doubled, found.false_books) == (0, 0, [])
    assert found.said == found.delivered + found.told
    assert found.delivered > 100 * SECONDS
    assert found.books > SECONDS
    assert sum(outcome.incidents.values()) > SECONDS / 4
    assert sum(outcome.kills.values()) > SECONDS / 30
