"""A real client, written by others, against the simulated exchange."""

from __future__ import annotations

import json
import os
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from exchange_connector.simulator import SimulatedExchange

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ENVIRONMENTS = Path(os.environ.get("CONNECTOR_TEST_CLIENTS", ROOT / ".venv-clients"))
PYTHON = ENVIRONMENTS / "python-binance" / "bin" / "python"


@pytest.mark.skipif(
    not PYTHON.exists(),
    reason=f"no {PYTHON}: make it with tests/clients/setup.sh, "
    "or name its folder in CONNECTOR_TEST_CLIENTS",
)
def test_python_binance_reads_signs_and_listens() -> None:
    """python-binance as released reads REST, signs a request and follows streams."""
    with SimulatedExchange(seed=5) as exchange:
        run = subprocess.run(
            [
                PYTHON,
                HERE / "python_binance.py",
                exchange.rest_url,
                exchange.stream_url,
                exchange.api_key,
                exchange.api_secret,
            ],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert run.returncode == 0, run.stderr
    done = json.loads(run.stdout)
    assert done["symbols"] == ["BTCUSDT", "ETHUSDT"]
    assert done["bids"] == done["asks"] == 100
    assert done["balances"]["BTC"] == "1.25000000"
    assert all(later == earlier + 1 for earlier, later in pairwise(done["trade_ids"]))
    assert all(later[0] == earlier[1] + 1 for earlier, later in pairwise(done["update_ids"]))
    assert done["combined"]
