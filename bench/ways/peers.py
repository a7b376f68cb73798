"""Other clients, as released, each used the way its documentation shows.

Each is imported by its function alone: it lies in an environment of its own. Where one delivers
dictionaries of text, they are converted to the same typed structs with `Decimal`s.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Callable
from importlib import import_module
from typing import Any

from ..meter import Job, Meter

ROOMY = 10_000_000
"""Of a queue: what does not fit in would be lost."""


def converting(job: Job, take: Callable[[Any], None]) -> Callable[[dict[str, Any]], None]:
    """A handler of decoded messages in their envelopes, that hands them on typed."""
    msgspec: Any = import_module("msgspec")
    typed: Any = import_module("bench.ways.typed")
    convert = msgspec.convert
    kinds = {stream: typed.kind(stream) for stream in job.streams}

    def handle(message: dict[str, Any]) -> None:
        if (kind := kinds.get(message.get("stream", ""))) is not None:
            take(convert(message["data"], kind))

    return handle


def unicorn(job: Job) -> None:
    """unicorn-binance-websocket-api at its quickest: with picows, and without its statistics."""
    library: Any = import_module("unicorn_binance_websocket_api")
    meter = Meter(job)
    manager = library.BinanceWebSocketApiManager(
        exchange="binance.com",
        restful_base_uri=job.rest_url,
        websocket_base_uri=f"{job.stream_url}/",
        process_stream_data=converting(job, meter.taker()),
        output_default="dict",
        websocket_library="picows",
        high_performance=True,
        warn_on_update=False,
        disable_colorama=True,
    )
    channels = sorted({stream.partition("@")[2] for stream in job.streams})
    manager.create_stream(channels, [name.lower() for name in job.names])
    meter.ready()
    meter.done.wait()
    manager.stop_manager()


def python_binance_at(job: Job) -> Any:
    """python-binance, at the feed."""
    library: Any = import_module("binance")
    library.AsyncClient.API_URL = f"{job.rest_url}/api"
    library.BinanceSocketManager.STREAM_URL = f"{job.stream_url}/"
    return library


def python_binance(job: Job) -> None:
    """python-binance: one socket for all streams, read in a loop."""
    library = python_binance_at(job)
    meter = Meter(job)
    handle = converting(job, meter.taker())

    async def run() -> None:
        client = await library.AsyncClient.create()
        manager = library.BinanceSocketManager(client, max_queue_size=ROOMY)
        async with manager.multiplex_socket(job.streams) as socket:
            meter.ready()
            while not meter.done.is_set():
                handle(await socket.recv())
        await client.close_connection()

    asyncio.run(run())


def ccxt(job: Job) -> None:
    """ccxt.pro: a task awaits each kind of event; counted when ccxt has handled a message."""
    library: Any = import_module("ccxt.pro")
    meter = Meter(job)
    take = meter.taker()

    class Counted(library.binance):  # type: ignore[misc]
        def handle_message(self, client: Any, message: Any) -> None:
            super().handle_message(client, message)  # pyright: ignore[reportUnknownMemberType]
            if "s" in message:
                take(message)

    async def forever(watch: Callable[[Any], Any], argument: Any) -> None:
        while True:
            await watch(argument)

    async def run() -> None:
        exchange = ccxt_at(job, Counted)
        await exchange.load_markets()
        watches: dict[str, tuple[Any, Any]] = {
            "depth@100ms": (exchange.watch_order_book, "BTC/USDT"),
            "trade": (exchange.watch_trades, "BTC/USDT"),
            "ticker": (exchange.watch_ticker, "BTC/USDT"),
            "bookTicker": (exchange.watch_bids_asks, ["BTC/USDT"]),
        }
        wanted = [watches[stream.partition("@")[2]] for stream in job.streams]
        tasks = [asyncio.create_task(forever(*each)) for each in wanted]
        meter.ready()
        await asyncio.to_thread(meter.done.wait)
        for task in tasks:
            task.cancel()
        await exchange.close()

    asyncio.run(run())


def ccxt_at(job: Job, kind: Any) -> Any:
    """ccxt's Binance of this kind, spot alone, at the feed."""
    options = {
        "defaultType": "spot",
        "fetchMarkets": {"types": ["spot"]},
        "fetchMargins": False,
        "watchTickers": {"name": "ticker"},  # its own choice is the shorter miniTicker
    }
    exchange = kind({"options": options, "enableRateLimit": False})
    exchange.has["fetchCurrencies"] = False
    addresses = exchange.urls["api"]
    addresses["public"] = addresses["private"] = f"{job.rest_url}/api/v3"
    addresses["ws"]["spot"] = f"{job.stream_url}/ws"
    return exchange


def cryptofeed(job: Job) -> None:
    """cryptofeed: a callback for each kind of event."""
    binance, names = cryptofeed_at(job)
    meter = Meter(job)
    take = meter.taker()

    async def handle(event: Any, receipt_time: float) -> None:
        if getattr(event, "delta", event) is not None:  # a book before any update
            take(event)

    channels = [names.L2_BOOK, names.TRADES, names.TICKER]
    callbacks = dict.fromkeys(channels, handle)
    cryptofeed_run(meter, binance(symbols=["BTC-USDT"], channels=channels, callbacks=callbacks))


def cryptofeed_at(job: Job) -> tuple[Any, Any]:
    """cryptofeed's Binance at the feed, and its names."""
    os.environ["SSL_CERT_FILE"] = os.environ["REQUESTS_CA_BUNDLE"] = job.ca_file
    connection: Any = import_module("cryptofeed.connection")
    names: Any = import_module("cryptofeed.defines")
    binance: Any = import_module("cryptofeed.exchanges").Binance
    trust = ssl.create_default_context(cafile=job.ca_file)
    address = connection.WebsocketEndpoint(job.stream_url, options={"ssl": trust})
    routes = connection.Routes("/api/v3/exchangeInfo", l2book="/api/v3/depth?symbol={}&limit={}")
    binance.websocket_endpoints = [address]
    binance.rest_endpoints = [connection.RestEndpoint(job.rest_url, routes=routes)]
    return binance, names


def cryptofeed_run(meter: Meter, feed: Any) -> None:
    """Run a feed of cryptofeed's until all is measured."""
    library: Any = import_module("cryptofeed")

    async def run() -> None:
        handler = library.FeedHandler({"log": {"disabled": True}})
        handler.add_feed(feed)
        handler.run(start_loop=False, install_signal_handlers=False)
        meter.ready()
        await asyncio.to_thread(meter.done.wait)
        await handler.stop_async()

    policy: Any = import_module("uvloop")
    policy.run(run())


def binance_sdk_spot(job: Job) -> None:
    """binance-sdk-spot, the exchange's own: a callback for each stream."""
    configuration: Any = import_module("binance_common.configuration")
    library: Any = import_module("binance_sdk_spot.spot")
    streams_at = configuration.ConfigurationWebSocketStreams(stream_url=job.stream_url)
    meter = Meter(job)
    take = meter.taker()

    async def run() -> None:
        streams = library.Spot(config_ws_streams=streams_at).websocket_streams
        await streams.create_connection()
        symbol = job.names[0].lower()
        kinds: dict[str, Callable[[], Any]] = {
            "depth@100ms": lambda: streams.diff_book_depth(symbol=symbol, update_speed="100ms"),
            "trade": lambda: streams.trade(symbol=symbol),
            "ticker": lambda: streams.ticker(symbol=symbol),
            "bookTicker": lambda: streams.book_ticker(symbol=symbol),
        }
        meter.ready()
        for stream in job.streams:
            handle = await kinds[stream.partition("@")[2]]()
            handle.on("message", take)
        await asyncio.to_thread(meter.done.wait)
        await streams.close_connection(close_session=True)

    asyncio.run(run())
