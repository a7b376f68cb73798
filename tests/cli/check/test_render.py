"""A report as a table."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from exchange_connector.cli.check.finding import Check, Finding, Report, Verdict, worst
from exchange_connector.cli.check.render import line, table

FINDINGS = (
    Finding.ok(Check.REST, "12 ms there and back"),
    Finding.warning(Check.LIMITS, "5,900 of 6,000 weight used", "Something else uses it up."),
    Finding.wrong(
        Check.CLOCK, "7 s behind the exchange's", "Turn NTP on: " + "very " * 30 + "now."
    ),
    Finding.skipped(Check.KEY, "No key is set."),
)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_nothing_is_cut_off(width: int) -> None:
    """Long advice is folded; no line is wider than the terminal."""
    console = Console(file=io.StringIO(), width=width)
    console.print(table(Report("binance", False, Verdict.WRONG, 1.25, FINDINGS)))
    file = console.file
    assert isinstance(file, io.StringIO)
    text = file.getvalue()
    assert all(cell_len(each) <= width for each in text.splitlines())
    for finding in FINDINGS:
        assert finding.figure in " ".join(text.split())
        assert finding.verdict in text
    assert text.count("very") == 30
    assert text.endswith("wrong: 1 ok, 1 warning, 1 wrong, 1 skipped, in 1.2 s\n")


def test_a_line_has_everything() -> None:
    """Mark, name, figure, advice."""
    assert line(FINDINGS[1]) == (
        "warning request limits: 5,900 of 6,000 weight used - Something else uses it up."
    )
    assert line(FINDINGS[3]) == "skipped key: No key is set."


def test_the_worst_counts() -> None:
    """A warning alone lets a bot run."""
    assert worst(FINDINGS) is Verdict.WRONG
    assert worst(FINDINGS[:2]) is Verdict.WARNING
    assert worst(FINDINGS[3:]) is Verdict.OK
    assert Report("binance", False, worst(FINDINGS[:2]), 1.0, FINDINGS[:2]).exit_code == 0
