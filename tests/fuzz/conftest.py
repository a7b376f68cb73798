"""Mutations of what an exchange really sends, and the loop that feeds them to whoever reads it.

In CI a few hundred each, chosen by Hypothesis. `CONNECTOR_TEST_FUZZ_SECONDS=600` makes it ten
minutes for all targets together, and shows how many cases there were.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FIXTURES = Path(__file__).resolve().parents[3] / "shared" / "fixtures"
SECONDS = float(os.environ.get("CONNECTOR_TEST_FUZZ_SECONDS", "0"))
TARGETS = 44
"""How many tests share these seconds."""
_MOST_SHOWN = 20
CHECKS = (
    HealthCheck.function_scoped_fixture,
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
)

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|-?[0-9]+(?:\.[0-9]+)?|true|false|null')
_PAIR = re.compile(rb'"[^"\\]*":(?:"(?:[^"\\]|\\.)*"|-?[0-9.]+|true|false|null)')
_ODD = [
    *(b"NaN", b"Infinity", b"-Infinity", b"nan", b"null", b"true", b"false", b"[]", b"{}", b"[[]]"),
    *(b"-1", b"0", b"-0", b"1e5", b"1E400", b"1e400000000", b"-1e-400000000", b"0x10", b"01", b"1."),
    *(b"9223372036854775807", b"9223372036854775808", b"18446744073709551616", b"1.5", b".5"),
    *(b'""', b'"."', b'"1."', b'".5"', b'"-0"', b'"+1"', b'" 1"', b'"1 "', b'"1_000"', b'"1e5"'),
    *(b'"NaN"', b'"sNaN"', b'"Infinity"', b'"1e400000000"', b'"\\ud800"', b'"\\u0031"', b'"\\u0000"'),
    *('"١٢٣"'.encode(), '"\u2028"'.encode(), b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\x80"', b'"\xf5"'),
    *(b"9" * 400, b'"' + b"9" * 5000 + b'"', b'"' + b"x" * 10_000 + b'"', b"1" * 5000),
    *(b"[" * 2000 + b"]" * 2000, b'{"a":' * 2000 + b"1" + b"}" * 2000, b"[" * 100_000),
    *(b'[["1","2"]]', b'[["1"]]', b'[["1","2","3"]]', b"[[1,2]]", b'["1","2"]', b'{"1":"2"}'),
]  # fmt: skip


def _cut(data: bytes, rng: random.Random) -> tuple[int, int]:
    one, other = rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)
    return (one, other) if one < other else (other, one)


def _flip(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]


def _truncate(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] if rng.random() < 0.8 else data[at:]


def _drop(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + data[at + 1 + rng.randrange(8) :]


def _repeat(data: bytes, rng: random.Random) -> bytes:
    begin, end = _cut(data, rng)
    return data[:end] + data[begin:end] + data[end:]


def _insert(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    odd = rng.choice([*_ODD, b" ", b"\n", b"\\", b'"', b",", b":", b"]", b"}", b"\x00", b"\xff"])
    return data[:at] + odd + data[at:]


def _exchange(data: bytes, rng: random.Random) -> bytes:
    """Another value, or another key, in the place of one."""
    tokens = list(_TOKEN.finditer(data))
    if not tokens:
        return _insert(data, rng)
    token = rng.choice(tokens)
    odd = rng.choice([*_ODD, rng.choice(tokens)[0], str(rng.getrandbits(64)).encode()])
    return data[: token.start()] + odd + data[token.end() :]


def _double(data: bytes, rng: random.Random) -> bytes:
    """A field once more, with another value or with the same."""
    pairs = list(_PAIR.finditer(data))
    if not pairs:
        return _repeat(data, rng)
    pair = rng.choice(pairs)
    again = pair[0]
    if rng.random() < 0.7:
        again = again[: again.index(b":") + 1] + rng.choice(_ODD)
    return data[: pair.end()] + b"," + again + data[pair.end() :]


_WAYS: list[Callable[[bytes, random.Random], bytes]] = [
    *(_flip, _truncate, _drop, _repeat, _insert, _double),
    *(_exchange, _exchange, _exchange),
]


def mutated(corpus: Sequence[bytes], rng: random.Random) -> bytes:
    """One of them, changed in one to four ways; now and then grown together with another."""
    data = rng.choice(corpus)
    if rng.random() < 0.1:
        other = rng.choice(corpus)
        data = data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]
    for _ in range(rng.choice((1, 1, 1, 2, 3, 4))):
        if data:
            data = rng.choice(_WAYS)(data, rng)
    return data


Check = Callable[[random.Random], None]


@pytest.fixture
def fuzz(
    request: pytest.FixtureRequest, figure: Callable[[str, object], None]
) -> Callable[[Check, int], None]:
    """Runs a check so many times, or for its share of the seconds, with another chance each."""

    def run(check: Check, examples: int) -> None:
        if SECONDS:
            _run_long(check, request.node.name, figure)
            return

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            suppress_health_check=[*CHECKS],
        )
        @given(st.randoms(use_true_random=False))
        def once(rng: random.Random) -> None:
            check(rng)

        once()

    return run


def _run_long(check: Check, name: str, figure: Callable[[str, object], None]) -> None:
    ends = time.monotonic() + SECONDS / TARGETS
    seed, cases, escapes = time.time_ns(), 0, dict[str, str]()
    while time.monotonic() < ends:
        cases += 1
        try:
            check(random.Random(f"{seed}-{cases}"))
        except BaseException as error:  # noqa: BLE001 - told below
            if len(escapes) < _MOST_SHOWN:
                escapes.setdefault(f"{type(error).__name__}: {error}"[:300], f"{seed}-{cases}")
    figure(f"{name}: cases, escapes", f"{cases}, {len(escapes)}")
    assert not escapes, escapes


@pytest.fixture
def change() -> Callable[[Sequence[bytes], random.Random], bytes]:
    """Changes one of several texts."""
    return mutated


@pytest.fixture(scope="session")
def recorded() -> Callable[[str, Callable[[dict[str, Any]], bool]], list[bytes]]:
    """What was really sent: the `raw` of some lines of a file; nothing where it is absent."""

    def read(name: str, wanted: Callable[[dict[str, Any]], bool]) -> list[bytes]:
        path = FIXTURES / name
        if not path.is_file():
            return []
        data = path.read_bytes()
        text = (gzip.decompress(data) if name.endswith(".gz") else data).decode()
        found = (json.loads(line) for line in text.splitlines()[:3000])
        return [line["raw"].encode() for line in found if "raw" in line and wanted(line)][:60]

    return read
