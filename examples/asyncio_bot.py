"""A bot in asyncio: `to_asyncio` for answers, a queue for events.

Run it: python examples/asyncio_bot.py
"""

from __future__ import annotations

import asyncio

from exchange_connector import Config, ConnectorActor, Event, Trade, to_asyncio
from exchange_connector.simulator import SimulatedExchange


async def trade(config: Config) -> None:
    """Ask for several things at once, then read trades."""
    ref = ConnectorActor.start(config)
    connector = ref.proxy()
    try:
        await asyncio.wait_for(to_asyncio(connector.ready()), timeout=10)
        now, info, book = await asyncio.gather(
            to_asyncio(connector.server_time()),
            to_asyncio(connector.exchange_info(("BTCUSDT",))),
            to_asyncio(connector.order_book("BTCUSDT", depth=5)),
        )
        print("server time", now.server_time, "status", info.symbols[0].status)
        print("best bid", book.bids[0].price, "best ask", book.asks[0].price)

        loop = asyncio.get_running_loop()
        events: asyncio.Queue[Event] = asyncio.Queue()

        def take(event: Event) -> None:
            """Called on a thread of the connector's; the loop's own structures need this."""
            loop.call_soon_threadsafe(events.put_nowait, event)

        await to_asyncio(connector.subscribe_trades("BTCUSDT", take))
        for _ in range(10):
            event = await asyncio.wait_for(events.get(), timeout=10)
            if isinstance(event, Trade):
                print("trade", event.trade_id, event.price, event.quantity)
    finally:
        await asyncio.to_thread(ref.stop)


def main() -> None:
    """Run it against a simulated exchange."""
    with SimulatedExchange() as exchange:
        config = (
            Config.builder()
            .exchange("binance", rest_url=exchange.rest_url, stream_url=exchange.stream_url)
            .build()
        )
        asyncio.run(trade(config))


if __name__ == "__main__":
    main()
