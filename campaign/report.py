"""The outcomes as a table, as JSON, and the rows as a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .faults import Row
from .outcome import Outcome

HEAD = ("", "fault", "detected", "told", "back", "said", "missed, told", "lost", "doubled")
WIDTHS = (4, 54, 9, 9, 9, 8, 13, 6, 8)
"""Of the columns; all but the first two stand on the right."""


def head() -> str:
    """The first line of the table."""
    return _line(HEAD)


def line(outcome: Outcome) -> str:
    """A row of the table, and what is wrong below it."""
    cells = (
        "FAIL" if outcome.failures else "ok",
        outcome.title,
        seconds(outcome.detected),
        seconds(outcome.told),
        seconds(outcome.recovered),
        str(outcome.said),
        str(outcome.missed),
        str(outcome.lost),
        str(outcome.doubled),
    )
    below = [*outcome.failures, *outcome.notes]
    if outcome.settings:
        below.append(
            "with " + ", ".join(f"{key}={value}" for key, value in outcome.settings.items())
        )
    return "\n".join([_line(cells), *(f"       {each}" for each in below)])


def summary(outcomes: Sequence[Outcome]) -> str:
    """The last line."""
    failed = [outcome.row for outcome in outcomes if outcome.failures]
    events, missed = (sum(getattr(each, name) for each in outcomes) for name in ("said", "missed"))
    delivered = sum(each.delivered for each in outcomes)
    books = sum(each.books for each in outcomes)
    lost, doubled = (sum(getattr(each, name) for each in outcomes) for name in ("lost", "doubled"))
    verdict = f"failed: {', '.join(failed)}" if failed else "all passed"
    return (
        f"{len(outcomes)} rows, {verdict}. {events:,} events = {delivered:,} delivered + "
        f"{missed:,} told as missed + {lost:,} lost without notice; {doubled:,} doubled; "
        f"{books:,} order books compared"
    )


def seconds(value: float | None) -> str:
    """A time as the table has it."""
    return "-" if value is None else f"{value:.2f} s"


def listed(rows: Iterable[Row]) -> str:
    """What `--list` prints."""
    return "\n".join(
        f"{row.name:18}{row.title}{f', {row.lasts:g} s' if row.lasts else ''}"
        f"{f' ({row.note})' if row.note else ''}"
        for row in rows
    )


def as_json(outcome: Outcome) -> dict[str, Any]:
    """An outcome as one object; `accounts` without the ids, of which there may be thousands."""
    return {
        "row": outcome.row,
        "client": outcome.client,
        "settings": outcome.settings,
        "detected_after": outcome.detected,
        "told_after": outcome.told,
        "recovered_after": outcome.recovered,
        "answered_after": outcome.answered,
        "lost_without_notice": outcome.lost,
        "doubled": outcome.doubled,
        "books": outcome.books,
        "false_books": len(outcome.false_books),
        "accounts": {
            stream: {
                "said": each.said,
                "delivered": each.delivered,
                "recovered": each.recovered,
                "told": each.told,
                "lost": len(each.lost),
                "doubled": len(each.doubled),
                "disordered": len(each.disordered),
                "strange": len(each.strange),
                "wrong_notices": len(each.wrong),
            }
            for stream, each in outcome.accounts.items()
        },
        "failures": outcome.failures,
        "notes": outcome.notes,
    }


def _line(cells: Sequence[str]) -> str:
    left = [f"{cell:{width}}" for cell, width in zip(cells[:2], WIDTHS[:2], strict=True)]
    right = [f"{cell:>{width}}" for cell, width in zip(cells[2:], WIDTHS[2:], strict=True)]
    return " ".join([*left, *right]).rstrip()
