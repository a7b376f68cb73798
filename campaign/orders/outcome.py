"""What came of a campaign of orders, and how that is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from .venue import BINANCE, Venue

MOST_WORDS = 30


@dataclass
class OrdersOutcome:
    """It was passed where there are no failures.

    Attributes:
        orders: How many were asked for, with cancellations.
        seconds: What it took, without coming to rest.
        incidents: What went wrong, and how often.
        results: What the bot was answered, by deed.
        counts: What was counted; `MUST_BE_ZERO` says which of these have to be 0.
    """

    seed: int
    orders: int
    seconds: float = 0.0
    processes: int = 0
    failures: list[str] = field(default_factory=list[str])
    incidents: Counter[str] = field(default_factory=Counter[str])
    results: Counter[str] = field(default_factory=Counter[str])
    counts: dict[str, int] = field(default_factory=dict[str, int])
    venue: Venue = BINANCE

    def count(self, name: str, wrong: list[str]) -> None:
        """Something that must be 0, and which ones there are."""
        self.counts[name] = len(wrong)
        self.failures += [f"{name}: {words}" for words in wrong[:MOST_WORDS]]
        if len(wrong) > MOST_WORDS:
            self.failures.append(f"{name}: and {len(wrong) - MOST_WORDS} more")


def closing(outcome: OrdersOutcome) -> Iterator[str]:
    """The account of the whole, in lines."""
    for title, counter in (("faults", outcome.incidents), ("answers", outcome.results)):
        yield f"{title}: {', '.join(f'{n:,} {name}' for name, n in sorted(counter.items()))}"
    yield (
        f"{outcome.orders:,} deeds in {outcome.seconds:.0f} s by {outcome.processes} processes, "
        f"{sum(outcome.incidents.values()):,} faults"
    )
    for name, number in outcome.counts.items():
        yield f"{number:9,}  {name}"
    for words in outcome.failures:
        yield f"FAIL  {words}"
    verdict = f"{len(outcome.failures)} failures" if outcome.failures else "passed"
    yield f"{outcome.orders:,} deeds with the seed {outcome.seed}: {verdict}"
