"""Runs the scripts of the real clients, and does to the exchange what they ask for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import requests

from bench.process import ENVIRONMENTS, Failed, Process
from exchange_connector.simulator import SimulatedExchange

HERE = Path(__file__).resolve().parent
PATIENCE = 60.0
LEVELS = 20
PATHS = {"binance": "/ws-api/v3", "bybit": "/v5/private"}
"""Where the websocket is that knows an account."""


class Script(Process):
    """A client's script, running in the client's own environment."""

    def converse(self, exchange: SimulatedExchange) -> dict[str, Any]:
        """Do what it asks for until it reports; the report."""
        deadline = time.monotonic() + PATIENCE
        try:
            while "please" in (told := self.heard(within=deadline - time.monotonic())):
                self.tell(DEEDS[told["please"]](exchange))
        except Failed as failed:
            pytest.fail("".join([f"{failed}:\n", *self.complaints[-40:]]))
        assert self.ended(deadline - time.monotonic()) == 0, "".join(self.complaints[-40:])
        return told


def newest(exchange: SimulatedExchange) -> dict[str, Any]:
    """The newest ids; what comes after them came on a connection that is open now."""
    if exchange.name == "bybit":
        return {
            "trade_id": {
                category: list(exchange.trades_by_id("BTCUSDT", category=category))[-1]
                for category in ("spot", "linear")
            }
        }
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


def subscribed(exchange: SimulatedExchange) -> dict[str, Any]:
    """Wait until somebody is subscribed to the orders of an account on Bybit."""

    def is_so(seen: SimulatedExchange) -> bool:
        return any(one.method == "subscribe" and "order" in one.params for one in seen.controls)

    assert exchange.wait_until(is_so)
    return newest(exchange)


DEEDS = {"subscribed": subscribed, "newest": newest, "hold": hold, "release": release, "cut": cut}


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """A lively exchange, by TLS too; `[…]/ws-api/v3` and `[…]/stream` are real paths there.

    A file about clients of another exchange has a fixture of that name for itself.
    """
    with SimulatedExchange(seed=5, rate=20.0, tls=True) as running:
        yield running


@pytest.fixture
def run(exchange: SimulatedExchange) -> Iterator[Callable[..., dict[str, Any]]]:
    """Runs a client's script against the exchange; its report.

    Skips where the environment of that client, which has its name, was not made. A client that has
    several scripts names the `script`.
    """
    scripts: list[Script] = []

    def run(client: str, *, tls: bool = False, script: str = "") -> dict[str, Any]:
        python = ENVIRONMENTS / client / "bin" / "python"
        if not python.exists():
            pytest.skip(
                f"{client} has no environment in {ENVIRONMENTS}: make it with "
                "tests/clients/setup.sh, or name its folder in CONNECTOR_TEST_CLIENTS"
            )
        file = HERE / f"use_{(script or client).replace('-', '_')}.py"
        started = Script([str(python), str(file), *addresses(exchange, tls=tls)])
        scripts.append(started)
        return started.converse(exchange)

    yield run
    for script in scripts:
        script.end()


def addresses(exchange: SimulatedExchange, *, tls: bool) -> list[str]:
    """The arguments of a script."""
    account = [exchange.api_key, exchange.api_secret]
    path = PATHS[exchange.name]
    if tls:
        stream, api = exchange.tls_stream_url, exchange.tls_ws_api_url
        return [exchange.tls_rest_url, stream, *account, f"{api}{path}", exchange.ca_file]
    return [exchange.rest_url, exchange.stream_url, *account, f"{exchange.ws_api_url}{path}"]


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
def is_true(exchange: SimulatedExchange) -> Callable[[str, dict[str, Any]], bool]:
    """Whether a whole book of a category and depth is the one the exchange had at that id."""

    def is_true(category: str, told: dict[str, Any]) -> bool:
        depth = told["depth"]
        truth = exchange.book("BTCUSDT", told["update_id"], category=category, depth=depth)
        return all(
            len(told[side]) > 1 and numbers(told[side]) == numbers(getattr(truth, side))
            for side in ("bids", "asks")
        )

    return is_true


@pytest.fixture
def run_of_trades(exchange: SimulatedExchange) -> Callable[..., bool]:
    """Whether ids are those of trades that followed on each other, without one between.

    `shuffled` is for a client that orders the trades of a millisecond by their ids.
    """

    def run_of_trades(category: str, ids: list[str], *, shuffled: bool = False) -> bool:
        known = list(exchange.trades_by_id("BTCUSDT", category=category))
        ids = sorted(ids, key=known.index) if shuffled else ids
        begin = known.index(ids[0])
        return known[begin : begin + len(ids)] == ids

    return run_of_trades


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
