"""The connector's peers under the campaign's faults, and the connector: `./dev bench faults`.

A row runs with all clients side by side, each in a process and at an exchange of its own; what is
seen is kept after each row (save with `--only`), and `--write` makes `docs/faults.md` of it.
"""

from __future__ import annotations

import argparse
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from exchange_connector.campaign.faults import Row

from ..process import ROOT
from ..results import machine
from .page import Content, write
from .programs import CLIENTS
from .run import STALLED_S, Figures, measured, rows
from .table import cell

RESULTS = ROOT / "bench" / "fault_results.json"


def parsed(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser("./dev bench faults", description=__doc__)
    known = rows()
    parser.add_argument("--only", default="", metavar="CLIENTS", help=f"of {', '.join(CLIENTS)}")
    parser.add_argument(
        "--rows", default=",".join(known), metavar="ROWS", help=f"of {', '.join(known)}, or none"
    )
    parser.add_argument(
        "--stalled", type=float, default=STALLED_S, metavar="SECONDS", help="without data"
    )
    parser.add_argument("--write", action="store_true", help="write docs/faults.md")
    chosen = parser.parse_args(arguments)
    chosen.only = tuple(name for name in chosen.only.split(",") if name)
    chosen.rows = () if chosen.rows == "none" else tuple(chosen.rows.split(","))
    unknown: set[str] = ({*chosen.only} - CLIENTS.keys()) | ({*chosen.rows} - known.keys())
    if unknown:
        parser.error(f"not known: {', '.join(sorted(unknown))}")
    if chosen.only and chosen.write:
        parser.error("the page is of every client, not --only of some")
    return chosen


def main(arguments: list[str]) -> int:
    """Run what is asked for."""
    chosen = parsed(arguments)
    known = rows(chosen.stalled)
    content = read(RESULTS)
    for name in chosen.rows:
        figures = side_by_side(known[name], chosen.only or tuple(CLIENTS))
        if not chosen.only:
            content["rows"][name] = {
                "clients": figures,
                "lasts": known[name].lasts,
                "when": time.strftime("%Y-%m-%d"),
            }
            content["versions"] = {name: client.version() for name, client in CLIENTS.items()}
            content["machine"] = machine()
            keep(content, RESULTS)
    if chosen.write:
        write(content)
    return 0


def side_by_side(row: Row, names: tuple[str, ...]) -> dict[str, Figures]:
    """A row, with all these clients at once."""
    print(f"{row.name}: {row.title}", flush=True)
    with ThreadPoolExecutor(len(names)) as pool:
        under_way = {name: pool.submit(measured, row, CLIENTS[name]) for name in names}
        figures = {name: future.result() for name, future in under_way.items()}
    for name, told in figures.items():
        print(f"  {name:18} {cell(told).replace('**', '')}", flush=True)
    return figures


def read(file: Path) -> Content:
    """What was seen in earlier runs."""
    if not file.exists():
        return {"rows": {}, "versions": {}, "machine": machine()}
    content: Content = json.loads(file.read_text("utf-8"))
    return content


def keep(content: Content, file: Path) -> None:
    """Keep what was seen."""
    new = file.with_suffix(".new")
    new.write_text(json.dumps(content, indent=1), "utf-8")
    new.replace(file)
