"""docs/14-fidelity-bybit.md lists what is served, and names a test for each of its rows."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import cast

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.bybit.interface import Bybit
from exchange_connector.simulator.bybit.topics import DEPTH_MS, parse_topic

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "14-fidelity-bybit.md").read_text("utf-8")
HERE = Path(__file__).resolve().parent


def rows(heading: str) -> list[list[str]]:
    """The rows of the first table under a heading, without its head."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = section.split("|---|\n")[1].split("\n\n")[0].splitlines()
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def test_every_test_that_is_named_exists() -> None:
    """And every row names one."""
    named = set(re.findall(r"(test_\w+\.py)::(test_\w+)", PAGE))
    assert len(named) > 25
    for file, test in sorted(named):
        tree = ast.parse((HERE / file).read_text("utf-8"))
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert test in functions, f"{file}::{test}"
    for line in PAGE.splitlines():
        if line.startswith("| ") and "proved by" not in line:
            assert "::test_" in line, line


def test_the_endpoints_are_those_of_the_table() -> None:
    """All that are served, and no others."""
    served = cast(Bybit, SimulatedExchange(exchange="bybit")._box.interface).endpoints
    assert {f"/v5/{row[0]}" for row in rows("REST")} == set(served)


def test_the_topics_are_those_of_the_table() -> None:
    """With every depth that it names."""
    for topic, served, different, _ in rows("Topics"):
        assert (parse_topic("spot", topic) is not None) == (served == "yes")
        if topic.startswith("orderbook.50."):
            depths = {50, *(int(depth) for depth in re.findall(r"\d+", different))}
            assert depths | {1} == set(DEPTH_MS)
