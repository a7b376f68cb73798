"""cryptofeed, as released: callbacks for normalised events, and order books kept from diffs.

Its addresses are attributes of the exchange's class. It takes `wss://` alone, so it comes by TLS;
for REST it trusts whom the environment names.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from typing import Any

# by name: it lies beside this file
dialogue: Any = import_module("dialogue")

SYMBOL = "BTC-USDT"
MESSAGES = 5
PATIENCE_S = 30.0


class Events:
    """What came, by channel."""

    def __init__(self) -> None:
        self._queues: dict[str, asyncio.Queue[Any]] = {}

    def callback(self, channel: str, told: Callable[[Any], Any]) -> Any:
        """A callback that keeps what `told` makes of an event, which may change later."""
        queue = self._queues.setdefault(channel, asyncio.Queue())

        async def keep(event: Any, receipt_time: float) -> None:
            queue.put_nowait(told(event))

        return keep

    async def take(self, channel: str, count: int = MESSAGES) -> list[Any]:
        """The next so many of a channel."""
        queue = self._queues[channel]
        return [await asyncio.wait_for(queue.get(), timeout=PATIENCE_S) for _ in range(count)]


def made(arguments: Any) -> Any:
    """The class of the exchange, at our addresses."""
    connection: Any = import_module("cryptofeed.connection")
    binance: Any = import_module("cryptofeed.exchanges").Binance
    trust = ssl.create_default_context(cafile=arguments.ca_file)
    binance.websocket_endpoints = [
        connection.WebsocketEndpoint(arguments.stream_url, options={"ssl": trust})
    ]
    routes = connection.Routes(
        "/api/v3/exchangeInfo", l2book="/api/v3/depth?symbol={}&limit={}", authentication=""
    )
    binance.rest_endpoints = [connection.RestEndpoint(arguments.rest_url, routes=routes)]
    binance.api = f"{arguments.rest_url}/api/v3/"
    return binance


async def read(feed: Any) -> dict[str, Any]:
    """What it reads by REST: the markets, candles, and the account."""
    candles = [candle async for page in feed.candles(SYMBOL) for candle in page]
    return {
        "symbols": sorted(feed.symbols()),
        "klines": [int(each.start) for each in candles],
        "balances": {row["asset"]: row["free"] for row in await feed.balances()},
    }


def kept_book(event: Any) -> dict[str, Any]:
    """Its own book, at an update id."""
    book = event.book
    bids, asks = book.bids.to_list(), book.asks.to_list()
    return dict(dialogue.book(event.sequence_number, bids, asks))


async def listen(events: Events) -> dict[str, Any]:
    """Trades, best prices, candles, and its own book."""
    return {
        "aggregates": await events.take("trades"),
        "best": (await events.take("ticker", 1))[0],
        "candle": (await events.take("candles", 1))[0],
        "first_book": (await events.take("book"))[-1],
    }


async def lose(events: Events) -> dict[str, Any]:
    """A connection that is reset: it comes back by itself, and its book starts anew."""
    before = (await dialogue.please_async("cut"))["aggregate_id"]
    after: list[int] = []
    while len(after) < MESSAGES:
        (aggregate,) = await events.take("trades", 1)
        after += [aggregate] if aggregate > before else []
    newest = (await dialogue.please_async("newest"))["update_id"]
    while (book := (await events.take("book", 1))[0])["update_id"] <= newest:
        pass
    return {"after_the_cut": after, "book": book}


async def main(arguments: Any) -> dict[str, Any]:
    """Do everything once."""
    os.environ["SSL_CERT_FILE"] = os.environ["REQUESTS_CA_BUNDLE"] = arguments.ca_file
    binance = made(arguments)
    names: Any = import_module("cryptofeed.defines")
    events = Events()
    callbacks = {
        names.TRADES: events.callback("trades", lambda event: int(event.id)),
        names.TICKER: events.callback("ticker", lambda event: event.symbol),
        names.CANDLES: events.callback("candles", lambda event: int(event.start)),
        names.L2_BOOK: events.callback("book", kept_book),
    }
    account = {"key_id": arguments.api_key, "key_secret": arguments.api_secret}
    feed = binance(
        symbols=[SYMBOL],
        channels=list(callbacks),
        callbacks=callbacks,
        candle_closed_only=False,
        config={"binance": account},
    )
    handler = import_module("cryptofeed").FeedHandler({"log": {"disabled": True}})
    handler.add_feed(feed)
    handler.run(start_loop=False, install_signal_handlers=False)
    try:
        done = await read(feed) | await listen(events) | await lose(events)
    finally:
        await handler.stop_async()
    return {"client": f"cryptofeed {version('cryptofeed')}", **done}


if __name__ == "__main__":
    dialogue.run(main)
