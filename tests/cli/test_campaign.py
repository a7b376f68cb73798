"""`exchange-connector campaign`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector.campaign.accounting import Account
from exchange_connector.campaign.markets import BINANCE, MARKETS
from exchange_connector.campaign.outcome import Outcome
from exchange_connector.campaign.rows import rows_of
from exchange_connector.cli import campaign


@pytest.mark.parametrize(("exchange", "market"), MARKETS)
def test_the_rows_are_listed(exchange: str, market: str, command: Callable[..., Any]) -> None:
    """Each in a line, with its name first."""
    program = command("campaign", "--exchange", exchange, "--market", market, "--list")
    assert program.end() == 0
    names = [row.name for row in rows_of(MARKETS[exchange, market])]
    assert [line.split()[0] for line in program.text.splitlines()] == names


def test_a_market_that_there_is_not(command: Callable[..., Any]) -> None:
    """One line that names it, and code 2."""
    program = command("campaign", "--exchange", "binance", "--market", "linear")
    assert program.end() == 2
    assert len(program.text.splitlines()) == 1
    assert "binance linear" in program.text


def test_a_row_that_is_none(command: Callable[..., Any]) -> None:
    """One line that names it, and code 2."""
    program = command("campaign", "--only", "tcp-reset,typo")
    assert program.end() == 2
    assert len(program.text.splitlines()) == 1
    assert "typo" in program.text


def test_one_row(command: Callable[..., Any]) -> None:
    """As JSON, one object a line."""
    program = command("campaign", "--quick", "--json", "--only", "tcp-reset")
    assert program.end() == 0
    told = json.loads(program.text)
    assert (told["row"], told["lost_without_notice"], told["doubled"]) == ("tcp-reset", 0, 0)
    assert told["told_after"] < told["recovered_after"] + 1


@pytest.mark.parametrize("failures", [[], ["the user was told nothing"]])
def test_the_table(
    failures: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A row each, what is wrong below it, a summary; code 1 if anything is."""
    found = Outcome("ban", "a ban", "ours", {"rest_every_s": 1.0}, None, 0.25, 1.5)
    found.accounts["btcusdt@trade"] = Account(
        said=1_300, delivered=1_290, told=7, lost=["1", "2", "3"]
    )
    found.failures = failures
    monkeypatch.setattr(campaign, "outcomes_of", lambda rows, jobs, market: [found])
    code = campaign.run(BINANCE, "ban", is_list=False, is_json=False, quick=True, jobs=1)
    head, row, *below, last = capsys.readouterr().out.splitlines()
    assert code == bool(failures)
    assert "told" in head
    assert row.split()[-9:] == ["-", "0.25", "s", "1.50", "s", "1300", "7", "3", "0"]
    assert row.startswith("FAIL" if failures else "ok")
    assert [line.strip() for line in below] == [*failures, "with rest_every_s=1.0"]
    assert "1,300 events = 1,290 delivered + 7 told as missed + 3 lost without notice" in last
