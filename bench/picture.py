"""The pictures of the page, as SVG that is legible on a light and on a dark ground."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

STYLE = """\
<style>
 .ground { fill: #ffffff } .text { fill: #24292f } .faint { fill: #57606a }
 .grid { stroke: #d0d7de } .ours { fill: #0969da } .floor { fill: #8250df } .peer { fill: #8c959f }
 .line { stroke: #0969da; fill: none }
 .well { fill: #1a7f37 } .told { fill: #9a6700 } .silent { fill: #cf222e } .none { fill: none }
 .on { fill: #ffffff }
 @media (prefers-color-scheme: dark) {
  .ground { fill: #0d1117 } .text { fill: #e6edf3 } .faint { fill: #9198a1 }
  .grid { stroke: #3d444d } .ours { fill: #4493f8 } .floor { fill: #ab7df8 } .peer { fill: #656c76 }
  .line { stroke: #4493f8 }
 }
 text { font: 13px system-ui, sans-serif }
</style>
"""
WIDTH, LABELS, RIGHT = 920, 430, 70
ROW, TOP, BOTTOM = 24, 62, 34
PANEL_WIDTH, PANEL_HEIGHT, MARGIN = 250, 190, 34
FIELDS, FIELD, HEADS = 390, 128, 100
"""Where the fields of a grid begin, how wide one is, and where the first row is."""


class Bar(NamedTuple):
    """A row; `kind` is `ours`, `floor` (no actors) or `peer`."""

    label: str
    value: float
    kind: str


class Panel(NamedTuple):
    """A small diagram of points over a logarithmic axis."""

    title: str
    unit: str
    points: Sequence[tuple[float, float]]


class Field(NamedTuple):
    """A field of a grid; `kind` is `well`, `told` (not well, and said so), `silent` or `none`."""

    text: str
    kind: str


class Row(NamedTuple):
    """A row of a grid."""

    label: str
    fields: Sequence[Field]


def bars(title: str, subtitle: str, rows: Sequence[Bar]) -> str:
    """Bars on a logarithmic axis, from the least power of ten; each ends with its figure."""
    low = math.floor(math.log10(min(row.value for row in rows)) - 0.01)
    high = math.ceil(math.log10(max(row.value for row in rows)) + 0.01)
    height = TOP + ROW * len(rows) + BOTTOM

    def across(value: float) -> float:
        return LABELS + (math.log10(value) - low) / (high - low) * (WIDTH - LABELS - RIGHT)

    parts = [_text(16, 26, title, size=16), _text(16, 45, subtitle, kind="faint")]
    for power in range(low, high + 1):
        x, bottom = across(10.0**power), height - BOTTOM
        parts.append(_line(x, TOP - 6, x, bottom))
        parts.append(_text(x, bottom + 18, f"{10.0**power:g}", kind="faint", anchor="middle"))
    for number, row in enumerate(rows):
        y, end = TOP + ROW * number, across(row.value)
        parts.append(_text(LABELS - 10, y + 15, row.label, anchor="end"))
        parts.append(
            f'<rect class="{row.kind}" x="{LABELS}" y="{y + 2}" rx="2" '
            f'width="{end - LABELS:.1f}" height="{ROW - 7}"/>'
        )
        parts.append(_text(end + 6, y + 15, f"{row.value:.3g}", kind="faint"))
    return _whole(WIDTH, height, title, parts)


def panels(title: str, axis: str, shown: Sequence[Panel]) -> str:
    """Diagrams beside each other; the horizontal axis is logarithmic, the vertical one is not."""
    width = MARGIN + len(shown) * (PANEL_WIDTH + MARGIN)
    parts = [_text(16, 26, title, size=16)]
    for number, panel in enumerate(shown):
        parts += _panel(panel, MARGIN + number * (PANEL_WIDTH + MARGIN), 82)
    height = 82 + PANEL_HEIGHT + 50
    parts.append(_text(width / 2, height - 10, axis, kind="faint", anchor="middle"))
    return _whole(width, height, title, parts)


def _panel(panel: Panel, left: float, top: float) -> list[str]:
    first, last = (math.log10(panel.points[at][0]) for at in (0, -1))
    most = max(value for _, value in panel.points) * 1.15
    bottom = top + PANEL_HEIGHT

    def place(point: tuple[float, float]) -> tuple[float, float]:
        across = (math.log10(point[0]) - first) / ((last - first) or 1.0)
        return left + 20 + across * (PANEL_WIDTH - 50), bottom - point[1] / most * PANEL_HEIGHT

    parts = [_text(left, top - 12, f"{panel.title}, {panel.unit}")]
    parts.append(_line(left, bottom, left + PANEL_WIDTH, bottom))
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(place, panel.points))
    parts.append(f'<polyline class="line" stroke-width="2" points="{path}"/>')
    for point in panel.points:
        x, y = place(point)
        parts.append(f'<circle class="ours" cx="{x:.1f}" cy="{y:.1f}" r="4"/>')
        parts.append(_text(x, y - 9, f"{point[1]:.3g}", anchor="middle"))
        parts.append(_text(x, bottom + 18, f"{point[0]:,.0f}", kind="faint", anchor="middle"))
    return parts


def grid(title: str, subtitle: str, heads: Sequence[str], rows: Sequence[Row]) -> str:
    """Coloured fields, a row of them for each label; a head may be of two lines."""
    width = FIELDS + len(heads) * FIELD + 16
    parts = [_text(16, 26, title, size=16), _text(16, 45, subtitle, kind="faint")]
    for number, head in enumerate(heads):
        lines = head.split("\n")
        for line, text in enumerate(lines):
            y = HEADS - 8 - 15 * (len(lines) - 1 - line)
            parts.append(_text(FIELDS + (number + 0.5) * FIELD, y, text, anchor="middle", size=12))
    for at, row in enumerate(rows):
        y = HEADS + at * ROW
        parts.append(_text(FIELDS - 10, y + 16, row.label, anchor="end", size=12))
        for number, field in enumerate(row.fields):
            x = FIELDS + number * FIELD
            parts.append(
                f'<rect class="{field.kind}" x="{x + 2}" y="{y + 1}" rx="3" '
                f'width="{FIELD - 4}" height="{ROW - 2}"/>'
            )
            kind = "faint" if field.kind == "none" else "on"
            middle = x + FIELD / 2
            parts.append(_text(middle, y + 16, field.text, kind=kind, anchor="middle", size=12))
    return _whole(width, HEADS + len(rows) * ROW + 16, title, parts)


def _text(
    x: float, y: float, text: str, *, kind: str = "text", anchor: str = "start", size: int = 13
) -> str:
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" '
        f'style="font-size: {size}px">{escape(text)}</text>'
    )


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="grid" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _whole(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'role="img" aria-label="{escape(title)}">\n'
    )
    ground = f'<rect class="ground" width="{width:.0f}" height="{height:.0f}" rx="6"/>'
    return head + STYLE + "\n".join([ground, *parts]) + "\n</svg>\n"
