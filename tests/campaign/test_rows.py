"""Every row of the campaign in its short form, against the connector, over real sockets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from exchange_connector.campaign.faults import ROWS, Row, rows
from exchange_connector.campaign.outcome import Outcome
from exchange_connector.campaign.report import seconds


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_row(
    row: Row, outcome_of: Callable[[str], Outcome], figure: Callable[[str, object], None]
) -> None:
    """Nothing is lost without notice, nothing doubled, the user is told, and all comes back."""
    outcome = outcome_of(row.name)
    told, back = seconds(outcome.told), seconds(outcome.recovered)
    figure(f"campaign: {outcome.title}", f"told after {told}, back after {back}")
    assert outcome.failures == []
    assert (outcome.lost, outcome.doubled, outcome.false_books) == (0, 0, [])
    assert outcome.said == outcome.delivered + outcome.missed
    assert len(outcome.accounts) == 5
    assert all(account.delivered > 1 for account in outcome.accounts.values())
    assert outcome.books > 0


def test_names_are_unique() -> None:
    """They choose rows."""
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert [row.name for row in rows(("frozen", "ban"))] == ["frozen", "ban"]
    with pytest.raises(LookupError, match="typo"):
        rows(("typo",))


def test_the_short_form_is_short() -> None:
    """No outage of it lasts long."""
    assert all(row.lasts <= 6 and row.patience <= 20 for row in rows(quick=True))
