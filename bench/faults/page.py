"""Makes `docs/faults.md` and its picture of what was measured."""

from __future__ import annotations

from typing import Any

from .. import picture
from ..process import ROOT
from ..tables import table
from . import texts
from .programs import CLIENTS
from .run import rows
from .table import cell, field

PAGE = ROOT / "docs" / "faults.md"
IMAGE = ROOT / "docs" / "images" / "faults.svg"

Content = dict[str, Any]
"""`{"rows": {row: {"clients": {client: figures}, "lasts": seconds, "when": day}}, "versions": …,
"machine": …}`"""


def write(content: Content) -> None:
    """Write the page and the picture."""
    PAGE.write_text(page(content), "utf-8")
    IMAGE.write_text(drawn(content), "utf-8")


def page(content: Content) -> str:
    """The whole page; rows that were not run are not on it."""
    names = _clients(content)
    head = ("", *(f"{CLIENTS[name].name}" for name in names))
    lines = [
        (title, *(cell(told[name]) if name in told else "" for name in names))
        for title, told in _rows(content)
    ]
    body = "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *lines))
    versions = [(CLIENTS[name].name, content["versions"].get(name, "")) for name in names]
    sections = [
        f"# Faults\n\n{texts.FIRST}",
        "![Five other clients and the connector under the same faults](images/faults.svg)",
        body,
        texts.READING,
        f"## How it is measured\n\n{texts.HOW}\n\n{_circumstances(content)}",
        f"## Versions\n\n{table(('', 'version'), versions)}",
    ]
    return "\n\n".join(section.strip() for section in sections) + "\n"


def drawn(content: Content) -> str:
    """The picture."""
    names = _clients(content)
    return picture.grid(
        "The same faults, six clients",
        "green: data again, and nothing lost, doubled or late without notice; "
        "amber: told, but no data again; red: in silence",
        [_folded(CLIENTS[name].name) for name in names],
        [
            picture.Row(title, [field(told.get(name, {"excuse": ""})) for name in names])
            for title, told in _rows(content)
        ],
    )


def _rows(content: Content) -> list[tuple[str, Content]]:
    """Title and figures of each row that was run, in the campaign's order."""
    found: list[tuple[str, Content]] = []
    for name, row in rows().items():
        ran = content["rows"].get(name)
        if ran:
            lasts = f", {ran['lasts']:.0f} s" if ran["lasts"] else ""
            found.append((f"{row.title}{lasts}", ran["clients"]))
    return found


def _clients(content: Content) -> list[str]:
    ran = {name for row in content["rows"].values() for name in row["clients"]}
    return [name for name in CLIENTS if name in ran]


def _folded(name: str) -> str:
    """A long name on two lines."""
    if len(name) <= 18:
        return name
    at = name.find("-", len(name) // 2 - 1) + 1
    return f"{name[:at]}\n{name[at:]}"


def _circumstances(content: Content) -> str:
    machine = content["machine"]
    days = sorted({row["when"] for row in content["rows"].values()})
    when = " to ".join(dict.fromkeys((days[0], days[-1])))
    return (
        f"Measured on {machine['cores']} cores ({machine['processor']}), {machine['system']}, "
        f"{machine['python']}; {when}."
    )
