"""The examples run as they are."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
SAYS = {
    "asyncio_bot.py": ["server time", "best bid 6", "trade "],
    "bot_actor.py": ["BTCUSDT is TRADING", "subscribed: ", "mean spread: ", "health: LIVE"],
    "callbacks.py": ["ETHUSDT", "24 h: ", "trades were missed: disconnected", "lost: "],
    "own_tests.py": ["3 passed"],
}


def test_there_are_examples() -> None:
    """Each of them is known here."""
    assert {file.name for file in EXAMPLES} == SAYS.keys()


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_example(file: Path, tmp_path: Path) -> None:
    """It ends by itself within seconds, says what it should, and nothing on stderr."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-W", "error", str(file)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert time.monotonic() - began < 20  # a slow machine; 5 s is usual
    for words in SAYS[file.name]:
        assert words in done.stdout
