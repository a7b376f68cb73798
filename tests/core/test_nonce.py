"""Identifiers that are never given twice."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Callable
from itertools import pairwise

import pytest

from exchange_connector.core.nonce import NonceGenerator, base36

SHAPE = re.compile(r"[0-9a-z]+_[0-9a-z]+_[0-9a-z]{12}")
NOW = 1_700_000_000_123_456_789


def stopped(at: int = NOW) -> Callable[[], int]:
    return lambda: at


def test_the_parts_are_time_counter_and_chance() -> None:
    """In base 36, the most significant digit first."""
    generator = NonceGenerator(stopped(), entropy=lambda below: below - 1)
    first, second = (generator.generate().split("_") for _ in range(2))
    assert int(first[0], 36) == NOW // 1_000_000
    assert int(second[1], 36) == int(first[1], 36) + 1
    assert first[2] == second[2] == "z" * 12


@pytest.mark.parametrize("at", [NOW, 0, -5, 2**63 - 1])
def test_it_is_a_client_order_id_whatever_the_clock_says(at: int) -> None:
    """1970, before it, and the last instant that 64 bits of nanoseconds can tell."""
    identifier = NonceGenerator(stopped(at)).generate()
    assert SHAPE.fullmatch(identifier)
    time, _, tag = identifier.split("_")
    assert len(f"{time}__{tag}") <= 36 - 13  # as long as the counter may become


@pytest.mark.parametrize("number", [0, 1, 35, 36, 37, 1295, 1296, 65_535, 65_536, 36**13 - 1])
def test_base_36_reads_back(number: int) -> None:
    """Never empty, and no leading zeros."""
    text = base36(number)
    assert int(text, 36) == number
    assert text == "0" or not text.startswith("0")
    assert len(text) <= 13


def test_a_clock_stepped_back_repeats_nothing() -> None:
    """Nor one that stands still; whole numbers go on rising."""
    times = iter([NOW, NOW, NOW - 10**12, NOW - 10**12, NOW + 5, 0] * 2)
    generator = NonceGenerator(lambda: next(times))
    assert len({generator.generate() for _ in range(6)}) == 6
    numbers = [generator.generate_int() for _ in range(6)]
    assert all(a < b for a, b in pairwise(numbers))


def test_a_million_over_eight_threads() -> None:
    """Each thread with a generator of its own, all on a clock that stands still."""
    given: list[list[str]] = [[] for _ in range(8)]

    def take(mine: list[str]) -> None:
        generate = NonceGenerator(stopped()).generate
        for _ in range(125_000):
            mine.append(generate())

    in_threads(lambda index: take(given[index]))
    # Without the random part, which would hide a counter that repeats.
    assert len({identifier[:-13] for mine in given for identifier in mine}) == 1_000_000


def test_whole_numbers_rise_in_every_thread_and_are_never_shared() -> None:
    """Far beyond 65,536 in one millisecond, on a clock that stands still."""
    given: list[list[int]] = [[] for _ in range(8)]

    def take(mine: list[int]) -> None:
        generate_int = NonceGenerator(stopped()).generate_int
        for _ in range(20_000):
            mine.append(generate_int())

    in_threads(lambda index: take(given[index]))
    assert len({number for mine in given for number in mine}) == 160_000
    assert all(mine == sorted(mine) for mine in given)


def in_threads(work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


FORKING = """
import os, sys
from exchange_connector.core.nonce import NonceGenerator

generator = NonceGenerator(lambda: 0)
sys.stdout.flush()
for _ in range(3):
    if os.fork() == 0:
        print(generator.generate(), NonceGenerator(lambda: 0).generate(), flush=True)
        generator.generate_int()
        os._exit(0)
    os.wait()
print(generator.generate())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
def test_forks_and_restarts_repeat_nothing() -> None:
    """Children of a fork have the parent's counter and a stopped clock; so has a second run."""
    runs = [
        subprocess.run(
            [sys.executable, "-c", FORKING], capture_output=True, text=True, check=True, timeout=60
        ).stdout.split()
        for _ in range(2)
    ]
    assert [len(run) for run in runs] == [7, 7]
    assert len({identifier for run in runs for identifier in run}) == 14
