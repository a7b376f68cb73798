"""Makes `docs/performance.md` and its pictures of what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from . import picture, tables, texts
from .parts import WIDE
from .process import ROOT
from .rounds import Figures
from .ways.table import REFERENCE, Way

PAGE = ROOT / "docs" / "performance.md"
IMAGES = ROOT / "docs" / "images"
KINDS = {"floor": "floor", "inside": "floor", "ours": "ours", "peers": "peer"}


def write(content: Figures) -> None:
    """Write the page and the pictures."""
    PAGE.write_text(page(content), "utf-8")
    for name, text in pictures(content).items():
        (IMAGES / f"{name}.svg").write_text(text, "utf-8")


def page(content: Figures) -> str:
    """The whole page; what was not measured is not in it."""
    sections = [f"# Performance\n\n{texts.FIRST}", _circumstances(content)]
    makers: dict[str, Callable[[Figures], str]] = {
        "mix": tables.mix,
        "types": tables.types,
        "tls": tables.tls,
        "latency": tables.latency,
        "scale": tables.scale,
        "slow": tables.slow,
        "books": tables.books,
        "asking": tables.asking,
        "orders": tables.orders,
    }
    for part, make in makers.items():
        if part in content:
            sections.append(make(content[part]["figures"]))
    if "mix" in content and "stages" in content:
        sections.append(tables.stages(content["mix"]["figures"], content["stages"]["figures"]))
    sections += [f"## How it is measured\n\n{texts.HOW}", _versions(content)]
    return "\n\n".join(section.strip() for section in sections) + "\n"


def _circumstances(content: Figures) -> str:
    parts = list(content.values())
    machines = dict.fromkeys(
        f"{told['cores']} cores ({told['processor']}), {told['system']}, {told['python']}"
        for told in (part["machine"] for part in parts)
    )
    runs = dict.fromkeys(
        f"{part['messages']:,} messages a run and {part['rounds']} rounds" for part in parts
    )
    days = sorted({part["when"] for part in parts})
    when = " to ".join(dict.fromkeys((days[0], days[-1])))
    return f"Measured on {'; '.join(machines)}; {' or '.join(runs)}; {when}."


def _versions(content: Figures) -> str:
    found: dict[str, str] = {}
    for each in _all(content):
        found |= each
    rows = [(name, version) for name, version in sorted(found.items()) if version]
    return f"## Versions\n\n{tables.table(('', 'version'), rows)}"


def _all(figures: Any) -> Iterable[dict[str, str]]:
    if isinstance(figures, dict):
        for key, value in figures.items():  # pyright: ignore[reportUnknownVariableType]
            if key == "versions":
                yield value
            else:
                yield from _all(value)


def pictures(content: Figures) -> dict[str, str]:
    """Each picture for which there are figures, by name."""
    found: dict[str, str] = {}
    if "mix" in content and REFERENCE in tables.well(content["mix"]["figures"]):
        found["performance"] = _bars(tables.well(content["mix"]["figures"]))
    if "scale" in content:
        figures = tables.well(content["scale"]["figures"])
        points = [figures[label] for label in WIDE if label in figures]
        if len(points) > 1:
            found["scale"] = _panels(points)
    return found


def _bars(figures: Figures) -> str:
    rows: list[picture.Bar] = []
    for name, way in tables.measured(figures):
        if (times := tables.factor(figures, name)) is not None and way.anchor == REFERENCE:
            rows.append(picture.Bar(_label(name, way), times, KINDS[way.module]))
    rows.sort(key=lambda row: row.value)
    return picture.bars(
        "CPU a message, as a multiple of picows and msgspec",
        "lifelike mix; logarithmic; less is better",
        rows,
    )


def _label(name: str, way: Way) -> str:
    return f"{way.title}{', read' if name.endswith('-read') else ''}".replace("`", "")


def _panels(points: list[Figures]) -> str:
    def over(key: str) -> list[tuple[float, float]]:
        return [(each["streams"], each[key]) for each in points]

    return picture.panels(
        "Many subscriptions",
        "subscriptions (logarithmic)",
        [
            picture.Panel("CPU a message", "µs", over("cpu")),
            picture.Panel("until confirmed", "s", over("confirmed")),
            picture.Panel("memory of the subscriptions", "MB", over("subscribed")),
        ],
    )
