"""docs/10-fidelity.md lists what is served, and names a test for each of its rows."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.binance.streams import AT_ONCE, EVERY_SECOND, parse_stream

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "10-fidelity.md").read_text("utf-8")
TESTS = ROOT / "tests" / "simulator"
SOURCES = [*(ROOT / "simulator" / "binance").glob("*.py")]
CODES = range(-9_999, -999)


def rows(heading: str) -> list[list[str]]:
    """The rows of the tables under the headings that begin so, without their heads."""
    section = PAGE.split(f"\n## {heading}")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    found: list[list[str]] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if not following.startswith("|---") and not line.startswith("|---"):
            found.append([cell.strip().strip("`") for cell in line.strip("|").split("|")])
    return found


def test_every_test_that_is_named_exists() -> None:
    """And every row names one."""
    named = set(re.findall(r"([\w/]+\.py)::(test_\w+)", PAGE))
    assert len(named) > 40
    for file, test in sorted(named):
        path = TESTS / file if (TESTS / file).exists() else TESTS / "binance" / file
        tree = ast.parse(path.read_text("utf-8"))
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert test in functions, f"{file}::{test}"
    for line in PAGE.splitlines():
        if line.startswith("| ") and "proved by" not in line:
            assert "::test_" in line, line


def test_the_endpoints_are_those_of_the_table() -> None:
    """All that are served are listed as served, with their methods, and no others."""
    interface: Any = SimulatedExchange()._box.interface
    served = [*interface.endpoints.values(), *interface.signed_endpoints.values()]
    listed = [row for row in rows("REST and the methods") if len(row) == 5]
    assert {(*request(row[0]), row[1]) for row in listed if row[2] == "yes"} == {
        (endpoint.verb, endpoint.path, endpoint.method) for endpoint in served
    }
    absent = {request(row[0]) for row in listed if row[2] == "no"}
    assert absent
    assert not absent & {(endpoint.verb, endpoint.path) for endpoint in served}


def request(cell: str) -> tuple[str, str]:
    """HTTP method and path of a row."""
    verb, _, path = cell.rpartition(" ")
    return verb or "GET", f"/api/v3/{path}"


def test_the_methods_are_those_of_the_websocket_api() -> None:
    """Those of the connection itself, and by the endpoints' own all others."""
    interface: Any = SimulatedExchange()._box.interface
    api = interface.ws_api
    listed = [row for row in rows("The websocket API's own") if "." in row[0] and " " not in row[0]]
    assert {row[0] for row in listed} == api.sessions.methods.keys()
    of_endpoints = {row[1] for row in rows("REST and the methods") if len(row) == 5}
    assert api.endpoints.keys() <= of_endpoints


def test_the_streams_are_those_that_are_read() -> None:
    """Each listed stream is served or not as listed, and every channel is listed."""
    channels: set[str] = set()
    for row in rows("Market streams"):
        if "@" in row[0] and " " not in row[0]:
            stream = parse_stream(row[0])
            assert (stream is not None) == (row[1] == "yes"), row[0]
            channels |= {stream.channel} if stream is not None else set()
    assert channels == AT_ONCE | EVERY_SECOND | {"window", "kline", "depth", "partial"}


def test_the_codes_are_those_of_the_source() -> None:
    """A code that is given is listed, and the other way round."""
    given = {
        -node.operand.value
        for file in SOURCES
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.UnaryOp)
        and isinstance(node.op, ast.USub)
        and isinstance(node.operand, ast.Constant)
        and isinstance(node.operand.value, int)
        and -node.operand.value in CODES
    }
    assert {int(row[0]) for row in rows("Codes")} == given


@pytest.mark.parametrize(
    "heading", ["Orders", "Market streams", "Limits", "The websocket API's own"]
)
def test_each_row_says_whether_it_is_served(heading: str) -> None:
    """Yes or no, nothing between."""
    assert {row[1] for row in rows(heading)} <= {"yes", "no"}
