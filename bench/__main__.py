"""How fast the connector is, beside its peers: `./dev bench`.

Every client runs in a process of its own on the same feed, one after the other and round by round;
the medians are kept in a file after each part (save with `--only`), and `--write` makes
`docs/performance.md` of them. `./dev bench faults` is what they do when something goes wrong.
"""

from __future__ import annotations

import argparse
import sys

from . import quick
from .faults import command as faults
from .page import write
from .parts import PARTS, Plan
from .results import RESULTS, Store, lines
from .rounds import Bench
from .ways.table import WAYS


def parsed(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser("./dev bench", description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000, metavar="N", help="in each run")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--only", default="", metavar="WAYS", help=f"of {', '.join(WAYS)}")
    parser.add_argument(
        "--parts", default=",".join(PARTS), metavar="PARTS", help=f"of {', '.join(PARTS)}, or none"
    )
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    parser.add_argument("--quick", action="store_true", help="fail if the actors cost too much")
    chosen = parser.parse_args(arguments)
    chosen.only = tuple(name for name in chosen.only.split(",") if name)
    chosen.parts = () if chosen.parts == "none" else tuple(chosen.parts.split(","))
    unknown: set[str] = ({*chosen.only} - WAYS.keys()) | ({*chosen.parts} - PARTS.keys())
    if unknown:
        parser.error(f"not known: {', '.join(sorted(unknown))}")
    if chosen.only and chosen.write:
        parser.error("the page is of every way, not --only of some")
    return chosen


def main(arguments: list[str]) -> int:
    """Measure what is asked for."""
    if arguments[:1] == ["faults"]:
        return faults.main(arguments[1:])
    chosen = parsed(arguments)
    if chosen.quick:
        return quick.main()
    plan = Plan(chosen.messages, chosen.rounds, chosen.only)
    store = Store(RESULTS)
    if chosen.parts:
        with Bench() as bench:
            for name in chosen.parts:
                print(f"{name}:", flush=True)
                figures = PARTS[name](bench, plan)
                print("\n".join(lines(figures, "  ")), flush=True)
                if not plan.only:
                    store.keep(name, plan, figures)
    if chosen.write:
        write(store.content)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
