"""The connector, as it places orders: a program.

python -m bench.orders.ours WAY      rest, ws, journal (by websocket, and written to the disk), burst
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from exchange_connector import (
    Config,
    ConnectorActor,
    OrderType,
    PlaceOrder,
    RateLimitError,
    Side,
    SubscribeOrders,
    TimeInForce,
    ask,
)

NOWHERE = "ws://127.0.0.1:1"
BURST_S = 40.0


def order(number: int) -> PlaceOrder:
    """Bought, then sold again."""
    side = Side.SELL if number % 2 else Side.BUY
    return PlaceOrder("BTCUSDT", side, OrderType.MARKET, Decimal("0.001"))


def resting(_number: int) -> PlaceOrder:
    """It stays in the book."""
    much, price = Decimal("0.001"), Decimal("60000.00")
    return PlaceOrder(
        "BTCUSDT", Side.BUY, OrderType.LIMIT, much, price, time_in_force=TimeInForce.GTC
    )


def started(job: dict[str, Any], way: str, journal: str) -> Any:
    """A connector that is ready to place orders."""
    config = (
        Config.builder()
        .exchange(
            "binance",
            job["key"],
            job["secret"],
            rest_url=job["rest"],
            stream_url=job["stream"],
            ws_api_url=NOWHERE if way == "rest" else job["ws_api"],
        )
        .rate_limit(max_weight=6_000)
        .journal(journal)
        .build()
    )
    ref = ConnectorActor.start(config)
    ref.proxy().ready().get(timeout=20)
    if way != "rest":
        ask(ref, SubscribeOrders(lambda _: None), timeout=20)
    return ref


def measured(ref: Any, times: int) -> list[int]:
    """Nanoseconds from asking to the answer."""
    taken: list[int] = []
    for number in range(times):
        began = time.perf_counter_ns()
        ask(ref, order(number), timeout=20)
        taken.append(time.perf_counter_ns() - began)
    return taken


def burst(ref: Any, times: int, made: Callable[[int], PlaceOrder]) -> dict[str, int]:
    """All at once: what came of them."""
    futures = [ref.ask(made(number), block=False) for number in range(times)]
    came: Counter[str] = Counter()
    for future in futures:
        try:
            future.get(timeout=BURST_S)
            came["placed"] += 1
        except RateLimitError:
            came["held back here"] += 1
        except Exception as error:  # noqa: BLE001 - counted
            came[type(error).__name__] += 1
    return dict(came)


BURSTS = {"burst": order, "resting": resting}


def main() -> None:
    """Do as the job says."""
    way, job = sys.argv[1], json.loads(sys.stdin.readline())
    with tempfile.TemporaryDirectory() as folder:
        journal = str(Path(folder) / "journal") if way == "journal" else ""
        ref = started(job, way, journal)
        try:
            if way in BURSTS:
                print(json.dumps({"came": burst(ref, job["times"], BURSTS[way])}), flush=True)
            else:
                print(json.dumps({"taken": measured(ref, job["times"])}), flush=True)
        finally:
            ref.stop(timeout=20)


if __name__ == "__main__":
    main()
