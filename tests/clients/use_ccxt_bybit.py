"""ccxt, as released, as a client of Bybit: spot and linear, REST and (`ccxt.pro`) websockets.

Its addresses lie in the dictionary `urls`.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from importlib.metadata import version
from typing import Any

# by name: they lie in an environment of its own, and beside this file
ccxt: Any = import_module("ccxt.pro")
dialogue: Any = import_module("dialogue")

SYMBOLS = {"spot": "BTC/USDT", "linear": "BTC/USDT:USDT"}
DEPTH = 50
MESSAGES = 5


def made(arguments: Any) -> Any:
    """An exchange of ccxt's that is at our addresses."""
    options = {"defaultType": "spot", "fetchMarkets": {"types": list(SYMBOLS)}}
    account = {"apiKey": arguments.api_key, "secret": arguments.api_secret}
    exchange = ccxt.bybit({**account, "options": options})
    exchange.has["fetchCurrencies"] = False
    addresses = exchange.urls["api"]
    for name in ("spot", "futures", "v2", "public", "private"):
        addresses[name] = arguments.rest_url
    for category in SYMBOLS:
        addresses["ws"]["public"][category] = f"{arguments.stream_url}/v5/public/{category}"
    for name in addresses["ws"]["private"]:
        addresses["ws"]["private"][name] = arguments.ws_api_url
    return exchange


async def read(exchange: Any) -> dict[str, Any]:
    """What REST tells of both markets, and of the account."""
    balance = await exchange.fetch_balance()
    markets = await exchange.load_markets()
    return {
        "server_time": await exchange.fetch_time(),
        "symbols": sorted(markets),
        "balances": {asset: balance[asset]["total"] for asset in ("BTC", "USDT")},
    }


async def read_market(exchange: Any, symbol: str) -> dict[str, Any]:
    """What REST tells of one market."""
    recent = await exchange.fetch_trades(symbol, limit=10)
    depth = await exchange.fetch_order_book(symbol, DEPTH)
    return {
        "precision": {
            name: str(step)
            for name, step in exchange.market(symbol)["precision"].items()
            if name in ("price", "amount")
        },
        "levels": [len(depth["bids"]), len(depth["asks"])],
        "recent": [row["id"] for row in recent],
        "klines": [row[0] for row in await exchange.fetch_ohlcv(symbol, "1m")],
        "day": (await exchange.fetch_ticker(symbol))["symbol"],
    }


async def watch(exchange: Any, symbol: str) -> dict[str, Any]:
    """Candles, tickers, and its own books, kept from deltas; it knows them by their time."""
    candles, ticker = await asyncio.gather(
        exchange.watch_ohlcv(symbol, "1m"), exchange.watch_ticker(symbol)
    )
    books = [await exchange.watch_order_book(symbol, DEPTH) for _ in range(MESSAGES)]
    told = books[-1]
    return {
        "candle": candles[-1][0],
        "ticker": ticker["symbol"],
        "book": {"ts": told["timestamp"], "depth": DEPTH} | levels(told),
    }


def levels(book: Any) -> dict[str, Any]:
    """The levels as the report tells them."""
    return {
        side: [[str(level[0]), str(level[1])] for level in book[side]] for side in ("bids", "asks")
    }


async def trades(exchange: Any, symbol: str) -> list[str]:
    """The ids of some trades; a call that fails is made again, as ccxt wants it."""
    ids: dict[str, None] = {}
    for _ in range(MESSAGES):
        try:
            ids |= dict.fromkeys(trade["id"] for trade in await exchange.watch_trades(symbol))
        except ccxt.NetworkError:
            continue
    return list(ids)


async def lose(exchange: Any, symbol: str, category: str) -> dict[str, Any]:
    """A connection that is reset: the call under way fails, the next ones dial again."""
    before = await trades(exchange, symbol)
    waiting = asyncio.ensure_future(failure_of(exchange, symbol))
    newest = (await dialogue.please_async("cut"))["trade_id"][category]
    error = await waiting
    after: list[str] = []
    while not after or newest in after:  # what it has in store still
        after = await trades(exchange, symbol)
    return {"trade_ids": before, "error": error, "after_the_cut": after}


async def failure_of(exchange: Any, symbol: str) -> str:
    """How the loss is told."""
    while True:
        try:
            await exchange.watch_trades(symbol)
        except ccxt.NetworkError as error:
            return type(error).__name__


async def trade(exchange: Any) -> dict[str, Any]:
    """Orders of spot by REST, and what the private socket tells of them."""
    symbol = SYMBOLS["spot"]
    told = asyncio.ensure_future(exchange.watch_orders())
    await dialogue.please_async("subscribed")
    placed = await exchange.create_order(
        symbol, "limit", "buy", 0.001, 60_000, {"clientOrderId": "mine"}
    )
    first = [(one["id"], one["status"], one["clientOrderId"]) for one in await told]
    resting = await exchange.fetch_open_orders(symbol)
    await exchange.cancel_order(placed["id"], symbol)
    sold = await exchange.create_order(symbol, "market", "sell", 0.002)
    (mine,) = await exchange.fetch_canceled_orders(symbol)
    try:
        await exchange.create_order(symbol, "limit", "sell", 5, 70_000)
        refused = ""
    except ccxt.BaseError as error:
        refused = type(error).__name__
    return {
        "placed": placed["id"],
        "told": first,
        "resting": [one["id"] for one in resting],
        "cancelled": [mine["id"], mine["status"]],
        "sold": sold["id"],
        "closed": [
            [one["id"], one["status"], one["filled"]]
            for one in await exchange.fetch_closed_orders(symbol)
        ],
        "trades": [one["id"] for one in await exchange.fetch_my_trades(symbol)],
        "refused": refused,
    }


async def main(arguments: Any) -> dict[str, Any]:
    """Do everything once."""
    exchange = made(arguments)
    try:
        done: dict[str, Any] = await read(exchange)
        for category, symbol in SYMBOLS.items():
            done[category] = await read_market(exchange, symbol)
            done[category] |= await watch(exchange, symbol)
            done[category] |= await lose(exchange, symbol, category)
            await exchange.un_watch_trades(symbol)
        done["orders"] = await trade(exchange)
    finally:
        await exchange.close()
    return {"client": f"ccxt {version('ccxt')}", **done}


if __name__ == "__main__":
    dialogue.run(main)
