"""The parts of the screen that show the connector."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..messages import ComponentHealth, HealthState
from .board import Board
from .colours import DOWN, NEWS, QUIET, UP, mark, state_text
from .figures import age, rate
from .story import Tone, merged

_TONES = {Tone.PLAIN: "", Tone.GOOD: UP, Tone.BAD: DOWN, Tone.DEMO: f"bold {NEWS}"}
_MOST_SUBJECTS = 2


def streams(board: Board, rows: int, now: int) -> RenderableType:
    """Of each stream: its state, how long ago its last event came, how many come a second."""
    if board.health is None:
        return Text("starting", QUIET)
    if not board.health.streams:
        return Text("none yet", QUIET)
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, ratio=1, overflow="ellipsis")
    table.add_column(justify="right", no_wrap=True)
    table.add_column(justify="right", no_wrap=True, min_width=6)
    parts = list(board.health.streams.items())
    if len(parts) > rows:  # then those that are in trouble come first
        parts.sort(key=lambda part: part[1].state is HealthState.LIVE)
    shown = len(parts) if len(parts) <= rows else max(0, rows - 1)
    for name, part in islice(parts, shown):
        pace = board.paces.get(name)
        is_live = part.state is HealthState.LIVE
        pulse = Text(rate(pace.rate(now) if pace is not None else 0.0))
        table.add_row(
            Text.assemble(mark(part.state), f" {name}"),
            Text(age(pace.age(now)) if pace is not None else "-", QUIET),
            pulse if is_live else state_text(part.state, has_mark=False),
        )
    if shown < len(parts):
        table.add_row(Text(f"+ {len(parts) - shown} more", QUIET))
    return table


def health(board: Board) -> RenderableType:
    """A line for each actor, and the request weight that is used."""
    if board.health is None:
        return Text("starting", QUIET)
    lines = [_part_text(name, part, has_cause=True) for name, part in _parts(board).items()]
    weight = f"weight {board.health.weight_used:,} of {board.health.weight_limit:,}"
    lines.append(Text(weight, QUIET))
    for line in lines:
        line.no_wrap, line.overflow = True, "ellipsis"
    return Group(*lines)


def health_in_brief(board: Board, width: int) -> RenderableType:
    """The actors, one after the other, in lines of `width` columns."""
    if board.health is None:
        return Text("starting", QUIET)
    lines = [Text()]
    for name, part in _parts(board).items():
        text = _part_text(name, part, has_cause=False)
        if lines[-1].cell_len + text.cell_len + 2 > width and lines[-1]:
            lines.append(Text())
        lines[-1].append("  " if lines[-1] else "").append_text(text)
    return Group(*lines)


def _parts(board: Board) -> Mapping[str, ComponentHealth]:
    """The actors; one that keeps a session has the session's state while that is down."""
    if board.health is None:
        return {}
    down = {k: v for k, v in board.health.sessions.items() if v.state is not HealthState.LIVE}
    return {**board.health.components, **down}


def _part_text(name: str, part: ComponentHealth, *, has_cause: bool) -> Text:
    line = Text.assemble(mark(part.state), f" {name}")
    if part.state is not HealthState.LIVE:
        line.append(" ").append_text(state_text(part.state, has_mark=False))
    if part.restarts:
        line.append(f" x{part.restarts}", NEWS)
    if has_cause and part.cause:
        line.append(f" {part.cause}", QUIET)
    return line


def log(board: Board, rows: int) -> Table:
    """The newest lines of the connector's life, those that say the same of several made one."""
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(justify="right", no_wrap=True, width=6)
    table.add_column(no_wrap=True, ratio=1)
    for entry in merged(board.story)[-rows:] if rows > 0 else ():
        elapsed, words = (entry.at - board.started) / 1e9, entry.words
        line = Text.assemble((words.kind, _TONES[words.tone]), overflow="ellipsis")
        line.append(f" {_subjects(entry.subjects)}" if entry.subjects else "")
        is_own = words.tone is Tone.DEMO
        line.append(f" {words.text}" if words.text else "", _TONES[Tone.DEMO] if is_own else QUIET)
        table.add_row(Text(f"{elapsed:.2f}", QUIET), line)
    return table


def _subjects(subjects: tuple[str, ...]) -> str:
    if len(subjects) <= _MOST_SUBJECTS:
        return ", ".join(subjects)
    return f"{subjects[0]} +{len(subjects) - 1}"
