"""The rules of the house: who may import whom, whose names stand where, how long a file may be."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "messages": set[str](),
    "core": {"messages"},
    "venues": {"messages", "core"},
    "actors": {"messages", "core", "venues"},
    "simulator": {"messages"},
    "campaign": {"messages", "core", "simulator", "venues", "actors", "runtime"},
}
PARTS = [*MAY_IMPORT, "cli", "pytest_plugin", "runtime.py", "__init__.py", "__main__.py"]
SOURCES = [
    file
    for part in PARTS
    for file in ([ROOT / part] if part.endswith(".py") else sorted((ROOT / part).rglob("*.py")))
]


def imported_parts(file: Path) -> set[str]:
    """The top-level parts of the package that a file imports."""
    inside = file.relative_to(ROOT).parts[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_bytes())):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        up = inside[: len(inside) - node.level + 1]
        names = [node.module or ""] if node.module else [alias.name for alias in node.names]
        found |= {(*up, *name.split("."))[0] for name in names}
    return found


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_imports_point_one_way(part: str) -> None:
    """messages <- core <- venues <- actors <- runtime; the simulator sees messages at most."""
    for file in sorted((ROOT / part).rglob("*.py")):
        wrong = imported_parts(file) - MAY_IMPORT[part] - {part}
        assert not wrong, f"{file.relative_to(ROOT)} imports {wrong}"


def test_actors_know_no_exchange() -> None:
    """An actor is handed a driver, and asks what any can answer; it imports none."""
    for file in sorted((ROOT / "actors").rglob("*.py")):
        text = file.read_text("utf-8")
        assert not re.search(r"from \.+venues\.(?!(driver|questions|account|control)\b)", text), (
            file
        )


def test_generic_code_names_no_exchange() -> None:
    """An exchange's name stands in its venue, the simulator, the commands, and one list."""
    for part in ("actors", "core", "messages", "runtime.py"):
        for file in [ROOT / part] if part.endswith(".py") else sorted((ROOT / part).rglob("*.py")):
            if file.name == "config.py":
                continue
            code = ast.unparse(_without_docstrings(ast.parse(file.read_bytes())))
            assert not re.search("binance|bybit", code, re.IGNORECASE), file


def test_machines_have_no_world() -> None:
    """A machine neither sleeps, nor reads a clock, nor starts a thread, nor logs."""
    for file in sorted((ROOT / "core").glob("*.py")):
        if file.name == "nonce.py":  # ids need entropy, a clock and a lock
            continue
        tree = ast.parse(file.read_bytes())
        names = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        assert not names & {"time", "threading", "socket", "logging", "random", "asyncio"}, file


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_files_are_short(file: Path) -> None:
    """A file that has grown beyond 300 lines is two."""
    assert len(file.read_text("utf-8").splitlines()) <= 300


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [  # type: ignore[attr-defined]
                each
                for each in body
                if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
            ] or [ast.Pass()]
    return tree
