"""The short form, for every change: has the way through the actors become dearer?"""

from __future__ import annotations

from .rounds import Bench, Figures, interleaved
from .server import Order

MESSAGES, ROUNDS = 20_000, 4
FLOOR = "loop"
LIMITS = {"callable": 1.5, "inline": 1.3}
"""CPU a message, as a multiple of the same reader and decoders without actors in the same run.

A callable's is about 1.15 where this was written: two threads, and a hand-over for each read. The
rest is room for machines where threads are dearer, and for noise. Inline, where there is one thread
and no hand-over, it is about 1.1. The round that took least is taken of each: what else the machine
does can only add to it.
"""


def judged(least: Figures) -> tuple[list[str], bool]:
    """A line for each way, and whether all are within their limits."""
    failures = [each["failure"] for each in least.values() if "failure" in each]
    if failures:
        return failures, False
    floor = least[FLOOR]["cpu"]
    lines, well = [f"{FLOOR:10} {floor:6.2f} us of CPU a message"], True
    for name, limit in LIMITS.items():
        factor = least[name]["cpu"] / floor
        well = well and factor <= limit
        verdict = f"x {factor:.2f}, at most {limit:g}"
        lines.append(f"{name:10} {least[name]['cpu']:6.2f} us of CPU a message, {verdict}")
    return lines, well


def main() -> int:
    """Measure and judge; 0 if all is well."""
    with Bench() as bench:
        least = interleaved(
            (FLOOR, *LIMITS),
            ROUNDS,
            lambda name: bench.trial(name, Order("mix", MESSAGES)),
            min,
        )
    lines, well = judged(least)
    print("\n".join(lines))
    if not well:
        print("dearer than it may be")
    return 0 if well else 1
