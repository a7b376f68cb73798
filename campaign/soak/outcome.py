"""What came of a soak, and how that is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .verdict import Totals, warm_slopes

MB = 1 << 20
MOST_WORDS = 40


@dataclass
class SoakOutcome:
    """It was passed where there are no failures.

    Attributes:
        incidents: What went wrong, and how often.
        kills: How often each part of the connector was killed.
        raised: Of those, the parts that raised something, by kind.
        refused: Orders that were refused, since a part had died in whose hands they were.
        samples: Seconds, and what the process used then.
        rests: What it used bare, at rest before and after, and once it was stopped.
    """

    seed: int
    seconds: float
    failures: list[str] = field(default_factory=list[str])
    incidents: Counter[str] = field(default_factory=Counter[str])
    kills: Counter[str] = field(default_factory=Counter[str])
    raised: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    totals: Totals = field(default_factory=Totals)
    samples: list[tuple[float, dict[str, int]]] = field(
        default_factory=list[tuple[float, dict[str, int]]]
    )
    rests: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])


def line(outcome: SoakOutcome, now: float, events: int, on: int, answer: dict[str, Any]) -> str:
    """How it is now."""
    vitals = answer["vitals"]
    return (
        f"{now:6.0f} s {sum(outcome.incidents.values()):6,} faults {events:11,} events "
        f"{on:4} subscriptions {vitals['memory'] / MB:7.1f} MB {vitals['objects']:8,} objects "
        f"{vitals['threads']:3} threads {vitals['descriptors']:3} descriptors  "
        f"{answer['health']['state']}"
    )


def closing(outcome: SoakOutcome) -> Iterator[str]:
    """The account of the whole, in lines."""
    found, sums = outcome.totals, outcome.incidents
    yield f"faults: {', '.join(f'{count} {name}' for name, count in sorted(sums.items()))}"
    if outcome.refused:
        counted = ", ".join(f"{count} {words}" for words, count in outcome.refused.items())
        yield f"refused, and asked again in the end: {counted}"
    yield (
        f"{found.subscriptions:,} subscriptions: {found.said:,} events = {found.delivered:,} "
        f"delivered ({found.recovered:,} of them fetched) + {found.told:,} told as missed + "
        f"{found.lost:,} lost without notice; {found.doubled:,} doubled or out of order; "
        f"{found.gaps:,} notices; {found.books:,} order books, {len(found.false_books)} false"
    )
    if len(outcome.samples) > 1:
        memory, objects = warm_slopes(outcome.samples)
        yield (
            f"after the warm-up memory grows by {memory * 3600 / MB:+.2f} MB an hour, "
            f"objects by {objects * 3600:+,.0f}"
        )
    for when, vitals in outcome.rests.items():
        yield f"{when}: {vitals['threads']} threads, {vitals['descriptors']} descriptors"
    for words in outcome.failures[:MOST_WORDS]:
        yield f"FAIL  {words}"
    if len(outcome.failures) > MOST_WORDS:
        yield f"... and {len(outcome.failures) - MOST_WORDS} more"
    verdict = f"{len(outcome.failures)} failures" if outcome.failures else "passed"
    yield f"{outcome.seconds:g} s with the seed {outcome.seed}: {verdict}"
