"""The campaign finds what a client does wrong, whoever made it."""

from __future__ import annotations

from pathlib import Path

from exchange_connector.campaign.clients import Program
from exchange_connector.campaign.markets import BINANCE
from exchange_connector.campaign.outcome import Outcome
from exchange_connector.campaign.rig import SYMBOL
from exchange_connector.campaign.rows import rows
from exchange_connector.campaign.run import run_row

TRADES = BINANCE.stream("trades", SYMBOL)
FILE = str(Path(__file__).with_name("naive_client.py"))
SILENT = Program("silent", (FILE,))
TELLING = Program("telling", (FILE, "telling"))


def outcome(name: str, program: Program) -> Outcome:
    """Of a row in its short form."""
    return run_row(rows((name,), quick=True)[0], program)


def test_what_is_missing_is_lost_where_nobody_says_so() -> None:
    """And the row is not passed."""
    found = outcome("upgrade-503", SILENT)
    assert found.lost > 10
    assert found.told is None
    assert found.recovered is not None
    assert "the user was told nothing" in found.failures
    assert found.said == found.delivered + found.lost


def test_a_word_to_the_user_is_notice() -> None:
    """A client that does not say where it missed something gets the benefit of the doubt."""
    found = outcome("upgrade-503", TELLING)
    assert (found.failures, found.lost) == ([], 0)
    assert found.missed > 10
    assert found.told is not None
    assert found.told < 1.0


def test_what_comes_twice_is_doubled() -> None:
    found = outcome("frames-doubled", SILENT)
    assert found.doubled == 20
    assert any(TRADES in words for words in found.failures)


def test_what_comes_late_is_out_of_order() -> None:
    """Seven pairs of trades have changed places; none is lost."""
    found = outcome("frames-reordered", SILENT)
    assert len(found.accounts[TRADES].disordered) == 7
    assert found.lost == 0
    assert any("out of order" in words for words in found.failures)


def test_a_name_that_does_not_resolve() -> None:
    """The client's own resolver fails, and it says so."""
    found = outcome("no-name", TELLING)
    assert (found.failures, found.notes) == ([], [])


def test_a_client_that_does_not_start() -> None:
    """It is told in the row, with its last words."""
    found = outcome("tcp-reset", Program("none", ("no-such-file.py",)))
    assert "no-such-file.py" in found.failures[0]
