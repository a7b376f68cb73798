"""binance-sdk-spot, the exchange's own, as its README shows: a stream, and a handler of messages.

The README shows no more; `on_connection` is documented in the code, and what it tells of closing,
reconnecting and errors is listened to here. A lost connection is not dialled again: the README
does not show how a user would, so it is left at that.
"""

from __future__ import annotations

import asyncio
import time
from importlib import import_module
from typing import Any

from .report import Job, Report, ask_forever, described, job


async def main(job: Job, report: Report) -> None:
    """Follow the trades until the process is ended."""
    configuration: Any = import_module("binance_common.configuration")
    library: Any = import_module("binance_sdk_spot.spot")
    at = configuration.ConfigurationWebSocketStreams(stream_url=job.stream_url)
    rest_at = configuration.ConfigurationRestAPI(base_path=job.rest_url)
    client = library.Spot(config_rest_api=rest_at, config_ws_streams=at)

    def take(message: Any) -> None:
        report.trade(int(message.t))
        if job.consume_s:
            time.sleep(job.consume_s)  # it takes no coroutine

    def failed(error: object) -> None:
        report.told(f"event: error: {error}")

    try:
        connection = await client.websocket_streams.create_connection()
        connection.on_connection("close", lambda: report.told("event: close"))
        connection.on_connection("reconnect", lambda: report.told("event: reconnect"))
        connection.on_connection("error", failed)
        stream = await connection.trade(symbol=job.symbol.lower())
        stream.on("message", take)
        report.up()
    except Exception as error:  # noqa: BLE001 - whatever it raises is told
        report.told(f"exception: {described(error)}")
    # it blocks, and would hold up the stream
    await ask_forever(job, report, lambda: asyncio.to_thread(client.rest_api.time))
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(job(), Report()))
