"""Runs the scripts of the real clients, and does to the exchange what they ask for."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import requests

from exchange_connector.simulator import SimulatedExchange

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ENVIRONMENTS = Path(os.environ.get("CONNECTOR_TEST_CLIENTS", ROOT / ".venv-clients"))
PATIENCE = 60.0
LEVELS = 20


class Script:
    """A client's script, running in the client's own environment."""

    def __init__(self, command: list[str]) -> None:
        # no proxy of the environment stands between a client and this machine
        environment = {name: value for name, value in os.environ.items() if "proxy" not in name}
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment | {"NO_PROXY": "*", "PYTHONUNBUFFERED": "1"},
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._errors: list[str] = []
        self._readers = [
            threading.Thread(target=self._read_lines),
            threading.Thread(target=self._read_errors),
        ]
        for reader in self._readers:
            reader.start()
        self._deadline = time.monotonic() + PATIENCE

    def converse(self, exchange: SimulatedExchange) -> dict[str, Any]:
        """Do what it asks for until it reports; the report."""
        while True:
            told = self._next()
            if "please" not in told:
                assert self._process.wait(max(0.1, self._deadline - time.monotonic())) == 0, self
                return told
            self._answer(DEEDS[told["please"]](exchange))

    def end(self) -> None:
        """Leave nothing behind."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()

    def __repr__(self) -> str:
        return "".join(self._errors[-40:])

    def _next(self) -> dict[str, Any]:
        """Its next line that is an object in JSON; clients may print things of their own."""
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, self._deadline - time.monotonic()))
            except queue.Empty:
                pytest.fail(f"the client was not done within {PATIENCE:g} s:\n{self!r}")
            if not line:
                pytest.fail(f"the client ended without a report:\n{self!r}")
            if line.startswith("{"):
                told: dict[str, Any] = json.loads(line)
                return told

    def _answer(self, answer: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{json.dumps(answer)}\n")
        self._process.stdin.flush()

    def _read_lines(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        self._errors.extend(self._process.stderr)


def newest(exchange: SimulatedExchange) -> dict[str, Any]:
    """The newest ids; what comes after them came on a connection that is open now."""
    trades = exchange.trades("BTCUSDT")
    rows = requests.get(f"{exchange.rest_url}/api/v3/aggTrades?symbol=BTCUSDT", timeout=5).json()
    return {
        "trade_id": trades[-1].trade_id if trades else 0,
        "aggregate_id": rows[-1]["a"] if rows else 0,
        "update_id": exchange.book("BTCUSDT").update_id,
    }


def hold(exchange: SimulatedExchange) -> dict[str, Any]:
    """Let the market stand still."""
    exchange.hold()
    return newest(exchange)


def release(exchange: SimulatedExchange) -> dict[str, Any]:
    """Let it go on."""
    exchange.release()
    return newest(exchange)


def cut(exchange: SimulatedExchange) -> dict[str, Any]:
    """Reset every websocket."""
    assert exchange.cut() > 0
    return newest(exchange)


DEEDS = {"newest": newest, "hold": hold, "release": release, "cut": cut}


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """A lively exchange, by TLS too; `[…]/ws-api/v3` and `[…]/stream` are real paths there."""
    with SimulatedExchange(seed=5, rate=20.0, tls=True) as running:
        yield running


@pytest.fixture
def run(exchange: SimulatedExchange) -> Iterator[Callable[..., dict[str, Any]]]:
    """Runs a client's script against the exchange; its report.

    Skips where the environment of that client, which has its name, was not made.
    """
    scripts: list[Script] = []

    def run(client: str, *, tls: bool = False) -> dict[str, Any]:
        python = ENVIRONMENTS / client / "bin" / "python"
        if not python.exists():
            pytest.skip(
                f"{client} has no environment in {ENVIRONMENTS}: make it with "
                "tests/clients/setup.sh, or name its folder in CONNECTOR_TEST_CLIENTS"
            )
        file = HERE / f"use_{client.replace('-', '_')}.py"
        script = Script([str(python), str(file), *addresses(exchange, tls=tls)])
        scripts.append(script)
        return script.converse(exchange)

    yield run
    for script in scripts:
        script.end()


def addresses(exchange: SimulatedExchange, *, tls: bool) -> list[str]:
    """The arguments of a script."""
    account = [exchange.api_key, exchange.api_secret]
    if tls:
        stream, api = exchange.tls_stream_url, exchange.tls_ws_api_url
        return [exchange.tls_rest_url, stream, *account, f"{api}/ws-api/v3", exchange.ca_file]
    return [exchange.rest_url, exchange.stream_url, *account, f"{exchange.ws_api_url}/ws-api/v3"]


@pytest.fixture
def agrees(exchange: SimulatedExchange) -> Callable[[dict[str, Any]], bool]:
    """Whether a book that a client kept is the one the exchange had at that update id."""

    def agrees(told: dict[str, Any]) -> bool:
        truth = exchange.book("BTCUSDT", told["update_id"])
        return all(
            numbers(told[side]) == numbers(getattr(truth, side))[:LEVELS]
            for side in ("bids", "asks")
        )

    return agrees


@pytest.fixture
def follows() -> Callable[[list[int]], bool]:
    """Whether there are ids, and each follows on the one before."""

    def follows(ids: list[int]) -> bool:
        return bool(ids) and all(later == earlier + 1 for earlier, later in pairwise(ids))

    return follows


@pytest.fixture
def adjoin() -> Callable[[list[list[int]]], bool]:
    """Whether there are first and last ids of updates, and each begins where one ended."""

    def adjoin(ids: list[list[int]]) -> bool:
        return bool(ids) and all(later[0] == earlier[1] + 1 for earlier, later in pairwise(ids))

    return adjoin


def numbers(levels: Any) -> list[tuple[Decimal, Decimal]]:
    """Prices and quantities, whichever way they were written."""
    return [(Decimal(price), Decimal(quantity)) for price, quantity in levels]
