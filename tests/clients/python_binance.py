"""python-binance, as released, against an exchange at a given address.

Run with the interpreter of an environment that has it:

    python python_binance.py REST_URL STREAM_URL API_KEY API_SECRET

It prints one JSON line of what it did and ends with 0 if everything worked. It has no option for
addresses, so the classes' own constants are set before anything is made of them.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Any

# by name: it lives in an environment of its own, which type checkers do not see
binance: Any = import_module("binance")

SYMBOL = "BTCUSDT"
MESSAGES = 5


async def read(client: Any) -> dict[str, Any]:
    """Time, exchange information, a book and the account over REST."""
    book = await client.get_order_book(symbol=SYMBOL, limit=100)
    account = await client.get_account()
    return {
        "server_time": (await client.get_server_time())["serverTime"],
        "symbols": [row["symbol"] for row in (await client.get_exchange_info())["symbols"]],
        "bids": len(book["bids"]),
        "asks": len(book["asks"]),
        "balances": {row["asset"]: row["free"] for row in account["balances"]},
    }


async def listen(client: Any) -> dict[str, Any]:
    """Trades from a raw stream, trades and depth from a combined one."""
    manager = binance.BinanceSocketManager(client)
    async with manager.trade_socket(SYMBOL) as socket:
        trades = [await socket.recv() for _ in range(MESSAGES)]
    async with manager.depth_socket(SYMBOL, interval=100) as socket:
        depth = [await socket.recv() for _ in range(MESSAGES)]
    streams = [f"{SYMBOL.lower()}@bookTicker", f"{SYMBOL.lower()}@aggTrade"]
    async with manager.multiplex_socket(streams) as socket:
        combined = [await socket.recv() for _ in range(MESSAGES)]
    return {
        "trade_ids": [message["t"] for message in trades],
        "update_ids": [(message["U"], message["u"]) for message in depth],
        "combined": sorted({message["stream"] for message in combined}),
    }


async def main(arguments: Sequence[str]) -> dict[str, Any]:
    """Do everything once."""
    rest_url, stream_url, api_key, api_secret = arguments
    binance.AsyncClient.API_URL = f"{rest_url}/api"
    binance.BinanceSocketManager.STREAM_URL = f"{stream_url}/"
    client = await binance.AsyncClient.create(api_key, api_secret)
    try:
        done = await read(client) | await listen(client)
    finally:
        await client.close_connection()
    return {"client": f"python-binance {version('python-binance')}", **done}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1:]))))
