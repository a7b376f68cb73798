"""python-binance, as its README shows: `async with trade_socket(…)`, and `recv()` in a loop.

It reconnects by itself; what went wrong comes as a message `{"e": "error"}` among the data, and
where it gives up, `recv()` raises. The README shows nothing for that: the loop ends there, as a
program would. (Its documentation once said "close and restart the socket", without showing it.)
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import Any

from .report import Job, Report, ask_forever, described, job


async def main(job: Job, report: Report) -> None:
    """Follow the trades until the process is ended."""
    library: Any = import_module("binance")
    # it has no option for addresses, so the classes' own constants are set
    library.AsyncClient.API_URL = f"{job.rest_url}/api"
    library.BinanceSocketManager.STREAM_URL = f"{job.stream_url}/"
    client = await library.AsyncClient.create()
    manager = library.BinanceSocketManager(client)
    asking = asyncio.ensure_future(ask_forever(job, report, client.get_server_time))
    try:
        async with manager.trade_socket(job.symbol) as socket:
            report.up()
            while True:
                message = await socket.recv()
                if message["e"] == "error":
                    report.told(f"message: {message['type']}: {message['m']}")
                    continue
                report.trade(int(message["t"]))
                if job.consume_s:
                    await asyncio.sleep(job.consume_s)
    except Exception as error:  # noqa: BLE001 - whatever it raises is told
        report.told(f"exception: {described(error)}")
    await asking
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(job(), Report()))
