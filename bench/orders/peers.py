"""Other clients, as they place orders, in environments of their own: a program.

python -m bench.orders.peers CLIENT WAY      python-binance or ccxt; rest or ws
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from importlib import import_module
from importlib.metadata import version
from typing import Any

Place = Callable[[str], Awaitable[Any]]
QUANTITY = "0.001"


async def python_binance(job: dict[str, Any], way: str, run: Any) -> None:
    """Its addresses are constants of its classes."""
    binance: Any = import_module("binance")
    binance.AsyncClient.API_URL = f"{job['rest']}/api"
    binance.AsyncClient.WS_API_URL = f"{job['ws_api']}/ws-api/v3"
    client = binance.AsyncClient(job["key"], job["secret"])
    client.ws_api.TIMEOUT = 2
    terms = {"symbol": "BTCUSDT", "type": "MARKET", "quantity": QUANTITY}

    async def by_rest(side: str) -> Any:
        return await client.create_order(side=side, **terms)

    async def by_websocket(side: str) -> Any:
        return await client.ws_create_order(side=side, **terms)

    try:
        await run(by_rest if way == "rest" else by_websocket)
    finally:
        await client.close_connection()


async def ccxt(job: dict[str, Any], way: str, run: Any) -> None:
    """Its addresses lie in a dictionary."""
    pro: Any = import_module("ccxt.pro")
    options = {"defaultType": "spot", "fetchMarkets": {"types": ["spot"]}, "fetchMargins": False}
    account = {"apiKey": job["key"], "secret": job["secret"], "enableRateLimit": False}
    client = pro.binance({**account, "options": options})
    client.has["fetchCurrencies"] = False
    addresses = client.urls["api"]
    addresses["public"] = addresses["private"] = f"{job['rest']}/api/v3"
    addresses["ws"]["ws-api"]["spot"] = f"{job['ws_api']}/ws-api/v3"
    await client.load_markets()

    async def by_rest(side: str) -> Any:
        return await client.create_order("BTC/USDT", "market", side.lower(), float(QUANTITY))

    async def by_websocket(side: str) -> Any:
        side = side.lower()
        return await client.create_order_ws("BTC/USDT", "market", side, float(QUANTITY))

    try:
        await run(by_rest if way == "rest" else by_websocket)
    finally:
        await client.close()


CLIENTS = {"python-binance": python_binance, "ccxt": ccxt}


async def measure(times: int, place: Place, taken: list[int]) -> None:
    """Nanoseconds from asking to the answer."""
    for number in range(times):
        began = time.perf_counter_ns()
        await place("SELL" if number % 2 else "BUY")
        taken.append(time.perf_counter_ns() - began)


def main() -> None:
    """Do as the job says."""
    (client, way), job = sys.argv[1:3], json.loads(sys.stdin.readline())
    taken: list[int] = []

    async def run(place: Place) -> None:
        await measure(job["times"], place, taken)
        print(json.dumps({"taken": taken, "version": version(client)}), flush=True)

    asyncio.run(CLIENTS[client](job, way, run))


if __name__ == "__main__":
    main()
