"""A report for people at a terminal, for people in a pipe, and for programs."""

from __future__ import annotations

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from .finding import TITLES, Finding, Report, Verdict, summary

_MARKS = {
    Verdict.OK: ("●", "green"),
    Verdict.WARNING: ("◐", "magenta"),
    Verdict.WRONG: ("○", "bold red"),
    Verdict.SKIPPED: ("-", "dim"),
}
"""Colours are the terminal's own, and never the only sign."""
_WIDEST = max(map(len, Verdict))


def table(report: Report) -> RenderableType:
    """The report as a table."""
    rows = Table.grid(padding=(0, 2))
    rows.add_column(no_wrap=True)
    rows.add_column(no_wrap=True)
    rows.add_column(overflow="fold")
    for finding in report.findings:
        mark, style = _MARKS[finding.verdict]
        is_skipped = finding.verdict is Verdict.SKIPPED
        name = Text(TITLES[finding.check], "dim" if is_skipped else "bold")
        rows.add_row(Text(f"{mark} {finding.verdict}", style), name, _words(finding, style))
    style = _MARKS[report.verdict][1]
    end = Text.assemble(
        (f"{report.verdict}", style), f": {summary(report.findings)}, in {report.seconds:.1f} s"
    )
    return Group(rows, Text(), end)


def _words(finding: Finding, style: str) -> Text:
    text = Text(finding.figure)
    if finding.advice:
        text.append(("\n" if finding.figure else "") + finding.advice, style)
    return text


def line(finding: Finding) -> str:
    """A finding in one line of plain text."""
    words = " - ".join(part for part in (finding.figure, finding.advice) if part)
    return f"{finding.verdict:<{_WIDEST}} {TITLES[finding.check]}: {words}"


def json(report: Report) -> str:
    """The report as one JSON object, in one line."""
    return msgspec.json.encode(report).decode()
