"""Runs the clients that place orders, one after the other and round by round."""

from __future__ import annotations

import statistics
import sys
from typing import Any

from ..process import ENVIRONMENTS, Failed, Process
from ..rounds import Figures, interleaved

TIMES, WARM = 300, 50
BURST = 1_000
MANY, USUAL = 10_000_000, 100
"""Orders in ten seconds that the exchange takes: any number, and as the real one."""
WAYS = {
    "ours, REST": ("bench.orders.ours", "rest"),
    "ours, websocket": ("bench.orders.ours", "ws"),
    "ours, websocket, journal on the disk": ("bench.orders.ours", "journal"),
    "python-binance, REST": ("bench.orders.peers", "python-binance", "rest"),
    "python-binance, websocket": ("bench.orders.peers", "python-binance", "ws"),
    "ccxt, REST": ("bench.orders.peers", "ccxt", "rest"),
    "ccxt, websocket": ("bench.orders.peers", "ccxt", "ws"),
}
"""By name: the module, and its arguments; of a peer the first is its environment."""


def measure(rounds: int) -> Figures:
    """Medians of ask to answer in microseconds, and what comes of a burst."""
    latency = interleaved(WAYS, rounds, _latency)
    bursts = {"filled at once": _burst("burst"), "resting": _burst("resting")}
    return {"latency": latency, "burst": bursts}


def _exchange(orders: int) -> tuple[Process, dict[str, Any]]:
    exchange = Process([sys.executable, "-m", "bench.orders.exchange", str(orders)])
    return exchange, exchange.heard("rest", 30.0)


def _latency(name: str) -> Figures:
    exchange, where = _exchange(MANY)
    try:
        told = _run(WAYS[name], where | {"times": TIMES + WARM}, "taken")
    finally:
        exchange.end()
    taken = sorted(told["taken"][WARM:])
    return {"p50": statistics.median(taken) / 1e3, "p99": taken[len(taken) * 99 // 100] / 1e3}


def _burst(way: str) -> Figures:
    exchange, where = _exchange(USUAL)
    try:
        came: Figures = _run(("bench.orders.ours", way), where | {"times": BURST}, "came")["came"]
        exchange.tell({})
        count = exchange.heard("asked", 30.0)
    finally:
        exchange.end()
    refused: Figures = {"refused by the exchange": count["asked"] - count["taken"]}
    return {"asked for": BURST} | came | refused


def _run(way: tuple[str, ...], job: dict[str, Any], word: str) -> dict[str, Any]:
    module, *arguments = way
    python = sys.executable
    if module.endswith("peers"):
        python = str(ENVIRONMENTS / arguments[0] / "bin" / "python")
    try:
        client = Process([python, "-m", module, *arguments])
    except OSError as error:
        raise Failed("its environment is not there") from error
    try:
        client.tell(job)
        return client.heard(word, 120.0)
    finally:
        client.end(2.0)
