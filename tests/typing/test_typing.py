"""Type checkers know what users are given: a sound bot is sound, and a faulty one is told so."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SOUND = (HERE / "sound_bot.py").read_text("utf-8")
FAULTY = (HERE / "faulty_bot.txt").read_text("utf-8")
MISTAKES = {
    number for number, line in enumerate(FAULTY.splitlines(), 1) if line.endswith("# mistake")
}

Checker = Callable[[Path], set[int]]


def mypy(file: Path) -> set[int]:
    """The lines that `mypy --strict` reports, in a file outside of the package."""
    pytest.importorskip("mypy")
    cache = HERE.parents[1] / ".mypy_cache" / "users"
    options = ["--strict", "--no-error-summary", "--cache-dir", str(cache), "--config-file="]
    done = run(["mypy", *options, file.name], file.parent)
    reported = re.findall(rf"^{re.escape(file.name)}:(\d+): error", done, re.MULTILINE)
    assert reported or not done, done
    return {int(line) for line in reported}


def pyright(file: Path) -> set[int]:
    """The lines that pyright reports when it is strict."""
    pytest.importorskip("pyright")
    (file.parent / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}', "utf-8")
    options = ["--outputjson", "--pythonpath", sys.executable]
    report = json.loads(run(["pyright", *options, file.name], file.parent))
    assert report["summary"]["filesAnalyzed"] == 1
    return {
        each["range"]["start"]["line"] + 1
        for each in report["generalDiagnostics"]
        if each["severity"] == "error"
    }


def run(arguments: list[str], folder: Path) -> str:
    """A Python module's standard output."""
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_a_sound_bot(checker: Checker, tmp_path: Path) -> None:
    """Requests, proxies, events and handlers have the types that `assert_type` expects."""
    file = tmp_path / "sound_bot.py"
    file.write_text(SOUND, "utf-8")
    assert checker(file) == set()


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_a_faulty_bot(checker: Checker, tmp_path: Path) -> None:
    """Each mistake is reported, and nothing else."""
    file = tmp_path / "faulty_bot.py"
    file.write_text(FAULTY, "utf-8")
    assert checker(file) == MISTAKES
