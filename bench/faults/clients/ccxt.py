"""ccxt.pro, as its manual shows: `watch_trades` in a loop that goes on after an exception.

The manual's loop is `while True: try: trades = await exchange.watch_trades(symbol) … except
Exception as e: print(e)`, with the remark "stop the loop on exception or leave it commented to
retry". Here it retries, since ccxt dials again only when it is called again.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import Any

from .report import Job, Report, ask_forever, described, job


def exchange_at(job: Job) -> Any:
    """Its Binance, spot alone, at the exchange."""
    library: Any = import_module("ccxt.pro")
    options = {"defaultType": "spot", "fetchMarkets": {"types": ["spot"]}, "fetchMargins": False}
    exchange = library.binance({"options": options})
    exchange.has["fetchCurrencies"] = False
    addresses = exchange.urls["api"]
    addresses["public"] = addresses["private"] = f"{job.rest_url}/api/v3"
    addresses["ws"]["spot"] = f"{job.stream_url}/ws"
    return exchange


async def main(job: Job, report: Report) -> None:
    """Follow the trades until the process is ended."""
    exchange = exchange_at(job)
    markets = await exchange.load_markets()
    symbol = next(name for name, market in markets.items() if market["id"] == job.symbol)
    await asyncio.gather(
        watch(exchange, symbol, job, report), ask_forever(job, report, exchange.fetch_time)
    )


async def watch(exchange: Any, symbol: str, job: Job, report: Report) -> None:
    """The loop of the manual."""
    up = False
    while True:
        try:
            trades = await exchange.watch_trades(symbol)
        except Exception as error:  # noqa: BLE001 - whatever it raises is told
            report.told(f"exception: {described(error)}")
            continue
        for trade in trades:
            report.trade(int(trade["id"]))
            if job.consume_s:
                await asyncio.sleep(job.consume_s)
        if not up:
            report.up()
            up = True


if __name__ == "__main__":
    asyncio.run(main(job(), Report()))
