"""The examples run as they are."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.process import ENVIRONMENTS
from exchange_connector.simulator import SimulatedExchange

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
ON_CCXT = ROOT / "examples" / "ccxt_bot.py"
SAYS = {
    "asyncio_bot.py": ["server time", "best bid 6", "trade "],
    "bot_actor.py": ["BTCUSDT is TRADING", "subscribed: ", "mean spread: ", "health: LIVE"],
    "callbacks.py": ["ETHUSDT", "24 h: ", "trades were missed: disconnected", "lost: "],
    "other_client.py": ["3 passed"],
    "own_tests.py": ["3 passed"],
    "under_faults.py": ["missed, 3", "it was told of everything, and is back", "1.5 s: cut"],
}


def test_there_are_examples() -> None:
    """Each of them is known here."""
    assert {file.name for file in EXAMPLES} == {*SAYS, ON_CCXT.name}


@pytest.mark.parametrize(
    "file", [file for file in EXAMPLES if file != ON_CCXT], ids=lambda file: file.name
)
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


def test_example_on_ccxt() -> None:
    """The bot on ccxt has a true book before and after a cut, in an environment that has ccxt."""
    python = ENVIRONMENTS / "ccxt" / "bin" / "python"
    if not python.exists():
        pytest.skip(f"no {python}: make it with tests/clients/setup.sh")
    with SimulatedExchange() as exchange:
        done = subprocess.run(
            [python, ON_CCXT, exchange.rest_url.removeprefix("http://")],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "a true book: True" in done.stdout
    assert "a true book again: True" in done.stdout
