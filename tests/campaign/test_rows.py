"""Every row of the campaign in its short form, against the connector, over real sockets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector.campaign.markets import BINANCE, BYBIT_LINEAR, MARKETS, Market, market_of
from exchange_connector.campaign.outcome import Outcome
from exchange_connector.campaign.report import seconds
from exchange_connector.campaign.rows import rows, rows_of


def test_a_row(
    case: Any, outcome_of: Callable[[Any], Outcome], figure: Callable[[str, object], None]
) -> None:
    """Nothing is lost without notice, nothing doubled, the user is told, and all comes back."""
    outcome = outcome_of(case)
    told, back = seconds(outcome.told), seconds(outcome.recovered)
    figure(f"campaign: {case.name}", f"told after {told}, back after {back}")
    assert outcome.failures == []
    assert (outcome.lost, outcome.doubled, outcome.false_books) == (0, 0, [])
    assert outcome.said == outcome.delivered + outcome.missed
    assert len(outcome.accounts) == 5
    assert all(account.delivered > 1 for account in outcome.accounts.values())
    assert outcome.books > 0


@pytest.mark.parametrize("market", MARKETS.values(), ids=[" ".join(name) for name in MARKETS])
def test_names_are_unique(market: Market) -> None:
    """They choose rows."""
    assert len({row.name for row in rows_of(market)}) == len(rows_of(market))
    assert [row.name for row in rows(("frozen", "ban"), market=market)] == ["frozen", "ban"]
    with pytest.raises(LookupError, match="typo"):
        rows(("typo",), market=market)


def test_each_exchange_has_rows_of_its_own() -> None:
    """And all those of the other one, though not always the same."""
    names = {row.name for row in rows_of(BINANCE)}
    assert names < {row.name for row in rows_of(BYBIT_LINEAR)}
    with pytest.raises(LookupError, match="service-restart"):
        rows(("service-restart",))
    (theirs,), (ours,) = rows(("frames-lost",)), rows(("frames-lost",), market=BYBIT_LINEAR)
    assert theirs.actions != ours.actions


@pytest.mark.parametrize("market", MARKETS.values(), ids=[" ".join(name) for name in MARKETS])
def test_the_short_form_is_short(market: Market) -> None:
    """No outage of it lasts long."""
    assert all(row.lasts <= 7 and row.patience <= 20 for row in rows(quick=True, market=market))


def test_markets_by_name() -> None:
    """The first one of an exchange, if none is named."""
    assert market_of("bybit", "linear") is BYBIT_LINEAR
    assert market_of("binance") is BINANCE
    for name in (("binance", "linear"), ("kraken", "")):
        with pytest.raises(LookupError, match=name[0]):
            market_of(*name)
