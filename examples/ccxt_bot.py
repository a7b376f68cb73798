"""A bot on ccxt, in an environment that knows nothing of this library, with a fault on the way.

It keeps an order book with ccxt, has its link cut, and asks the exchange each time whether that was
the book at its update id. Everything goes by HTTP, so the bot might be in any language.

Run it, with ccxt installed:

    exchange-connector simulate --port 9080
    python examples/ccxt_bot.py 127.0.0.1:9080
"""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.request
from importlib import import_module
from typing import Any

ccxt: Any = import_module("ccxt.pro")  # by name: type checkers do not see where it is installed

LEVELS = 10
SIDES = ("bids", "asks")


def made(host: str) -> Any:
    """ccxt's Binance, with spot markets alone, at our address."""
    exchange = ccxt.binance({"options": {"fetchMarkets": {"types": ["spot"]}}})
    exchange.options["fetchMargins"] = False
    exchange.has["fetchCurrencies"] = False
    addresses = exchange.urls["api"]
    addresses["public"] = f"http://{host}/api/v3"
    addresses["ws"]["spot"] = f"ws://{host}/ws"
    return exchange


def ask(host: str, path: str, fault: dict[str, Any] | None = None) -> Any:
    """Ask the simulated exchange itself, beside its interface."""
    body = json.dumps(fault).encode() if fault is not None else None
    with urllib.request.urlopen(f"http://{host}/_exchange/{path}", body, timeout=5) as answer:
        return json.load(answer)


def is_true(host: str, book: Any) -> bool:
    """Whether the book was the exchange's own at that update id (ccxt calls it nonce)."""
    truth = ask(host, f"book?symbol=BTCUSDT&update_id={book['nonce']}")
    sides = ((side, [[float(figure) for figure in row] for row in truth[side]]) for side in SIDES)
    return all(book[side][:LEVELS] == rows[:LEVELS] for side, rows in sides)


async def main(host: str) -> None:
    """Watch the book, before and after a cut."""
    exchange = made(host)
    try:
        book = await exchange.watch_order_book("BTC/USDT")
        print("a true book:", is_true(host, book))
        ask(host, "faults", {"fault": "cut"})
        lost = book["nonce"]
        while True:
            try:
                book = await exchange.watch_order_book("BTC/USDT")
            except ccxt.NetworkError as error:
                print("lost the link:", type(error).__name__)
                continue
            if book["nonce"] > lost:
                break
        print("a true book again:", is_true(host, book))
    finally:
        await exchange.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
