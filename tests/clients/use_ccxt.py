"""ccxt, as released: its unified interface, REST and (`ccxt.pro`) websockets.

Its addresses lie in the dictionary `urls`; only spot markets are asked for.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from importlib.metadata import version
from typing import Any

# by name: they lie in an environment of its own, and beside this file
ccxt: Any = import_module("ccxt.pro")
dialogue: Any = import_module("dialogue")

SYMBOL = "BTC/USDT"
MESSAGES = 5


def made(arguments: Any) -> Any:
    """An exchange of ccxt's that is at our addresses."""
    options = {"defaultType": "spot", "fetchMarkets": {"types": ["spot"]}, "fetchMargins": False}
    account = {"apiKey": arguments.api_key, "secret": arguments.api_secret}
    exchange = ccxt.binance({**account, "options": options})
    exchange.has["fetchCurrencies"] = False
    addresses = exchange.urls["api"]
    addresses["public"] = addresses["private"] = f"{arguments.rest_url}/api/v3"
    addresses["ws"]["spot"] = f"{arguments.stream_url}/ws"
    addresses["ws"]["ws-api"]["spot"] = arguments.ws_api_url
    return exchange


async def read(exchange: Any) -> dict[str, Any]:
    """What REST tells of the market, and of the account."""
    depth = await exchange.fetch_order_book(SYMBOL, 100)
    balance = await exchange.fetch_balance()
    market = (await exchange.load_markets())[SYMBOL]
    return {
        "server_time": await exchange.fetch_time(),
        "symbols": sorted(exchange.markets),
        "precision": {name: str(step) for name, step in market["precision"].items() if step},
        "depth": dialogue.book(depth["nonce"], depth["bids"], depth["asks"]),
        "recent": [int(row["id"]) for row in await exchange.fetch_trades(SYMBOL, limit=10)],
        "klines": [row[0] for row in await exchange.fetch_ohlcv(SYMBOL, "1m")],
        "day": (await exchange.fetch_ticker(SYMBOL))["symbol"],
        "prices": sorted(await exchange.fetch_last_prices()),
        "best": sorted(await exchange.fetch_bids_asks()),
        "balances": {asset: balance[asset]["free"] for asset in ("BTC", "USDT")},
    }


async def ask(exchange: Any) -> dict[str, Any]:
    """What it has of the websocket API for a spot market.

    Of a spot account it looks for the balances where a futures account has them, so they are read
    from what it hands on.
    """
    account = (await exchange.fetch_balance_ws())["info"]
    balances = {row["asset"]: float(row["free"]) for row in account["balances"]}
    return {
        "api_balances": {asset: balances[asset] for asset in ("BTC", "USDT")},
        "api_klines": [row[0] for row in await exchange.fetch_ohlcv_ws(SYMBOL, "1m")],
        "api_recent": [int(row["id"]) for row in await exchange.fetch_trades_ws(SYMBOL, limit=10)],
    }


async def trade(exchange: Any) -> dict[str, Any]:
    """An order by REST and one by the websocket API, seen in the account's own events."""
    await exchange.ensure_user_data_stream_ws_subscribe_signature("spot")
    told: list[list[str]] = []
    listening = asyncio.ensure_future(orders_until(exchange, "by-ws", "closed", told))
    price = (await exchange.fetch_ticker(SYMBOL))["bid"] - 500
    terms = {"clientOrderId": "by-rest"}
    placed = await exchange.create_order(SYMBOL, "limit", "buy", 0.01, price, terms)
    seen = await exchange.fetch_order(placed["id"], SYMBOL)
    listed = await exchange.fetch_open_orders(SYMBOL)
    gone = await exchange.cancel_order(placed["id"], SYMBOL)
    terms = {"newClientOrderId": "by-ws"}  # by another name it is sent twice
    other = await exchange.create_order_ws(SYMBOL, "market", "sell", 0.01, None, terms)
    await listening
    return {
        "placed": placed["status"],
        "seen": seen["status"],
        "listed": [row["clientOrderId"] for row in listed],
        "gone": gone["status"],
        "other": other["status"],
        "told": told,
        "traded": [int(row["id"]) for row in await exchange.fetch_my_trades(SYMBOL)],
    }


async def orders_until(exchange: Any, name: str, status: str, told: list[list[str]]) -> None:
    """Watch orders until that one has come so far."""
    while [name, status] not in told:
        for order in await exchange.watch_orders(SYMBOL):
            told.append([order["clientOrderId"], order["status"]])


async def watch(exchange: Any) -> dict[str, Any]:
    """Every kind of stream that it has for a spot market."""
    candles, ticker, best = await asyncio.gather(
        exchange.watch_ohlcv(SYMBOL, "1m"),
        exchange.watch_ticker(SYMBOL),
        exchange.watch_bids_asks([SYMBOL]),
    )
    return {
        "watched_candle": candles[-1][0],
        "watched_ticker": ticker["symbol"],
        "watched_best": sorted(best),
    }


async def keep_book(exchange: Any) -> dict[str, Any]:
    """Its own book, kept from diffs; ccxt's nonce is the update id."""
    book = [await exchange.watch_order_book(SYMBOL) for _ in range(MESSAGES)][-1]
    return {"book": dialogue.book(book["nonce"], book["bids"], book["asks"])}


async def trades_beyond(exchange: Any, newest: int) -> list[int]:
    """The ids of some trades that are newer; a call that fails is made again, as ccxt wants it."""
    ids: set[int] = set()
    while len(ids) < MESSAGES:
        try:
            trades = await exchange.watch_trades(SYMBOL)
        except ccxt.NetworkError:
            continue
        ids |= {int(trade["id"]) for trade in trades if int(trade["id"]) > newest}
    return sorted(ids)


async def lose(exchange: Any) -> dict[str, Any]:
    """A connection that is reset: the call under way fails, the next ones dial again."""
    before = await trades_beyond(exchange, 0)
    waiting = asyncio.ensure_future(failure_of(exchange))
    newest = (await dialogue.please_async("cut"))["trade_id"]
    error = await waiting
    after = await trades_beyond(exchange, newest)
    return {"trade_ids": before, "error": error, "after_the_cut": after} | await keep_book(exchange)


async def failure_of(exchange: Any) -> str:
    """How the loss is told."""
    while True:
        try:
            await exchange.watch_trades(SYMBOL)
        except ccxt.NetworkError as error:
            return type(error).__name__


async def leave(exchange: Any) -> dict[str, Any]:
    """Unsubscribing, on a live connection."""
    await exchange.un_watch_trades(SYMBOL)
    return {"left": SYMBOL not in exchange.trades}


async def main(arguments: Any) -> dict[str, Any]:
    """Do everything once."""
    exchange = made(arguments)
    try:
        done: dict[str, Any] = await read(exchange)
        done |= await watch(exchange)
        done["first_book"] = (await keep_book(exchange))["book"]
        done |= await lose(exchange)
        done |= await leave(exchange)
        done |= await ask(exchange)
        done |= await trade(exchange)
    finally:
        await exchange.close()
    return {"client": f"ccxt {version('ccxt')}", **done}


if __name__ == "__main__":
    dialogue.run(main)
