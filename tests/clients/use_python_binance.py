"""python-binance, as released: `AsyncClient`, `BinanceSocketManager`, `DepthCacheManager`.

It has no option for addresses, so the classes' own constants are set before anything is made of
them.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from importlib import import_module
from importlib.metadata import version
from typing import Any

# by name: they lie in an environment of its own, and beside this file
binance: Any = import_module("binance")
dialogue: Any = import_module("dialogue")

SYMBOL = dialogue.SYMBOL
MESSAGES = 5


async def read(client: Any) -> dict[str, Any]:
    """What REST tells of the market, and of the account."""
    depth = await client.get_order_book(symbol=SYMBOL, limit=100)
    account = await client.get_account()
    return {
        "server_time": (await client.get_server_time())["serverTime"],
        "symbols": [row["symbol"] for row in (await client.get_exchange_info())["symbols"]],
        "depth": dialogue.book(depth["lastUpdateId"], depth["bids"], depth["asks"]),
        "recent": [row["id"] for row in await client.get_recent_trades(symbol=SYMBOL, limit=10)],
        "aggregates": [row["a"] for row in await client.get_aggregate_trades(symbol=SYMBOL)],
        "klines": [row[0] for row in await client.get_klines(symbol=SYMBOL, interval="1m")],
        "prices": sorted(row["symbol"] for row in await client.get_all_tickers()),
        "day": (await client.get_ticker(symbol=SYMBOL))["symbol"],
        "best": (await client.get_orderbook_ticker(symbol=SYMBOL))["symbol"],
        "average": (await client.get_avg_price(symbol=SYMBOL))["mins"],
        "balances": {row["asset"]: row["free"] for row in account["balances"]},
    }


async def ask(client: Any, manager: Any) -> dict[str, Any]:
    """The same by the websocket API, signed requests too, and the account's own events."""
    client.ws_api.TIMEOUT = 2  # seconds; for so long it waits for more when it is closed
    await client.ws_ping()
    depth = await client.ws_get_order_book(symbol=SYMBOL, limit=100)
    account = await client.ws_get_account()
    async with manager.user_socket() as events:
        subscription = events._subscription_id
    return {
        "subscription": subscription,
        "api_time": (await client.ws_get_time())["serverTime"],
        "api_depth": dialogue.book(depth["lastUpdateId"], depth["bids"], depth["asks"]),
        "api_balances": {row["asset"]: row["free"] for row in account["balances"]},
    }


async def trade(client: Any, manager: Any) -> dict[str, Any]:
    """An order by REST and one by the websocket API, seen in the account's own events."""
    price = str(Decimal((await client.get_orderbook_ticker(symbol=SYMBOL))["bidPrice"]) - 500)
    terms = {"symbol": SYMBOL, "quantity": "0.01", "price": price}
    async with manager.user_socket() as events:
        placed = await client.order_limit_buy(newClientOrderId="by-rest", **terms)
        seen = await client.get_order(symbol=SYMBOL, origClientOrderId="by-rest")
        listed = await client.get_open_orders(symbol=SYMBOL)
        gone = await client.cancel_order(symbol=SYMBOL, orderId=placed["orderId"])
        other = await client.ws_create_order(
            side="SELL", type="MARKET", symbol=SYMBOL, quantity="0.01", newClientOrderId="by-ws"
        )
        told: list[Any] = []
        while not any(one.get("X") == "FILLED" for one in told):
            told.append(await events.recv())
    trades = await client.get_my_trades(symbol=SYMBOL)
    return {
        "placed": placed["status"],
        "seen": seen["status"],
        "listed": [row["clientOrderId"] for row in listed],
        "gone": gone["status"],
        "other": other["status"],
        "told": [(one["x"], one["X"]) for one in told if one["e"] == "executionReport"],
        "traded": [row["id"] for row in trades],
    }


async def kind_of(name: str, socket: Any) -> tuple[str, Any]:
    """What a stream's events call themselves; of those that do not, their fields."""
    async with socket as opened:
        message = await opened.recv()
        return name, message.get("e", sorted(message))


async def listen(manager: Any) -> dict[str, Any]:
    """Every kind of stream it has for a spot symbol, and a combined one."""
    streams = {
        "trade": manager.trade_socket(SYMBOL),
        "aggTrade": manager.aggtrade_socket(SYMBOL),
        "kline": manager.kline_socket(SYMBOL),
        "24hrTicker": manager.symbol_ticker_socket(SYMBOL),
        "24hrMiniTicker": manager.symbol_miniticker_socket(SYMBOL),
        "bookTicker": manager.symbol_book_ticker_socket(SYMBOL),
        "partial": manager.depth_socket(SYMBOL, depth="5", interval=100),
    }
    kinds = dict(await asyncio.gather(*(kind_of(*each) for each in streams.items())))
    several = [f"{SYMBOL.lower()}@bookTicker", f"{SYMBOL.lower()}@aggTrade"]
    async with manager.multiplex_socket(several) as socket:
        combined = [await socket.recv() for _ in range(MESSAGES * 4)]
    return {"kinds": kinds, "combined": sorted({message["stream"] for message in combined})}


async def keep_book(client: Any, manager: Any) -> dict[str, Any]:
    """Its own book, kept from diffs.

    Without a still market it starts with a wrong one: it takes the first diff, which overlaps the
    snapshot as documented, for a gap.
    """
    await dialogue.please_async("hold")
    keeper = binance.DepthCacheManager(
        client, SYMBOL, bm=manager, limit=1000, conv_type=Decimal, ws_interval=100
    )
    async with keeper as cache:
        await dialogue.please_async("release")
        kept = [await cache.recv() for _ in range(MESSAGES)][-1]
        update_id = keeper._last_update_id
        return {"book": dialogue.book(update_id, kept.get_bids(), kept.get_asks())}


async def lose(manager: Any) -> dict[str, Any]:
    """A connection that is reset: the error is told, and trades go on by themselves."""
    async with manager.trade_socket(SYMBOL) as socket:
        trades = [await socket.recv() for _ in range(MESSAGES)]
        newest = (await dialogue.please_async("cut"))["trade_id"]
        told: list[str] = []
        after: list[int] = []
        while len(after) < MESSAGES:
            message = await socket.recv()
            if message["e"] == "error":
                told.append(message["type"])
            elif message["t"] > newest:
                after.append(message["t"])
    return {"trade_ids": [each["t"] for each in trades], "errors": told, "after_the_cut": after}


async def main(arguments: Any) -> dict[str, Any]:
    """Do everything once."""
    binance.AsyncClient.API_URL = f"{arguments.rest_url}/api"
    binance.AsyncClient.WS_API_URL = arguments.ws_api_url
    binance.BinanceSocketManager.STREAM_URL = f"{arguments.stream_url}/"
    client = await binance.AsyncClient.create(arguments.api_key, arguments.api_secret)
    manager = binance.BinanceSocketManager(client)
    try:
        done = await read(client) | await listen(manager) | await keep_book(client, manager)
        done |= await ask(client, manager)
        done |= await trade(client, manager)
        done |= await lose(manager)
    finally:
        await client.close_connection()
    return {"client": f"python-binance {version('python-binance')}", **done}


if __name__ == "__main__":
    dialogue.run(main)
