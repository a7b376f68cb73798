"""The parts of the benchmark: what each of them measures, as figures by way."""

from __future__ import annotations

import array
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import books, doors, stages
from .orders import part as order_part
from .rounds import Bench, Figures, interleaved
from .server import Order
from .ways import table

KINDS = ("trade", "bookTicker", "depth")
"""What is sent alone, too."""
RATES = (1_000, 5_000, 20_000)
"""Messages a second, for latency."""
SECONDS_AT_A_RATE = 2.5
WARMING_UP = 0.1
"""The part of a latency run that is not counted."""
SLOW_RATE = 20_000
SLOW_SECONDS = 5
WIDE = {"10": 4, "1,000": 334, "3,000": 1_000, "10,000": 3_333}
"""How many subscriptions, more or less, and over how many symbols: three streams each."""
SUBSCRIBERS, THEIR_SYMBOLS = 500, 334
"""And how many subscribers to how many symbols."""
WIDE_MESSAGES = 50_000


@dataclass(frozen=True)
class Plan:
    """What was asked for.

    Attributes:
        messages: In each run, save where a rate is given.
        only: The ways to measure; none is all.
    """

    messages: int
    rounds: int
    only: tuple[str, ...] = ()

    def chosen(self, names: tuple[str, ...]) -> list[str]:
        """Those of these ways that are wanted."""
        return [name for name in names if not self.only or name in self.only]


def mix(bench: Bench, plan: Plan) -> Figures:
    """Every way, as fast as it goes, on the mix."""

    def measure(name: str) -> Figures:
        return bench.trial(name, Order("mix", plan.messages))

    return interleaved(plan.chosen(table.MIX), plan.rounds, measure)


def types(bench: Bench, plan: Plan) -> Figures:
    """The same with one kind of message alone."""
    found: Figures = {}
    for kind in KINDS:
        print(f" {kind} alone", flush=True)

        def measure(name: str, kind: str = kind) -> Figures:
            return bench.trial(name, Order(kind, plan.messages))

        found[kind] = interleaved(plan.chosen(table.SINGLE), plan.rounds, measure)
    return found


def tls(bench: Bench, plan: Plan) -> Figures:
    """Plain and by TLS, in turn."""

    def measure(name: str) -> Figures:
        way, _, secure = name.partition("+")
        return bench.trial(way, Order("mix", plan.messages), tls=bool(secure))

    ways = [each for name in plan.chosen(table.TLS) for each in (name, f"{name}+tls")]
    return interleaved(ways, plan.rounds, measure)


def latency(bench: Bench, plan: Plan) -> Figures:
    """From just before the server sends a message until it is handled, at some rates."""
    found: Figures = {}
    for rate in RATES:
        print(f" {rate} messages a second", flush=True)

        def measure(name: str, rate: int = rate) -> Figures:
            return delays(bench, name, rate)

        found[str(rate)] = interleaved(plan.chosen(table.LATENCY), plan.rounds, measure)
    return found


def delays(bench: Bench, name: str, rate: int) -> Figures:
    """One run at a rate."""
    sent, taken = bench.folder / "sent", bench.folder / "taken"
    order = Order("mix", int(rate * SECONDS_AT_A_RATE), rate=rate, log=str(sent))
    figures = bench.trial(name, order, log=str(taken))
    return figures | percentiles(stamps(sent), stamps(taken))


def stamps(file: Path) -> array.array[int]:
    """What a log holds."""
    found = array.array("q")
    found.frombytes(file.read_bytes())
    return found


def percentiles(sent: array.array[int], taken: array.array[int]) -> dict[str, float]:
    """Of the delays, in microseconds, without those at the beginning."""
    first = int(len(sent) * WARMING_UP)
    delays = sorted(
        after - before for before, after in zip(sent[first:], taken[first:], strict=True)
    )
    return {
        "p50": statistics.median(delays) / 1_000,
        "p99": delays[min(len(delays) - 1, len(delays) * 99 // 100)] / 1_000,
    }


def slow(bench: Bench, plan: Plan) -> Figures:
    """Memory, while a subscriber cannot keep up."""
    order = Order("mix", SLOW_RATE * SLOW_SECONDS, rate=SLOW_RATE)

    def measure(name: str) -> Figures:
        return bench.trial(name, order, untold=True)

    return interleaved(plan.chosen(("slow",)), 1, measure)


def scale(bench: Bench, plan: Plan) -> Figures:
    """Many subscriptions, on several sessions, and many subscribers."""
    cases: dict[str, Callable[[], Figures]] = {}
    for label, symbols in WIDE.items():
        cases[label] = _wide(bench, "callable", symbols)
    cases["shared"] = _wide(bench, "shared-out", THEIR_SYMBOLS, subscribers=SUBSCRIBERS)
    return interleaved(cases, plan.rounds, lambda label: cases[label]())


def _wide(bench: Bench, name: str, symbols: int, **job: Any) -> Callable[[], Figures]:
    def measure() -> Figures:
        order = Order("wide", WIDE_MESSAGES, symbols)
        return bench.trial(name, order, **job) | {"streams": 3 * symbols}

    return measure


def kept_books(bench: Bench, plan: Plan) -> Figures:
    """Every way that keeps an order book, as fast as it goes, and what many of them take."""
    one = tuple(name for name in table.BOOKS if name not in table.MANY_BOOKS)
    return {
        "kept": books.kept(bench, plan.messages, plan.rounds, plan.chosen(one)),
        "memory": books.memory(bench, plan.chosen(table.MANY_BOOKS)),
    }


def asking(bench: Bench, plan: Plan) -> Figures:
    """How long it takes to ask, to start, and to import."""
    return doors.measure(bench)


def where(bench: Bench, plan: Plan) -> Figures:
    """What each step of decoding takes."""
    return stages.measure()


def orders(bench: Bench, plan: Plan) -> Figures:
    """From asking for an order to its answer, and what comes of a thousand at once."""
    return order_part.measure(plan.rounds)


PARTS: dict[str, Callable[[Bench, Plan], Figures]] = {
    "mix": mix,
    "types": types,
    "tls": tls,
    "latency": latency,
    "slow": slow,
    "books": kept_books,
    "scale": scale,
    "asking": asking,
    "stages": where,
    "orders": orders,
}
"""By name, in order."""
