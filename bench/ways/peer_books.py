"""Order books of other clients, each kept and read the way its documentation shows."""

from __future__ import annotations

import asyncio
import os
import time
from functools import partial
from importlib import import_module
from typing import Any

from ..book_meter import SHOWN, BookMeter
from ..meter import Job, resident, say
from .peers import ROOMY, ccxt_at, cryptofeed_at, cryptofeed_run, python_binance_at

LOOK_S = 0.1
"""Between two looks at a book that is not delivered: as often as the exchange sends updates."""
WHOLE = 1_000
"""The depth of the snapshots that are asked for, where there is a choice."""


def ccxt(job: Job, *, each: bool = False) -> None:
    """ccxt.pro: `watch_order_book` in a loop, or a hook where it has applied an update."""
    library: Any = import_module("ccxt.pro")
    meter = BookMeter(job)

    def take(book: Any) -> None:
        bids, asks = book["bids"][:SHOWN], book["asks"][:SHOWN]
        meter.kept(book["nonce"], lambda: (bids, asks))

    class Hooked(library.binance):  # type: ignore[misc]
        def handle_order_book_message(self, client: Any, message: Any, orderbook: Any) -> Any:
            super().handle_order_book_message(client, message, orderbook)  # pyright: ignore[reportUnknownMemberType]
            take(orderbook)
            return orderbook

    async def run() -> None:
        exchange = ccxt_at(job, Hooked if each else library.binance)
        await exchange.load_markets()
        meter.ready()
        while not meter.done.is_set():
            book = await exchange.watch_order_book("BTC/USDT")
            if not each:
                take(book)
        await exchange.close()

    asyncio.run(run())


def ccxt_many(job: Job) -> None:
    """Many of them: what each adds to the process."""
    library: Any = import_module("ccxt.pro")

    async def run() -> None:
        exchange = ccxt_at(job, library.binance)
        symbols = list(await exchange.load_markets())
        before = resident()
        watched = [asyncio.create_task(exchange.watch_order_book(each)) for each in symbols]
        for book in await asyncio.gather(*watched):
            assert len(book["bids"]) == len(book["asks"]) == WHOLE
        peak = resident("VmHWM")
        say(grown=peak - before, each=(peak - before) * 1024 / len(symbols), peak=peak)
        await exchange.close()

    asyncio.run(run())


def cryptofeed(job: Job) -> None:
    """cryptofeed: a callback for each update of the book."""
    binance, names = cryptofeed_at(job)
    meter = BookMeter(job)

    async def handle(event: Any, receipt_time: float) -> None:
        book = event.book
        bids, asks = ([side.index(at) for at in range(SHOWN)] for side in (book.bids, book.asks))
        meter.kept(event.sequence_number, lambda: (bids, asks))

    callbacks = {names.L2_BOOK: handle}
    feed = binance(symbols=["BTC-USDT"], channels=[names.L2_BOOK], callbacks=callbacks)
    cryptofeed_run(meter, feed)


def python_binance(job: Job, *, reads: bool = True) -> None:
    """python-binance's `DepthCacheManager`: sorted after each update, or in the end alone."""
    library = python_binance_at(job)
    meter = BookMeter(job)

    def best(book: Any) -> tuple[list[Any], list[Any]]:
        return book.get_bids()[:SHOWN], book.get_asks()[:SHOWN]

    async def run() -> None:
        client = await library.AsyncClient.create()
        sockets = library.BinanceSocketManager(client, max_queue_size=ROOMY)
        manager = library.DepthCacheManager(
            client, job.names[0], bm=sockets, limit=WHOLE, ws_interval=100
        )
        async with manager as cache:
            meter.ready()
            while not meter.done.is_set():
                book = await cache.recv()
                if reads:
                    best(book)
                meter.kept(manager._last_update_id, partial(best, book))
        await client.close_connection()

    asyncio.run(run())


def depth_cache(job: Job) -> None:
    """unicorn-binance-local-depth-cache: it delivers nothing, and is looked at now and then."""
    library: Any = import_module("unicorn_binance_local_depth_cache")
    asker: Any = import_module("unicorn_binance_rest_api").BinanceRestApiManager
    name, meter = job.names[0], BookMeter(job)
    asker.API_URL = f"{job.rest_url}/api"
    manager = library.BinanceLocalDepthCacheManager(
        exchange="binance.com",
        # with `tld` it keeps the address that its class has
        ubra_manager=asker(tld="com", disable_colorama=True, warn_on_update=False),
        depth_cache_update_interval=100,
        high_performance=True,
        disable_colorama=True,
        warn_on_update=False,
    )
    manager.ubwa.websocket_base_uri = f"{job.stream_url}/"
    manager.create_depthcache(name)
    meter.ready()
    while not meter.done.is_set():
        time.sleep(LOOK_S)
        if manager.is_depth_cache_synchronized(name):
            look(manager, name, meter)
    os._exit(0)  # its threads do not end soon


def look(manager: Any, name: str, meter: BookMeter) -> None:
    """Read the best levels; they may be newer than the update id that was read before."""
    came_to = manager.depth_caches[name.lower()]["last_update_id"]
    bids = manager.get_bids(name, limit_count=SHOWN)
    asks = manager.get_asks(name, limit_count=SHOWN)
    meter.kept(came_to, lambda: (bids, asks))
