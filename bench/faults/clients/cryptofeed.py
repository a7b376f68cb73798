"""cryptofeed, as its README shows: a `FeedHandler`, a feed with a callback for trades, `run()`.

It has no way to tell its user anything but data; what its tasks raise goes to asyncio's handler of
exceptions, which `run()` takes as an argument and which is listened to here.

Its trades are Binance's aggregate trades; each of them names the trades that it stands for, and
those are counted. It takes no address but `wss://`, so the one it dials is made plain again.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import Any

from .report import Job, Report, described, job


def feed_at(job: Job, take: Any) -> Any:
    """A feed of its Binance, at the exchange."""
    connection: Any = import_module("cryptofeed.connection")
    binance: Any = import_module("cryptofeed.exchanges").Binance
    trades: Any = import_module("cryptofeed.defines").TRADES
    dial = connection.connect

    def plainly(address: str, **options: Any) -> Any:
        return dial(address.replace("wss://", "ws://", 1), **options)

    connection.connect = plainly
    address = job.stream_url.replace("ws://", "wss://", 1)
    routes = connection.Routes("/api/v3/exchangeInfo", l2book="/api/v3/depth?symbol={}&limit={}")
    binance.websocket_endpoints = [connection.WebsocketEndpoint(address)]
    binance.rest_endpoints = [connection.RestEndpoint(job.rest_url, routes=routes)]
    listed = binance.symbol_mapping()
    (symbol,) = (str(name) for name, theirs in listed.items() if theirs == job.symbol)
    return binance(symbols=[symbol], channels=[trades], callbacks={trades: take})


def main(job: Job, report: Report) -> None:
    """Follow the trades until the process is ended."""
    library: Any = import_module("cryptofeed")
    up = False

    async def take(trade: Any, receipt_time: float) -> None:
        nonlocal up
        for trade_id in range(trade.raw["f"], trade.raw["l"] + 1):
            report.trade(trade_id)
            if job.consume_s:
                await asyncio.sleep(job.consume_s)
        if not up:
            report.up()
            up = True

    def raised(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        words = described(error) if isinstance(error, BaseException) else str(context["message"])
        report.told(f"exception: {words}")

    asyncio.set_event_loop(asyncio.new_event_loop())
    handler = library.FeedHandler({"log": {"disabled": True}})
    handler.add_feed(feed_at(job, take))
    handler.run(exception_handler=raised)


if __name__ == "__main__":
    main(job(), Report())
